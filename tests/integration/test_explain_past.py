from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from connectors.mautic.standin.visitors import submit_form, visit
from plugin.scoring.explanation import Explanation
from plugin.scoring.scorecard import MICRO
from plugin.services.explain import UnknownContact, explain_contact
from tests.installation import CARD, Installation

FADING = CARD.replace("limit: {times: 3, per: day}", "decay: {linear: 10d}")
OTHER_GROUPS = CARD.replace("id: pages", "id: site").replace("id: forms", "id: enquiries")


def adds_up(told: Explanation) -> bool:
    return sum(one.now for one in (*told.lines, *told.adjustments)) == told.score


@pytest.fixture
def ada(connected: Installation) -> int:
    """Four visits on four days, then a form; scored as they come, points fading over 10 days."""
    connected.publish(FADING)
    contact = visit(connected.standin, None, "https://shop.example/1")
    for _ in range(3):
        connected.score()
        connected.clock.forward(days=1)
        visit(connected.standin, contact, "https://shop.example/2")
    connected.score()
    connected.clock.forward(days=1)
    submit_form(connected.standin, contact, {"email": "ada@example.org", "phone": "1"})
    connected.score()
    return contact


def test_at_every_past_moment_the_lines_sum_to_the_score(connected: Installation, ada: int) -> None:
    now = connected.clock()
    moments = [now - timedelta(hours=hours) for hours in range(0, 130, 7)]
    told = [connected.explain(ada, at=moment) for moment in moments]
    assert all(map(adds_up, told))
    assert told[0].score == pytest.approx(connected.points(ada) * MICRO)
    assert told[-1].score == 0
    assert len({one.score for one in told}) > 10


def test_a_past_score_as_known_now_and_as_known_then(connected: Installation, ada: int) -> None:
    start = connected.clock()
    connected.clock.forward(hours=1)
    late = page_view(start - timedelta(days=2, hours=1), ada)
    connected.receive([late])
    connected.score()
    at = start - timedelta(days=2)
    now, then = connected.explain(ada, at=at), connected.explain(ada, at=at, known_at=start)
    assert now.score > then.score
    assert len(now.lines) == len(then.lines) + 1
    assert adds_up(now)
    assert adds_up(then)


def test_what_was_not_known_yet_is_not_told_as_not_counted(connected: Installation) -> None:
    ada = visit(connected.standin, None, "https://shop.example/")
    for _ in range(2):
        visit(connected.standin, ada, "https://shop.example/")
    connected.score()
    before = connected.clock()
    connected.clock.forward(hours=1)
    connected.receive([page_view(before, ada)])
    connected.score()
    assert len(connected.explain(ada).not_counted) == 1
    assert connected.explain(ada, known_at=before).not_counted == ()


def test_between_publication_and_recalculation_the_old_scorecard_explains(
    connected: Installation, ada: int
) -> None:
    score = connected.explain(ada).score
    connected.clock.forward(seconds=1)
    connected.publish(OTHER_GROUPS.replace("limit: {times: 3, per: day}", "decay: {linear: 10d}"))
    between = connected.clock()
    told = connected.explain(ada, at=between)
    assert adds_up(told)
    assert told.score == pytest.approx(score, rel=1e-3)
    connected.clock.forward(seconds=1)
    assert connected.recalculate() == 1
    for known_at in (between, connected.clock()):
        told = connected.explain(ada, at=between, known_at=known_at)
        assert adds_up(told), known_at
        assert told.score == pytest.approx(score, rel=1e-3)


@pytest.mark.parametrize("address", ["acme/4711", "nowhere/1", "acme", ""])
def test_an_unknown_contact_is_said_to_be_unknown(connected: Installation, address: str) -> None:
    runtime = connected.runtime
    with pytest.raises(UnknownContact, match="CONNECTION/CONTACT"):
        explain_contact(runtime.engine, runtime.vault, address, connected.clock(), "en")


def page_view(at: datetime, contact: int) -> bytes:
    text = (
        '{"mautic.page_on_hit":[{"hit":{"id":901,"dateHit":"%s","url":"https://shop.example/late",'
        '"code":200,"query":{},"lead":{"id":%d}},"timestamp":"%s"}]}'
    )
    return (text % (at.isoformat(), contact, at.isoformat())).encode()
