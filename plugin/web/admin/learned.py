"""A proposal of points as its page shows it: beside the present rules, and in few questions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from plugin.scoring.drift import RATIOS, WARNS

from .card_view import parts_in
from .labels import labels

_GIVEN = frozenset({"id", "label", "points", "limit", "decay", "on", "sensitive", "interest"})

#: What protected fields tell of a person, in the reader's language.
TRAITS = {
    "sex": _l("sex"),
    "name": _l("name"),
    "age": _l("age"),
    "marital status": _l("marital status"),
    "nationality": _l("nationality"),
    "health": _l("health"),
    "religion": _l("religion"),
    "union membership": _l("union membership"),
    "opinion": _l("opinion"),
    "orientation": _l("orientation"),
}


def names(found: Mapping[str, Any]) -> dict[str, str]:
    """The rules that were tried, by their ids, in the reader's language."""
    return {id: labels(label, id) for id, label in found["labels"].items()}


def present_points(found: Mapping[str, Any], card: Mapping[str, Any]) -> dict[str, int]:
    """Points that the rules of a scorecard give for the same as a row, by the row."""
    rules = [rule for group in parts_in(card, "groups") for rule in parts_in(group, "rules")]
    return {
        row["id"]: sum(same)
        for row in found["rows"]
        if (same := [rule["points"] for rule in rules if _asks(rule) == _asks(row["rule"])])
    }


def grouped_leaks(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What knows too much, the rules about one field or activity together: a person's questions.

    Each has its ``columns``, and the ``sign`` and ``figure`` of the worst of them.
    """
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for leak in found["leaks"]:
        about = _about(found["left_out"][leak["column"]])
        groups.setdefault((leak["sign"], about), []).append(leak)
    return [
        {
            "columns": [one["column"] for one in leaks],
            "sign": sign,
            "figure": max(one["figure"] for one in leaks),
        }
        for (sign, _), leaks in groups.items()
    ]


def has_moved(found: Mapping[str, Any]) -> bool:
    """Whether scores, or the share won, moved between what was learned from and the later part."""
    if found["drift"] is None:
        return False
    low, high = RATIOS
    ratio = found["base_ratio"]
    return bool(found["drift"] > WARNS or (ratio is not None and not low <= ratio <= high))


def _about(rule: Mapping[str, Any]) -> str:
    """The field that a rule asks, whatever it must be, or the activity it counts."""
    condition = rule.get("if")
    return str(condition["field"]) if condition else str(sorted(_asks(rule).items()))


def _asks(rule: Mapping[str, Any]) -> dict[str, str]:
    """What a rule looks at, whatever it gives, how often, and how it fades."""
    return {key: str(rule[key]) for key in rule if key not in _GIVEN}
