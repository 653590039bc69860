"""Tables of contacts in which what leads to a win is known, because it was planted."""

from __future__ import annotations

import numpy as np

from plugin.learning.table import Column, Floats, Table, column

SEED = 20260101


def leads(rows: int = 3_000, base: float = -2.5) -> Table:
    """Contacts that win more often with a demo, less often with a free mailbox; size is noise."""
    chance = np.random.default_rng(SEED)
    demo = chance.random(rows) < 0.2
    free = chance.random(rows) < 0.3
    visits = chance.poisson(3, rows).astype(np.float64)
    odds = base + 1.6 * demo - 1.2 * free + 0.25 * visits
    won = chance.random(rows) < 1 / (1 + np.exp(-odds))
    columns: dict[str, Column] = {
        "demo": column(["yes" if one else "" for one in demo]),
        "free_mail": column(["yes" if one else "no" for one in free]),
        "visits": visits,
        "size": column([f"{one}" for one in chance.integers(1, 4, rows)]),
    }
    numbers = np.arange(rows)
    return Table(columns, won, numbers, numbers.astype(np.float64))


def with_column(table: Table, name: str, values: Column) -> Table:
    """The same table with one more column."""
    return Table({**table.columns, name: values}, table.won, table.contacts, table.moments)


def with_luck(table: Table) -> Table:
    """The same contacts, won at random."""
    won = np.random.default_rng(SEED + 1).permutation(table.won)
    return Table(table.columns, won, table.contacts, table.moments)


def hand_written(table: Table) -> Floats:
    """Rules that see the demo and overlook the rest."""
    points: Floats = 10.0 * (table.columns["demo"] == "yes")
    return points
