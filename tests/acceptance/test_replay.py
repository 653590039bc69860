"""Recorded deliveries twice, backwards and one item a body: always the same scores."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.contract import Resolution
from plugin.config import load_config
from plugin.demo.story import story
from plugin.runtime import Runtime, open_runtime
from plugin.services.explain import explain_contact
from plugin.services.publish import publish
from plugin.services.settle_removals import settle_removals
from plugin.storage import connections, dead_letters, histories, scores
from plugin.storage.connections import NewConnection, StoredConnection
from plugin.storage.inbox import Receipt
from plugin.worker import score_some

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
MONTH = story()
#: A score with its two halves, by the platform's id of the contact.
Scores = dict[str, tuple[int, int, int]]
Order = Callable[[list[bytes]], list[bytes]]


def the_month() -> list[bytes]:
    return [delivery.body for delivery in MONTH.deliveries()]


def the_captures(until: int = 1_000_000) -> list[bytes]:
    """The single recordings in order of arrival, up to and with that number."""
    folder = ROOT / "tests" / "payloads" / "mautic" / "webhooks"
    recorded = [json.loads(path.read_text()) for path in folder.glob("*.json")]
    recorded.sort(key=lambda one: int(one["seq"]))
    return [one["body"].encode() for one in recorded if one["seq"] <= until]


def asked(merged: Mapping[str, str], gone: Iterable[str]) -> Callable[[str], Resolution]:
    """What the platform answers about an id."""
    erased = frozenset(gone)
    return lambda id: Resolution(None if id in erased else merged.get(id, id))


class Replay:
    """An installation with the demo's scorecard, its clock standing still."""

    def __init__(self, runtime: Runtime, resolve: Callable[[str], Resolution]) -> None:
        self._runtime = runtime
        self._resolve = resolve
        card = ROOT / "plugin" / "scorecards" / "demo.yaml"
        publish(runtime.engine, card.read_text(encoding="utf-8"), card.name, runtime.clock())
        settings = {"base_url": "http://127.0.0.1:9", "field_prefix": "maturo_"}
        new = NewConnection("mautic", "mautic", settings, {}, ("s",), None, "6.0.3")
        with runtime.engine.begin() as connection:
            connections.save(connection, runtime.vault, new, runtime.clock())
        self._source = self._find()

    def feed(self, bodies: Iterable[bytes], stretch: int = 256) -> None:
        """Receive and score the bodies, asking about removals after every stretch of them."""
        waiting = list(bodies)
        for start in range(0, len(waiting), stretch):
            for body in waiting[start : start + stretch]:
                self._runtime.inbox.append(Receipt("mautic", self._runtime.clock(), {}, body))
            while score_some(self._runtime):
                pass
            self._settle()

    def scores(self) -> Scores:
        """The score, fit and engagement of every contact that is still there."""
        with self._runtime.engine.begin() as connection:
            ids = scores.scored_contacts(connection, self._source.id)
            kept = scores.read_scores(connection, list(ids.values()))
            assert dead_letters.count(connection) == 0
        found = {id: kept[ours].score for id, ours in ids.items()}
        return {id: (one.score, one.fit, one.engagement) for id, one in sorted(found.items())}

    def activities(self, id: str) -> list[str]:
        """The ids of a contact's activities."""
        with self._runtime.engine.begin() as connection:
            ours = scores.scored_contacts(connection, self._source.id)[id]
            history = histories.read_histories(connection, [ours])[ours]
            return [one.id for one in history.activities]

    def explained(self, id: str) -> int:
        """The score as its lines tell it."""
        told = explain_contact(
            self._runtime.engine, self._runtime.vault, f"mautic/{id}", self._runtime.clock(), "en"
        )
        assert sum(line.now for line in (*told.lines, *told.adjustments)) == told.score
        return told.score

    def _settle(self) -> None:
        engine, now = self._runtime.engine, self._runtime.clock()
        while settle_removals(engine, self._source, self._resolve, 50, now, lambda: 0.0):
            pass

    def _find(self) -> StoredConnection:
        with self._runtime.engine.begin() as connection:
            found = connections.find(connection, self._runtime.vault, "mautic")
        assert found is not None
        return found


@pytest.fixture
def replayed(tmp_path: Path) -> Iterator[Callable[..., Replay]]:
    """Makes replays, each in a folder of its own."""
    opened: list[Any] = []

    def make(resolve: Callable[[str], Resolution], now: datetime) -> Replay:
        config = load_config({"MATURO_DATA": str(tmp_path / str(len(opened)))})
        context = open_runtime(config, lambda: now)
        runtime = context.__enter__()
        opened.append(context)
        return Replay(runtime, resolve)

    yield make
    for context in opened:
        context.__exit__(None, None, None)


def twice(bodies: list[bytes]) -> list[bytes]:
    return bodies + bodies


def each_twice(bodies: list[bytes]) -> list[bytes]:
    return [body for body in bodies for _ in range(2)]


def backwards(bodies: list[bytes]) -> list[bytes]:
    return bodies[::-1]


def one_by_one(bodies: list[bytes]) -> list[bytes]:
    """One item a body, the items of a body backwards."""
    return [
        json.dumps({key: [item]}).encode()
        for body in bodies
        for key, items in reversed(json.loads(body).items())
        for item in reversed(items)
    ]


ORDERS: list[Order] = [twice, each_twice, backwards, one_by_one]
MONTH_ANSWERS = asked(MONTH.merged, [id for id, kind in MONTH.truth.items() if kind == "gone"])
CAPTURE_ANSWERS = asked({"36": "38"}, ["53", "54", "55"])
AFTER_CAPTURES = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture(scope="module")
def month_scores(tmp_path_factory: pytest.TempPathFactory) -> Scores:
    config = load_config({"MATURO_DATA": str(tmp_path_factory.mktemp("month"))})
    with open_runtime(config, lambda: MONTH.end) as runtime:
        replay = Replay(runtime, MONTH_ANSWERS)
        replay.feed(the_month())
        for id, (score, _, _) in (found := replay.scores()).items():
            assert replay.explained(id) == score
    return found


def test_the_month_tells_the_interested_from_the_others(month_scores: Scores) -> None:
    assert len(month_scores) == 25
    assert not {"600", "601", "609"} & month_scores.keys()
    by_kind = {
        kind: [month_scores[id][0] for id in month_scores if MONTH.truth.get(id) == kind]
        for kind in ("hot", "warm", "cold", "careers")
    }
    assert min(by_kind["hot"]) > max(by_kind["warm"]) > max(by_kind["cold"])
    lowest = sorted(score for score, _, _ in month_scores.values())[:2]
    assert sorted(by_kind["careers"]) == lowest


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: order.__name__)
def test_r66_the_month_in_another_order_gives_the_same_scores(
    replayed: Callable[..., Replay], month_scores: Scores, order: Order
) -> None:
    replay = replayed(MONTH_ANSWERS, MONTH.end)
    replay.feed(order(the_month()))
    assert replay.scores() == month_scores


@pytest.mark.parametrize("stretch", [7, 1000])
def test_r66_the_captures_in_any_order_give_the_same_scores(
    replayed: Callable[..., Replay], stretch: int
) -> None:
    found: list[Scores] = []
    for order in (lambda bodies: bodies, *ORDERS):
        replay = replayed(CAPTURE_ANSWERS, AFTER_CAPTURES)
        replay.feed(order(the_captures()), stretch)
        found.append(replay.scores())
    assert len(found[0]) > 10
    assert not {"36", "53", "54", "55"} & found[0].keys()
    assert all(scores == found[0] for scores in found)


@pytest.mark.parametrize("stretch", [1, 1000], ids=["asked at once", "asked at the end"])
def test_r69_the_recorded_merge_leaves_one_contact_that_is_not_erased(
    replayed: Callable[..., Replay], stretch: int
) -> None:
    replay = replayed(CAPTURE_ANSWERS, AFTER_CAPTURES)
    replay.feed(the_captures(until=78), stretch)
    visits = replay.activities("38")
    before = replay.scores()["38"][0]
    replay.feed(the_captures(until=85)[len(the_captures(until=78)) :], stretch)
    assert "36" not in replay.scores()
    assert {*visits, "submission:13", "identified:38"} == {*replay.activities("38")}
    assert replay.explained("38") == replay.scores()["38"][0] > before


@pytest.mark.parametrize(("loser", "winner"), MONTH.merged.items())
@pytest.mark.parametrize(
    "order", [the_month, lambda: backwards(the_month())], ids=["as is", "back"]
)
def test_r69_a_merged_contact_has_both_histories(
    replayed: Callable[..., Replay], loser: str, winner: str, order: Callable[[], list[bytes]]
) -> None:
    replay = replayed(MONTH_ANSWERS, MONTH.end)
    replay.feed(order())
    told = replay.activities(winner)
    assert {f"identified:{loser}", f"identified:{winner}"} <= {*told}
    assert len(told) == len({*told})
    assert replay.explained(winner) == replay.scores()[winner][0]
