"""Who was won and who was lost, and since when: from the profile, or from what was recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias

from connectors.activity import Activity

from .consent import Agreement
from .fields import Strict
from .history import History, Snapshot
from .scorecard import Sign

Result: TypeAlias = Literal["won", "lost"]
_RESULTS: tuple[Result, ...] = ("won", "lost")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a contact, from that moment on."""

    at: datetime
    result: Result


class OutcomesSchema(Strict):
    """How the platform marks who was won and who was lost: by a tag, or a condition."""

    won = Agreement()
    lost = Agreement()


def compile_outcomes(keys: Mapping[str, Any]) -> dict[str, Sign]:
    """For ``won`` and ``lost``, whether a profile bears its sign; an unknown one does not."""
    return {result: _sign(answer) for result, answer in keys.items()}


def _sign(answer: Callable[[Mapping[str, Any]], bool | None]) -> Sign:
    return lambda fields: answer(fields) is True


def outcome_of(signs: Mapping[str, Sign], past: History) -> Outcome | None:
    """The newest outcome of a contact; ``won`` if both signs are there.

    It is dated by the profile in which its sign came up, or by the recorded activity, of which the
    one that was recorded last counts. ``None`` if it was there from the beginning: nothing is known
    of what led to it.
    """
    found = [*_recorded(past), *_signed(signs, past.profile)]
    began = [one.occurred_at for one in past.activities[:1]] + [one.at for one in past.profile[:1]]
    newest = max(found, key=lambda one: (one.at, one.result), default=None)
    return newest if newest is not None and newest.at > min(began) else None


def _recorded(past: History) -> Iterator[Outcome]:
    """What was told last, as a correction; ``open`` takes back what was told before."""
    told = [one for one in past.activities if one.kind == "outcome_recorded"]
    last = max(told, key=_when_recorded, default=None)
    for result in _RESULTS:
        if last is not None and last.attributes.get("outcome") == result:
            yield Outcome(last.occurred_at, result)


def _when_recorded(one: Activity) -> tuple[str, datetime, str]:
    told = one.attributes.get("recorded_at", one.occurred_at.isoformat())
    return str(told), one.occurred_at, str(one.attributes.get("outcome"))


def _signed(signs: Mapping[str, Sign], profile: Sequence[Snapshot]) -> Iterator[Outcome]:
    before: Result | None = None
    for snapshot in profile:
        shown = [
            result for result in _RESULTS if result in signs and signs[result](snapshot.fields)
        ]
        result = shown[0] if shown else None
        if result is not None and result != before:
            yield Outcome(snapshot.at, result)
        before = result
