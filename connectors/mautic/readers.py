"""What pages of Mautic's tables and lists say, asking for what the rows themselves lack.

Everything lacking (names, answers, opens, companies) is asked for once for all rows of a page.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from marshmallow import ValidationError

from ..activity import BrokenItem, Item
from ..errors import Missing
from . import rows
from .catalogue import Catalogue
from .client import Client
from .people import companies_of, contacts_named
from .profiles import seen_company, seen_contact
from .row_schemas import ListedSubmission, MailRow
from .schemas import Contact, Lean, reason
from .tables import Row, named, read_list, read_table
from .webhook import raw

Loaded = Mapping[str, Any]

_MAIL = MailRow()
_CONTACT = Contact()
_SUBMISSION = ListedSubmission()


@dataclass(frozen=True, slots=True)
class Platform:
    """Whom to ask, and what the things in the rows are called."""

    client: Client
    catalogue: Catalogue


def load(source: str, schema: Lean, found: Sequence[Row]) -> tuple[list[Loaded], list[BrokenItem]]:
    """The rows that can be read, and the others, told by their own ids; each stands alone."""
    loaded: list[Loaded] = []
    broken: list[BrokenItem] = []
    for index, row in enumerate(found):
        try:
            loaded.append(schema.load(row))
        except ValidationError as error:
            id = str(row.get("id"))
            number = int(id) if id.isdecimal() else index
            broken.append(BrokenItem(source, number, reason(error), raw(row)))
    return loaded, broken


def hits(platform: Platform, found: Sequence[Loaded], at: datetime) -> Iterator[Item]:
    """Page views and clicks."""
    names = platform.catalogue.named(key for row in found for key in rows.named_by_hit(row))
    for row in found:
        yield from rows.hit(row, names)


def hits_left(platform: Platform, found: Sequence[Loaded], at: datetime) -> Iterator[Item]:
    """Again those page views of which it is now known when they ended."""
    return hits(platform, [row for row in found if row.get("left_at")], at)


def mails(platform: Platform, found: Sequence[Loaded], at: datetime) -> Iterator[Item]:
    """Mails and their opens."""
    names = platform.catalogue.named(("email", row.get("email")) for row in found)
    for row in found:
        yield from rows.mail(row, names)


def opens(platform: Platform, found: Sequence[Loaded], at: datetime) -> Iterator[Item]:
    """The mails that were opened meanwhile, with all their opens."""
    for condition, ids in named("id", [row["stat"] for row in found]):
        page = read_table(platform.client, "email_stats", [condition], len(ids))
        # Those that cannot be read were told as broken when they were sent.
        stats, _ = load("email_stats", _MAIL, page.rows)
        yield from mails(platform, [row for row in stats if "lead" in row], at)


def downloads(platform: Platform, found: Sequence[Loaded], at: datetime) -> Iterator[Item]:
    """Assets that were taken. A followed link of a mail is one already, by its hit.

    Where Mautic does not follow the links of a mail there are no such hits, and the rows count.
    """
    taken = [row for row in found if "asset" in row and row["code"] < 400]
    followed = _followed(platform.client, {row["email"] for row in taken if "email" in row})
    told = [row for row in taken if row.get("email") not in followed]
    names = platform.catalogue.named(("asset", row["asset"]) for row in told)
    for row in told:
        yield from rows.download(row, names)


def _followed(client: Client, emails: Collection[str]) -> set[str]:
    """The mails of which a link was ever followed through Mautic."""
    by_link = ("redirect_id", "gt", "0")
    return {
        email
        for email in emails
        if read_table(client, "page_hits", [("email_id", "eq", email), by_link], 1).rows
    }


def submissions(platform: Platform, found: Sequence[Loaded], at: datetime) -> Iterator[Item]:
    """Submitted forms with their answers, and what is now known of who sent them."""
    by_form: defaultdict[str, list[Loaded]] = defaultdict(list)
    for row in found:
        by_form[row["form"]].append(row)
    names = platform.catalogue.named(("form", form) for form in by_form)
    for form, sent in by_form.items():
        told = _with_answers(platform.client, form, sent)
        for row in sent:
            yield from rows.submission(row, told.get(row["id"]), names["form", form])
    yield from profiles(platform, {row["lead"] for row in found}, at)


def _with_answers(client: Client, form: str, sent: Sequence[Loaded]) -> dict[str, Loaded]:
    path = f"/api/forms/{form}/submissions"
    told: dict[str, Loaded] = {}
    try:
        for condition, ids in named("id", [row["id"] for row in sent]):
            told |= _submissions(read_list(client, path, [condition], len(ids)).rows)
        # A Mautic that passes over the condition showed the first ones of the form instead.
        for contact in {row["lead"] for row in sent if row["id"] not in told}:
            page = read_list(client, f"{path}/contact/{contact}", (), _MOST)
            told |= _submissions(page.rows)
    except Missing:
        pass  # the form was deleted, and its answers with it: that somebody sent it remains
    return told


def _submissions(found: Sequence[Row]) -> dict[str, Loaded]:
    return {row["id"]: row for row in load("form_submissions", _SUBMISSION, found)[0]}


#: More submissions than one contact sends of one form.
_MOST = 1000


def refusals(platform: Platform, found: Sequence[Loaded], at: datetime) -> Iterator[Item]:
    """Who left our mails, or whose mails bounced; with what is now known of them."""
    for row in found:
        yield from rows.refusal(row)
    yield from profiles(platform, {row["lead"] for row in found}, at)


def contacts(platform: Platform, found: Sequence[Loaded], at: datetime) -> Iterator[Item]:
    """What contacts are."""
    companies = companies_of(platform.client, [contact["id"] for contact in found])
    for contact in found:
        id = contact["id"]
        link = {"company_id": companies[id]} if id in companies else {}
        yield from seen_contact(contact, link, at)


def companies(platform: Platform, found: Sequence[Loaded], at: datetime) -> Iterator[Item]:
    """What companies are."""
    for company in found:
        yield seen_company(company, at)


def profiles(platform: Platform, ids: Collection[str], at: datetime) -> Iterator[Item]:
    """What these contacts are now; those that Mautic does not show are passed over."""
    for page, _ in contacts_named(platform.client, ids):
        # Those that cannot be read are told as broken by the walk through all contacts.
        yield from contacts(platform, load("contacts", _CONTACT, page.rows)[0], page.at)
