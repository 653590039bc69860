"""What is known of the platforms, for Prometheus: read from the database when it is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector
from sqlalchemy import Connection, Engine

from plugin.storage import lags, paces, positions, tallies, webhooks
from plugin.storage.engine import for_reading
from plugin.storage.lags import BOUNDS


class PlatformFigures(Collector):
    """A figure for each connection; the worker and the web are different processes."""

    def __init__(self, engine: Engine) -> None:
        self._engine = for_reading(engine)

    def collect(self) -> Iterator[Metric]:
        """Every figure as it is now."""
        with self._engine.begin() as connection:
            yield from (one(connection) for one in (_lag, _polled, _remaining, _caught_up))
            yield from _webhooks(connection)
            yield _written(connection)
            yield from _bearing(connection)

    @staticmethod
    def describe() -> Iterator[Metric]:
        """Their names, without asking the database."""
        yield HistogramMetricFamily("maturo_lag_seconds", "")
        for name in ("polled_activities", "write_backs"):
            yield CounterMetricFamily(f"maturo_{name}", "")
        for name in ("polling_remaining_rows", "polling_caught_up_timestamp_seconds"):
            yield GaugeMetricFamily(f"maturo_{name}", "")
        for name in ("webhook_ok", "webhook_unheard_activities", "breaker_open", "rate_share"):
            yield GaugeMetricFamily(f"maturo_{name}", "")


def _lag(connection: Connection) -> Metric:
    family = HistogramMetricFamily(
        "maturo_lag_seconds",
        "How long news took: told (until we heard), scored (from there), held (from there until "
        "the platform held the score)",
        labels=["connection", "stage"],
    )
    names = [*map(str, BOUNDS), "+Inf"]
    for labels, found in lags.read(connection).items():
        passed = zip(names, map(float, accumulate(found.counts)), strict=True)
        family.add_metric(labels, list(passed), found.total.total_seconds())
    return family


def _polled(connection: Connection) -> Metric:
    family = CounterMetricFamily(
        "maturo_polled_activities",
        "Activities that polling told first",
        labels=["connection", "kind"],
    )
    for labels, seen in tallies.counted(connection, tallies.POLLED).items():
        family.add_metric(labels, seen)
    return family


def _remaining(connection: Connection) -> Metric:
    family = GaugeMetricFamily(
        "maturo_polling_remaining_rows", "Rows not read yet", labels=["connection"]
    )
    for name, one in positions.reconciliations(connection).items():
        family.add_metric([name], one.remaining or 0)
    return family


def _caught_up(connection: Connection) -> Metric:
    family = GaugeMetricFamily(
        "maturo_polling_caught_up_timestamp_seconds",
        "When nothing newer was there to poll",
        labels=["connection"],
    )
    for name, one in positions.reconciliations(connection).items():
        family.add_metric([name], one.caught_up_at.timestamp() if one.caught_up_at else 0)
    return family


def _webhooks(connection: Connection) -> Iterator[Metric]:
    ok = GaugeMetricFamily(
        "maturo_webhook_ok",
        "Whether the platform says that it delivers to us",
        labels=["connection"],
    )
    unheard = GaugeMetricFamily(
        "maturo_webhook_unheard_activities",
        "Activities since the last delivery that a webhook tells and only polling told",
        labels=["connection"],
    )
    for one in webhooks.all_webhooks(connection):
        if one.ok is not None:
            ok.add_metric([one.connection], one.ok)
        unheard.add_metric([one.connection], one.unheard)
    yield ok
    yield unheard


def _written(connection: Connection) -> Metric:
    family = CounterMetricFamily(
        "maturo_write_backs",
        "Scores sent to the platform: written, postponed (sent again later) or refused",
        labels=["connection", "outcome"],
    )
    for labels, seen in tallies.counted(connection, tallies.SENT).items():
        family.add_metric(labels, seen)
    return family


def _bearing(connection: Connection) -> Iterator[Metric]:
    breaker = GaugeMetricFamily(
        "maturo_breaker_open",
        "Whether the platform failed so often in a row that it is left alone",
        labels=["connection"],
    )
    share = GaugeMetricFamily(
        "maturo_rate_share",
        "How much of the calls a second that the platform allows is used at most, from 0 to 1",
        labels=["connection"],
    )
    for name, pace in paces.all_paces(connection).items():
        breaker.add_metric([name], pace.open)
        share.add_metric([name], pace.share)
    yield breaker
    yield share
