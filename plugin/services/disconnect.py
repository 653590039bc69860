"""Use case: remove a connection, at the platform and here; what was learnt from it stays."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine

from connectors.contract import Check, Session
from connectors.errors import ConnectorError
from plugin.storage import actions, connections, deliveries
from plugin.storage.connections import StoredConnection
from plugin.storage.vault import Vault


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
) -> Disconnected:
    """Delete its webhook, and its score fields if so wished; forget its secrets. Can be repeated.

    A platform that cannot be asked costs nothing here: the checks then say what is left to do
    there by hand. Histories and scores stay, and go on when it is connected again by its name.
    """
    checks = _at_the_platform(session, webhook_url, delete_fields)
    with engine.begin() as connection:
        connections.remove(connection, vault, source.id)
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
    except ConnectorError as error:
        remedy = "Delete our webhook there by hand, and our fields if you wish."
        checks += (Check("platform", False, str(error), remedy),)
    return checks
