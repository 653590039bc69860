"""The score of an account: the people of one company together, breadth being worth more."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from .scorecard import MICRO

#: Bonus (micro-points) for each active person, and for each different role among them.
PERSON, ROLE = 15 * MICRO, 5 * MICRO
#: How recently an active person has done something.
ACTIVE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Person:
    """One contact of an account. Engagement in micro-points; ``role`` such as a job level."""

    contact: str
    engagement: int
    role: str | None = None
    last_active: datetime | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """An account's score in micro-points and what it is made of; people by engagement.

    ``key`` is what tells it from others (see ``account_key``).
    """

    key: str
    name: str
    score: int
    people: tuple[Person, ...]
    active: int
    roles: tuple[str, ...]


def account(key: str, name: str, people: Iterable[Person], at: datetime) -> Account:
    """The most engaged person counts whole, the second half, the third a quarter, and so on.

    To this comes a bonus for each active person and for each different role among them: three
    people at 20 are worth more than one at 60.
    """
    ranked = sorted(people, key=lambda one: (-one.engagement, one.contact))
    active = [one for one in ranked if one.last_active and at - one.last_active <= ACTIVE]
    roles = sorted({one.role for one in active if one.role})
    shared = sum(max(one.engagement, 0) >> place for place, one in enumerate(ranked))
    score = shared + len(active) * PERSON + len(roles) * ROLE
    return Account(key, name, score, tuple(ranked), len(active), tuple(roles))


def account_key(
    connection: str,
    company_id: str | None,
    company: str | None,
    email: str | None,
    free_mail: frozenset[str],
) -> str | None:
    """What tells accounts apart: the company of a platform, else its name, else the mail domain.

    ``connection`` is the platform's name here: two platforms number their companies alike.

    ``None`` for who belongs to none: the domain of a free mail service is nobody's company.
    """
    if company_id:
        return f"id:{connection}/{company_id}"
    if company and company.strip():
        return f"name:{' '.join(company.split()).casefold()}"
    domain = (email or "").rpartition("@")[2].strip().casefold()
    return f"domain:{domain}" if domain and domain not in free_mail else None
