"""What storage promises of ledger, scores, deliveries and questions, on every engine."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import Connection, event

from plugin.scoring.lines import Line
from plugin.storage import (
    challengers,
    deliveries,
    fuses,
    inquiries,
    ledger,
    scorecards,
    scores,
)
from plugin.storage.ranking import ranked
from plugin.storage.scores import Crossing, Score
from tests.contract.storage_kit import (
    ACME,
    GLOBEX,
    NOW,
    contact,
    later,
    line,
    rows,
)


def test_settling_reverses_what_no_longer_holds_and_changes_no_entry(db: Connection) -> None:
    ada = contact(db)
    ledger.settle(db, 1, {ada: [line(activity="a"), line(activity="b")]}, NOW)
    before = rows(db, "entries")
    ledger.settle(db, 1, {ada: [line(activity="b"), line(7, activity="c")]}, later(hours=1))
    after = rows(db, "entries")
    assert after[:2] == before
    reversal, fresh = after[2:]
    assert (reversal["reverses"], reversal["points"]) == (before[0]["number"], -5)
    assert (fresh["reverses"], fresh["points"]) == (None, 7)
    assert set_of(ledger.read_lines(db, ada)) == {("b", 5), ("c", 7)}


def test_settling_the_same_again_adds_nothing(db: Connection) -> None:
    ada, bob = contact(db, "1"), contact(db, "2")
    for _ in range(2):
        ledger.settle(db, 1, {ada: [line()], bob: [line()]}, NOW)
    assert len(rows(db, "entries")) == 2


def test_what_was_reversed_may_hold_again(db: Connection) -> None:
    ada = contact(db)
    for lines in ([line()], [], [line()], [], [line()]):
        ledger.settle(db, 1, {ada: lines}, NOW)
    assert ledger.read_lines(db, ada) == [line()]
    assert len(rows(db, "entries")) == 5


def test_lines_are_read_as_they_were_known_at_any_moment(db: Connection) -> None:
    ada = contact(db)
    ledger.settle(db, 1, {ada: [line(activity="a")]}, NOW)
    ledger.settle(db, 1, {ada: [line(activity="b")]}, later(hours=1))
    ledger.settle(db, 1, {ada: []}, later(hours=2))
    known = [
        set_of(ledger.read_lines(db, ada, later(minutes=minutes)))
        for minutes in (-1, 0, 59, 60, 119, 120)
    ]
    assert known == [set(), {("a", 5)}, {("a", 5)}, {("b", 5)}, {("b", 5)}, set()]


def test_scores_are_replaced_and_what_was_written_stays(db: Connection) -> None:
    ada = contact(db)
    scores.save_scores(db, [score(ada, 5)])
    scores.set_written(db, ada, {"score": 5}, NOW)
    scores.save_scores(db, [score(ada, 9)])
    stored = scores.read_scores(db, [ada, 4711])[ada]
    assert (stored.score, stored.written) == (score(ada, 9), {"score": 5})
    scores.set_written(db, ada, None, NOW)
    assert scores.read_scores(db, [ada])[ada].written is None


def test_only_scores_of_other_scorecards_are_outdated(db: Connection) -> None:
    people = [contact(db, one) for one in "123"]
    scores.save_scores(db, [score(one) for one in people])
    assert scores.outdated(db, 1, 9) == []
    newer = scorecards.publish(db, "newer", later(hours=1))
    assert scores.outdated(db, newer, 2) == people[:2]


def test_scored_contacts_come_by_their_numbers(db: Connection) -> None:
    for one in ("10", "9", "2"):
        scores.save_scores(db, [score(contact(db, one))])
    assert list(scores.scored_contacts(db, ACME)) == ["2", "9", "10"]
    assert scores.scored_contacts(db, GLOBEX) == {}


def test_of_equal_scores_the_lately_active_come_first_and_the_never_active_last(
    db: Connection,
) -> None:
    never, lately, before = (contact(db, one) for one in "123")
    seen = {never: None, lately: later(hours=1), before: NOW}
    found = [replace(score(one), last_active=at) for one, at in seen.items()]
    scores.save_scores(db, found)
    assert [one.score.contact_id for one in ranked(db, ["cold"])] == [lately, before, never]


def test_crossings_are_appended(db: Connection) -> None:
    ada = contact(db)
    scores.record_crossings(db, [])
    scores.record_crossings(db, [Crossing(ada, 1, "cold", "hot", 5, NOW)] * 2)
    assert [row["to_band"] for row in rows(db, "crossings")] == ["hot", "hot"]


def test_the_newest_values_are_delivered_once(db: Connection) -> None:
    ada = contact(db)
    for value in (1, 2):
        deliveries.replace(db, {ada: {"score": value}}, NOW)
    [due] = deliveries.due(db, ACME, NOW, 9)
    assert (due.platform_id, due.values, due.version) == ("42", {"score": 2}, 2)
    assert deliveries.due(db, GLOBEX, NOW, 9) == []
    deliveries.done(db, due, NOW)
    assert deliveries.due(db, ACME, NOW, 9) == []


def test_what_came_while_a_delivery_travelled_is_due_at_once(db: Connection) -> None:
    ada = contact(db)
    deliveries.replace(db, {ada: {"score": 1}}, NOW)
    [sent] = deliveries.due(db, ACME, NOW, 9)
    deliveries.postpone(db, sent, later(hours=1), "down")
    deliveries.replace(db, {ada: {"score": 2}}, NOW)
    assert deliveries.due(db, ACME, later(minutes=59), 9) == [], "a back-off goes on"
    deliveries.done(db, sent, NOW)
    [next_one] = deliveries.due(db, ACME, NOW, 9)
    assert (next_one.values, next_one.attempts) == ({"score": 2}, 0)


def test_a_refusal_concerns_only_what_was_sent(db: Connection) -> None:
    ada = contact(db)
    deliveries.replace(db, {ada: {"score": 1}}, NOW)
    [sent] = deliveries.due(db, ACME, NOW, 9)
    deliveries.replace(db, {ada: {"score": 2}}, NOW)
    deliveries.refuse(db, sent, "no")
    [newer] = deliveries.due(db, ACME, NOW, 9)
    deliveries.refuse(db, newer, "no")
    assert deliveries.due(db, ACME, NOW, 9) == []
    assert deliveries.counts(db) == {"pending": 0, "refused": 1}
    assert deliveries.asked(db, [ada])[ada].pending is False
    deliveries.retry(db, ada, later(hours=1))
    assert deliveries.due(db, ACME, later(hours=1), 9)[0].attempts == 1


def test_after_a_refusal_newer_values_start_afresh(db: Connection) -> None:
    ada = contact(db)
    deliveries.replace(db, {ada: {"score": 1}}, NOW)
    [sent] = deliveries.due(db, ACME, NOW, 9)
    deliveries.refuse(db, sent, "no")
    deliveries.replace(db, {ada: {"score": 2}}, NOW)
    [due] = deliveries.due(db, ACME, NOW, 9)
    assert (due.version, due.attempts) == (2, 0)


def test_nothing_is_written_while_the_platform_is_asked_about_a_contact(db: Connection) -> None:
    ada = contact(db)
    deliveries.replace(db, {ada: {"score": 1}}, NOW)
    inquiries.ask(db, ACME, [ada], NOW)
    assert deliveries.due(db, ACME, NOW, 9) == []
    [question] = inquiries.due(db, ACME, NOW, 9)
    inquiries.still_there(db, question)
    assert len(deliveries.due(db, ACME, NOW, 9)) == 1


def test_the_longest_waiting_are_delivered_first(db: Connection) -> None:
    for hours, one in ((2, "1"), (0, "2"), (1, "3")):
        deliveries.replace(db, {contact(db, one): {}}, later(hours=hours))
    due = deliveries.due(db, ACME, later(hours=3), 2)
    assert [one.platform_id for one in due] == ["2", "3"]


def test_a_question_is_asked_once_until_it_is_answered(db: Connection) -> None:
    ada = contact(db)
    inquiries.ask(db, ACME, [ada], NOW)
    [question] = inquiries.due(db, ACME, NOW, 9)
    inquiries.postpone(db, question, later(hours=1))
    inquiries.ask(db, ACME, [ada], NOW)
    assert inquiries.due(db, ACME, later(minutes=59), 9) == []
    [again] = inquiries.due(db, ACME, later(hours=1), 9)
    assert (again.platform_id, again.attempts, inquiries.count(db)) == ("42", 1, 1)
    inquiries.still_there(db, again)
    assert inquiries.count(db) == 0


def score(contact_id: int, points: int = 5) -> Score:
    return Score(contact_id, 1, points, 0, points, "D", "cold", True, NOW, NOW)


def set_of(lines: Iterable[Line]) -> set[tuple[str, int]]:
    return {(one.activities[0], one.points) for one in lines}


def test_a_fuse_blows_at_its_limit_and_holds_until_its_hour_is_over(db: Connection) -> None:
    ada, bob = contact(db), contact(db, "43")
    for _ in range(fuses.LIMIT - 1):
        fuses.written(db, [ada], NOW)
    fuses.written(db, [bob], NOW)
    assert fuses.blown(db, [ada, bob], NOW) == {}
    fuses.written(db, [ada, bob], later(minutes=59))
    assert fuses.blown(db, [ada, bob], later(minutes=59)) == {ada: later(hours=1)}
    assert fuses.resting(db, later(minutes=59)) == ["acme/42"]
    assert fuses.blown(db, [ada], later(hours=1)) == {}
    fuses.written(db, [ada], later(hours=1))
    assert fuses.blown(db, [ada], later(hours=1)) == {}


def test_who_rests_is_asked_of_an_index_that_holds_nobody_else(db: Connection) -> None:
    told: list[str] = []
    event.listen(db, "before_cursor_execute", lambda *given: told.append(given[2]))
    fuses.resting(db, NOW)
    if db.dialect.name == "sqlite":
        plan = db.exec_driver_sql(f"EXPLAIN QUERY PLAN {told[0]}", (1,)).all()
        assert any("fuses_blown" in step.detail for step in plan), plan


def test_a_challenger_is_behind_on_every_score_since_it_spoke_and_on_no_other(
    db: Connection,
) -> None:
    ada, bob = contact(db), contact(db, "43")
    scores.save_scores(db, [score(ada), score(bob)])
    number = challengers.start(db, "text", NOW)
    assert challengers.behind(db, number, 9).keys() == {ada, bob}
    challengers.save(db, number, [score(ada), score(bob)])
    assert not challengers.is_behind(db, number)
    scores.save_scores(db, [score(bob)])
    assert challengers.behind(db, number, 9).keys() == {bob}
    assert challengers.behind(db, challengers.start(db, "other", NOW), 9).keys() == {ada, bob}
