"""A scorecard's data as the pages show it; it need not be a scorecard yet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from plugin.scoring.schema import DIMENSIONS
from plugin.scoring.scorecard import MICRO
from plugin.scoring.sentences import action_text, sentences

from .languages import language


@dataclass(frozen=True, slots=True)
class ShownRule:
    """A rule with its sentences in the language of the reader."""

    id: str
    label: str
    points: int | Decimal | None
    kind: str
    on: bool
    sensitive: bool
    sentences: tuple[str, ...]

    @property
    def micro(self) -> int:
        """Its points in micro-points, 0 where they are no number."""
        return int((self.points or 0) * MICRO)


@dataclass(frozen=True, slots=True)
class ShownGroup:
    """A group; ``gives`` is what its rules give if each earns once."""

    id: str
    label: str
    cap: int | Decimal | None
    floor: int | Decimal | None
    rules: tuple[ShownRule, ...]

    @property
    def gives(self) -> Fraction:
        """The positive points of its rules that are on."""
        most = sum(rule.micro for rule in self.rules if rule.on and rule.micro > 0)
        return Fraction(most, MICRO)


@dataclass(frozen=True, slots=True)
class ShownBand:
    """A band with its actions in words."""

    id: str
    label: str
    enter: int | Decimal | None
    leave: int | Decimal | None
    tag: str | None
    stay: str | None
    rearm: str | None
    on_rise: tuple[str, ...]
    on_fall: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShownCard:
    """Groups by dimension, and bands from the lowest up."""

    name: str
    dimensions: Mapping[str, tuple[ShownGroup, ...]]
    bands: tuple[ShownBand, ...]
    capacity: int | Decimal | None
    timezone: str

    def __iter__(self) -> Iterator[tuple[str, tuple[ShownGroup, ...]]]:
        return iter(self.dimensions.items())


def shown(data: Any) -> ShownCard:
    """The scorecard in the language of the reader."""
    data = data if isinstance(data, Mapping) else {}
    zone = data.get("timezone") or "Europe/Paris"
    groups = [(one.get("dimension"), _group(one, zone)) for one in parts_in(data, "groups")]
    return ShownCard(
        name=_label(data.get("name"), ""),
        dimensions={
            dimension: tuple(group for of, group in groups if of == dimension)
            for dimension in DIMENSIONS
        },
        bands=tuple(_band(one) for one in parts_in(data, "bands")),
        capacity=_number(data.get("handovers_per_week")),
        timezone=str(zone),
    )


def parts_in(within: Any, key: str) -> list[Mapping[str, Any]]:
    """The groups, rules or bands in something, as far as they are such."""
    found = within.get(key) if isinstance(within, Mapping) else None
    parts = found if isinstance(found, list) else [found]
    return [one for one in parts if isinstance(one, Mapping)]


def _group(group: Mapping[str, Any], zone: str) -> ShownGroup:
    id = str(group.get("id", ""))
    cap, floor = (_number(group.get(key)) for key in ("cap", "floor"))
    rules = tuple(_rule(rule, zone) for rule in parts_in(group, "rules"))
    return ShownGroup(id, _label(group.get("label"), id), cap, floor, rules)


def _rule(rule: Mapping[str, Any], zone: str) -> ShownRule:
    id = str(rule.get("id", ""))
    return ShownRule(
        id=id,
        label=_label(rule.get("label"), id),
        points=_number(rule.get("points")),
        kind=str(rule.get("kind", "")),
        on=rule.get("on") is not False,
        sensitive=rule.get("sensitive") is True,
        sentences=sentences(rule, language(), zone),
    )


def _band(band: Mapping[str, Any]) -> ShownBand:
    id = str(band.get("id", ""))
    enter = _number(band.get("enter"))
    return ShownBand(
        id=id,
        label=_label(band.get("label"), id),
        enter=enter,
        leave=_number(band.get("leave", enter)),
        tag=band.get("tag"),
        stay=band.get("stay"),
        rearm=band.get("rearm"),
        on_rise=_actions(band.get("on_rise")),
        on_fall=_actions(band.get("on_fall")),
    )


def _actions(given: Any) -> tuple[str, ...]:
    several = given if isinstance(given, list) else [given]
    return tuple(action_text(one, language()) for one in several if isinstance(one, Mapping))


def _number(given: Any) -> int | Decimal | None:
    is_one = isinstance(given, int | Decimal) and not isinstance(given, bool)
    return given if is_one else None


def _label(given: Any, id: str) -> str:
    if isinstance(given, Mapping):
        return str(given.get(language()) or given.get("en") or next(iter(given.values()), id))
    return str(given) if given else id
