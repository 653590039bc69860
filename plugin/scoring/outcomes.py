"""Who was won and who was lost, and since when: from the profile, or from what was recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias

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

    It is dated by the profile in which its sign came up, or by the recorded activity. ``None`` if
    it was there from the beginning: nothing is known of what led to it.
    """
    found = [*_recorded(past), *_signed(signs, past.profile)]
    began = [one.occurred_at for one in past.activities[:1]] + [one.at for one in past.profile[:1]]
    newest = max(found, key=lambda one: (one.at, one.result), default=None)
    return newest if newest is not None and newest.at > min(began) else None


def _recorded(past: History) -> Iterator[Outcome]:
    for activity in past.activities:
        if activity.kind == "outcome_recorded":
            for result in _RESULTS:
                if activity.attributes.get("outcome") == result:
                    yield Outcome(activity.occurred_at, result)


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
