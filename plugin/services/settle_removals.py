"""Use case: learn from the platform what became of dropped contact ids: merged, erased, or there.

A platform announces a merge and a deletion alike, so the score is never dropped at once.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection, Engine

from connectors.contract import Resolution
from connectors.errors import AuthFailed, ConnectorError, Transient
from plugin.scoring.actions import RISE
from plugin.scoring.scorecard import Scorecard
from plugin.storage import contacts, deliveries, email_keys, inquiries, ledger, locks, plans, scores
from plugin.storage.actions import DROPPED, WAITING
from plugin.storage.connections import StoredConnection
from plugin.storage.engine import for_reading
from plugin.storage.inquiries import Inquiry

from .deliver import Jitter, pause
from .pasts import concerned_by, joined_with
from .plan_actions import score_contacts
from .rescore import live_scorecard

#: Asks the platform what became of a contact id, such as ``Session.resolve``.
Resolve = Callable[[str], Resolution]


def settle_removals(
    engine: Engine,
    source: StoredConnection,
    resolve: Resolve,
    limit: int,
    now: datetime,
    jitter: Jitter,
) -> int:
    """Ask about up to ``limit`` ids; answers how many were settled.

    ``AuthFailed`` goes through. Raises ``Transient``, after noting it, as soon as the platform
    cannot answer now: what else is due should not be tried before a pause either.
    """
    with for_reading(engine).begin() as connection:
        due = inquiries.due(connection, source.id, now, limit)
    return sum(_settle(engine, source, resolve, inquiry, now, jitter) for inquiry in due)


def _settle(
    engine: Engine,
    source: StoredConnection,
    resolve: Resolve,
    inquiry: Inquiry,
    now: datetime,
    jitter: Jitter,
) -> bool:
    try:
        found = resolve(inquiry.platform_id).contact
    except AuthFailed:
        raise
    except ConnectorError as error:
        asked = error.retry_after if isinstance(error, Transient) else None
        with engine.begin() as connection:
            inquiries.postpone(connection, inquiry, now + pause(inquiry.attempts, asked, jitter))
        if isinstance(error, Transient):
            raise
        return False
    with engine.begin() as connection:
        return _carry_out(connection, source, inquiry, found, now, jitter)


def _carry_out(
    connection: Connection,
    source: StoredConnection,
    inquiry: Inquiry,
    found: str | None,
    now: datetime,
    jitter: Jitter,
) -> bool:
    """False if one of both was merged or erased meanwhile: the next round sees how it is then."""
    survivors = contacts.register(connection, source.id, [found]) if found else {}
    both = {inquiry.contact_id, *survivors.values()}
    others = email_keys.along(connection, both).values()
    held = locks.take(connection, {*both, *(one for found in others for one in found)})
    if not (held and inquiries.is_open(connection, inquiry)):
        return False
    if (survivor := survivors.get(found or "")) is None:
        erase(connection, inquiry.contact_id, now)
    elif survivor == inquiry.contact_id:
        inquiries.still_there(connection, inquiry)
        _deliver_again(connection, survivor, now, jitter)
    else:
        merge(connection, inquiry.contact_id, survivor, now)
    return True


def _deliver_again(connection: Connection, contact_id: int, now: datetime, jitter: Jitter) -> None:
    # What was refused because the contact seemed to be missing; slower each time it happens.
    refused = deliveries.asked(connection, [contact_id]).get(contact_id)
    if refused is not None:
        wait = pause(refused.attempts, None, jitter)
        deliveries.retry(connection, contact_id, now + wait)


def erase(connection: Connection, contact_id: int, now: datetime) -> None:
    """Erase a contact; who is the same person elsewhere is scored by what is left."""
    same, others = joined_with(connection, contact_id), concerned_by(connection, contact_id)
    locks.take(connection, others)
    contacts.erase(connection, contacts.get(connection, contact_id), now)
    ledger.forget(connection, same)
    if others:
        score_contacts(connection, live_scorecard(connection), others, now)


def merge(connection: Connection, loser: int, survivor: int, now: datetime) -> None:
    """One contact with both histories, scored from their union and written back in full."""
    live = live_scorecard(connection)
    others = concerned_by(connection, loser)
    ledger.settle(connection, live.id, {loser: ()}, now)
    _enter_no_band_twice(connection, live.card, loser, survivor)
    # In the higher of both bands, and with both's actions: nothing is to be done once more.
    scores.inherit_band(connection, loser, survivor, [band.id for band in live.card.bands])
    plans.merge(connection, loser, survivor)
    contacts.merge(connection, loser, survivor)
    # The platform merged fields and tags by its own rules: what it holds is unknown now.
    scores.set_written(connection, survivor, None, now)
    score_contacts(connection, live, {survivor, *others}, now)


def _enter_no_band_twice(
    connection: Connection, card: Scorecard, loser: int, survivor: int
) -> None:
    """Drop what waits for one's rise into a band in which the other is, and was acted upon."""
    ranks = {band.id: rank for rank, band in enumerate(card.bands)}
    found = scores.read_scores(connection, [loser, survivor])
    planned = plans.planned_for(connection, [loser, survivor])
    for own, other in ((loser, survivor), (survivor, loser)):
        rank = ranks.get(found[other].score.band, 0) if other in found else 0
        acted = {
            one.occasion.name
            for one in planned
            if one.occasion.contact_id == other and one.state not in (WAITING, DROPPED)
        }
        spare = [
            one.id
            for one in planned
            if one.occasion.contact_id == own
            and one.state == WAITING
            and one.occasion.name in acted
            and ranks.get(one.occasion.name.removeprefix(RISE), rank + 1) <= rank
        ]
        plans.drop(connection, spare)
