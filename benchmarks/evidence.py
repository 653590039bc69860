"""How well machines are told from humans: `python -m benchmarks.evidence [--seed N] [--each N]`.

Streams of contacts are generated from a seed: the three signatures of mail gateways that were
published, proxies that load pictures, and humans of several habits. For each signature alone and
for all together: how many machines are missed, and how many humans are taken for one.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from random import Random

from connectors.activity import Activity, Evidence, Subject
from plugin.scoring.evidence import SIGNATURES, judge
from plugin.scoring.evidence.mail import traffic
from plugin.scoring.history import history

_START = datetime(2026, 3, 2, 8, tzinfo=UTC)
_LINKS = tuple(f"https://example.org/{name}" for name in ("a", "b", "c", "d", "e"))
_LEAVE = "https://example.org/unsubscribe"


class _Person:
    """The activities of one contact while they are made."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.told: list[Activity] = []
        self.home = self._address()

    def mails(self, least: int, most: int) -> Iterator[tuple[str, datetime]]:
        """Mails that are sent to the contact, days apart."""
        at = _START
        for number in range(self.random.randint(least, most)):
            at += timedelta(days=self.random.uniform(2, 6))
            self._add("email_sent", str(number), at)
            yield str(number), at

    def open(self, mail: str, at: datetime, agent: str | None = None) -> None:
        self._add("email_opened", mail, at, user_agent=agent)

    def click(self, mail: str, at: datetime, link: str, ip: str | None = None) -> None:
        self._add("email_clicked", mail, at, url=link, ip=ip or self.home)

    def view(self, at: datetime) -> None:
        page = Subject("page", url=self.random.choice(_LINKS))
        self._keep("page_viewed", page, at, ip=self.home, tracking=self.home)

    def elsewhere(self) -> str:
        """An address of a farm."""
        return self._address()

    def _address(self) -> str:
        return f"198.51.{self.random.randint(0, 255)}.{self.random.randint(0, 255)}"

    def _add(self, kind: str, mail: str, at: datetime, **given: str | None) -> None:
        self._keep(kind, Subject("email", mail), at, **given)

    def _keep(self, kind: str, subject: Subject, at: datetime, **given: str | None) -> None:
        # Platforms date to the second.
        told = {name: value for name, value in given.items() if value is not None}
        at = at.replace(microsecond=0)
        self.told.append(Activity(f"{len(self.told):04}", "1", kind, at, subject, told))


def _sweep(one: _Person) -> None:
    """One address follows every link seconds after the mail came."""
    for mail, sent in one.mails(1, 4):
        at = sent + timedelta(seconds=one.random.uniform(20, 90))
        one.open(mail, at)
        for link in one.random.sample(_LINKS, one.random.randint(3, 5)):
            one.click(mail, at, link)
            at += timedelta(seconds=one.random.uniform(0.3, 2))


def _farm(one: _Person) -> None:
    """Each hit comes from another address, slowly enough that no two links are near."""
    for mail, sent in one.mails(1, 4):
        at = sent + timedelta(seconds=one.random.uniform(20, 600))
        for link in one.random.sample(_LINKS, 4):
            one.click(mail, at, link, one.elsewhere())
            at += timedelta(seconds=one.random.uniform(5, 9))


def _parting(one: _Person) -> None:
    """The unsubscribe link and one of the body, from two addresses within a minute."""
    for mail, sent in one.mails(1, 3):
        at = sent + timedelta(seconds=one.random.uniform(20, 600))
        one.click(mail, at, _LEAVE, one.elsewhere())
        later = at + timedelta(seconds=one.random.uniform(10, 55))
        one.click(mail, later, one.random.choice(_LINKS), one.elsewhere())


def _mute_proxy(one: _Person) -> None:
    """Pictures are loaded seconds after the send, by a program that does not say what it is."""
    for mail, sent in one.mails(2, 6):
        one.open(mail, sent + timedelta(seconds=one.random.uniform(1, 13)))


def _named_proxy(one: _Person) -> None:
    """Pictures are loaded hours later, by a program that says what it is."""
    for mail, sent in one.mails(1, 6):
        agent = one.random.choice(["Mozilla/5.0", "GoogleImageProxy"])
        one.open(mail, sent + timedelta(hours=one.random.uniform(0, 9)), agent)


def _reader(one: _Person) -> None:
    """Opens some mails and rarely clicks."""
    for mail, sent in one.mails(2, 6):
        if one.random.random() < 0.7:
            at = sent + timedelta(minutes=one.random.lognormvariate(4, 1.5))
            one.open(mail, at)
            if one.random.random() < 0.3:
                one.click(mail, at + timedelta(seconds=5), one.random.choice(_LINKS))


def _keen(one: _Person) -> None:
    """Follows several links of a mail, reading in between, and strolls around the site."""
    for mail, sent in one.mails(2, 6):
        at = sent + timedelta(minutes=one.random.lognormvariate(3, 1.5))
        one.open(mail, at)
        for link in one.random.sample(_LINKS, one.random.randint(1, 4)):
            at += timedelta(seconds=one.random.lognormvariate(3.2, 0.8))
            one.click(mail, at, link)
        one.view(at + timedelta(seconds=one.random.uniform(10, 300)))


def _waiting(one: _Person) -> None:
    """Sits in front of the mailbox: opens at once what was asked for, and uses it."""
    for mail, sent in one.mails(1, 4):
        at = sent + timedelta(seconds=one.random.uniform(6, 40))
        one.open(mail, at)
        if one.random.random() < 0.8:
            one.click(mail, at + timedelta(seconds=one.random.uniform(2, 20)), _LINKS[0])


def _leaver(one: _Person) -> None:
    """Reads, follows a link, and unsubscribes."""
    for mail, sent in one.mails(1, 2):
        at = sent + timedelta(hours=one.random.uniform(0.1, 12))
        one.open(mail, at)
        one.click(mail, at + timedelta(seconds=8), one.random.choice(_LINKS))
        one.click(mail, at + timedelta(seconds=one.random.uniform(15, 50)), _LEAVE)


_MACHINES: Mapping[str, Callable[[_Person], None]] = {
    "sweep": _sweep,
    "address farm": _farm,
    "unsubscribe pair": _parting,
    "mute proxy": _mute_proxy,
    "named proxy": _named_proxy,
}
_HUMANS: Mapping[str, Callable[[_Person], None]] = {
    "reader": _reader,
    "keen reader": _keen,
    "waiting": _waiting,
    "leaver": _leaver,
}

_Streams = Mapping[str, list[tuple[Activity, ...]]]


def streams(seed: int, each: int) -> tuple[_Streams, _Streams]:
    """The activities of so many machines and humans of each habit, the same for the same seed."""
    random = Random(seed)
    machines, humans = (
        {name: [_stream(random, live) for _ in range(each)] for name, live in habits.items()}
        for habits in (_MACHINES, _HUMANS)
    )
    return machines, humans


def share_caught(found: Iterable[tuple[Activity, ...]], rule: str | None) -> float:
    """The share of contacts with a machine in them, by one signature alone or by all together."""
    verdicts = [_is_caught(stream, rule) for stream in found]
    return sum(verdicts) / len(verdicts)


def _stream(random: Random, live: Callable[[_Person], None]) -> tuple[Activity, ...]:
    person = _Person(random)
    live(person)
    return history(person.told, ()).activities


def _is_caught(stream: tuple[Activity, ...], rule: str | None) -> bool:
    if rule is not None:
        return any(True for _ in SIGNATURES[rule](traffic(stream)))
    return any(one.evidence is Evidence.MACHINE for one in judge(stream).activities)


def main() -> None:
    """Print a table: a line for each signature, a column for each habit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--each", type=int, default=500)
    asked = parser.parse_args()
    machines, humans = streams(asked.seed, asked.each)
    print(f"{asked.each} contacts of each habit, seed {asked.seed}")
    print("machines missed, and humans taken for a machine (false alarms), in %\n")
    print(f"{'':10}" + "".join(f"{name:>17}" for name in (*machines, *humans)))
    for rule in (*SIGNATURES, None):
        missed = [100 * (1 - share_caught(found, rule)) for found in machines.values()]
        alarms = [100 * share_caught(found, rule) for found in humans.values()]
        print(f"{rule or 'all':10}" + "".join(f"{value:17.1f}" for value in (*missed, *alarms)))


if __name__ == "__main__":
    main()
