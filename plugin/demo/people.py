"""Half a year of an invented firm's contacts: who they are, what they do. Seeded.

What kind of person somebody is decides how often they come, what they look at, and what becomes of
them: some buy, most do not, some look for work, and some mailboxes are read by machines first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from connectors.activity import Activity, Item, ProfileChange, Subject

SITE = "https://www.atelier-nova.example"
#: How long the story of the firm is.
PAST = timedelta(days=182)

_FIRST = (
    *("Camille", "Léa", "Manon", "Chloé", "Inès", "Sarah", "Julie", "Élodie", "Aurélie", "Nadia"),
    *("Hugo", "Lucas", "Théo", "Nicolas", "Karim", "Étienne", "François", "Mathieu", "Yanis"),
    *("Greta", "Anke", "Femke", "Oliver", "James", "Emma", "Sofia", "Marta", "Pablo", "Luca"),
)
_LAST = (
    *("Martin", "Bernard", "Dubois", "Durand", "Moreau", "Lefèvre", "Garcia", "Roux", "Fournier"),
    *("Girard", "Mercier", "Blanc", "Guérin", "Boyer", "Chevalier", "Benali", "Nguyen", "Perrin"),
    *("Janssens", "Peeters", "Keller", "Schmid", "Smith", "Taylor", "Rossi", "Bianchi", "Costa"),
)
_FIRMS = (
    *("Verdane", "Lumio", "Altéria", "Brioche & Co", "Norwave", "Mécaplast", "Solstice"),
    *("Hexalog", "Cobalt", "Domaine des Pins", "Kairos", "Textilia", "Orbis", "Papeterie du Lac"),
    *("Quintal", "Transvia", "Ateliers Morel", "Bluefin", "Cap Ouest", "Delphia", "Ecotone"),
    *("Finelia", "Granit", "Helvia", "Iris Médical", "Jura Outils", "Kompas", "Logitia"),
)
_TITLES = (
    *("Directrice commerciale", "Directeur marketing", "Chef de projet", "Responsable achats"),
    *("CEO", "Assistante", "Chargé de communication", "Sales manager", "Consultant", ""),
)
_AGENT = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1"
)
_PAGES = {
    "buyer": {"/tarifs": 5, "/demo": 4, "/produit-a": 4, "/produit-b": 2, "/": 2, "/blog": 1},
    "curious": {"/blog": 6, "/": 4, "/produit-a": 2, "/produit-b": 1, "/tarifs": 1},
    "applicant": {"/carrieres": 6, "/": 2, "/equipe": 2},
}
_MAILS = {str(number): f"Nurturing {number - 2}" for number in range(3, 7)} | {"8": "Promo"}
_ASSETS = ("etude-de-cas-11", "etude-de-cas-12", "livre-blanc-crm")
_REASONS = ("no budget", "already a client elsewhere", "student", "too small", "not now")
#: How many of a hundred, visits a month, the share of mails that is opened, and of those won.
_KINDS = {
    "buyer": (14, 5.0, 0.7, 0.55),
    "interested": (24, 2.5, 0.5, 0.18),
    "curious": (42, 1.2, 0.3, 0.04),
    "applicant": (6, 2.0, 0.1, 0.0),
    "scanner": (14, 0.4, 1.0, 0.03),
}


@dataclass(slots=True)
class Person:
    """One contact: ``fields`` as the platform holds them in the end, and what was told when."""

    contact: str
    kind: str
    fields: dict[str, Any]
    items: list[tuple[datetime, Item]] = field(default_factory=list)


def people(count: int, end: datetime, seed: int = 7) -> Iterator[Person]:
    """So many people, numbered from 1, whose half year ends at ``end``."""
    random = Random(seed)  # noqa: S311 - a story, not a secret
    kinds = [kind for kind, (share, *_) in _KINDS.items() for _ in range(share)]
    for number in range(1, count + 1):
        person = Person(str(number), kinds[number * 37 % len(kinds)], _fields(random, number))
        _Life(person, random, end).live()
        yield person


def _fields(random: Random, number: int) -> dict[str, Any]:
    first, last = random.choice(_FIRST), random.choice(_LAST)
    firm = _FIRMS[number * number % len(_FIRMS)]
    known: dict[str, Any] = {"firstname": first, "lastname": last}
    domain = "".join(one for one in firm.casefold() if one.isascii() and one.isalpha())
    plain = f"{first}.{last}{number}".casefold().encode("ascii", "ignore").decode()
    if random.random() < 0.2:
        return known | {"email": f"{plain}@gmail.com"}
    known |= {"email": f"{plain}@{domain}.example", "company": firm}
    if random.random() < 0.7:
        known |= {"position": random.choice(_TITLES), "phone": f"+33 1 55 0{number % 10} {number}"}
    if random.random() < 0.3:
        known |= {"city": random.choice(("Lyon", "Nantes", "Bruxelles", "Genève", "Lille"))}
    return known


class _Life:
    """Half a year of one person."""

    def __init__(self, person: Person, random: Random, end: datetime) -> None:
        self._person, self._random, self._end = person, random, end
        _, self._monthly, self._opens, self._won = _KINDS[person.kind]
        self._begin = end - PAST * random.uniform(0.05, 1)
        self._done = 0

    def live(self) -> None:
        months = (self._end - self._begin) / timedelta(days=30)
        visits = max(1, round(self._monthly * months * self._random.uniform(0.5, 1.3)))
        for number in range(visits):
            self._visit(self._moment() if number else self._begin)
        known = self._begin + timedelta(minutes=9)
        self._introduce(known)
        for number, mail in enumerate(_MAILS):
            self._mail(known + timedelta(days=4 + 9 * number, hours=number), mail)
        if self._random.random() < self._opens / 2:
            self._download(self._moment())
        self._outcome()

    def _moment(self) -> datetime:
        at = self._begin + (self._end - self._begin) * self._random.random()
        return at.replace(hour=self._random.choice((8, 9, 10, 11, 14, 15, 16, 17, 20)))

    def _visit(self, at: datetime) -> None:
        kind = {"interested": "buyer", "scanner": "curious"}.get(self._person.kind)
        if self._person.kind == "interested" and self._random.random() < 0.6:
            kind = "curious"
        pages = _PAGES[kind or self._person.kind]
        for _ in range(self._random.choice((1, 2, 3, 4))):
            path = self._random.choices(list(pages), list(pages.values()))[0]
            stay = self._random.choice((8, 30, 60, 200))
            given = {"title": path, "url": SITE + path, "code": 200, "seconds": stay}
            given |= {"tracking": f"{int(self._person.contact):023x}", "user_agent": _AGENT}
            self._do(at, "page_viewed", Subject("page", url=SITE + path, name=path), given)
            at += timedelta(seconds=stay + self._random.randrange(5))

    def _introduce(self, at: datetime) -> None:
        """The first form: from here on it is known who they are, company and phone by and by."""
        wants_demo = self._random.random() < {"buyer": 0.7, "interested": 0.25}.get(
            self._person.kind, 0.04
        )
        form = ("1", "Demo form", "demo_form") if wants_demo else ("2", "Newsletter", "newsletter")
        known = self._person.fields
        self._say(at, {"email": known["email"], "firstname": known["firstname"]})
        answers = {"email": known["email"], "firstname": known["firstname"]}
        about = Subject("form", id=form[0], name=form[1])
        self._do(at, "form_submitted", about, {"alias": form[2], "answers": answers})
        self._say(at + timedelta(days=self._random.uniform(0.1, 20)), dict(known))

    def _mail(self, at: datetime, mail: str) -> None:
        about = Subject("email", id=mail, name=_MAILS[mail])
        stat = {"stat": f"{self._random.getrandbits(88):022x}"}
        self._do(at, "email_sent", about, stat)
        told = stat | {"sent_at": at.isoformat(), "open_count": 1}
        scanned = self._person.kind == "scanner"
        if not scanned and self._random.random() > self._opens:
            return
        opened = at + timedelta(seconds=20 if scanned else self._random.randrange(300, 90_000))
        self._do(opened, "email_opened", about, told)
        for link in range(5 if scanned else self._random.random() < 0.35):
            opened += timedelta(seconds=1 if scanned else 25)
            clicked = stat | {"url": f"{SITE}/blog/{link}", "user_agent": _AGENT}
            clicked |= {"tracking": f"{int(self._person.contact):023x}"}
            self._do(opened, "email_clicked", about, clicked)
        if mail == "8" and self._random.random() < 0.04:
            about = Subject("email", id=mail, name=_MAILS[mail])
            self._do(opened + timedelta(minutes=2), "unsubscribed", about, {})

    def _download(self, at: datetime) -> None:
        asset = self._random.choice(_ASSETS)
        self._do(at, "asset_downloaded", Subject("asset", id=asset, name=asset), {"alias": asset})

    def _outcome(self) -> None:
        """Sales speaks of some; later some are won, and some lost for good."""
        known = self._end - self._begin
        if known < timedelta(days=30):
            return
        at = self._begin + known * self._random.uniform(0.55, 0.95)
        won = self._random.random() < self._won
        tags: list[str] = []
        if self._person.kind in ("buyer", "interested") and self._random.random() < 0.5:
            good = won or self._random.random() < 0.25
            tags = ["sales-accepted"] if good else ["sales-rejected"]
            reason = [] if good else [f"sales-reason:{self._random.choice(_REASONS)}"]
            self._say(at - timedelta(days=3), {"tags": [*tags, *reason]})
        if won or self._random.random() < 0.35:
            self._say(at, {"tags": [*tags, "customer" if won else "lost"]})

    def _say(self, at: datetime, fields: dict[str, Any]) -> None:
        if at < self._end:
            order = f"{len(self._person.items):04}"
            change = ProfileChange(self._person.contact, at, order, fields)
            self._person.items.append((at, change))

    def _do(self, at: datetime, kind: str, about: Subject, given: dict[str, Any]) -> None:
        if at < self._end:
            self._done += 1
            id = f"demo:{self._person.contact}/{self._done:03}"
            activity = Activity(id, self._person.contact, kind, at, about, given)
            self._person.items.append((at, activity))
