from __future__ import annotations

from typing import Any

import pytest

from connectors.mautic.standin.visitors import submit_form
from plugin.scoring.problems import ScorecardError
from plugin.services import recalculate as module
from plugin.services.plan_actions import score_silently
from plugin.storage.ledger import read_lines
from tests.installation import CARD, Installation

DOUBLED = CARD.replace("points: 20", "points: 40")

pytestmark = pytest.mark.engines


@pytest.fixture
def people(connected: Installation) -> list[int]:
    found = [submit_form(connected.standin, None, {"email": f"{n}@x.org"}) for n in range(5)]
    connected.score()
    connected.deliver()
    connected.score()
    return found


def test_everybody_is_scored_anew_and_written(connected: Installation, people: list[int]) -> None:
    connected.publish(DOUBLED)
    assert [connected.points(one) for one in people] == [20] * 5
    assert [connected.recalculate(2) for _ in range(4)] == [2, 2, 1, 0]
    assert [connected.points(one) for one in people] == [40] * 5
    assert connected.deliver() == 5
    assert {connected.held(one)["band"] for one in people} == {"hot"}


def test_f11_a_recalculation_goes_on_after_a_crash_in_the_middle(
    connected: Installation, people: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    connected.publish(DOUBLED)
    connected.recalculate(2)

    def crash(*given: Any) -> None:
        score_silently(*given)
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "score_silently", crash)
    with pytest.raises(KeyboardInterrupt):
        connected.recalculate(2)
    monkeypatch.setattr(module, "score_silently", score_silently)
    assert sorted(connected.points(one) for one in people) == [20, 20, 20, 40, 40]
    assert connected.recalculate() == 3
    assert [connected.points(one) for one in people] == [40] * 5
    with connected.engine.begin() as connection:
        for row in connected.rows("contacts"):
            assert [line.points for line in read_lines(connection, row["id"])] == [40_000_000]


def test_f11_new_receipts_are_scored_by_the_new_scorecard_while_others_wait(
    connected: Installation, people: list[int]
) -> None:
    connected.publish(DOUBLED)
    late = submit_form(connected.standin, None, {"email": "late@x.org"})
    connected.score()
    assert (connected.points(late), connected.points(people[0])) == (40, 20)
    assert connected.recalculate() == 5


def test_the_same_text_again_changes_no_entry(connected: Installation, people: list[int]) -> None:
    before = connected.rows("entries")
    connected.publish(CARD)
    assert connected.recalculate() == 5
    assert connected.rows("entries") == before
    assert connected.deliver() == 0


def test_a_wrong_scorecard_is_not_published(connected: Installation, people: list[int]) -> None:
    with pytest.raises(ScorecardError):
        connected.publish(CARD.replace("points: 20", "points: many"))
    assert connected.recalculate() == 0
