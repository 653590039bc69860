"""What waits and what room there is, for Prometheus: looked at when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import Engine

from plugin.config import Config
from plugin.room import free_bytes
from plugin.storage import actions, dead_letters, deliveries
from plugin.storage.engine import for_reading
from plugin.storage.inbox import Inbox

_HELP = {
    "maturo_backlog_oldest_seconds": "Age of the receipt that waits longest to be scored",
    "maturo_write_backs_waiting": "Scores to be written to a platform, by state",
    "maturo_actions": "What was asked for at platforms, by state",
    "maturo_dead_letters": "Items that could not be read",
    "maturo_disk_free_bytes": "Room left in the data folder",
}


class WorkFigures(Collector):
    """Figures of the whole installation; the worker and the web are different processes."""

    def __init__(
        self, config: Config, engine: Engine, inbox: Inbox, clock: Callable[[], datetime]
    ) -> None:
        self._config, self._inbox, self._clock = config, inbox, clock
        self._engine = for_reading(engine)

    def collect(self) -> Iterator[Metric]:
        """Every figure as it is now."""
        with self._engine.begin() as connection:
            oldest = self._inbox.oldest(connection)
            waiting = deliveries.counts(connection)
            asked = actions.counts(connection)
            letters = dead_letters.count(connection)
        age = (self._clock() - oldest).total_seconds() if oldest else 0.0
        yield _figure("maturo_backlog_oldest_seconds", max(age, 0.0))
        yield _figures("maturo_write_backs_waiting", waiting)
        yield _figures("maturo_actions", asked)
        yield _figure("maturo_dead_letters", letters)
        if (free := free_bytes(self._config)) is not None:
            yield _figure("maturo_disk_free_bytes", free)

    @staticmethod
    def describe() -> Iterator[Metric]:
        """Their names, without asking the database."""
        for name, told in _HELP.items():
            yield GaugeMetricFamily(name, told)


def _figure(name: str, value: float) -> Metric:
    return GaugeMetricFamily(name, _HELP[name], value)


def _figures(name: str, by_state: dict[str, int]) -> Metric:
    family = GaugeMetricFamily(name, _HELP[name], labels=["state"])
    for state, count in by_state.items():
        family.add_metric([state], count)
    return family
