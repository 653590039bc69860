"""What companies are, and which contacts ever belonged to them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

import orjson
from sqlalchemy import Connection, delete, select

from connectors.activity import CompanyChange
from plugin.scoring.history import ProfileFact, profile

from .facts import is_news
from .moments import from_us, to_us
from .tables import company_facts, company_members
from .upsert import chunks, insert_new


def add_members(
    connection: Connection, connection_id: int, members: Iterable[tuple[str, int]]
) -> None:
    """Note which contacts (our ids) belong to which company (the platform's id)."""
    insert_new(
        connection,
        company_members,
        [
            {"connection_id": connection_id, "company": company, "contact_id": contact_id}
            for company, contact_id in sorted(set(members))
        ],
    )


def add_changes(
    connection: Connection, connection_id: int, told: Sequence[CompanyChange]
) -> set[int]:
    """Keep what was said of companies; answers the contacts that ever belonged to a changed one."""
    before = _facts(connection, connection_id, told)
    found = [change for change in told if is_news(change, before[change.company])]
    insert_new(
        connection,
        company_facts,
        [
            {
                "connection_id": connection_id,
                "company": change.company,
                "at": to_us(change.at),
                "order": change.order,
                "fields": orjson.dumps(change.fields).decode(),
            }
            for change in found
        ],
    )
    after = _facts(connection, connection_id, found)
    changed = [one for one in after if profile(after[one]) != profile(before[one])]
    members: set[int] = set()
    for chunk in chunks(sorted(changed)):
        members.update(
            connection.execute(
                select(company_members.c.contact_id).where(
                    company_members.c.connection_id == connection_id,
                    company_members.c.company.in_(chunk),
                )
            ).scalars()
        )
    return members


def merge(connection: Connection, loser: int, survivor: int) -> None:
    """Let the survivor belong wherever the loser ever did."""
    belonged = company_members.c.contact_id == loser
    kept = company_members.c.connection_id, company_members.c.company
    members = connection.execute(select(*kept).where(belonged)).all()
    connection.execute(delete(company_members).where(belonged))
    for connection_id, company in members:
        add_members(connection, connection_id, [(company, survivor)])


def read_companies(
    connection: Connection, contact_ids: Sequence[int]
) -> dict[int, dict[str, list[ProfileFact]]]:
    """What was said of the companies each contact ever belonged to, by their platform ids."""
    joined = company_members.join(
        company_facts,
        (company_facts.c.connection_id == company_members.c.connection_id)
        & (company_facts.c.company == company_members.c.company),
    )
    found: dict[int, dict[str, list[ProfileFact]]] = defaultdict(lambda: defaultdict(list))
    for chunk in chunks(contact_ids):
        rows = connection.execute(
            select(company_members.c.contact_id, company_facts)
            .select_from(joined)
            .where(company_members.c.contact_id.in_(chunk))
        )
        for row in rows:
            found[row.contact_id][row.company].append(_fact(row.at, row.order, row.fields))
    return found


def _facts(
    connection: Connection, connection_id: int, found: Sequence[CompanyChange]
) -> dict[str, list[ProfileFact]]:
    facts: dict[str, list[ProfileFact]] = {change.company: [] for change in found}
    for chunk in chunks(sorted(facts)):
        rows = connection.execute(
            select(company_facts).where(
                company_facts.c.connection_id == connection_id, company_facts.c.company.in_(chunk)
            )
        )
        for row in rows:
            facts[row.company].append(_fact(row.at, row.order, row.fields))
    return facts


def _fact(at: int, order: str, fields: str) -> ProfileFact:
    return ProfileFact(from_us(at), order, orjson.loads(fields))
