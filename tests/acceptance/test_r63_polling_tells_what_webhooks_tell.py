"""R63: the recorded month by webhook, by polling, and by both: the same people, the same scores."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest
from recorded_month import RecordedApi

from connectors.activity import Reading
from connectors.contract import Resolution
from connectors.mautic import CONNECTOR
from connectors.mautic.webhook import read_webhook
from plugin.config import load_config
from plugin.demo.story import story
from plugin.runtime import Runtime, open_runtime
from plugin.scoring.scorecard import MICRO
from plugin.services.explain import explain_contact
from plugin.services.plan_actions import score_contacts
from plugin.services.publish import publish
from plugin.services.rescore import live_scorecard
from plugin.services.score import keep
from plugin.services.settle_removals import settle_removals
from plugin.storage import connections, histories, scores
from plugin.storage.connections import NewConnection, StoredConnection

MONTH = story()
B2B = Path(__file__).parents[2] / "plugin" / "scorecards" / "b2b.yaml"
Points = Mapping[str, float]

#: Rules on what no webhook tells: how long a page was read, and what was taken on the site.
ONLY_POLLED = {"product-page-read", "case-study", "white-paper"}


def by_webhook() -> Iterator[Reading]:
    return (read_webhook(delivery.body) for delivery in MONTH.deliveries())


def by_polling() -> Iterator[Reading]:
    session, page = RecordedApi(MONTH.end).session(), None
    while page is None or not page.caught_up:
        page = session.history(page.cursors if page else {}, 100)
        yield page.reading


def by_both() -> Iterator[Reading]:
    yield from by_webhook()
    yield from by_polling()


def polling_first() -> Iterator[Reading]:
    yield from by_polling()
    yield from by_webhook()


class Lived:
    """An installation that was told the month in one of these ways."""

    def __init__(self, runtime: Runtime, readings: Iterable[Reading]) -> None:
        self._runtime = runtime
        publish(runtime.engine, B2B.read_text(encoding="utf-8"), B2B.name, MONTH.end)
        settings = {"base_url": "http://127.0.0.1:9", "field_prefix": "maturo_"}
        new = NewConnection("mautic", "mautic", settings, {}, ("s",), None, "6.0.3")
        with runtime.engine.begin() as connection:
            connections.save(connection, runtime.vault, new, MONTH.end)
            found = connections.find(connection, runtime.vault, "mautic")
        assert found is not None
        self.source: StoredConnection = found
        self.hear(readings)

    def hear(self, readings: Iterable[Reading]) -> None:
        """Keep the readings, score, and ask about removals after every stretch of them."""
        told = list(readings)
        for start in range(0, len(told), 256):
            self._keep(told[start : start + 256])
            self._settle()

    def _keep(self, readings: Iterable[Reading]) -> None:
        numbered = {"mautic": list(enumerate(readings))}
        with self._runtime.engine.begin() as connection:
            live = live_scorecard(connection)
            sources = {"mautic": self.source}
            connectors = {CONNECTOR.id: CONNECTOR}.__getitem__
            keep(connection, sources, numbered, connectors, live, score_contacts, MONTH.end)

    def _settle(self) -> None:
        gone = {id for id, kind in MONTH.truth.items() if kind == "gone"}

        def resolve(id: str) -> Resolution:
            return Resolution(None if id in gone else MONTH.merged.get(id, id))

        engine = self._runtime.engine
        while settle_removals(engine, self.source, resolve, 50, MONTH.end, lambda: 0.0):
            pass

    def points(self) -> dict[str, Points]:
        """The points of each rule, by contact, where anybody has any."""
        with self._runtime.engine.begin() as connection:
            names = scores.scored_contacts(connection, self.source.id)
        return {name: self._points(name) for name in names}

    def _points(self, name: str) -> Points:
        told = explain_contact(
            self._runtime.engine, self._runtime.vault, f"mautic/{name}", MONTH.end, "en"
        )
        found: dict[str, float] = {"score": told.score / MICRO}
        for line in told.lines:
            found[str(line.rule)] = found.get(str(line.rule), 0) + line.now / MICRO
        return found

    def activities(self) -> dict[str, set[str]]:
        """The ids of what each contact did."""
        with self._runtime.engine.begin() as connection:
            names = scores.scored_contacts(connection, self.source.id)
            held = histories.read_histories(connection, list(names.values()))
        return {name: {one.id for one in held[names[name]].activities} for name in names}

    def facts(self) -> int:
        """How many facts about profiles are kept."""
        with self._runtime.engine.begin() as connection:
            names = scores.scored_contacts(connection, self.source.id)
            return sum(map(len, histories.read_facts(connection, list(names.values())).values()))


Live = Callable[[Callable[[], Iterable[Reading]]], Lived]


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """Lives the month in a way, each way once."""
    lived: dict[Callable[[], Iterable[Reading]], Lived] = {}
    with ExitStack() as stack:

        def way(readings: Callable[[], Iterable[Reading]]) -> Lived:
            if readings not in lived:
                data = tmp_path_factory.mktemp(readings.__name__)
                config = load_config({"MATURO_CONFIG": "", "MATURO_DATA": str(data)})
                runtime = stack.enter_context(open_runtime(config, lambda: MONTH.end))
                lived[readings] = Lived(runtime, readings())
            return lived[readings]

        yield way


def test_r63_polling_alone_and_both_together_give_the_same_scores(live: Live) -> None:
    polled = live(by_polling)
    assert len(polled.points()) == 25
    assert live(by_both).points() == polled.points()
    assert live(polling_first).points() == polled.points()


def test_r63_webhooks_alone_lack_only_what_no_webhook_tells(live: Live) -> None:
    delivered, polled = live(by_webhook).points(), live(by_polling).points()
    assert delivered.keys() == polled.keys()
    for contact, points in delivered.items():
        more = polled[contact]
        assert {rule: more[rule] for rule in points if rule != "score"} == {
            rule: given for rule, given in points.items() if rule != "score"
        }
        assert more.keys() - points.keys() <= ONLY_POLLED
        assert (more["score"] > points["score"]) == bool(more.keys() - points.keys())
    gained = {rule for contact in polled for rule in polled[contact].keys() - delivered[contact]}
    assert gained == ONLY_POLLED


def test_r18_stays_on_the_product_page_count_once_polling_tells_them(live: Live) -> None:
    assert all("product-page-read" not in points for points in live(by_webhook).points().values())
    assert live(by_polling).points()["618"]["product-page-read"] > 0


def test_r19_files_taken_on_the_site_count_and_those_of_a_mail_count_once(live: Live) -> None:
    took = {
        contact: sorted(id for id in ids if "download" in id or "/asset:" in id)
        for contact, ids in live(by_both).activities().items()
    }
    assert took["602"] == ["download:12", "download:13"]
    assert took["617"] == ["download:8", "download:9", "hit:328/asset:3", "hit:359/asset:3"]


def test_r63_nothing_is_told_twice_and_nothing_is_lost(live: Live) -> None:
    delivered, polled = live(by_webhook).activities(), live(by_polling).activities()
    assert live(by_both).activities() == {
        contact: delivered[contact] | polled[contact] for contact in polled
    }
    # Under the winner's name deliveries tell of the loser's identification as well.
    losers = {f"identified:{loser}" for loser in MONTH.merged}
    for contact in polled:
        mails = {id for id in delivered[contact] - polled[contact] if id.startswith("send:")}
        assert delivered[contact] - polled[contact] - mails <= losers


def test_r63_who_is_seen_again_and_again_fills_no_storage(live: Live) -> None:
    polled = live(by_polling)
    before = polled.facts()
    polled.hear(by_polling())
    assert polled.facts() == before
