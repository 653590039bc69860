"""Use case: which companies show interest? Their people together, breadth being worth more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine

from plugin.scoring.accounts import Account, Person, account
from plugin.storage import accounts as storage
from plugin.storage import identities, ranking
from plugin.storage.accounts import StoredAccount
from plugin.storage.engine import for_reading
from plugin.storage.identities import Identity
from plugin.storage.ranking import Ranked

from .pasts import other_addresses
from .rescore import live_scorecard

_BATCH = 500
#: People of an account that are shown.
_MOST = 200


def accounts(engine: Engine, at: datetime) -> list[Account]:
    """Every account with an identified contact, the highest score first; ties by name."""
    people: defaultdict[str, list[Person]] = defaultdict(list)
    names: dict[str, str] = {}
    with for_reading(engine).begin() as connection:
        for found, who in _identified(connection):
            if who.account is not None:
                names.setdefault(who.account, who.company or who.account.partition(":")[2])
                people[who.account].append(_person(found, who))
    ranked = [account(key, names[key], members, at) for key, members in people.items()]
    return sorted(ranked, key=lambda one: (-one.score, one.name))


@dataclass(frozen=True, slots=True)
class Member:
    """A person of an account, by the contact that leads; ``others`` are its other addresses."""

    contact: Ranked
    identity: Identity
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Team:
    """An account as it was last ranked, and its people now, the most engaged first."""

    account: StoredAccount
    people: tuple[Member, ...]


def ranked_accounts(
    engine: Engine, after: str | None = None, limit: int = 50, text: str = ""
) -> list[StoredAccount]:
    """A page of the ranking from behind the account with the key ``after``, by name if ``text``."""
    with for_reading(engine).begin() as connection:
        last = storage.find(connection, after) if after else None
        place = None if last is None else (last.score, last.key)
        return storage.ranked(connection, place, limit, text)


def team(engine: Engine, key: str) -> Team | None:
    """The account of that key with its people; ``None`` if there is none."""
    with for_reading(engine).begin() as connection:
        found = storage.find(connection, key)
        if found is None:
            return None
        people = ranking.of_account(connection, key, _MOST)
        ids = [one.score.contact_id for one in people]
        known = identities.read(connection, ids)
        others = other_addresses(connection, live_scorecard(connection).card, ids)
        members = (
            Member(one, known[own], others[own]) for own, one in zip(ids, people, strict=True)
        )
        return Team(found, tuple(members))


def rank_accounts(engine: Engine, now: datetime) -> dict[str, int]:
    """Put the ranking where pages read it; answers how many ``accounts`` there are."""
    ranked = [
        StoredAccount(one.key, one.name, one.score, len(one.people), one.active, one.roles)
        for one in accounts(engine, now)
    ]
    with engine.begin() as connection:
        storage.replace_all(connection, ranked)
    return {"accounts": len(ranked)}


def _identified(connection: Connection) -> Iterator[tuple[Ranked, Identity]]:
    after = 0
    while found := ranking.page(connection, after, _BATCH):
        known = identities.read(connection, [one.score.contact_id for one in found])
        yield from (
            (one, known[one.score.contact_id])
            for one in found
            if one.score.leads and one.score.contact_id in known
        )
        after = found[-1].score.contact_id


def _person(found: Ranked, who: Identity) -> Person:
    return Person(found.address, found.score.engagement, who.role, found.score.last_active)
