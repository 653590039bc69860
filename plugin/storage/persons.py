"""What the main database says of a person, table by table, readable for that person."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

import orjson
from sqlalchemy import Connection, select

from .moments import from_us
from .tables import activities, email_keys, histories, metadata, open_entries

#: Told by ``histories`` in readable words, or digests of what is told there or in ``entries``.
PACKED = (activities, email_keys, histories, open_entries)
#: Columns that hold microseconds.
_MOMENT = re.compile(r"at|since|.*_(at|since|from|to|active)")
#: Columns that hold JSON.
_JSON = frozenset({"activities", "params", "values", "written"})


def rows_about(connection: Connection, contact_ids: Collection[int]) -> dict[str, list[Any]]:
    """The rows of these contacts (our ids) in every table that names contacts."""
    found = {}
    for table in metadata.sorted_tables:
        if "contact_id" in table.c and table not in PACKED:
            rows = connection.execute(select(table).where(table.c.contact_id.in_(contact_ids)))
            found[table.name] = [
                {name: _readable(name, value) for name, value in row.items()}
                for row in rows.mappings()
            ]
    return found


def _readable(name: str, value: Any) -> Any:
    if isinstance(value, int) and _MOMENT.fullmatch(name):
        return from_us(value)
    if isinstance(value, str) and name in _JSON:
        return orjson.loads(value)
    return value
