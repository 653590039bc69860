"""From a scorecard's YAML text to a scorecard, or to every mistake in it with its line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from marshmallow import ValidationError

from .consent import compile_consent
from .contradictions import contradictions
from .decay import NoDecay
from .document import Document, Path, read_document
from .kinds import KINDS
from .outcomes import compile_outcomes
from .problems import Problem, ScorecardError
from .schema import DIMENSIONS, CardSchema
from .scorecard import MICRO, ONE, Band, Bounds, Dimension, Group, Rule, Scorecard
from .verdicts import compile_verdicts

_CARD = CardSchema()
_GRADES = {"A": 30 * MICRO, "B": 20 * MICRO, "C": 10 * MICRO, "D": 0}
_PARTS = {"groups": "group", "rules": "rule", "bands": "band"}


def load(text: str, name: str) -> Scorecard:
    """The scorecard in ``text``. ``name`` of the file is for messages.

    Raises ``ScorecardError`` with every problem that can be found in one reading.
    """
    document = read_document(text, name)
    found = list(contradictions(document.data))
    try:
        data = _CARD.load(document.data)
    except ValidationError as error:
        found += _flat(error.messages, ())
    if found:
        raise ScorecardError(name, {_problem(document, path, says) for path, says in found})
    return _scorecard(data)


def _flat(messages: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(messages, Mapping):
        for key, inner in messages.items():
            yield from _flat(inner, path if key == "_schema" else (*path, key))
    else:
        for message in messages:
            yield path, message


def _problem(document: Document, path: Path, says: str) -> Problem:
    where, start = "scorecard", 0
    node = document.data
    for position, key in enumerate(path):
        node = _inside(node, key)
        part = _PARTS.get(str(path[position - 1])) if isinstance(key, int) else None
        if part:
            id = _inside(node, "id")
            where, start = f'{part} "{id}"' if id else f"{part} {int(key) + 1}", position + 1
    rest = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path[start:])
    return Problem(document.line(path), where, f"{rest.lstrip('.')} {says}".lstrip())


def _inside(node: Any, key: str | int) -> Any:
    if isinstance(node, Mapping):
        return node.get(key)
    return node[key] if isinstance(node, list) and isinstance(key, int) else None


def _scorecard(data: Mapping[str, Any]) -> Scorecard:
    zone = ZoneInfo(data["timezone"])
    grades = data.get("grades", _GRADES)
    return Scorecard(
        name=data["name"],
        timezone=data["timezone"],
        dimensions=MappingProxyType(
            {id: _dimension(id, data["dimensions"].get(id, {})) for id in DIMENSIONS}
        ),
        groups=MappingProxyType({group["id"]: _group(group) for group in data["groups"]}),
        rules=tuple(
            _rule(rule, group, zone) for group in data["groups"] for rule in group["rules"]
        ),
        bands=tuple(_band(band) for band in data["bands"]),
        grades=MappingProxyType(grades),
        lowest_grade=list(grades)[-1],
        bounds=data["score"],
        tolerance=data.get("tolerance", 5 * MICRO),
        handovers_per_week=data.get("handovers_per_week"),
        evidence=data["evidence"],
        consent=compile_consent(data["consent"]) if "consent" in data else {},
        outcomes=compile_outcomes(data.get("outcomes", {})),
        verdicts=compile_verdicts(data.get("verdicts", {})),
        join_by_email=data["join_by_email"],
    )


def _dimension(id: str, data: Mapping[str, Any]) -> Dimension:
    return Dimension(id, data.get("weight", ONE), _bounds(data))


def _bounds(data: Mapping[str, Any]) -> Bounds:
    return Bounds(data.get("floor"), data.get("cap"))


def _group(data: Mapping[str, Any]) -> Group:
    return Group(data["id"], data["dimension"], data["label"], _bounds(data))


def _rule(data: Mapping[str, Any], group: Mapping[str, Any], zone: ZoneInfo) -> Rule:
    starts, ends = data.get("valid_from"), data.get("valid_to")
    return Rule(
        id=data["id"],
        kind=data["kind"],
        group=group["id"],
        dimension=group["dimension"],
        points=data["points"],
        labels=data["label"],
        params=KINDS[data["kind"]].compile(data),
        decay=data.get("decay", NoDecay()),
        evidence=frozenset(data.get("evidence", ())),
        on=data["on"],
        valid_from=_midnight(starts, zone) if starts else None,
        valid_to=_midnight(ends + timedelta(days=1), zone) if ends else None,
        actions=tuple(data["actions"]),
        interest=data.get("interest"),
        sensitive=data["sensitive"],
    )


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _band(data: Mapping[str, Any]) -> Band:
    enter = data.get("enter")
    return Band(
        id=data["id"],
        labels=data["label"],
        enter=enter,
        leave=data.get("leave", enter),
        tag=data.get("tag"),
        stay=data["stay"],
        rearm=data["rearm"],
        on_rise=tuple(data["on_rise"]),
        on_fall=tuple(data["on_fall"]),
    )
