"""The tables and lists that make up Mautic's history."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from ..activity import Item
from . import readers, row_schemas, schemas
from .client import Client
from .readers import Loaded, Platform
from .tables import Condition, Page, newest_id, read_list, read_table


@dataclass(frozen=True, slots=True)
class Feed:
    """One walk by ascending id. ``source`` is the table or list, for messages.

    ``dated`` is its column that tells when a row was written, if it has one.
    One that lies ``behind`` reads every hit again when it is that old, for its leave came later.
    One that goes ``round`` starts again at its end, for what carries no trace of having changed.
    """

    name: str
    source: str
    schema: schemas.Lean
    read: Callable[[Platform, Sequence[Loaded], datetime], Iterable[Item]]
    page: Callable[[Client, Sequence[Condition], int], Page]
    newest: Callable[[Client], str]
    dated: str = ""
    behind: timedelta = timedelta(0)
    round: bool = False


def _table(
    name: str,
    table: str,
    dated: str,
    schema: schemas.Lean,
    read: Callable[[Platform, Sequence[Loaded], datetime], Iterable[Item]],
    behind: timedelta = timedelta(0),
) -> Feed:
    def page(client: Client, conditions: Sequence[Condition], limit: int) -> Page:
        return read_table(client, table, conditions, limit)

    return Feed(name, table, schema, read, page, partial(newest_id, table=table), dated, behind)


def _list(
    name: str,
    schema: schemas.Lean,
    read: Callable[[Platform, Sequence[Loaded], datetime], Iterable[Item]],
    **params: str,
) -> tuple[Feed, Feed]:
    """The walk to new entries, and the one that goes round for changes of old ones."""
    path = f"/api/{name}"

    def page(client: Client, conditions: Sequence[Condition], limit: int) -> Page:
        return read_list(client, path, conditions, limit, orderBy="id", orderByDir="asc", **params)

    def newest(client: Client) -> str:
        found = read_list(client, path, (), 1, orderBy="id", orderByDir="desc", **params)
        return str(found.rows[0]["id"]) if found.rows else "0"

    new = Feed(name, name, schema, read, page, newest)
    again = Feed(f"{name} again", name, schema, read, page, lambda client: "0", round=True)
    return new, again


# What an anonymous visitor is tells nothing; who stops being one shows up by submitting a form,
# or in the walk around.
_contacts = _list("contacts", schemas.Contact(), readers.contacts, search="!is:anonymous")
_companies = _list("companies", schemas.Company(), readers.companies)

HITS = _table("hits", "page_hits", "date_hit", row_schemas.HitRow(), readers.hits)
#: The hits again: soon, and when the longest stay that is believed is over.
LEAVES = tuple(
    _table(
        f"hits {minutes} minutes later",
        "page_hits",
        "date_hit",
        row_schemas.HitRow(),
        readers.hits_left,
        timedelta(minutes=minutes),
    )
    for minutes in (6, 35)
)
#: Not walked from the start by a back-fill: a mail is read with all the opens it has had.
OPENS = _table("opens", "email_stats_devices", "date_opened", row_schemas.OpenRow(), readers.opens)

#: In the order they are read in: what few rows have comes before what most have.
FEEDS: tuple[Feed, ...] = (
    _companies[0],
    _contacts[0],
    _table(
        "submissions",
        "form_submissions",
        "date_submitted",
        row_schemas.SubmissionRow(),
        readers.submissions,
    ),
    _table(
        "refusals", "lead_donotcontact", "date_added", row_schemas.RefusalRow(), readers.refusals
    ),
    _table(
        "downloads",
        "asset_downloads",
        "date_download",
        row_schemas.DownloadRow(),
        readers.downloads,
    ),
    _table("mails", "email_stats", "date_sent", row_schemas.MailRow(), readers.mails),
    OPENS,
    HITS,
    *LEAVES,
    _companies[1],
    _contacts[1],
)
