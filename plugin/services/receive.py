"""Receive: an authentic body becomes a durable receipt, and nothing else happens to it yet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from connectors.contract import Connector
from plugin.storage.connections import UnknownConnection
from plugin.storage.inbox import Inbox, Receipt

#: Long enough for every real one; a hostile one is not worth more of the disk.
_HEADER_LENGTH = 300
_KEPT_HEADERS = ("Content-Type", "User-Agent")


@dataclass(frozen=True, slots=True)
class Inbound:
    """What is needed to tell whether a body comes from the platform of a connection.

    ``secrets`` are all valid ones: two during a rotation.
    """

    connector: Connector
    secrets: tuple[str, ...] = field(repr=False)


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
    inbound.connector.verify(headers, body, inbound.secrets)
    kept = {name: headers[name][:_HEADER_LENGTH] for name in _KEPT_HEADERS if name in headers}
    return inbox.append(Receipt(connection, now, kept, body))
