"""The firm's half year, kept and scored in the order in which it happened, at its own time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from connectors.activity import Item, Reading
from plugin.runtime import Runtime
from plugin.services.look_again import look_again_batch
from plugin.services.plan_actions import score_contacts
from plugin.services.rescore import live_scorecard
from plugin.services.score import keep
from plugin.storage.connections import StoredConnection

from .people import PAST, Person

#: So many moments at which the firm's contacts are scored: its crossings have these times.
STEPS = 48


def play_past(
    runtime: Runtime,
    source: StoredConnection,
    people: Sequence[Person],
    end: datetime,
    advance: Callable[[], object],
) -> None:
    """Let the half year that ends at ``end`` happen; ``advance`` is told after each step."""
    told = sorted((pair for one in people for pair in one.items), key=lambda pair: pair[0])
    step, place = PAST / STEPS, 0
    for number in range(1, STEPS + 1):
        now = end - PAST + step * number
        upto = next((i for i in range(place, len(told)) if told[i][0] > now), len(told))
        _happen(runtime, source, [item for _, item in told[place:upto]], now)
        place = upto
        advance()


def _happen(
    runtime: Runtime, source: StoredConnection, items: Sequence[Item], now: datetime
) -> None:
    readings = {source.name: [(0, Reading(items=tuple(items)))]}
    with runtime.engine.begin() as connection:
        live = live_scorecard(connection)
        sources = {source.name: source}
        connectors = runtime.manifest.connector
        keep(connection, sources, readings, connectors, live, score_contacts, now)
    while look_again_batch(runtime.engine, runtime.config.batch, now):
        pass
