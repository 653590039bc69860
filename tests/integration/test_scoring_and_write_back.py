from __future__ import annotations

from collections.abc import Sequence

import pytest

from connectors.commands import Outcome, UpdateContact
from connectors.errors import Transient
from connectors.mautic.standin.visitors import submit_form, visit
from plugin.storage import connections
from plugin.storage.connections import NewConnection
from tests.installation import CARD, SECRET, Installation

pytestmark = pytest.mark.engines


def test_a_form_is_scored_and_the_platform_holds_score_and_band(connected: Installation) -> None:
    ada = submit_form(connected.standin, None, {"email": "ada@example.org", "phone": "123"})
    assert connected.score() > 0
    assert connected.deliver() == 1
    assert connected.held(ada) == {
        "score": 30,
        "fit": 10,
        "engagement": 20,
        "grade": "C",
        "band": "hot",
        "tags": ["band-hot"],
    }
    assert connected.rows("deliveries") == []


def test_the_band_tag_changes_with_the_band_and_there_is_exactly_one(
    connected: Installation,
) -> None:
    ada = submit_form(connected.standin, None, {"email": "ada@example.org", "phone": "123"})
    connected.score()
    connected.deliver()
    for number in range(2):
        visit(connected.standin, ada, "https://shop.example/jobs", code=200)
        connected.clock.forward(days=number + 1)
    connected.score()
    connected.deliver()
    assert connected.points(ada) == 20
    assert connected.held(ada)["tags"] == ["band-warm"]
    assert [(row["from_band"], row["to_band"]) for row in connected.rows("crossings")] == [
        ("cold", "hot"),
        ("hot", "warm"),
    ]


def test_a_visitors_score_is_kept_and_written_only_when_he_is_identified(
    connected: Installation,
) -> None:
    visitor = visit(connected.standin, None, "https://shop.example/pricing")
    connected.score()
    assert connected.points(visitor) == 5
    assert connected.deliver() == 0
    assert connected.rows("deliveries") == []
    submit_form(connected.standin, visitor, {"email": "ada@example.org"})
    connected.score()
    assert connected.deliver() == 1
    assert connected.held(visitor)["score"] == 25


def test_nothing_is_written_twice_when_nothing_changed(connected: Installation) -> None:
    ada = submit_form(connected.standin, None, {"email": "ada@example.org"})
    bodies = connected.take_deliveries()
    connected.receive(bodies)
    connected.score()
    connected.deliver()
    assert len(connected.writes()) == 1
    connected.receive(bodies)
    connected.score()
    assert connected.deliver() == 0
    assert (len(connected.writes()), connected.points(ada)) == (1, 20)


def test_many_contacts_of_one_batch_each_get_their_own_score(connected: Installation) -> None:
    people = [
        submit_form(connected.standin, None, {"email": f"c{n}@example.org", "phone": "1" * (n % 2)})
        for n in range(7)
    ]
    connected.score()
    assert connected.deliver() == 7
    assert [connected.held(one)["score"] for one in people] == [20, 30, 20, 30, 20, 30, 20]


def test_a_score_that_goes_back_while_the_answer_was_lost_is_written_again(
    connected: Installation,
) -> None:
    ada = submit_form(connected.standin, None, {"email": "ada@example.org"})
    connected.score()
    connected.deliver()
    visit(connected.standin, ada, "https://shop.example/a")
    visit(connected.standin, ada, "https://shop.example/b")
    connected.score()
    with pytest.raises(Transient, match="lost"):
        connected.deliver(connected.unheard)
    assert connected.held(ada)["score"] == 30
    for _ in range(2):
        connected.clock.forward(days=1)
        visit(connected.standin, ada, "https://shop.example/jobs")
    connected.score()
    connected.deliver()
    assert (connected.held(ada)["score"], connected.held(ada)["tags"]) == (20, ["band-warm"])


def test_what_changes_while_a_write_travels_goes_out_next(connected: Installation) -> None:
    ada = submit_form(connected.standin, None, {"email": "ada@example.org"})
    connected.score()

    def apply_slowly(commands: Sequence[UpdateContact]) -> list[Outcome]:
        visit(connected.standin, ada, "https://shop.example/a")
        connected.score()
        return connected.session.apply(commands)

    assert connected.deliver(apply_slowly) == 1
    assert connected.held(ada)["score"] == 20
    assert connected.deliver() == 1
    assert connected.held(ada)["score"] == 25
    assert connected.deliver() == 0


def test_a_tag_of_an_older_scorecard_that_was_on_its_way_is_taken_off(
    connected: Installation,
) -> None:
    ada = submit_form(connected.standin, None, {"email": "ada@example.org"})
    connected.score()

    def apply_slowly(commands: Sequence[UpdateContact]) -> list[Outcome]:
        connected.publish(CARD.replace("tag: band", "tag: band-new"))
        assert connected.recalculate() == 1
        return connected.session.apply(commands)

    connected.deliver(apply_slowly)
    assert connected.held(ada)["tags"] == ["band-warm"]
    connected.deliver()
    assert connected.held(ada)["tags"] == ["band-new-warm"]


def test_a_batch_of_two_platforms_is_scored_and_counted_once(connected: Installation) -> None:
    new = NewConnection("zeta", "mautic", connected.source.settings, {}, (SECRET,), None, None)
    with connected.engine.begin() as connection:
        connections.save(connection, connected.runtime.vault, new, connected.clock())
    nothing_known = b'{"mautic.news_of_tomorrow": [{}]}'
    connected.receive([nothing_known], name="zeta")
    connected.receive([nothing_known])
    assert connected.score() == 2
    assert sum(row["seen"] for row in connected.rows("tallies")) == 2
