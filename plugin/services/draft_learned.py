"""Use case: from a proposal, as a person decided on each of its rows, to a draft scorecard."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from io import StringIO
from itertools import count
from typing import Any

from ruamel.yaml import YAML

from plugin.scoring.loading import load

_LABELS = {
    "fit": {"en": "Learned: who they are", "fr": "Appris : qui ils sont"},
    "engagement": {"en": "Learned: what they did", "fr": "Appris : ce qu'ils ont fait"},
}
#: A band is left a little below where it is entered, or small changes would ring twice.
_LEAVE = 0.85


class UnknownRow(ValueError):
    """A decision names a row that the proposal has not; the message says which there are."""


def draft(
    source: str, proposal: Mapping[str, Any], refused: Collection[str], points: Mapping[str, int]
) -> str:
    """The text of a scorecard in which the accepted rows are rules, and everything else stays.

    Rows that correct the present rules of ``source`` are added to them; a card replaces them, and
    its bands begin where as many contacts are in them. ``points`` are adjustments. Raises
    ``UnknownRow``, or ``ScorecardError`` where the draft would be none.
    """
    rows = {row["id"]: row for row in proposal["rows"]}
    if unknown := sorted({*refused, *points} - rows.keys()):
        there = ", ".join(rows) or "none"
        raise UnknownRow(f"no row {', '.join(unknown)} in the proposal; its rows: {there}")
    yaml = YAML()
    yaml.width = 120
    yaml.indent(mapping=2, sequence=4, offset=2)
    # A scorecard has no anchors: what rows share is written out.
    yaml.representer.ignore_aliases = lambda _: True
    text = yaml.load(source)
    groups = text["groups"] if isinstance(text["groups"], list) else [text["groups"]]
    if proposal["form"] == "card":
        groups = []
        _move_bands(text["bands"], proposal["bands"])
    text["groups"] = groups
    free = _free_ids(groups)
    for row in rows.values():
        if row["id"] not in refused:
            given = points.get(row["id"], row["points"])
            rule = {"id": next(free), **row["rule"], "points": given}
            _group(groups, row["dimension"])["rules"].append(rule)
    written = StringIO()
    yaml.dump(text, written)
    load(written.getvalue(), "the draft")
    return written.getvalue()


def _group(groups: list[Any], dimension: str) -> Any:
    id = f"learned-{dimension}"
    for group in groups:
        if group["id"] == id:
            return group
    groups.append({"id": id, "dimension": dimension, "label": _LABELS[dimension], "rules": []})
    return groups[-1]


def _free_ids(groups: list[Any]) -> Iterator[str]:
    """Ids that no rule has: an earlier draft may be in force."""
    taken = {rule["id"] for group in groups for rule in group.get("rules", [])}
    return (id for number in count(1) if (id := f"learned-{number}") not in taken)


def _move_bands(bands: list[Any], enter: Mapping[str, int]) -> None:
    for band in bands:
        if band["id"] in enter:
            band["enter"] = enter[band["id"]]
            # Below zero the share would lie above.
            band["leave"] = min(round(band["enter"] * _LEAVE), band["enter"])
