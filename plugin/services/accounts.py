"""Use case: which companies show interest? Their people together, breadth being worth more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine

from plugin.scoring.accounts import Account, Person, account, account_key
from plugin.scoring.history import profile
from plugin.scoring.wordlists import free_mail_domains, level_of
from plugin.storage import histories, ranking
from plugin.storage.engine import for_reading
from plugin.storage.ranking import Ranked

_BATCH = 500


def accounts(engine: Engine, at: datetime) -> list[Account]:
    """Every account with an identified contact, the highest score first; ties by name."""
    people: defaultdict[str, list[Person]] = defaultdict(list)
    names: dict[str, str] = {}
    with for_reading(engine).begin() as connection:
        for found, fields in _identified(connection):
            key = account_key(
                found.address.partition("/")[0],
                _text(fields, "company_id"),
                _text(fields, "company"),
                _text(fields, "email"),
                free_mail_domains(),
            )
            if key is not None:
                names.setdefault(key, _text(fields, "company") or key.partition(":")[2])
                people[key].append(_person(found, fields))
    ranked = [account(names[key], members, at) for key, members in people.items()]
    return sorted(ranked, key=lambda one: (-one.score, one.name))


def _identified(connection: Connection) -> Iterator[tuple[Ranked, Mapping[str, Any]]]:
    after = 0
    while found := ranking.page(connection, after, _BATCH):
        facts = histories.read_facts(connection, [one.score.contact_id for one in found])
        for one in found:
            snapshots: Sequence[Any] = profile(facts[one.score.contact_id])
            if one.score.identified and snapshots:
                yield one, snapshots[-1].fields
        after = found[-1].score.contact_id


def _person(found: Ranked, fields: Mapping[str, Any]) -> Person:
    position = _text(fields, "position")
    role = level_of(position) if position else None
    return Person(found.address, found.score.engagement, role, found.score.last_active)


def _text(fields: Mapping[str, Any], name: str) -> str | None:
    value = fields.get(name)
    return str(value) if value not in (None, "") else None
