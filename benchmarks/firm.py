"""What contacts of a small firm do: its site, its mails, its forms. Seeded, nobody is real.

The mix is that of the recorded month of the demo: six of ten activities are page views of few
pages in visits, the rest are mails, what is done with them, forms and downloads.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random
from typing import Any

import orjson

from connectors.activity import Activity, Subject
from plugin.scoring.history import ProfileFact

START, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC)
_SITE = "https://www.atelier-nova.example"
#: Paths with how much they are seen.
_PAGES = {
    **{"/": 8, "/blog/": 12, "/tarifs": 8, "/produit-a": 7, "/produit-b": 4, "/demo": 3},
    **{f"/blog/{number}": 1 for number in range(24)},
    **{"/equipe": 2, "/carrieres": 1, "/contact": 2, "/mentions": 1},
}
_MAILS = [*(f"Welcome {number}" for number in range(1, 6)), "Promo printemps", "Lettre"]
_ASSETS = ["livre-blanc-crm", "etude-de-cas-11", "grille-tarifaire", "guide"]
_FORMS = ["Demo form", "Contact", "Newsletter"]
_AGENT = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1"
)
_ROLES = ["Directrice commerciale", "Chef de projet", "CEO", "Assistant", "Acheteur", ""]
_CITIES = [("Lyon", "France"), ("Gent", "Belgium"), ("Bern", "Switzerland"), ("Oslo", "Norway")]


@dataclass(frozen=True, slots=True)
class Told:
    """One contact's activities by time and facts, as they are read from a database: every text
    of its own, subjects shared."""

    activities: list[Activity]
    facts: list[ProfileFact]
    companies: dict[str, list[ProfileFact]]


@dataclass(slots=True)
class Person:
    """What one contact does while it is made. Each entry: moment, kind, subject, attributes."""

    random: Random
    number: int
    done: list[tuple[datetime, str, tuple[str | None, ...], str]] = field(default_factory=list)

    def told(self, activities: int) -> Told:
        """The first so many of its activities, all made anew."""
        seen = sorted(self.done)[:activities]
        known = [
            _fact(self.number, seen[at][0], at) for at in (0, activities // 3, activities // 2)
        ]
        company = str(self.number % 100)
        about = {"industry": "Software" if self.number % 3 else "Food", "number_of_employees": 80}
        return Told(
            [_activity(self.number, number, *one) for number, one in enumerate(seen)],
            known,
            {company: [ProfileFact(START, "0", about)]} if self.number % 2 else {},
        )


def people(contacts: int, activities: int, seed: int = 1) -> Iterator[Person]:
    """Contacts who each did at least so many things."""
    random = Random(seed)
    for number in range(contacts):
        person = Person(random, number)
        _live(person, activities)
        yield person


def _live(person: Person, activities: int) -> None:
    random = person.random
    scanned = person.number % 20 == 0
    while len(person.done) < activities:
        at = START + timedelta(seconds=random.randrange(int((END - START).total_seconds())))
        if random.random() < 0.5:
            _visit(person, at)
        else:
            _mail(person, at, scanned)
        if random.random() < 0.15:
            form = random.randrange(len(_FORMS))
            given = {"answers": {"email": "a@example.org", "phone": "", "company": "Nova"}}
            given |= {"alias": _FORMS[form].lower(), "optional": ["phone", "company"]}
            _do(person, at, "form_submitted", ("form", str(form), _FORMS[form], None, None), given)
        if random.random() < 0.15:
            _download(person, at, {})


def _visit(person: Person, at: datetime) -> None:
    random = person.random
    query = {"utm_source": "google"} if random.random() < 0.1 else {}
    for _ in range(random.choice((1, 2, 3, 4, 6))):
        page = random.choices(list(_PAGES), list(_PAGES.values()))[0]
        stay = random.choice((8, 30, 60, 200))
        given = {"title": page, "url": _SITE + page, "code": 200, "seconds": stay, **query}
        given |= {"tracking": f"{person.number:023x}", "user_agent": _AGENT}
        _do(person, at, "page_viewed", ("page", None, page, None, _SITE + page), given)
        at += timedelta(seconds=stay + random.randrange(5))


def _mail(person: Person, at: datetime, scanned: bool) -> None:
    random = person.random
    mail = random.randrange(len(_MAILS))
    about = ("email", str(mail), _MAILS[mail], "Nurturing", None)
    stat = {"stat": f"{random.getrandbits(88):022x}"}
    _do(person, at, "email_sent", about, stat)
    sent = {"sent_at": at.isoformat(), "open_count": 1} | stat
    if scanned or random.random() < 0.4:
        at += timedelta(seconds=30 if scanned else random.randrange(60, 90_000))
        _do(person, at, "email_opened", about, sent)
    for link in range(4 if scanned else random.random() < 0.2):
        at += timedelta(seconds=2 if scanned else 20)
        given = stat | {"url": f"{_SITE}/blog/{link}", "tracking": f"{person.number:023x}"}
        _do(person, at, "email_clicked", about, given | {"user_agent": _AGENT})
        if random.random() < 0.3:
            _download(person, at, {"email_id": str(mail)})


def _download(person: Person, at: datetime, given: dict[str, Any]) -> None:
    asset = person.random.randrange(len(_ASSETS))
    about = ("asset", str(asset), _ASSETS[asset], None, None)
    _do(person, at, "asset_downloaded", about, given)


def _do(
    person: Person, at: datetime, kind: str, about: tuple[str | None, ...], given: dict[str, Any]
) -> None:
    person.done.append((at, kind, about, orjson.dumps(given).decode()))


def _activity(
    contact: int,
    number: int,
    at: datetime,
    kind: str,
    about: tuple[str | None, ...],
    given: str,
) -> Activity:
    id = f"hit:{contact}/{number:03}"
    return Activity(id, str(contact), kind, at, _subject(*about), orjson.loads(given))


def _fact(contact: int, at: datetime, order: int) -> ProfileFact:
    city, country = _CITIES[contact % len(_CITIES)]
    known: dict[str, Any] = {"email": f"c{contact}@firm{contact % 90}.example", "firstname": "A"}
    if order:
        known = {"city": city, "country": country, "position": _ROLES[contact % len(_ROLES)]}
        known |= {"phone": f"+33 1 23 45 {contact % 100:02} 89", "company_id": str(contact % 100)}
    if order > 20:
        known = {"nps": contact % 11, "tags": ["nurture"], "points": contact}
    return ProfileFact(at, f"{order:03}", known)


@cache
def _subject(*about: str | None) -> Subject:
    return Subject(*about)  # type: ignore[arg-type]
