"""Rows of Mautic by ascending id: of its statistics, and of its lists."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import Any

from ..errors import Missing, Refused, Transient, Unsupported
from .answers import read_answer
from .client import Client

#: Column, expression (`eq`, `gt`, `lt`, `in`) and value.
Condition = tuple[str, str, str]
Row = Mapping[str, Any]

#: Ids named in one address; some servers refuse addresses of more than 4 kB.
_IDS = 200


@dataclass(frozen=True, slots=True)
class Page:
    """Rows by ascending id, how many more meet the conditions, and when they were asked for.

    ``at`` is by the platform's clock, to the second.
    """

    rows: Sequence[Row]
    remaining: int
    at: datetime


def read_table(
    client: Client, table: str, conditions: Iterable[Condition], limit: int, *, order: str = "id"
) -> Page:
    """The first rows of a table of the statistics; what is null is left out of a row.

    Raises ``Unsupported`` when this Mautic has no such table, and as ``Client.call``.
    """
    params = {"order[0][col]": order, "order[0][dir]": "asc"} | _where(conditions)
    return _asked(client, f"/api/stats/{table}", "stats", params, limit)


def newest_rows(
    client: Client, table: str, conditions: Iterable[Condition], limit: int
) -> tuple[Row, ...]:
    """The last rows of a table of the statistics, the newest first."""
    params = {"order[0][col]": "id", "order[0][dir]": "desc"} | _where(conditions)
    return tuple(_asked(client, f"/api/stats/{table}", "stats", params, limit).rows)


def newest_id(client: Client, table: str) -> str:
    """The highest id of a table of the statistics, ``0`` when it is empty."""
    rows = newest_rows(client, table, (), 1)
    return str(rows[0]["id"]) if rows else "0"


def read_list(
    client: Client, path: str, conditions: Iterable[Condition], limit: int, **params: Any
) -> Page:
    """Entries of a list of the API, such as ``/api/contacts``. Raises as ``Client.call``.

    They come under the last word of the path that is no number. Raises ``Unsupported`` when this
    Mautic has no such list.
    """
    key = [word for word in path.split("/") if not word.isdigit() and word != "contact"][-1]
    return _asked(client, path, key, _where(conditions) | params, limit)


def named(column: str, ids: Iterable[str]) -> Iterator[tuple[Condition, set[str]]]:
    """Conditions that together name these ids, each once, and the ids that each of them names."""
    wanted = sorted(set(ids), key=int)
    for start in range(0, len(wanted), _IDS):
        some = wanted[start : start + _IDS]
        yield (column, "in", ",".join(some)), set(some)


def _where(conditions: Iterable[Condition]) -> dict[str, str]:
    params: dict[str, str] = {}
    for index, (column, expression, value) in enumerate(conditions):
        params |= {
            f"where[{index}][col]": column,
            f"where[{index}][expr]": expression,
            f"where[{index}][val]": value,
        }
    return params


def _asked(client: Client, path: str, key: str, params: Mapping[str, Any], limit: int) -> Page:
    started = monotonic()
    response = client.send("GET", path, params={"limit": limit, "start": 0, **params})
    waited = timedelta(seconds=monotonic() - started)
    try:
        answer = read_answer(response)
    except Missing:
        raise
    except Refused as error:
        if error.status == 404:
            raise Unsupported(f"reading {path}") from error
        raise
    if key not in answer and "availableTables" in answer:
        raise Unsupported(f"reading {path}")
    listed = answer.get(key)
    # An object by id, a list, or a list when it is empty.
    rows = list(listed.values()) if isinstance(listed, dict) else listed
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Transient(f"GET {path}: the answer shows no {key}")
    remaining = max(0, _whole(answer.get("total")) - len(rows)) if len(rows) >= limit else 0
    return Page(rows, remaining, _asked_at(response.headers.get("Date"), waited))


def _whole(total: Any) -> int:
    return int(total) if str(total).isdecimal() else 0


def _asked_at(date: str | None, waited: timedelta) -> datetime:
    try:
        answered = parsedate_to_datetime(date or "")
    except (ValueError, TypeError):
        return (datetime.now(UTC) - waited).replace(microsecond=0)
    return (answered.astimezone(UTC) - waited).replace(microsecond=0)
