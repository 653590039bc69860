"""Receive: an authentic body becomes a durable receipt, and nothing else happens to it yet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connectors.contract import Connector
from plugin.storage.connections import UnknownConnection
from plugin.storage.inbox import Inbox, Receipt

#: Long enough for every real one; a hostile one is not worth more of the disk.
_HEADER_LENGTH = 300
_KEPT_HEADERS = ("Content-Type", "User-Agent")
#: For connectors whose platforms tell no moment, and that ask for it.
RECEIVED_AT = "Received-At"


@dataclass(frozen=True, slots=True)
class Inbound:
    """What is needed to tell whether a body comes from the platform of a connection.

    ``secrets`` are all valid ones: two during a rotation. ``settings`` are those that are no
    secret.
    """

    connector: Connector
    secrets: tuple[str, ...] = field(repr=False)
    settings: Mapping[str, Any] = field(default_factory=dict, repr=False)


Directory = Callable[[str], Inbound | None]


class EmptyBody(ValueError):
    """There is nothing to receive."""


def receive(
    inbox: Inbox,
    directory: Directory,
    connection: str,
    headers: Mapping[str, str],
    body: bytes,
    now: datetime,
) -> int:
    """The id of the durable receipt. Whatever an authentic body holds is kept.

    Raises ``UnknownConnection``, ``EmptyBody``, ``Rejected`` (not signed with a secret of this
    connection), ``InboxFull`` or ``Broken``; then nothing was kept.
    """
    inbound = directory(connection)
    if inbound is None:
        raise UnknownConnection("no such connection")
    if not body:
        raise EmptyBody("the body is empty")
    inbound.connector.verify(headers, body, inbound.secrets, inbound.settings, now)
    return inbox.append(
        Receipt(connection, now, kept_headers(inbound.connector, headers, now), body)
    )


def kept_headers(connector: Connector, headers: Mapping[str, str], now: datetime) -> dict[str, str]:
    """The headers that reading needs, under the names by which it asks for them."""
    wanted = (*_KEPT_HEADERS, *connector.manifest["verify"].get("keeps", ()))
    names = {name.lower(): name for name in wanted}
    told = {
        names[name.lower()]: value[:_HEADER_LENGTH]
        for name, value in headers.items()
        if name.lower() in names
    }
    # Ours, whatever a sender says.
    return told | ({RECEIVED_AT: now.isoformat()} if RECEIVED_AT in wanted else {})
