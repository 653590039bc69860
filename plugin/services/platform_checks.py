"""What is between the platforms and us: webhooks, polling, and how long news takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine

from connectors.contract import Check
from plugin.storage import lags, positions, webhooks
from plugin.storage.engine import for_reading
from plugin.storage.positions import REMOVALS, Position
from plugin.storage.webhooks import StoredWebhook

#: The names of the checks.
WEBHOOK, POLLING, LAG = "webhook", "polling", "lag"

#: So often in a row polling may fail before it is a fault: platforms are restarted.
_FAILURES = 3


def platform_checks(engine: Engine, now: datetime) -> list[Check]:
    """Of every connection that is ready, what was noted lately; no platform is asked."""
    with for_reading(engine).begin() as connection:
        return [
            *(_webhook(one, now) for one in webhooks.all_webhooks(connection)),
            *(_polling(*one) for one in positions.reconciliations(connection).items()),
            *_removals(positions.of_purpose(connection, REMOVALS)),
            *_lags(connection, now),
        ]


def _webhook(one: StoredWebhook, now: datetime) -> Check:
    own = f"the webhook of connection {one.connection}"
    if one.ok is False:
        again = f"`maturo connections republish {one.connection}` switches it on again"
        remedy = f"{one.remedy} If the platform switched it off, {again}"
        return Check(WEBHOOK, False, f"{own}: {one.detail}", remedy.strip())
    if one.silent(now):
        return Check(
            WEBHOOK,
            False,
            f"{own} is silent: {one.unheard} activities since {_utc(one.unheard_since)} came by "
            "polling alone",
            f"run `maturo connections test {one.connection} --contact ID` to see where it ends",
        )
    return Check(WEBHOOK, True, f"{own}: last heard {_utc(one.heard_at)}")


def _polling(name: str, one: Position) -> Check:
    own = f"the polling of connection {name}"
    if one.attempts >= _FAILURES:
        remedy = f"`maturo reconcile {name}` tries it now"
        return Check(POLLING, False, f"{own} fails: {one.last_error}", remedy)
    return Check(POLLING, True, f"{own}: nothing newer was there {_utc(one.caught_up_at)}")


def _removals(found: Mapping[str, Position]) -> Iterator[Check]:
    for name, one in found.items():
        if one.attempts >= _FAILURES:
            own = f"asking connection {name} who was deleted there"
            remedy = f"if these contacts are to go: `maturo reconcile {name}`"
            yield Check(POLLING, False, f"{own} fails: {one.last_error}", remedy)


def _lags(connection: Connection, now: datetime) -> Iterator[Check]:
    for (name, stage), found in lags.read(connection, now - timedelta(days=1)).items():
        p50, p95 = found.quantile(0.5), found.quantile(0.95)
        if stage == lags.HELD and p50 is not None and p95 is not None:
            yield Check(
                LAG,
                True,
                f"connection {name}: half of the news since yesterday was in the platform within "
                f"{p50:.1f} s, 95 % within {p95:.1f} s, of {found.seen}",
            )


def _utc(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC" if moment else "never"
