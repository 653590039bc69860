"""Use case: see that the platform still delivers to us; what is wrong is shown, never mended."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Engine

from connectors.contract import Check
from plugin.storage import webhooks
from plugin.storage.connections import POLL, StoredConnection
from plugin.storage.engine import for_reading
from plugin.storage.webhooks import StoredWebhook

#: Asks the platform about our webhook, such as ``Session.check_webhook``.
CheckWebhook = Callable[[str], Check]

#: Between two looks.
_INTERVAL = timedelta(minutes=15)


def watch_due(
    engine: Engine, source: StoredConnection, check: CheckWebhook, now: datetime
) -> Check | None:
    """Look at our webhook if that is due; ``None`` if it is not, or if there is none.

    Raises what ``Session.check_webhook`` raises; then it is looked at again next time.
    """
    if source.webhook_url is None or source.mode == POLL:
        return None
    with engine.begin() as connection:
        if not webhooks.claim(connection, source.id, now, now + _INTERVAL):
            return None
    found = check(source.webhook_url)
    note_look(engine, source, found, now)
    return found


def note_look(engine: Engine, source: StoredConnection, found: Check, now: datetime) -> None:
    """Note what a look at our webhook showed."""
    with engine.begin() as connection:
        webhooks.checked(connection, source.id, found.ok, found.detail, found.remedy, now)


def heard(engine: Engine, name: str) -> StoredWebhook | None:
    """What is known of the webhook of a connection that is ready; ``None``: nothing yet."""
    with for_reading(engine).begin() as connection:
        found = webhooks.all_webhooks(connection)
    return next((one for one in found if one.connection == name), None)
