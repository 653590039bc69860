"""The scorecard: groups of rules, caps, bands. Immutable, and free of any file format."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any, TypeAlias

from .decay import Decay

#: One point in the unit everything is summed in, so that lines add up exactly.
MICRO = 1_000_000

#: The weight of a dimension that has none of its own.
ONE = Fraction(1)

#: Text by language code, such as ``{"en": …, "fr": …}``.
Labels = Mapping[str, str]

#: Whether a profile, its fields by name, allows a signal to be used.
Allowed: TypeAlias = Callable[[Mapping[str, Any]], bool]

#: Whether a profile bears the sign of an outcome.
Sign: TypeAlias = Callable[[Mapping[str, Any]], bool]


#: Whether a profile bears a sign; ``None``: cannot be told.
Answer: TypeAlias = Callable[[Mapping[str, Any]], bool | None]


@dataclass(frozen=True, slots=True)
class VerdictSigns:
    """How sales mark ``accepted`` and ``rejected``; ``reason`` is a field, or begins tags."""

    of: Mapping[str, Answer] = field(default_factory=dict)
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Bounds:
    """Lowest and highest value in micro-points; ``None`` is unbounded."""

    floor: int | None = None
    cap: int | None = None

    def clamp(self, value: int) -> int:
        """The nearest value within the bounds."""
        if self.cap is not None and value > self.cap:
            return self.cap
        if self.floor is not None and value < self.floor:
            return self.floor
        return value


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do. ``object`` is an id or a text; ``within`` the time a call is due in."""

    name: str
    object: str = ""
    within: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of a scorecard. ``params`` is what the rule's kind compiled from the file.

    ``interest`` is what its points say a contact is interested in; ``sensitive`` marks what
    should not be known or used without a reason (sex, income, family).
    """

    id: str
    kind: str
    group: str
    dimension: str
    points: int
    labels: Labels
    params: Any
    decay: Decay
    evidence: frozenset[str] = frozenset({"unknown", "human"})
    on: bool = True
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    actions: tuple[Action, ...] = ()
    interest: str | None = None
    sensitive: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """A bundle of rules whose sum stays within its bounds."""

    id: str
    dimension: str
    labels: Labels
    bounds: Bounds = field(default_factory=Bounds)


@dataclass(frozen=True, slots=True)
class Dimension:
    """Fit or engagement: the sum of its groups, clamped, times its weight in the score."""

    id: str
    weight: Fraction = ONE
    bounds: Bounds = field(default_factory=Bounds)


@dataclass(frozen=True, slots=True)
class Band:
    """An interval of the score. Entered at ``enter`` and left below ``leave`` (micro-points).

    The lowest band has both None, every other band has both. ``tag`` is worn in the platform
    while in the band. ``stay`` is how long it is kept before falling out of it, ``rearm`` how
    long its actions then rest; ``on_rise`` is done when it is entered from below, ``on_fall``
    when from above.
    """

    id: str
    labels: Labels
    enter: int | None = None
    leave: int | None = None
    tag: str | None = None
    stay: timedelta = timedelta()
    rearm: timedelta = timedelta()
    on_rise: tuple[Action, ...] = ()
    on_fall: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True)
class EvidenceSettings:
    """How machines are told from humans.

    What a mail caused is provisional for ``settle``; ``traps`` are links that no reader can see.
    """

    settle: timedelta = timedelta(minutes=2)
    traps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scorecard:
    """Everything needed to score. Bands are ordered from the lowest up.

    ``grades`` maps letters to the least fit (micro-points) they need, best first; a contact that
    reaches none gets ``lowest_grade``. ``tolerance`` is in micro-points: how far the platform's
    value may lag behind decay. ``handovers_per_week`` is what sales can take.
    ``consent`` holds the signals that need it (``opens``, ``clicks`` …), ``outcomes`` the signs of
    ``won`` and ``lost``, ``verdicts`` those by which sales accept and reject. ``join_by_email``:
    contacts of several platforms with one e-mail address are one person.
    """

    name: Labels
    timezone: str
    dimensions: Mapping[str, Dimension]
    groups: Mapping[str, Group]
    rules: tuple[Rule, ...]
    bands: tuple[Band, ...]
    grades: Mapping[str, int]
    lowest_grade: str
    bounds: Bounds = field(default_factory=Bounds)
    tolerance: int = 5 * MICRO
    handovers_per_week: int | None = None
    evidence: EvidenceSettings = field(default_factory=EvidenceSettings)
    consent: Mapping[str, Allowed] = field(default_factory=dict)
    outcomes: Mapping[str, Sign] = field(default_factory=dict)
    verdicts: VerdictSigns = field(default_factory=VerdictSigns)
    join_by_email: bool = True
