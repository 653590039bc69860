"""Contacts by their ids, and which company is theirs."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from ..errors import Unsupported
from .client import Client
from .row_schemas import LinkRow
from .tables import Page, named, read_list, read_table

_LINK = LinkRow()
#: More companies than the contacts of one question have.
_MOST = 10_000


def contacts_named(
    client: Client, ids: Collection[str], **params: int
) -> Iterator[tuple[Page, set[str]]]:
    """Contacts with these ids, and the ids that Mautic left out: deleted and merged ones."""
    for condition, asked in named("id", ids):
        page = read_list(client, "/api/contacts", [condition], len(asked), **params)
        yield page, asked - {str(row.get("id")) for row in page.rows}


def gone(client: Client, ids: Collection[str]) -> frozenset[str]:
    """See ``connectors.contract.Session.gone``; visitors are shown like everybody else."""
    return frozenset(
        one for _, missing in contacts_named(client, ids, minimal=1) for one in missing
    )


def companies_of(client: Client, contacts: Collection[str]) -> dict[str, str | None]:
    """The company of each contact, the primary one of several; empty if Mautic does not tell."""
    try:
        links = dict(_links(client, contacts))
    except Unsupported:
        return {}
    return {contact: links.get(contact) for contact in contacts}


def _links(client: Client, contacts: Collection[str]) -> Iterator[tuple[str, str]]:
    found: dict[str, tuple[int, str]] = {}
    for condition, _ in named("lead_id", contacts):
        page = read_table(client, "companies_leads", [condition], _MOST, order="lead_id")
        for row in map(_LINK.load, page.rows):
            link = (row["primary"], row["company"])
            found[row["lead"]] = max(link, found.get(row["lead"], link))
    return ((contact, company) for contact, (_, company) in found.items())
