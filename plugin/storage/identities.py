"""Who identified contacts are: what lists show of them and are searched by."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence, Set
from dataclasses import asdict, dataclass, fields

from sqlalchemy import ColumnElement, Connection, and_, select

from .tables import identities
from .upsert import chunks, upsert


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a contact is now; empty where nothing is known.

    ``account`` tells accounts apart, ``role`` is the level of the job.
    """

    name: str = ""
    email: str = ""
    company: str = ""
    account: str | None = None
    role: str | None = None


_COLUMNS = tuple(identities.c[one.name] for one in fields(Identity))


def save(connection: Connection, known: Mapping[int, Identity]) -> None:
    """Keep who these contacts are; those that have not changed are not written."""
    before = read(connection, list(known))
    upsert(
        connection,
        identities,
        [
            {"contact_id": contact_id, **asdict(one), "search": _searched(one)}
            for contact_id, one in known.items()
            if before.get(contact_id) != one
        ],
    )


def read(connection: Connection, contact_ids: Sequence[int]) -> dict[int, Identity]:
    """Who these contacts are; those that are not identified are left out."""
    return {
        contact_id: Identity(*known)
        for chunk in chunks(contact_ids)
        for contact_id, *known in connection.execute(
            select(identities.c.contact_id, *_COLUMNS).where(identities.c.contact_id.in_(chunk))
        ).all()
    }


def having(connection: Connection, emails: Set[str]) -> dict[str, list[int]]:
    """Which contacts have each of these addresses, given in small letters."""
    found: dict[str, list[int]] = {}
    rows = connection.execute(select(identities.c.contact_id, identities.c.email))
    for contact_id, email in rows:
        if email.lower() in emails:
            found.setdefault(email.lower(), []).append(contact_id)
    return found


def matching(text: str) -> ColumnElement[bool]:
    """Whether every word of a text occurs in the name, the e-mail or the company."""
    return and_(
        *(identities.c.search.contains(word, autoescape=True) for word in _plain(text).split())
    )


def _searched(one: Identity) -> str:
    return "\n".join(_plain(text) for text in (one.name, one.email, one.company))


def _plain(text: str) -> str:
    """In small letters and without accents, which people leave out when they search."""
    spread = unicodedata.normalize("NFKD", text)
    return "".join(one for one in spread if not unicodedata.combining(one)).casefold()
