"""What a rule kind is. The rest of the scoring floor knows kinds only through this."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, TypeAlias
from zoneinfo import ZoneInfo

from connectors.activity import Activity

from ..fields import Strict
from ..history import History, ProfileFact
from ..lines import Earnings, Line
from ..scorecard import Rule
from .selection import NOTHING, Selection


def nothing(params: Any) -> Selection:
    """The selection of a kind that looks at no activities."""
    return NOTHING


def any_one(params: Any, activities: Sequence[Activity]) -> bool:
    """Whether these may earn, of a kind that earns with a single one."""
    return bool(activities)


def no_fields(params: Any) -> tuple[str, ...]:
    """The fields of a kind that asks the profile for nothing in particular."""
    return ()


@dataclass(frozen=True, slots=True)
class Example:
    """A rule as it stands in the file, what a contact did and was, and the points it then has."""

    rule: Mapping[str, Any]
    activities: tuple[Activity, ...] = ()
    facts: tuple[ProfileFact, ...] = ()
    points: int = 0


@dataclass(frozen=True, slots=True)
class Earned:
    """A kind whose points belong to the moment of an activity.

    ``schema`` are the keys of its own in the file, ``compile`` turns the loaded keys into the
    rule's params, ``selection`` says which activities a rule looks at. ``earn`` gets those of
    them that may count, in order of ``(occurred_at, id)``, and answers at which it earns.
    ``enough`` says whether it may earn at all with these or with some of them: only then is it
    worth while to ask whether humans did them.
    """

    family: ClassVar[Literal["earned"]] = "earned"
    name: str
    schema: type[Strict]
    compile: Callable[[Mapping[str, Any]], Any]
    selection: Callable[[Any], Selection]
    earn: Callable[[Rule, Sequence[Activity], History, ZoneInfo], Earnings]
    examples: tuple[Example, ...]
    enough: Callable[[Any, Sequence[Activity]], bool] = any_one


@dataclass(frozen=True, slots=True)
class Held:
    """A kind whose points are there while something is true: ``hold`` answers a line a stretch.

    ``hold`` gets the activities of its ``selection`` that have the asked evidence, in order of
    ``(occurred_at, id)``; without a selection it looks at the profile alone. ``reads`` names the
    fields of the profile that a rule needs to be known.
    """

    family: ClassVar[Literal["held"]] = "held"
    name: str
    schema: type[Strict]
    compile: Callable[[Mapping[str, Any]], Any]
    hold: Callable[[Rule, Sequence[Activity], History, ZoneInfo], list[Line]]
    examples: tuple[Example, ...]
    selection: Callable[[Any], Selection] = nothing
    reads: Callable[[Any], tuple[str, ...]] = no_fields


Kind: TypeAlias = Earned | Held
