"""Use case: remove a connection, at the platform and here; what was learnt from it stays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from connectors.contract import Check, Session
from connectors.errors import ConnectorError, Unsupported
from plugin.storage import actions, connections, deliveries
from plugin.storage.connections import StoredConnection
from plugin.storage.vault import Vault

from . import audit


@dataclass(frozen=True, slots=True)
class Disconnected:
    """What was done at the platform, and how much that waited for it never will be."""

    checks: tuple[Check, ...]
    deliveries: int
    actions: int


def disconnect(
    engine: Engine,
    vault: Vault,
    source: StoredConnection,
    session: Session,
    webhook_url: str | None,
    delete_fields: bool,
    now: datetime,
    who: str = audit.COMMAND_LINE,
) -> Disconnected:
    """Delete its webhook, and its score fields if so wished; forget its secrets. Can be repeated.

    A platform that cannot be asked costs nothing here: the checks then say what is left to do
    there by hand. Histories and scores stay, and go on when it is connected again by its name.
    """
    checks = _at_the_platform(session, webhook_url, delete_fields)
    with engine.begin() as connection:
        connections.remove(connection, vault, source.id)
        state = connections.REMOVED
        audit.record(connection, who, "connection.removed", source.name, source.state, state, now)
        return Disconnected(
            checks,
            deliveries=deliveries.withdraw(connection, source.id),
            actions=actions.silence(connection, source.id),
        )


def _at_the_platform(
    session: Session, webhook_url: str | None, delete_fields: bool
) -> tuple[Check, ...]:
    checks: tuple[Check, ...] = ()
    try:
        if webhook_url is not None:
            checks += (session.remove_webhook(webhook_url),)
        if delete_fields:
            checks += session.remove_fields()
    except Unsupported:
        remedy = "Delete there what you entered for us: the webhook's address and its secret."
        checks += (Check("platform", True, "left as it is, by this connector's nature", remedy),)
    except ConnectorError as error:
        remedy = "Delete our webhook there by hand, and our fields if you wish."
        checks += (Check("platform", False, str(error), remedy),)
    return checks
