"""N8, R27, N3: bands do not flicker, time alone crosses them, and a publication is silent."""

from __future__ import annotations

from datetime import timedelta
from itertools import groupby

from firm_kit import Firm
from mail_kit import imported
from profile_kit import edit, own_fields

from plugin.scoring.scorecard import MICRO

CARD = """
name: Firm
timezone: Europe/Paris
{more}
groups:
  - id: all
    dimension: engagement
    rules:
      - {{id: base, kind: activity, points: 58, activity: form_submitted, form: Demo form}}
      - {{id: up, kind: activity, points: 4, activity: page_viewed, url: '*/up'}}
      - {{id: down, kind: activity, points: -4, activity: page_viewed, url: '*/down'}}
      - {{id: fading, kind: activity, points: {fading}, activity: page_viewed, url: '*/fading',
         decay: {{half_life: 30d}}}}
      - {{id: adult, kind: field, points: {adult}, if: {{field: birthday, age: [18, 99]}}}}
bands:
  - {{id: cold, tag: cold}}
  - {{id: ready, enter: 60, leave: {leave}, tag: ready, on_rise: [{{call: {{within: 1d}}}}]{band}}}
"""


def card(leave: int = 60, band: str = "", more: str = "", fading: int = 10, adult: int = 5) -> str:
    return CARD.format(leave=leave, band=band, more=more, fading=fading, adult=adult)


def _oscillate(firm: Firm, contact: int, times: int = 5) -> None:
    for turn in range(2 * times):
        firm.visit("/down" if turn % 2 else "/up", contact)
        firm.settle()
        firm.wait(hours=1)


def _based(firm: Firm, email: str = "ada@example.org") -> int:
    contact = firm.submit_form(email=email)
    firm.settle()
    return contact


def test_n08_a_score_between_58_and_62_brings_one_alert_by_hysteresis(firm: Firm) -> None:
    firm.scorecard(card(leave=55))
    _oscillate(firm, _based(firm))
    assert len(firm.standin.notes) == 1


def test_n08_a_score_between_58_and_62_brings_one_alert_by_rearm_and_the_next_later(
    firm: Firm,
) -> None:
    firm.scorecard(card(band=", rearm: 7d"))
    ada = _based(firm)
    _oscillate(firm, ada)
    assert len(firm.standin.notes) == 1
    assert firm.platform(ada)["band"] == "cold"
    firm.wait(days=7)
    _oscillate(firm, ada, times=1)
    assert len(firm.standin.notes) == 2


def test_n08_without_either_each_crossing_has_its_alert(firm: Firm) -> None:
    firm.scorecard(card())
    _oscillate(firm, _based(firm), times=3)
    assert len(firm.standin.notes) == 3


def test_n08_a_band_is_kept_for_its_stay_and_left_when_that_is_over(firm: Firm) -> None:
    firm.scorecard(card(band=", stay: 2d"))
    ada = _based(firm)
    firm.visit("/up", ada)
    firm.settle()
    start = firm.now
    firm.wait(hours=1)
    firm.visit("/down", ada)
    firm.settle()
    assert (firm.platform(ada)["score"], firm.platform(ada)["band"]) == (58, "ready")
    firm.now = start + timedelta(days=2, seconds=-1)
    firm.settle()
    assert firm.platform(ada)["tags"] == ["ready"]
    firm.now = start + timedelta(days=2)
    firm.settle()
    assert (firm.platform(ada)["band"], firm.platform(ada)["tags"]) == ("cold", ["cold"])


def test_n08_three_calls_a_week_go_to_the_best_and_the_rest_when_there_is_room(firm: Firm) -> None:
    firm.scorecard(card(more="handovers_per_week: 3"))
    people = []
    for number in range(5):
        contact = firm.submit_form(email=f"p{number}@example.org")
        people.append(contact)
        for _ in range(number + 1):
            firm.visit("/up", contact)
    firm.settle()
    assert [note.contact for note in firm.standin.notes] == [people[4], people[3], people[2]]
    firm.wait(days=6, hours=23)
    firm.settle()
    assert len(firm.standin.notes) == 3
    firm.visit("/down", people[0])
    firm.wait(hours=2)
    firm.settle()
    assert [note.contact for note in firm.standin.notes[3:]] == [people[1]]


def test_n08_who_fell_back_and_rose_again_while_waiting_is_handed_over_once(firm: Firm) -> None:
    firm.scorecard(card(more="handovers_per_week: 1"))
    first = _based(firm, "first@example.org")
    firm.visit("/up", first)
    firm.settle()
    ada = _based(firm)
    _oscillate(firm, ada, times=2)
    firm.visit("/up", ada)
    firm.settle()
    assert [note.contact for note in firm.standin.notes] == [first]
    for _ in range(3):
        firm.wait(days=7)
        firm.settle()
    assert [note.contact for note in firm.standin.notes] == [first, ada]


def test_r27_a_birthday_alone_changes_the_band(firm: Firm) -> None:
    own_fields(firm, "birthday")
    firm.scorecard(card())
    ada = _based(firm)
    edit(firm, ada, birthday="2008-03-20")
    firm.settle()
    assert (firm.platform(ada)["score"], firm.platform(ada)["band"]) == (58, "cold")
    midnight = firm.now.replace(day=19, hour=23, minute=0)  # the 20th in Paris
    firm.now = midnight - timedelta(minutes=1)
    firm.settle()
    assert firm.platform(ada)["band"] == "cold"
    firm.now = midnight + timedelta(minutes=1)
    firm.settle()
    assert (firm.platform(ada)["score"], firm.platform(ada)["band"]) == (63, "ready")
    assert len(firm.standin.notes) == 1


def test_decay_alone_is_written_only_beyond_the_tolerance(firm: Firm) -> None:
    firm.scorecard(card(fading=20))
    ada = _based(firm)
    firm.visit("/fading", ada)
    firm.settle()
    for _ in range(15):
        firm.wait(days=8)
        firm.settle()
        true_score = firm.explain(ada).score / MICRO
        assert abs(true_score - firm.platform(ada)["score"]) <= 5.5
    # 78 fades towards 58; below 60 the band is left, which is written at once.
    assert _written(firm) == [
        (58, "cold"),
        (78, "ready"),
        (72, "ready"),
        (66, "ready"),
        (60, "ready"),
        (60, "cold"),
    ]


def test_a_small_change_by_an_activity_is_written_at_once(firm: Firm) -> None:
    firm.scorecard(card(fading=20))
    ada = _based(firm)
    firm.visit("/fading", ada)
    firm.settle()
    firm.wait(days=4)
    firm.settle()
    assert firm.platform(ada)["score"] == 78
    firm.visit("/nothing", ada)
    firm.settle()
    assert firm.platform(ada)["score"] == 78
    firm.visit("/up", ada)
    firm.settle()
    assert firm.platform(ada)["score"] == 80


def _written(firm: Firm) -> list[tuple[int, str]]:
    """What was sent, without what was sent once more because a token had expired."""
    sent = [
        (call.json["maturo_score"], call.json["maturo_band"])
        for call in firm.standin.requests
        if isinstance(call.json, dict) and "maturo_score" in call.json
    ]
    return [one for one, _ in groupby(sent)]


def test_n03_a_publication_fires_nothing_now_or_later(firm: Firm) -> None:
    firm.scorecard(card().replace("points: 58", "points: 8"))
    people = [_based(firm, f"p{number}@example.org") for number in range(3)]
    firm.scorecard(card().replace("points: 58", "points: 60"))
    # An activity that comes before the recalculation did not bring this contact over the line.
    firm.visit("/nothing", people[0])
    firm.settle()
    assert [firm.platform(one)["band"] for one in people] == ["ready"] * 3
    firm.wait(days=8)
    firm.visit("/up", people[1])
    firm.settle()
    assert firm.standin.notes == []
    ada = imported(firm, "new@example.org")
    firm.submit_form(ada, email="new@example.org")
    firm.settle()
    assert [note.contact for note in firm.standin.notes] == [ada]


def test_n03_what_an_activity_brings_during_a_recalculation_is_not_lost(firm: Firm) -> None:
    firm.scorecard(card())
    ada = _based(firm)
    firm.scorecard(card(fading=11))
    firm.wait(minutes=1)
    firm.visit("/up", ada)
    firm.settle()
    assert [note.contact for note in firm.standin.notes] == [ada]


def test_n03_earnings_of_old_fire_nothing_when_their_rule_gets_an_action(firm: Firm) -> None:
    firm.scorecard(card())
    ada = _based(firm)
    firm.visit("/up", ada)
    firm.wait(minutes=1)
    firm.settle()
    before = len(firm.standin.notes)
    asked = card().replace("url: '*/up'}", "url: '*/up', actions: [{send_email: 1}]}")
    firm.scorecard(asked)
    firm.settle()
    firm.wait(days=1)
    firm.settle()
    assert (firm.standin.mails, len(firm.standin.notes)) == ([], before)
    firm.visit("/up", ada)
    firm.settle()
    assert len(firm.standin.mails) == 1


def test_n08_a_merge_repeats_nothing_that_was_done_for_either(firm: Firm) -> None:
    asked = card().replace("url: '*/up'}", "url: '*/up', actions: [{send_email: 1}]}")
    firm.scorecard(asked)
    ada = _based(firm)
    firm.visit("/up", ada)
    visitor = firm.visit("/up")
    firm.settle()
    assert (len(firm.standin.notes), len(firm.standin.mails)) == (1, 1)
    # The visitor turns out to be Ada: the platform merges both.
    firm.submit_form(visitor, form="Other form", email="ada@example.org")
    firm.wait(minutes=1)
    firm.settle()
    firm.wait(minutes=1)
    firm.settle()
    # Her second hit earned as well, and has its mail now that she is known.
    assert (len(firm.standin.notes), len(firm.standin.mails)) == (1, 2)
