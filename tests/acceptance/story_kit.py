"""A month of a small firm, written and seeded: the same people do the same things every time.

Visitors, forms, merges, mails read by people, gateways and proxies, downloads, unsubscribes,
a bounce, a deletion, and the platform's own point actions beside ours. Played on a stand-in, it can
be followed by webhooks, by polling, or by both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random

from firm_kit import Firm, opened

from connectors.contract import Session
from connectors.mautic.session import MauticSession
from connectors.mautic.standin import saving, visitors
from connectors.mautic.standin.author import ADMIN
from connectors.mautic.standin.browser import GATEWAYS, PROXY
from connectors.mautic.standin.hooks import changing
from connectors.mautic.standin.kept import Mail, PointAction
from plugin.services.find_removals import begin_round, find_removals
from plugin.services.read_history import Read
from plugin.services.reconcile import reconcile_page
from plugin.storage import contacts, scores
from plugin.storage.connections import StoredConnection, find
from plugin.storage.engine import for_reading
from plugin.storage.scores import Score

CARD = """
name: {en: Story, fr: Histoire}
timezone: Europe/Paris
tolerance: 0
groups:
  - id: fit
    dimension: fit
    rules:
      - {id: phone, kind: field, points: 10, if: {field: phone, present: true}}
  - id: pages
    dimension: engagement
    cap: 40
    rules:
      - {id: pricing, kind: activity, points: 5, activity: page_viewed, url: "*/pricing",
         decay: {half_life: 30d}}
      - {id: again, kind: repeat, points: 10, activity: page_viewed, url: "*/pricing",
         nth: 3, by: day}
      - {id: jobs, kind: activity, points: -10, activity: page_viewed, url: "*/jobs"}
  - id: mails
    dimension: engagement
    rules:
      - {id: opened, kind: activity, points: 2, activity: email_opened}
      - {id: clicked, kind: activity, points: 4, activity: email_clicked}
      - {id: study, kind: activity, points: 8, activity: asset_downloaded, asset: "3",
         limit: {times: 1, per: 30d}}
      - {id: series, kind: series, points: 15, activity: email_opened, all_of: [Mail 1, Mail 2]}
  - id: forms
    dimension: engagement
    rules:
      - {id: demo, kind: activity, points: 20, activity: form_submitted,
         limit: {times: 1, per: 30d}}
bands:
  - {id: cold, tag: band-cold, on_fall: [{set_stage: 1}]}
  - {id: warm, enter: 20, leave: 15, tag: band-warm,
     on_rise: [{set_stage: 2}], on_fall: [{set_stage: 2}]}
  - {id: hot, enter: 45, leave: 40, tag: band-hot, on_rise: [{set_stage: 3}]}
"""
START = datetime(2026, 3, 2, 6, tzinfo=UTC)
SITE = "https://www.firm.example"
STUDY = "https://mautic.firm.example/asset/3:case-study"
_PAGES = ("/", "/pricing", "/product", "/blog", "/jobs")
_DAYS = 30


@dataclass
class Person:
    """Somebody, and the contact their browser was last seen as; ``reads`` says who reads."""

    email: str
    reads: str = "person"
    contact: int | None = None
    mails: list[Mail] = field(default_factory=list)


Act = Callable[[Firm], None]


class Story:
    """What happens at which moment. Everything is drawn beforehand, from one seed."""

    def __init__(self, seed: int, people: int = 8) -> None:
        self._random = Random(seed)
        kinds = ["person"] * 6 + ["gateway", "proxy"]
        self.people = [
            Person(f"p{number}@firm{number % 5}.example", kinds[number % len(kinds)])
            for number in range(people)
        ]
        self._acts: list[tuple[datetime, int, Act]] = []
        for number, person in enumerate(self.people):
            self._live(number, person)

    def days(self) -> Iterator[list[tuple[datetime, Act]]]:
        """The acts of each day, in order."""
        acts = sorted(self._acts, key=lambda act: act[:2])
        for day in range(_DAYS):
            until = START + timedelta(days=day + 1)
            today = [act for act in acts if act[0] < until]
            acts = acts[len(today) :]
            yield [(at, act) for at, _, act in today]

    def _at(self, moment: datetime, act: Act) -> None:
        self._acts.append((moment, len(self._acts), act))

    def _some_moment(self, first: float, last: float) -> datetime:
        return START + timedelta(seconds=int(self._random.uniform(first, last) * 86_400))

    def _live(self, number: int, person: Person) -> None:
        """Imported first or coming first; forms, visits and mails; some leave for good."""
        if number % 4 == 0:
            self._at(self._some_moment(0, 1), partial(imported, person=person))
        for _ in range(self._random.randint(1, 6)):
            self._visits(person, self._some_moment(0, _DAYS - 1))
        for _ in range(self._random.randint(1, 2)):
            self._at(self._some_moment(1, 20), partial(submits, person=person))
        for mail in range(1, 4):
            sent = self._some_moment(20 + mail, 21 + mail)
            self._at(sent, partial(is_mailed, person=person, mail=mail))
            self._reads(person, mail, sent)
        if number % 8 == 1:
            self._at(self._some_moment(25, 27), partial(quits, person=person))
        if number % 8 == 5:
            self._at(self._some_moment(27, 29), partial(is_deleted, person=person))
        if number % 8 == 2:
            self._at(self._some_moment(26, 28), partial(bounces, person=person))
        if number % 3 == 0:
            self._at(self._some_moment(2, 28), partial(takes_a_file, person=person))

    def _visits(self, person: Person, moment: datetime) -> None:
        for _ in range(self._random.randint(1, 4)):
            page = self._random.choice(_PAGES)
            self._at(moment, partial(visits, person=person, page=page))
            moment += timedelta(seconds=self._random.randint(15, 900))

    def _reads(self, person: Person, mail: int, sent: datetime) -> None:
        link = self._random.choice((STUDY, f"{SITE}/pricing"))
        if person.reads == "person":
            if self._random.random() < 0.3:
                return
            opened = sent + timedelta(hours=self._random.randint(1, 20))
            self._at(opened, partial(opens, person=person, mail=mail))
            if self._random.random() < 0.6:
                followed = opened + timedelta(seconds=40)
                self._at(followed, partial(follows, person=person, mail=mail, link=link))
            return
        soon = sent + timedelta(seconds=5)
        self._at(soon, partial(opens, person=person, mail=mail))
        if person.reads == "gateway":
            for step in range(len(GATEWAYS)):
                at = soon + timedelta(seconds=1 + step)
                self._at(at, partial(is_scanned, person=person, mail=mail, step=step))


def visits(firm: Firm, person: Person, page: str) -> None:
    person.contact = visitors.visit(firm.standin, person.contact, f"{SITE}{page}")


def submits(firm: Firm, person: Person) -> None:
    """From the browser they have; a contact known before is merged with it."""
    answers = {"email": person.email, "phone": "0612345678", "message": ""}
    person.contact = visitors.submit_form(firm.standin, person.contact, answers)


def imported(firm: Firm, person: Person) -> None:
    """Known to the platform, but not to the browser they come with later."""
    with changing(firm.standin) as events:
        saving.create(firm.standin, {"email": person.email}, ADMIN, events)


def is_mailed(firm: Firm, person: Person, mail: int) -> None:
    known = firm.standin.by_email(person.email)
    if known and not known.do_not_contact:
        name = f"Mail {mail}"
        person.mails.append(visitors.send_email(firm.standin, known.id, mail, name=name))


def opens(firm: Firm, person: Person, mail: int) -> None:
    browser = {"gateway": GATEWAYS[0], "proxy": PROXY}.get(person.reads)
    for sent in _held(firm, person, mail):
        if browser:
            visitors.open_email(firm.standin, sent, browser=browser)
        else:
            visitors.open_email(firm.standin, sent)


def follows(firm: Firm, person: Person, mail: int, link: str) -> None:
    for sent in _held(firm, person, mail):
        visitors.click(firm.standin, sent, link)


def is_scanned(firm: Firm, person: Person, mail: int, step: int) -> None:
    for sent in _held(firm, person, mail):
        link = f"{SITE}{_PAGES[step]}"
        visitors.click(firm.standin, sent, link, browser=GATEWAYS[step])


def quits(firm: Firm, person: Person) -> None:
    for sent in person.mails[:1]:
        visitors.unsubscribe(firm.standin, sent)


def bounces(firm: Firm, person: Person) -> None:
    for sent in person.mails[-1:]:
        visitors.bounce(firm.standin, sent)


def takes_a_file(firm: Firm, person: Person) -> None:
    """On the site: no webhook tells, and no rule asks, so that all ways of hearing agree."""
    if person.contact:
        visitors.download(firm.standin, person.contact, 9)


def is_deleted(firm: Firm, person: Person) -> None:
    if known := firm.standin.by_email(person.email):
        visitors.delete_contact(firm.standin, known.id)
        person.contact, person.mails, person.email = None, [], f"gone-{person.email}"


def _held(firm: Firm, person: Person, mail: int) -> list[Mail]:
    return [sent for sent in person.mails if sent.email == mail]


@contextmanager
def small_firm(folder: Path, version: str = "6.0.3") -> Iterator[Firm]:
    """The firm before its month, with point actions of the platform's own."""
    with opened(folder, version=version) as firm:
        firm.now = START
        firm.standin.point_actions += [
            PointAction(1, "Demo form sent", "form.submit", 25),
            PointAction(2, "Mail opened", "email.open", 1, repeatable=True),
        ]
        firm.standin.library["stages"] = {1: "Cold", 2: "Warm", 3: "Hot"}
        firm.scorecard(CARD)
        yield firm


def play(firm: Firm, seed: int, each_day: Callable[[int], None]) -> None:
    """The month; ``each_day`` is told the number of the day that is over."""
    for number, acts in enumerate(Story(seed).days()):
        for at, act in acts:
            firm.now = max(firm.now, at)
            act(firm)
        firm.now = START + timedelta(days=number + 1)
        each_day(number)


def polled(firm: Firm) -> None:
    """Read whatever the platform recorded and we do not know, then settle.

    Twice, the second time when the stays on pages are settled. Then ask who is still there.
    """
    runtime, source = firm.runtime, _source(firm)
    session = MauticSession(source.settings, now=runtime.clock)
    try:
        for _ in range(2):
            firm.wait(minutes=40)
            while not _read(firm, source, session).caught_up:
                pass
        begin_round(runtime.engine, source, firm.now)
        while not find_removals(runtime.engine, source, session.gone, runtime.clock).over:
            pass
        firm.settle()
    finally:
        session.close()


def _read(firm: Firm, source: StoredConnection, session: Session) -> Read:
    runtime = firm.runtime
    connectors = runtime.manifest.connector
    read = reconcile_page(runtime.engine, source, connectors, session, 500, runtime.clock)
    assert read is not None, "somebody else reads"
    return read


def scored(firm: Firm) -> dict[int, Score]:
    """The last score of every contact that the platform has and that was scored."""
    runtime = firm.runtime
    with for_reading(runtime.engine).begin() as connection:
        known = scores.scored_contacts(connection, _source(firm).id)
        stored = scores.read_scores(connection, list(known.values()))
    return {int(name): stored[own].score for name, own in known.items()}


def known_to_us(firm: Firm) -> set[int]:
    """The platform's ids of the contacts that we keep a history of."""
    with for_reading(firm.runtime.engine).begin() as connection:
        found = contacts.active_after(connection, _source(firm).id, 0, 1000)
    return {int(one.platform_id) for one in found}


def name_of(firm: Firm, contact: int) -> str:
    """The e-mail, or of a visitor the id."""
    return str(firm.standin.contacts[contact].values.get("email") or contact)


def stage_of(firm: Firm, contact: int) -> int | None:
    """The stage that the platform holds."""
    stage = firm.standin.contacts[contact].stage
    return int(stage["id"]) if stage else None


def _source(firm: Firm) -> StoredConnection:
    runtime = firm.runtime
    with for_reading(runtime.engine).begin() as connection:
        found = find(connection, runtime.vault, "mautic")
    assert found is not None
    return found
