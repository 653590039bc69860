"""What a person sees of one contact, what arrives, what would happen, and what sales answers."""

from __future__ import annotations

import orjson
import pytest

from connectors.activity import Reading
from connectors.mautic.standin import visitors
from plugin.scoring.scorecard import MICRO
from plugin.services.contact import PAGE, contact_sheet, contact_timeline
from plugin.services.explain import UnknownContact
from plugin.services.feed import Wanted, newest_activities, newest_id
from plugin.services.judge import BadLink, judge, judged_contact, verdict_links
from plugin.services.simulate import NothingToSimulate, read_payload, simulate
from plugin.services.verdicts import verdicts
from tests.builders import visit
from tests.installation import CARD, NAME, Installation


@pytest.fixture
def ada(installation: Installation) -> int:
    installation.connect()
    installation.publish(CARD)
    form = {"id": 3, "name": "Demo", "alias": "demo"}
    answers = {"email": "ada@nova.example", "firstname": "Ada", "phone": "1"}
    contact = visitors.submit_form(installation.standin, None, answers, form=form)
    installation.score()
    installation.deliver()
    return contact


def _address(ada: int) -> str:
    return f"{NAME}/{ada}"


def _sheet(one: Installation, ada: int, **when: object):  # type: ignore[no-untyped-def]
    at = when.pop("at", one.clock())
    return contact_sheet(one.engine, one.runtime.vault, _address(ada), at, "en", **when)  # type: ignore[arg-type]


def test_r04_the_sub_scores_and_the_lines_are_the_score(
    installation: Installation, ada: int
) -> None:
    sheet = _sheet(installation, ada)
    told = sheet.explanation
    assert dict(told.dimensions) == {"fit": 10 * MICRO, "engagement": 20 * MICRO}
    assert told.score == sum(told.dimensions.values()) == sum(one.now for one in told.lines)
    assert sheet.identity.name == "Ada"
    assert sheet.stored is not None
    assert sheet.stored.written is not None
    assert sheet.stored.written["score"] == 30
    assert sheet.stored.written_at == installation.clock()
    assert sheet.asked is None


def test_the_curve_ends_with_the_score_and_shows_the_way_there(
    installation: Installation, ada: int
) -> None:
    installation.clock.forward(days=3)
    visitors.visit(installation.standin, ada, "https://firm.example/")
    installation.score()
    sheet = _sheet(installation, ada)
    values = [score // MICRO for _, score in sheet.curve]
    assert values[0] == 0
    assert values[-1] == 35
    assert sheet.curve[-1][0] == installation.clock()
    assert 30 in values
    assert [one.to_band for one in sheet.crossings] == ["hot"]


def test_any_past_moment_can_be_chosen_also_as_it_was_known_then(
    installation: Installation, ada: int
) -> None:
    before = installation.clock()
    installation.clock.forward(days=3)
    visitors.visit(installation.standin, ada, "https://firm.example/")
    installation.score()
    assert _sheet(installation, ada).explanation.score == 35 * MICRO
    past = _sheet(installation, ada, at=before)
    assert past.explanation.score == 30 * MICRO
    assert {one.activity.kind for one in past.timeline.done} == {
        "form_submitted",
        "contact_identified",
    }
    assert _sheet(installation, ada, known_at=before).explanation.score == 30 * MICRO


def test_the_timeline_comes_in_pages_newest_first_with_what_each_earned(
    installation: Installation, ada: int
) -> None:
    for _ in range(PAGE + 3):
        installation.clock.forward(minutes=1)
        visitors.visit(installation.standin, ada, "https://firm.example/")
    installation.score()
    first = _sheet(installation, ada).timeline
    assert (len(first.done), first.more) == (PAGE, True)
    last = first.done[-1].activity
    rest = contact_timeline(
        installation.engine,
        installation.runtime.vault,
        _address(ada),
        (last.occurred_at, last.id),
        installation.clock(),
    )
    assert (len(rest.done), rest.more) == (5, False)
    assert "demo" in {line.rule for one in rest.done for line in one.lines}
    moments = [one.activity.occurred_at for one in (*first.done, *rest.done)]
    assert moments == sorted(moments, reverse=True)


def test_who_is_unknown_is_refused(installation: Installation, ada: int) -> None:
    with pytest.raises(UnknownContact, match="nothing is known"):
        _sheet(installation, 999_999)


def test_what_arrives_is_shown_with_what_it_earned_and_can_be_narrowed(
    installation: Installation, ada: int
) -> None:
    seen = newest_id(installation.engine)
    bob = visitors.visit(installation.standin, None, "https://firm.example/jobs")
    installation.score()

    def fed(after: int = 0, **wanted: str) -> list[tuple[str, str, list[str]]]:
        found = newest_activities(
            installation.engine, installation.runtime.vault, Wanted(**wanted), after
        )
        return [
            (one.address, one.activity.kind, [line.rule for line in one.lines]) for one in found
        ]

    new = (_address(bob), "page_viewed", ["visit", "jobs"])
    old = (_address(ada), "form_submitted", ["demo"])
    assert fed(seen) == [new]
    assert fed()[0] == new
    assert old in fed()
    assert fed(kind="form_submitted") == [old]
    assert fed(contact=_address(bob)) == [new]
    assert fed(connection=NAME) == fed()
    assert fed(connection="other") == []


def test_a_simulation_tells_before_and_after_and_stores_nothing(
    installation: Installation, ada: int
) -> None:
    tables = ("activities", "entries", "scores", "crossings", "actions", "deliveries", "histories")
    before = [installation.rows(table) for table in tables]
    vault, now = installation.runtime.vault, installation.clock()
    told = Reading(items=(visit("/jobs")._replace(occurred_at=now),))
    found = simulate(installation.engine, vault, _address(ada), told, now, "en")
    assert (found.before.explanation.score, found.before.band) == (30 * MICRO, "hot")
    assert (found.after.explanation.score, found.after.band) == (25 * MICRO, "hot")
    stranger = simulate(installation.engine, vault, "", told, now, "en")
    assert (stranger.before.explanation.score, stranger.after.band) == (0, "cold")
    assert [installation.rows(table) for table in tables] == before


def test_a_pasted_delivery_is_simulated_as_it_would_be_read(
    installation: Installation, ada: int
) -> None:
    visitors.visit(installation.standin, ada, "https://firm.example/jobs")
    body = next(one for one in installation.take_deliveries() if b"page_on_hit" in one)
    runtime = installation.runtime
    told = read_payload(runtime.engine, runtime.vault, runtime.manifest.connector, NAME, body)
    found = simulate(runtime.engine, runtime.vault, _address(ada), told, installation.clock(), "en")
    assert found.after.explanation.score == 25 * MICRO
    nothing = read_payload(runtime.engine, runtime.vault, runtime.manifest.connector, NAME, b"[]")
    with pytest.raises(NothingToSimulate):
        simulate(runtime.engine, runtime.vault, "", nothing, installation.clock(), "en")


def test_r59_a_link_lets_sales_say_what_the_contact_was_worth_for_two_months(
    installation: Installation, ada: int
) -> None:
    engine, vault = installation.engine, installation.runtime.vault
    assert verdict_links(vault, "", installation.clock) is None
    link = verdict_links(vault, "https://maturo.example/", installation.clock)
    assert link is not None
    contact_id = installation.rows("scores")[0]["contact_id"]
    url = link(contact_id)
    token = url.removeprefix("https://maturo.example/verdict/")
    assert judged_contact(engine, vault, token, installation.clock()) == _address(ada)
    judge(engine, vault, token, "rejected", " no budget ", installation.clock())
    [said] = verdicts(engine)
    assert (said.contact, said.word, said.reason, said.band) == (
        _address(ada),
        "rejected",
        "no budget",
        "hot",
    )
    foreign = vault.encrypt(orjson.dumps(["password", contact_id, 9e18]).decode())
    for wrong in (token[:-9] + "AAAAAAAA=", "", foreign):
        with pytest.raises(BadLink):
            judge(engine, vault, wrong, "accepted", "", installation.clock())
    installation.clock.forward(days=61)
    with pytest.raises(BadLink, match="expired"):
        judged_contact(engine, vault, token, installation.clock())
