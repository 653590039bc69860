"""What was known of contacts at some day each, and who was won afterwards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeGuard

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Counts = NDArray[np.int8]
#: Numbers with NaN where nothing is known, texts with ``""`` there, or how often a rule gives.
Column = Floats | NDArray[np.str_] | Counts

#: What a cell may hold before it becomes a column; ``None`` and ``""``: nothing is known.
Value = str | float | None


@dataclass(frozen=True, slots=True)
class Table:
    """One row a contact and day: only what was known that day; ``won`` is what came of it.

    ``contacts`` tells rows of one contact from those of another (none may stand on both sides of
    a split), ``moments`` orders the rows in time. Rows of one contact share the weight 1. Of
    columns of one family, if they have one, a card takes one.
    """

    columns: Mapping[str, Column]
    won: Flags
    contacts: NDArray[np.int64]
    moments: Floats
    families: Mapping[str, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.won)

    @property
    def wins(self) -> int:
        """How many contacts were won, each counted once."""
        return len(np.unique(self.contacts[self.won]))

    def take(self, rows: NDArray[np.int64] | Flags) -> Table:
        """Some of the rows, in the order given."""
        columns = {name: column[rows] for name, column in self.columns.items()}
        return Table(
            columns, self.won[rows], self.contacts[rows], self.moments[rows], self.families
        )

    def without(self, names: Iterable[str]) -> Table:
        """The same rows with these columns left out."""
        left_out = set(names)
        columns = {name: one for name, one in self.columns.items() if name not in left_out}
        return replace(self, columns=columns)


def column(values: Sequence[Value]) -> Column:
    """Numbers if every known value is one, texts otherwise."""
    known = [value for value in values if value not in (None, "")]
    if known and all(isinstance(value, int | float) for value in known):
        return np.array([np.nan if v in (None, "") else v for v in values], dtype=np.float64)
    return np.array(["" if v is None else str(v) for v in values], dtype=np.str_)


def is_number(column: Column) -> TypeGuard[Floats]:
    """Whether a column holds numbers of which some may be unknown."""
    return column.dtype.kind == "f"


def is_rule(column: Column) -> TypeGuard[Counts]:
    """Whether a column holds how often a rule gives its points."""
    return column.dtype.kind == "i"


def later_part(table: Table, share: float = 0.2) -> tuple[Table, Table]:
    """The earlier rows to learn from, and the last ``share`` of them in time to be tested on."""
    order = np.argsort(table.moments, kind="stable")
    cut = int(len(table) * (1 - share))
    return table.take(order[:cut]), table.take(order[cut:])
