"""Who may deliver: connections from the database, remembered for a few seconds."""

from __future__ import annotations

import time
from collections.abc import Callable

from sqlalchemy import Engine

from connectors.contract import Connector
from plugin.services.receive import Directory, Inbound
from plugin.storage.connections import find_inbound
from plugin.storage.vault import Vault


def stored_directory(
    engine: Engine, vault: Vault, connector_of: Callable[[str], Connector]
) -> Directory:
    """Looks every name up in the database and decrypts its secrets."""

    def find(name: str) -> Inbound | None:
        with engine.connect() as connection:
            found = find_inbound(connection, vault, name)
        if found is None:
            return None
        return Inbound(connector_of(found.connector), found.webhook_secrets, found.settings)

    return find


def remembered(
    directory: Directory, *, seconds: float = 5.0, clock: Callable[[], float] = time.monotonic
) -> Directory:
    """The same, asking again only after ``seconds``: so long may a withdrawn secret still count.

    Unknown names are not remembered: strangers choose them, and a new connection works at once.
    """
    known: dict[str, tuple[float, Inbound]] = {}

    def find(name: str) -> Inbound | None:
        now = clock()
        kept = known.get(name)
        if kept is not None and now - kept[0] < seconds:
            return kept[1]
        found = directory(name)
        if found is None:
            known.pop(name, None)
        else:
            known[name] = (now, found)
        return found

    return find
