"""What a running program has in its hands: databases, keys, connectors, a clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Engine

from plugin.config import Config
from plugin.manifest import Manifest, load_manifest
from plugin.services.publish import publish_default
from plugin.services.score import check_inbox
from plugin.storage.database import open_main
from plugin.storage.engine import sqlite_engine
from plugin.storage.inbox import Inbox
from plugin.storage.vault import Vault, open_vault

#: Tells the moment, aware and in UTC.
Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The moment by the machine's clock."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Runtime:
    """Everything opened and checked."""

    config: Config
    manifest: Manifest
    engine: Engine
    inbox: Inbox
    vault: Vault
    clock: Clock


@contextmanager
def open_runtime(config: Config, clock: Clock = utc_now) -> Iterator[Runtime]:
    """Open the data folder, made if need be, with a scorecard in force; close it at the end.

    Raises ``SchemaError``, ``InboxMismatch``, ``VaultError`` or ``ManifestError``.
    """
    manifest = load_manifest()
    with ExitStack() as opened:
        engine = open_main(config.main_path)
        opened.callback(engine.dispose)
        inbox = Inbox(sqlite_engine(config.inbox_path))
        opened.callback(inbox.close)
        vault = open_vault(config.key, config.data)
        check_inbox(inbox, engine)
        publish_default(engine, clock())
        yield Runtime(config, manifest, engine, inbox, vault, clock)
