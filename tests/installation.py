"""An installation beside a stand-in platform, moved step by step without threads or waiting."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from connectors.commands import Outcome, UpdateContact
from connectors.contract import Session
from connectors.errors import Transient
from connectors.mautic.standin import Running, StandIn
from connectors.mautic.standin.php import encode
from connectors.signature import sign
from plugin.lines import Limiters
from plugin.runtime import Runtime
from plugin.scoring.explanation import Explanation
from plugin.scoring.scorecard import MICRO
from plugin.services.connect import Request, connect
from plugin.services.deliver import deliver_batch
from plugin.services.explain import explain_contact
from plugin.services.publish import publish
from plugin.services.recalculate import recalculate_batch
from plugin.services.receive import Inbound, receive
from plugin.services.score import score_batch
from plugin.services.settle_removals import settle_removals
from plugin.storage import connections, contacts, scores
from plugin.storage.connections import StoredConnection
from plugin.storage.engine import for_reading
from plugin.storage.scores import StoredScore
from plugin.storage.tables import metadata

NAME, SECRET = "acme", "webhook-secret-of-acme"

CARD = """
name: {en: Test, fr: Test}
timezone: Europe/Paris
groups:
  - id: profile
    dimension: fit
    label: {en: Profile, fr: Profil}
    rules:
      - {id: phone, kind: field, label: {en: Phone, fr: Tél}, points: 10,
         if: {field: phone, present: true}}
  - id: pages
    dimension: engagement
    label: {en: Pages, fr: Pages}
    cap: 40
    rules:
      - {id: visit, kind: activity, label: {en: Visit, fr: Visite}, points: 5,
         activity: page_viewed, limit: {times: 3, per: day}}
      - {id: jobs, kind: activity, label: {en: Jobs, fr: Emplois}, points: -10,
         activity: page_viewed, url: "*/jobs"}
  - id: forms
    dimension: engagement
    label: {en: Forms, fr: Formulaires}
    rules:
      - {id: demo, kind: activity, label: {en: Demo, fr: Démo}, points: 20,
         activity: form_submitted, limit: {times: 1, per: 30d}}
bands:
  - {id: cold, label: {en: Cold, fr: Froid}, tag: band-cold}
  - {id: warm, label: {en: Warm, fr: Tiède}, enter: 15, leave: 12, tag: band-warm}
  - {id: hot, label: {en: Hot, fr: Chaud}, enter: 30, leave: 25, tag: band-hot}
"""


def unpaced() -> Limiters:
    """Budgets that nobody waits for: the clock of a test does not move by itself."""
    return Limiters(sleep=lambda _: None)


class Clock:
    """A clock that moves only when told."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


class Installation:
    """``runtime`` and the platform ``standin``; every step is done when its method returns."""

    def __init__(self, runtime: Runtime, running: Running, clock: Clock) -> None:
        self.runtime = runtime
        self.url = running.url
        self.standin: StandIn = running.standin
        self.clock = clock
        self.engine = runtime.engine
        self.connector = runtime.manifest.connector("mautic")
        self._session: Session | None = None

    def connect(self, mode: str = connections.BOTH) -> None:
        settings = {
            "base_url": self.url,
            "client_id": self.standin.client_id,
            "client_secret": self.standin.client_secret,
        }
        url = None if mode == connections.POLL else "https://maturo.example/hooks/acme"
        request = Request(NAME, "mautic", settings, SECRET, url, mode=mode)
        done = connect(self.engine, self.runtime.vault, self.connector, request, self.clock())
        assert all(check.ok for check in done.checks), done.checks

    @property
    def source(self) -> StoredConnection:
        with for_reading(self.engine).begin() as connection:
            found = connections.find(connection, self.runtime.vault, NAME)
        assert found is not None
        return found

    @property
    def session(self) -> Session:
        if self._session is None:
            self._session = self.connector.open(self.source.settings)
        return self._session

    def close(self) -> None:
        if self._session is not None:
            self._session.close()

    def take_deliveries(self) -> list[bytes]:
        """What the platform would post now: one body for each event."""
        with self.standin.lock:
            queued, self.standin.queue = self.standin.queue, []
        return [encode({f"mautic.{event.key}": [event.item]}) for _, event in queued]

    def receive(self, bodies: Sequence[bytes], name: str = NAME, secret: str = SECRET) -> None:
        inbound = Inbound(self.connector, (secret,))
        for body in bodies:
            headers = {"Webhook-Signature": sign(body, secret)}
            receive(self.runtime.inbox, lambda _: inbound, name, headers, body, self.clock())

    def score(self, limit: int = 256) -> int:
        """Take what the platform tells, and score all of it; how many receipts."""
        self.receive(self.take_deliveries())
        total = 0
        while done := self.score_batch(limit):
            total += done
        return total

    def score_batch(self, limit: int = 256) -> int:
        return score_batch(
            self.runtime.inbox,
            self.engine,
            self.runtime.vault,
            self.runtime.manifest.connector,
            limit,
            self.clock(),
        )

    def deliver(self, apply: Callable[..., Any] | None = None) -> int:
        apply = apply or self.session.apply
        return deliver_batch(self.engine, self.source, apply, 50, self.clock, lambda: 0.0)

    def settle(self) -> int:
        resolve = self.session.resolve
        return settle_removals(self.engine, self.source, resolve, 50, self.clock(), lambda: 0.0)

    def unheard(self, commands: Sequence[UpdateContact]) -> list[Outcome]:
        """The platform takes the writes, but no answer of it arrives."""
        self.session.apply(commands)
        return [Outcome(command, error=Transient("the answer was lost")) for command in commands]

    def publish(self, card: str) -> int:
        return publish(self.engine, card, "card", self.clock())

    def recalculate(self, limit: int = 256) -> int:
        return recalculate_batch(self.engine, limit, self.clock())

    def stored(self, contact: int) -> StoredScore | None:
        """The stored score of a platform id."""
        with for_reading(self.engine).begin() as connection:
            found = contacts.find(connection, self.source.id, str(contact))
            if found is None:
                return None
            return scores.read_scores(connection, [found.id]).get(found.id)

    def points(self, contact: int) -> float:
        stored = self.stored(contact)
        assert stored is not None, f"contact {contact} has no score"
        return stored.score.score / MICRO

    def explain(self, contact: int, **when: datetime) -> Explanation:
        at = when.pop("at", self.clock())
        vault = self.runtime.vault
        return explain_contact(self.engine, vault, f"{NAME}/{contact}", at, "en", **when)

    def rows(self, table: str) -> list[dict[str, Any]]:
        with for_reading(self.engine).begin() as connection:
            found = connection.execute(metadata.tables[table].select())
            return [dict(row) for row in found.mappings()]

    def writes(self) -> list[Any]:
        """The edits the platform was asked for, one body each."""
        with self.standin.lock:
            calls = [call for call in self.standin.requests if call.method == "PATCH"]
        edits = [call.json for call in calls if "/contacts/" in call.path]
        return [one for edit in edits for one in (edit if isinstance(edit, list) else [edit])]

    def held(self, contact: int) -> dict[str, Any]:
        """What the platform holds of ours: values by name, and the band's tags."""
        found = self.standin.find(contact)
        assert found is not None, f"contact {contact} is not in the platform"
        mine = {k.removeprefix("maturo_"): v for k, v in found.values.items() if "maturo" in k}
        return mine | {"tags": [tag for tag in found.tags if tag.startswith("band-")]}

    def tally(self, name: str) -> int:
        return sum(row["seen"] for row in self.rows("tallies") if row["name"] == name)


def broken_body() -> bytes:
    """A delivery of one item that cannot be read."""
    return orjson.dumps({"mautic.page_on_hit": [{"timestamp": "never", "hit": {}}]})
