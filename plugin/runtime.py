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
from plugin.storage.inbox import Inbox
from plugin.storage.inbox_file import FileInbox
from plugin.storage.turns import Turns
from plugin.storage.vault import Vault, open_vault
from plugin.stores import open_database, open_inbox

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
    turns: Turns
    clock: Clock


@contextmanager
def open_runtime(config: Config, clock: Clock = utc_now) -> Iterator[Runtime]:
    """Open the databases, made if need be, with a scorecard in force; close them at the end.

    Raises ``SchemaError``, ``InboxMismatch``, ``DriverMissing``, ``VaultError`` or
    ``ManifestError``.
    """
    manifest = load_manifest()
    with ExitStack() as opened:
        engine = open_database(config)
        opened.callback(engine.dispose)
        inbox = open_inbox(config)
        opened.callback(inbox.close)
        vault = open_vault(config.key, config.data)
        if isinstance(inbox, FileInbox):
            check_inbox(inbox, engine)
        publish_default(engine, clock())
        turns = Turns(engine)
        opened.callback(turns.close)
        yield Runtime(config, manifest, engine, inbox, vault, turns, clock)
