"""Who contacts are, from what is known of them: kept beside the score, for lists and searches."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection

from plugin.scoring.accounts import account_key
from plugin.scoring.history import is_identified
from plugin.scoring.wordlists import free_mail_domains, level_of
from plugin.storage import contacts, identities
from plugin.storage.identities import Identity


def identify(connection: Connection, profiles: Mapping[int, Mapping[str, Any]]) -> None:
    """Keep who these contacts (our ids) are, by the fields known of each; visitors are nobody."""
    known = {one: fields for one, fields in profiles.items() if is_identified(fields)}
    addresses = contacts.addresses(connection, list(known))
    identities.save(
        connection,
        {one: _identity(addresses[one].partition("/")[0], known[one]) for one in known},
    )


def _identity(source: str, fields: Mapping[str, Any]) -> Identity:
    email, company = _text(fields, "email"), _text(fields, "company")
    return Identity(
        name=" ".join(filter(None, (_text(fields, "firstname"), _text(fields, "lastname")))),
        email=email,
        company=_text(fields, "company.name") or company,
        account=account_key(
            source, _text(fields, "company_id"), company, email, free_mail_domains()
        ),
        role=_level(_text(fields, "position")),
    )


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    return "" if value is None else str(value).strip()


@lru_cache(maxsize=10_000)
def _level(position: str) -> str | None:
    return level_of(position) if position else None
