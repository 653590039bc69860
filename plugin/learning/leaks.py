"""Columns that know the future: too good to be known before the win.

The first line of defence is that a table holds only what was known on its day; this is the second.
It misses fields such as "last activity", which move with everybody: the report says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from plugin.scoring.shares import between

from .indicators import SUPPORT
from .measures import auc
from .table import Column, Flags, Floats, Table, is_number, is_rule

#: Odds of a level over the base's, surely; share filled in among winners over the others'; AUC.
_ODDS, _PRESENCE, _ALONE = 12.0, 8.0, 0.80


@dataclass(frozen=True, slots=True)
class Leak:
    """A suspicious column: what is too good about it, and by how much."""

    column: str
    sign: Literal["level", "presence", "alone", "late"]
    figure: float
    level: str | None = None


def leaks(table: Table) -> tuple[Leak, ...]:
    """The columns that need a person's word before anything is learned from them."""
    return tuple(
        leak
        for name, column in table.columns.items()
        if (leak := next(_signs(name, column, table.won), None)) is not None
    )


def _signs(name: str, column: Column, won: Flags) -> Iterator[Leak]:
    if is_rule(column):
        column = np.minimum(column, 1)
    if not is_number(column):
        yield from _levels(name, column, won)
    filled = _filled(column)
    if filled[won].sum() >= SUPPORT:
        ratio = filled[won].mean() / max(filled[~won].mean(), 1 / max(int((~won).sum()), 1))
        if ratio > _PRESENCE:
            yield Leak(name, "presence", float(ratio))
    alone = auc(won, _as_score(column, won))
    if max(alone, 1 - alone) > _ALONE:
        yield Leak(name, "alone", max(alone, 1 - alone))


def _filled(column: Column) -> Flags:
    if is_rule(column):
        return np.ones(len(column), dtype=np.bool_)
    return np.asarray(~np.isnan(column) if is_number(column) else column != "", dtype=np.bool_)


def _levels(name: str, column: Column, won: Flags) -> Iterator[Leak]:
    base = _odds(float(won.mean()))
    for level, count in zip(*np.unique(column, return_counts=True), strict=True):
        surely = _odds(between(int(won[column == level].sum()), int(count))[0])
        if level and count >= SUPPORT and surely > _ODDS * base:
            yield Leak(name, "level", surely / base, str(level))


def _odds(share: float) -> float:
    return share / max(1 - share, 1e-9)


def _as_score(column: Column, won: Flags) -> Floats:
    """A number to order by; of a text the share won of its level, where it has enough rows."""
    if is_number(column):
        return np.nan_to_num(column, nan=float(np.nanmin(column, initial=0.0)) - 1)
    _, place, count = np.unique(column, return_inverse=True, return_counts=True)
    share: Floats = np.bincount(place, weights=won) / count
    # The few rows of a rare level would tell their own outcome.
    return np.where(count >= SUPPORT, share, won.mean())[place]
