"""A draft goes from its first text to publication; a worker rehearses it meanwhile."""

from __future__ import annotations

from datetime import timedelta

import orjson
import pytest

from connectors.mautic.standin.visitors import submit_form
from plugin.learning.question import NoReason
from plugin.runtime import Runtime
from plugin.scoring.edits import change_settings, delete_band, switch_rule
from plugin.scoring.problems import ScorecardError
from plugin.services.audit import trail
from plugin.services.drafts import (
    StaleDraft,
    UnknownDraft,
    begin,
    change,
    draft_of,
    publish_draft,
    shipped,
    throw_away,
)
from plugin.services.runs import ask_proposal, ask_rehearsal, newest_run, run_next, stop_run
from plugin.storage import scorecards
from plugin.storage.engine import for_reading
from plugin.storage.runs import PROPOSAL, REHEARSAL
from tests.installation import Clock, Installation

WHO = "ada@nova.example"


def _draft(runtime: Runtime) -> int:
    return begin(runtime.engine, "Spring", shipped("b2b"), WHO, runtime.clock())


def test_who_comes_second_is_told_and_nothing_is_lost(runtime: Runtime) -> None:
    engine, now = runtime.engine, runtime.clock()
    number = _draft(runtime)
    change(engine, number, 1, switch_rule("decides", on=False), "bob", now)
    with pytest.raises(StaleDraft) as told:
        change(engine, number, 1, switch_rule("recommends", on=False), WHO, now)
    assert (told.value.draft.who, told.value.draft.revision) == ("bob", 2)
    assert told.value.seen == shipped("b2b")
    assert draft_of(engine, number).source == switch_rule("decides", on=False)(shipped("b2b"))


def test_an_edit_that_changes_nothing_is_no_revision(runtime: Runtime) -> None:
    number = _draft(runtime)
    draft = change(runtime.engine, number, 1, switch_rule("decides", on=True), WHO, runtime.clock())
    assert draft.revision == 1


def test_what_is_no_scorecard_is_kept_as_a_draft_but_not_published(runtime: Runtime) -> None:
    engine, now = runtime.engine, runtime.clock()
    number = _draft(runtime)
    draft = change(engine, number, 1, delete_band("cold"), WHO, now)
    with pytest.raises(ScorecardError, match="not for the first band"):
        publish_draft(engine, number, draft.revision, WHO, now)
    assert draft_of(engine, number).revision == 2


def test_a_published_draft_is_in_force_and_a_draft_no_more(runtime: Runtime) -> None:
    engine, now = runtime.engine, runtime.clock()
    number = _draft(runtime)
    version = publish_draft(engine, number, 1, WHO, now)
    with for_reading(engine).begin() as connection:
        live = scorecards.in_force(connection)
    assert live is not None
    assert (live.id, live.source) == (version, shipped("b2b"))
    assert [one.what for one in trail(engine, who=WHO)] == ["scorecard.published", "draft.begun"]
    with pytest.raises(UnknownDraft):
        throw_away(engine, number, 1, WHO, now)


def test_a_rehearsal_is_done_by_the_worker_and_kept(connected: Installation) -> None:
    runtime = connected.runtime
    submit_form(connected.standin, None, {"email": "ada@example.org"})
    connected.score()
    number = _draft(runtime)
    ask_rehearsal(runtime.engine, number, 1, 8, WHO, runtime.clock())
    assert run_next(runtime.engine, runtime.clock) == 1
    run = newest_run(runtime.engine, REHEARSAL, str(number))
    assert run is not None
    assert (run.state, run.done, run.total) == ("done", 1, 1)
    found = orjson.loads(run.result or "")
    assert (found["contacts"], found["revision"]) == (1, 1)
    assert sum(found["bands"]["draft"].values()) == 1
    assert run_next(runtime.engine, runtime.clock) == 0


def test_a_worker_that_ends_leaves_the_work_to_the_next(runtime: Runtime, clock: Clock) -> None:
    number = _draft(runtime)
    ask_rehearsal(runtime.engine, number, 1, 8, WHO, clock())
    run_next(runtime.engine, clock, lambda: True)
    left = newest_run(runtime.engine, REHEARSAL, str(number))
    run_next(runtime.engine, clock)
    done = newest_run(runtime.engine, REHEARSAL, str(number))
    assert [one.state for one in (left, done) if one] == ["running", "done"]


def test_a_rehearsal_that_was_stopped_comes_to_nothing(runtime: Runtime) -> None:
    number = _draft(runtime)
    run = ask_rehearsal(runtime.engine, number, 1, 8, WHO, runtime.clock())
    stop_run(runtime.engine, run, runtime.clock())
    assert run_next(runtime.engine, runtime.clock) == 0


def test_the_rehearsal_of_what_is_no_scorecard_says_so(runtime: Runtime) -> None:
    number = _draft(runtime)
    change(
        runtime.engine,
        number,
        1,
        change_settings({"timezone": "Paris"}),
        WHO,
        runtime.clock(),
    )
    ask_rehearsal(runtime.engine, number, 2, 8, WHO, runtime.clock())
    run_next(runtime.engine, runtime.clock)
    run = newest_run(runtime.engine, REHEARSAL, str(number))
    assert run is not None
    assert (run.state, run.error) == ("failed", "no_scorecard")


def test_protected_fields_are_asked_for_with_a_reason_that_stays_in_the_trail(
    runtime: Runtime,
) -> None:
    engine, now = runtime.engine, runtime.clock()
    month = timedelta(days=30)
    with pytest.raises(NoReason, match="birth_date must not decide about people without a reason"):
        ask_proposal(engine, month, (), WHO, now, protected=["birth_date"], reason=" ")
    with pytest.raises(NoReason, match="has 501 characters, at most 500 are kept"):
        ask_proposal(engine, month, (), WHO, now, protected=["birth_date"], reason="x" * 501)
    assert newest_run(engine, PROPOSAL) is None
    assert trail(engine, what="learning.protected_used") == []
    reason = "Loans end before the 75th birthday, says the regulator."
    ask_proposal(engine, month, (), WHO, now, protected=["birth_date"], reason=reason)
    run = newest_run(engine, PROPOSAL)
    assert run is not None
    asked = orjson.loads(run.asked)
    assert (asked["protected"], asked["reason"]) == (["birth_date"], reason)
    [line] = trail(engine, what="learning.protected_used")
    assert (line.who, line.object, line.after) == (WHO, "birth_date", reason)
