"""The tables behind ``/api/stats``: a row for each thing that happened."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Row = dict[str, Any]


@dataclass(eq=False)
class Tables:
    """Rows by table and id. Moments are in the database's writing, ``2026-09-01 08:00:00``."""

    _kept: dict[str, dict[int, Row]] = field(default_factory=dict)
    _last: dict[str, int] = field(default_factory=dict)
    #: The last hit of each browser that sends cookies, by its device.
    seen: dict[str, Row] = field(default_factory=dict)

    def rows(self, table: str) -> list[Row]:
        """Every row, in order of arrival."""
        return list(self._kept.get(table, {}).values())

    def add(self, table: str, number: int | None = None, /, **columns: Any) -> Row:
        """Keep a row under this id, or under the next one."""
        kept = self._kept.setdefault(table, {})
        last = self._last.get(table, 0)
        number = number or last + 1
        self._last[table] = max(last, number)
        kept[number] = {"id": number, **columns}
        return kept[number]

    def find(self, table: str, **columns: Any) -> Row | None:
        """The first row with these values."""
        rows = self._kept.get(table, {}).values()
        return next((r for r in rows if all(r.get(k) == v for k, v in columns.items())), None)

    def address(self, ip: str) -> int:
        """The id of an IP address."""
        row = self.find("ip_addresses", ip_address=ip)
        return int((row or self.add("ip_addresses", ip_address=ip))["id"])

    def drop(self, table: str, **columns: Any) -> None:
        """Delete every row with these values."""
        kept = self._kept.get(table, {})
        gone = [n for n, r in kept.items() if all(r.get(k) == v for k, v in columns.items())]
        for number in gone:
            del kept[number]

    def keep_last(self, table: str, count: int, **columns: Any) -> None:
        """Delete the oldest rows with these values, beyond so many and one."""
        kept = self._kept.get(table, {})
        rows = [n for n, r in kept.items() if all(r.get(k) == v for k, v in columns.items())]
        for number in rows[: -count - 1]:
            del kept[number]

    def load(self, recorded: Mapping[str, Iterable[Mapping[str, str]]]) -> None:
        """Keep rows as ``/api/stats`` once gave them."""
        for table, rows in recorded.items():
            for row in rows:
                number = int(row["id"])
                self.add(table, number, **{**row, "id": number})

    def hand_over(self, loser: int, winner: int) -> None:
        """What was the loser's is the winner's, as in a merge."""
        for kept in self._kept.values():
            for row in kept.values():
                if row.get("lead_id") == loser:
                    row["lead_id"] = winner

    def forget(self, contact: int) -> None:
        """A deleted contact takes its rows away (recorded: its hits are in no statistics)."""
        for table in self._kept:
            self.drop(table, lead_id=contact)
