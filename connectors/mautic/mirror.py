"""The score mirrored into Mautic's own points, beside what Mautic itself adds to them.

Points are moved by differences, and a lost answer does not say whether they were. So nothing is
remembered here: each move of ours bears our mark in Mautic's log of points, which is read before
the next one. What is there already is never added again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..commands import Outcome, UpdateContact
from ..errors import AuthFailed, ConnectorError, Transient
from .client import Client

_LOG = "/api/stats/lead_points_change_log"
_PAGE = 1000
#: Mautic's log hides the sign of a move that bears a name, so the name says it.
_SIGNS = {"maturo-plus": 1, "maturo-minus": -1}
#: Seconds: longer than any call of ours takes. Before, Mautic may still be at the lost one.
_SURELY_OVER = 90.0


def mirror_scores(client: Client, outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Bring the points after each update that was taken; one whose points fail has failed.

    When Mautic cannot move points now the others are left for later as well.
    """
    mirrored: list[Outcome] = []
    down: ConnectorError | None = None
    for outcome in outcomes:
        error = outcome.error or down or _mirrored(client, outcome)
        if outcome.error is None and isinstance(error, Transient | AuthFailed):
            down = error
        mirrored.append(Outcome(outcome.command, outcome.contact, error, outcome.in_doubt))
    return mirrored


def _mirrored(client: Client, outcome: Outcome) -> ConnectorError | None:
    command = outcome.command
    score = command.values.get("score") if isinstance(command, UpdateContact) else None
    if not isinstance(score, int) or outcome.contact is None:
        return None
    try:
        _move(client, outcome.contact, score - _moved_so_far(client, outcome.contact))
    except ConnectorError as error:
        return error
    return None


def _move(client: Client, contact: str, difference: int) -> None:
    if not difference:
        return
    operator = "plus" if difference > 0 else "minus"
    told = {"eventName": f"maturo-{operator}", "actionName": "score"}
    path = f"/api/contacts/{contact}/points/{operator}/{abs(difference)}"
    try:
        client.call("POST", path, json=told)
    except Transient as error:
        wait = max(error.retry_after or 0.0, _SURELY_OVER)
        raise Transient(str(error), retry_after=wait, status=error.status) from error


def _moved_so_far(client: Client, contact: str) -> int:
    return sum(
        _SIGNS[name] * int(row["delta"])
        for row in _log(client, contact)
        if (name := str(row.get("event_name"))) in _SIGNS
    )


def _log(client: Client, contact: str) -> Iterator[Mapping[str, Any]]:
    after = 0
    while True:
        params: dict[str, Any] = {"limit": _PAGE, "order[0][col]": "id", "order[0][dir]": "asc"}
        for index, (column, test, value) in enumerate(
            (("lead_id", "eq", contact), ("id", "gt", after))
        ):
            params[f"where[{index}][col]"] = column
            params[f"where[{index}][expr]"] = test
            params[f"where[{index}][val]"] = value
        rows = client.call("GET", _LOG, params=params).get("stats")
        # Without the log nothing may be moved: it might be moved twice.
        if not isinstance(rows, list):
            raise Transient(f"GET {_LOG}: the answer holds no rows")
        own = [row for row in rows if str(row.get("lead_id")) == contact]
        if len(own) != len(rows):
            raise Transient(f"GET {_LOG}: the answer is about other contacts")
        yield from own
        if len(rows) < _PAGE:
            return
        after = int(rows[-1]["id"])
