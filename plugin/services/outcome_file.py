"""Outcomes from a table that somebody exported: who was won or lost, and when."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import StringIO
from zoneinfo import ZoneInfo

#: What a heading may be called when nobody says which column is meant; small letters.
_HEADINGS = {
    "email": ("email", "e-mail", "mail", "courriel", "adresse e-mail", "email address"),
    "outcome": ("outcome", "result", "status", "stage", "issue", "statut", "résultat", "état"),
    "at": ("date", "closed", "close date", "closed at", "date de clôture", "won_at"),
}
_WORDS = {
    "won": ("won", "closed won", "customer", "gagné", "gagnée", "client"),
    "lost": ("lost", "closed lost", "perdu", "perdue"),
    "open": ("open", "none", "ouvert", "ouverte", "en cours"),
}


class UnreadableTable(Exception):
    """The file is no table of outcomes; the message says what was looked for."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column says what; what is left out is recognised by its heading.

    ``words`` are what stands for ``won``, ``lost`` and ``open``, besides the usual words.
    """

    email: str = ""
    outcome: str = ""
    at: str = ""
    words: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ToldOutcome:
    """A row that could be read: ``won``, ``lost``, or ``open`` to take an earlier one back."""

    line: int
    email: str
    outcome: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Unread:
    """A row that could not be used, and why."""

    line: int
    why: str


@dataclass(frozen=True, slots=True)
class OutcomeTable:
    """The rows of a file, and the columns they were read from."""

    columns: Columns
    told: tuple[ToldOutcome, ...]
    unread: tuple[Unread, ...]


def read_outcomes(text: str, asked: Columns, zone: ZoneInfo) -> OutcomeTable:
    """The rows of a CSV; days are of ``zone``. Raises ``UnreadableTable``.

    Commas, semicolons and tabs part columns, as the first line shows.
    """
    head = text.partition("\n")[0]
    parted_by = max(",;\t", key=head.count)
    rows = csv.DictReader(StringIO(text.removeprefix("\ufeff")), delimiter=parted_by)
    columns = _recognised(asked, [one for one in rows.fieldnames or () if one])
    told: list[ToldOutcome] = []
    unread: list[Unread] = []
    for row in rows:
        match _read(row, columns, rows.line_num, zone):
            case ToldOutcome() as one:
                told.append(one)
            case Unread() as one:
                unread.append(one)
    return OutcomeTable(columns, tuple(told), tuple(unread))


def _recognised(asked: Columns, headings: Sequence[str]) -> Columns:
    found = {part: _column(part, getattr(asked, part), headings) for part in _HEADINGS}
    return Columns(**found, words=asked.words)


def _column(part: str, asked: str, headings: Sequence[str]) -> str:
    wanted = (asked.strip().lower(),) if asked else _HEADINGS[part]
    fitting = [one for one in headings if one.strip().lower() in wanted]
    if len(fitting) == 1:
        return fitting[0]
    what = f'no column "{asked}"' if asked else f"no single column is known to hold the {part}"
    raise UnreadableTable(f"{what}; the first line has: {', '.join(headings) or 'nothing'}")


def _read(
    row: Mapping[str, str | None], columns: Columns, line: int, zone: ZoneInfo
) -> ToldOutcome | Unread:
    email, word, day = (
        (row.get(one) or "").strip() for one in (columns.email, columns.outcome, columns.at)
    )
    outcome, at = _outcome(word, columns.words), _moment(day, zone)
    if "@" not in email:
        return Unread(line, "no e-mail address")
    if outcome is None:
        return Unread(line, f'"{word}" is neither won, lost nor open')
    if at is None:
        return Unread(line, f'"{day}" is no day, as 2026-03-31 or 31/03/2026')
    return ToldOutcome(line, email.lower(), outcome, at)


def _outcome(word: str, words: Mapping[str, Sequence[str]]) -> str | None:
    own = {one.strip().lower(): outcome for outcome, known in words.items() for one in known}
    usual = {one: outcome for outcome, known in _WORDS.items() for one in known}
    return (usual | own).get(word.lower())


def _moment(text: str, zone: ZoneInfo) -> datetime | None:
    for parse in (datetime.fromisoformat, _french):
        try:
            found = parse(text)
        except ValueError:
            continue
        return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    return None


def _french(text: str) -> datetime:
    return datetime.strptime(text, "%d/%m/%Y %H:%M" if ":" in text else "%d/%m/%Y")
