"""N8: every mail and every call once, whatever breaks in between."""

from __future__ import annotations

import random
import signal
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

import pytest
from firm_kit import Firm
from sender_kit import send_on

from connectors.commands import Command, Outcome, SendEmail
from connectors.mautic.session import MauticSession
from plugin.check import check
from plugin.sender import Sender
from plugin.storage.actions import DONE, REFUSED, UNCLEAR, WAITING
from plugin.worker import score_some
from tests.deadlines import until
from tests.installation import unpaced
from tests.processes import begin
from tests.torture import Account, repeated

CARD = """
name: Firm
groups:
  - id: all
    dimension: engagement
    rules:
      - {id: demo, kind: activity, points: 60, activity: form_submitted,
         limit: {times: 1, per: ever}}
bands:
  - {id: cold}
  - {id: ready, enter: 60, on_rise: [{send_email: 1}, {call: {within: 1d}}, {add_to_segment: 2}]}
"""
#: Of senders.
KILLS = repeated(3, 20)
Apply = Callable[[MauticSession, Sequence[Command]], list[Outcome]]


class Crash(BaseException):
    """The process is gone: nothing catches it."""


def _ready(firm: Firm, people: int = 1) -> list[int]:
    firm.scorecard(CARD)
    found = [firm.submit_form(email=f"p{number}@example.org") for number in range(people)]
    while score_some(firm.runtime):
        pass
    return found


def _done_to(firm: Firm) -> Counter[tuple[str, int]]:
    sent = [("mail", mail.contact) for mail in firm.standin.mails]
    return Counter([*sent, *(("call", note.contact) for note in firm.standin.notes)])


def _states(firm: Firm) -> dict[str, str]:
    return {one.name: one.state for one in firm.actions()}


def _go_on(firm: Firm) -> None:
    """A new sender, two minutes and every pause later."""
    firm.sender.close()
    firm.sender = Sender(firm.runtime, lambda: 0.5, unpaced())
    for _ in range(3):
        firm.wait(minutes=2)
        firm.settle()


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("name", ["SendEmail", "AddNote", "AddToSegment"])
def test_f03_a_crash_before_or_after_the_call_neither_loses_nor_doubles_it(
    firm: Firm, monkeypatch: pytest.MonkeyPatch, before: bool, name: str
) -> None:
    [ada] = _ready(firm)
    apply: Apply = MauticSession.apply

    def crashing(session: MauticSession, commands: Sequence[Command]) -> list[Outcome]:
        if type(commands[0]).__name__ != name:
            return apply(session, commands)
        if not before:
            apply(session, commands)
        raise Crash

    monkeypatch.setattr(MauticSession, "apply", crashing)
    with pytest.raises(Crash):
        firm.settle()
    monkeypatch.undo()
    _go_on(firm)
    assert _done_to(firm) == {("mail", ada): 1, ("call", ada): 1}
    assert _states(firm) == {"send_email": DONE, "call": DONE, "add_to_segment": DONE}


def test_a_lost_answer_is_asked_for_before_anything_is_sent_again(firm: Firm) -> None:
    [ada] = _ready(firm)
    firm.standin.faults.drop(kind="action", times=2)
    for _ in range(3):
        firm.settle()
        firm.wait(seconds=20)
    assert _states(firm)["send_email"] == "calling"
    _go_on(firm)
    assert _done_to(firm) == {("mail", ada): 1, ("call", ada): 1}
    assert _states(firm)["send_email"] == DONE


def test_a_refusal_without_an_answer_is_sent_again_when_the_platform_denies_it(
    firm: Firm,
) -> None:
    [ada] = _ready(firm)
    firm.standin.faults.refuse(502, kind="action", times=3)
    firm.settle()
    for _ in range(3):
        _go_on(firm)
    assert _done_to(firm) == {("mail", ada): 1, ("call", ada): 1}


def test_what_the_platform_cannot_tell_is_not_repeated_but_shown(firm: Firm) -> None:
    [ada] = _ready(firm)
    firm.standin.faults.drop(kind="action", times=1)
    firm.settle()
    firm.wait(minutes=2)
    firm.standin.faults.refuse(403, kind="other", times=1)
    firm.settle()
    _go_on(firm)
    assert _done_to(firm) == {("mail", ada): 1, ("call", ada): 1}
    assert _states(firm)["send_email"] == UNCLEAR
    [found] = [one for one in check(firm.runtime) if one.id == "M008"]
    assert (found.ok, "of 1 nobody knows" in found.detail) == (False, True)


def test_a_question_that_cannot_be_asked_now_holds_up_nobody_else(firm: Firm) -> None:
    _ready(firm)
    firm.standin.faults.drop(kind="action", times=1)
    firm.settle()
    firm.wait(minutes=2)
    firm.standin.faults.refuse(503, kind="other", times=20)
    firm.settle()
    firm.wait(minutes=1)
    firm.settle()
    assert _states(firm) == {"send_email": "calling", "call": DONE, "add_to_segment": DONE}


def test_a_platform_that_is_down_is_called_once_and_then_rests(firm: Firm) -> None:
    people = _ready(firm, people=4)
    firm.standin.faults.refuse(429, kind="action", times=1, retry_after=60)
    firm.settle()
    tried = [call for call in firm.standin.requests if "/send" in call.path]
    assert len(tried) == 1
    _go_on(firm)
    assert _done_to(firm) == {(what, one): 1 for what in ("mail", "call") for one in people}


def test_two_senders_at_once_do_it_once(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    [ada] = _ready(firm)
    other = Sender(firm.runtime, lambda: 0.5, unpaced())
    apply: Apply = MauticSession.apply

    def interleaved(session: MauticSession, commands: Sequence[Command]) -> list[Outcome]:
        # The first one has read what is due and begun with the mail; the call is next.
        if isinstance(commands[0], SendEmail):
            monkeypatch.undo()
            other.send_some()
        return apply(session, commands)

    monkeypatch.setattr(MauticSession, "apply", interleaved)
    firm.settle()
    other.close()
    assert _done_to(firm) == {("mail", ada): 1, ("call", ada): 1}


def test_nothing_is_done_to_who_was_deleted_meanwhile(firm: Firm) -> None:
    ada, ben = _ready(firm, people=2)
    del firm.standin.contacts[ada]
    firm.settle()
    assert _done_to(firm) == {("mail", ben): 1, ("call", ben): 1}
    assert {one.state for one in firm.actions() if one.contact == f"mautic/{ada}"} <= {
        REFUSED,
        WAITING,
    }


@pytest.mark.slow
def test_f03_killed_again_and_again_it_neither_loses_nor_doubles(
    firm: Firm, account: Account
) -> None:
    people = _ready(firm, people=repeated(4, 20))
    firm.standin.faults.latency = {"action": 0.05}
    chance = random.Random(7)
    for _ in range(KILLS):
        _send_and_kill(firm.data, firm.now, chance.uniform(0.05, 0.9))
        firm.wait(minutes=2)
    firm.standin.faults.latency = {}
    _go_on(firm)
    done, asked = _done_to(firm), {(what, one) for what in ("mail", "call") for one in people}
    account(
        kills=KILLS,
        activities=len(asked),
        lost=len(asked - done.keys()),
        doubled=done.total() - len(done),
    )
    assert done.keys() == asked
    assert {one.state for one in firm.actions()} == {DONE}
    wrong = [one for one in people if firm.platform(one)["score"] != 60]
    assert wrong == [], "values that are not the last ones"


def _send_and_kill(data: Path, now: datetime, seconds: float) -> None:
    ready = data / "ready"
    child = begin(send_on, data, now, ready)
    until(ready.exists, "the sender does not begin")
    child.join(seconds)
    child.kill()
    child.join()
    ready.unlink()
    assert child.exitcode == -signal.SIGKILL, "it ended by itself"
