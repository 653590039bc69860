from __future__ import annotations

import pytest

from connectors.activity import Evidence
from plugin.scoring import matching
from plugin.scoring.fold import fold, folder
from plugin.scoring.history import ProfileFact, history
from plugin.scoring.kinds import KINDS
from plugin.scoring.kinds.kind import Example
from tests.builders import card, contact, form, moment, profile, rule, visit

EXAMPLES = [
    pytest.param(name, example, id=f"{name}-{example.rule['id']}")
    for name, kind in KINDS.items()
    for example in kind.examples
]


@pytest.mark.parametrize(("name", "example"), EXAMPLES)
def test_the_examples_of_every_kind_give_the_points_they_say(name: str, example: Example) -> None:
    scorecard = card(rule(**{**example.rule, "kind": name}))
    lines = fold(scorecard, history(example.activities, example.facts)).lines
    assert sum(line.points for line in lines) == example.points * 1_000_000 != 0


def test_every_kind_is_known_by_its_own_name_and_family() -> None:
    assert {name: kind.name for name, kind in KINDS.items()} == {name: name for name in KINDS}
    assert {kind.name: kind.family for kind in KINDS.values()} == {
        "activity": "earned",
        "repeat": "earned",
        "series": "earned",
        "duration": "earned",
        "field": "held",
        "completeness": "held",
        "rate": "held",
        "absence": "held",
    }


def test_lines_come_in_the_order_of_the_rules_then_by_time() -> None:
    scorecard = card(
        rule(1, id="b"), rule(1, id="held", when={"field": "x", "present": True}), rule(1, id="a")
    )
    told = [visit("/", day=2, id="2"), visit("/", day=1, id="1"), profile(1, x=1)]
    lines = fold(scorecard, contact(*told)).lines
    assert [(line.rule, *line.activities) for line in lines] == [
        ("b", "1"),
        ("b", "2"),
        ("a", "1"),
        ("a", "2"),
        ("held",),
    ]


@pytest.mark.parametrize(
    ("evidence", "asked", "reason"),
    [
        (Evidence.HUMAN, ("human", "unknown"), None),
        (Evidence.UNKNOWN, ("human", "unknown"), None),
        (Evidence.MACHINE, ("human", "unknown"), "machine"),
        (Evidence.UNKNOWN, ("human",), "unproven"),
        (Evidence.MACHINE, ("human",), "machine"),
        (Evidence.MACHINE, ("human", "machine"), None),
    ],
)
def test_evidence_decides_what_counts(
    evidence: Evidence, asked: tuple[str, ...], reason: str | None
) -> None:
    folding = fold(card(rule(evidence=asked)), contact(visit("/", evidence=evidence)))
    assert [skipped.reason for skipped in folding.skipped] == ([reason] if reason else [])
    assert len(folding.lines) == (reason is None)


def test_an_activity_outside_the_dates_of_a_rule_is_told_not_counted() -> None:
    dated = rule(valid_from=moment(2), valid_to=moment(4))
    visits = [visit("/", day=day, id=str(day)) for day in (1, 2, 3, 4)]
    folding = fold(card(dated), contact(*visits))
    assert [line.activities for line in folding.lines] == [("2",), ("3",)]
    assert [(skip.activity, skip.reason) for skip in folding.skipped] == [
        ("1", "dates"),
        ("4", "dates"),
    ]


def test_a_dated_rule_still_asks_for_evidence() -> None:
    dated = rule(valid_from=moment(1))
    folding = fold(card(dated), contact(visit("/", evidence=Evidence.MACHINE)))
    assert [skipped.reason for skipped in folding.skipped] == ["machine"]


def test_a_rule_that_is_off_earns_nothing_and_says_so() -> None:
    folding = fold(card(rule(on=False)), contact(visit("/a")))
    assert folding.lines == ()
    [skipped] = folding.skipped
    assert (skipped.reason, skipped.params["subject"]) == ("off", "https://example.org/a")


def test_one_folder_serves_many_contacts_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matching, "_REMEMBERED", 2)
    scorecard = card(rule(url="*/a"), rule(id="form", activity="form_submitted", group="forms"))
    contacts = [contact(visit("/a"), visit(f"/{n}"), form(f"Form {n}")) for n in range(5)]
    folds = folder(scorecard)
    assert [folds(told) for told in contacts] == [fold(scorecard, told) for told in contacts]
    assert [len(folds(told).lines) for told in contacts] == [2] * 5


def test_of_two_versions_of_an_activity_the_one_that_tells_more_counts() -> None:
    short, long = visit("/", id="1"), visit("/", id="1", left_at="12:05")
    for told in ([short, long, short], [long, short, long]):
        assert history(told, []).activities == (long,)


def test_profile_facts_of_one_moment_merge_by_their_order() -> None:
    early = ProfileFact(moment(1), "1", {"city": "Lyon"})
    late = ProfileFact(moment(1), "2", {"city": "Paris", "x": None})
    for told in ([early, late], [late, early, late]):
        [snapshot] = history([], told).profile
        assert snapshot.fields == {"city": "Paris", "x": None}


def test_facts_that_change_nothing_leave_no_snapshot() -> None:
    told = contact(profile(1, x=1), profile(2, x=1), profile(3, x=2))
    assert [snapshot.at for snapshot in told.profile] == [moment(1, 0), moment(3, 0)]
