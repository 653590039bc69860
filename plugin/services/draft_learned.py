"""Use case: from a proposal, as a person decided on each of its rows, to a draft scorecard."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from io import StringIO
from itertools import count
from typing import Any

from ruamel.yaml import YAML
from sqlalchemy import Engine

from plugin.scoring.loading import load

from .cards import in_force
from .drafts import begin

_LABELS = {
    "fit": {"en": "Learned: who they are", "fr": "Appris : qui ils sont"},
    "engagement": {"en": "Learned: what they did", "fr": "Appris : ce qu'ils ont fait"},
}
#: A band is left a little below where it is entered, or small changes would ring twice.
_LEAVE = 0.85


class UnknownRow(ValueError):
    """A decision names a row that the proposal has not; the message says which there are."""


def begin_learned(
    engine: Engine,
    name: str,
    proposal: Mapping[str, Any],
    accepted: Collection[str],
    points: Mapping[str, int],
    who: str,
    now: datetime,
) -> int:
    """A new draft of the scorecard in force with the accepted rows; answers its number.

    ``points`` are adjustments of accepted ones. Raises as ``draft``, and ``NoScorecard``.
    """
    rows = [row["id"] for row in proposal["rows"]]
    if unknown := {*accepted} - {*rows}:
        raise _unknown(unknown, rows)
    refused = {*rows} - {*accepted}
    text = draft(in_force(engine).source, proposal, refused, points)
    return begin(engine, name, text, who, now)


def draft(
    source: str, proposal: Mapping[str, Any], refused: Collection[str], points: Mapping[str, int]
) -> str:
    """The text of a scorecard in which the accepted rows are rules, and everything else stays.

    Rows that correct the present rules of ``source`` are added to them; a card replaces them, and
    its bands begin where as many contacts are in them. ``points`` are adjustments. Raises
    ``UnknownRow``, or ``ScorecardError`` where the draft would be none.
    """
    rows = {row["id"]: row for row in proposal["rows"]}
    if unknown := {*refused, *points} - rows.keys():
        raise _unknown(unknown, rows)
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


def _unknown(asked: Collection[str], rows: Collection[str]) -> UnknownRow:
    there = ", ".join(rows) or "none"
    return UnknownRow(f"no row {', '.join(sorted(asked))} in the proposal; its rows: {there}")


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
