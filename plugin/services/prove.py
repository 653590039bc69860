"""Use case: prove that what happens at a platform arrives here, signed: change something, wait."""

from __future__ import annotations

import time
from collections.abc import Callable

from connectors.commands import UpdateContact
from connectors.contract import Check, Connector, Session, can
from connectors.errors import ConnectorError, Unsupported
from plugin.storage.connections import StoredConnection
from plugin.storage.inbox import Inbox

#: Worn by the chosen contact for as long as the proof takes.
TAG = "maturo-connection-test"
#: Seconds: longer than the minute after which a queue's cron comes round.
PATIENCE = 90.0
_BETWEEN_LOOKS = 0.5


def prove_round_trip(
    inbox: Inbox,
    connector: Connector,
    session: Session,
    source: StoredConnection,
    contact: str,
    webhook_url: str,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Check:
    """Put a tag on ``contact`` and wait for the delivery that tells of it; then take it off.

    The receiver must be running: only what it verified and kept counts. Raises ``ConnectorError``
    when the platform does not take the change, or tells nobody of changes.
    """
    if not can(connector, "webhook"):
        raise Unsupported("a proof by a round trip")
    after, began, looked_at = inbox.last_id(), clock(), set[int]()
    _write(session, UpdateContact(contact, add_tags=(TAG,)))
    try:
        while not _arrived(inbox, connector, source, contact, after, looked_at):
            if clock() - began >= PATIENCE:
                return _silent(session, webhook_url)
            sleep(_BETWEEN_LOOKS)
        detail = f"a signed delivery came back after {clock() - began:.1f} s"
        return Check("round trip", True, detail)
    finally:
        _write(session, UpdateContact(contact, remove_tags=(TAG,)))


def _write(session: Session, command: UpdateContact) -> None:
    [outcome] = session.apply([command])
    if outcome.error is not None:
        raise outcome.error


def _arrived(
    inbox: Inbox,
    connector: Connector,
    source: StoredConnection,
    contact: str,
    after: int,
    looked_at: set[int],
) -> bool:
    # From the beginning each time: on a server a lower id may be committed after a higher one.
    while receipts := inbox.read(after, 256):
        new = [one for one in receipts if one.id not in looked_at]
        for receipt in new:
            if receipt.connection != source.name:
                continue
            told = connector.read_webhook(receipt.headers, receipt.body, source.settings)
            if any(getattr(item, "contact", None) == contact for item in told.items):
                return True
        looked_at.update(one.id for one in receipts)
        after = receipts[-1].id
    return False


def _silent(session: Session, webhook_url: str) -> Check:
    detail = f"nothing arrived within {PATIENCE:.0f} s"
    remedy = f"See that `maturo serve` runs. {session.why_silent(webhook_url)}"
    try:
        webhook = session.check_webhook(webhook_url)
    except ConnectorError:
        return Check("round trip", False, detail, remedy)
    if not webhook.ok:
        detail, remedy = f"{detail}; {webhook.detail}", f"{webhook.remedy} {remedy}"
    return Check("round trip", False, detail, remedy)
