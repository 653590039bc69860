"""How contacts move from band to band between two scorecards, as a table."""

from __future__ import annotations

from collections.abc import Mapping

from rich.table import Table


def moves(counted: Mapping[tuple[str, str], int], before: str, after: str) -> Table:
    """A row for each pair of bands, the most frequent first."""
    table = Table(before, after, "contacts")
    for (old, new), count in sorted(counted.items(), key=lambda move: -move[1]):
        table.add_row(old, new, str(count))
    return table
