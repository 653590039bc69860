"""What a connector is. The rest of Maturo knows platforms only through these protocols."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

import httpx
from marshmallow import Schema

from .activity import Reading
from .commands import Command, Outcome


@dataclass(frozen=True, slots=True)
class Check:
    """One step of a connection test. ``remedy`` says what to do when ``ok`` is false."""

    name: str
    ok: bool
    detail: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Probe:
    """What the platform is and who we are there. ``author`` marks our own writes in deliveries."""

    version: str
    author: str | None
    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        """Whether every check passed."""
        return all(check.ok for check in self.checks)


@dataclass(frozen=True, slots=True)
class Resolution:
    """What became of a contact id: itself, another id (merged), or ``None`` (gone)."""

    contact: str | None


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """What one call for history gave.

    ``cursors`` are to be kept and given again with the next call; only the connector reads them.
    ``caught_up`` says that nothing newer was there at the time of the call. ``rows`` were read by
    it, ``remaining`` are still to come as far as the platform told.
    """

    reading: Reading
    cursors: Mapping[str, str]
    caught_up: bool
    rows: int = 0
    remaining: int | None = None


@dataclass(frozen=True, slots=True)
class PlatformRule:
    """A rule by which the platform itself gives points.

    ``subject`` is a type with ids of which one must fit, ``attributes`` what an activity must
    have (``*`` stands for any text). It counts every time, ``once`` for each contact, or only the
    ``nth`` time. ``machines`` says whether what machines do counts as well. Days are inclusive.
    """

    id: str
    name: str
    points: int
    on: bool
    activity: tuple[str, ...]
    subject: tuple[str, tuple[str, ...]] | None = None
    attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    once: bool = False
    nth: int | None = None
    machines: bool = True
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class PlatformThreshold:
    """Points from which the platform does something, once for each contact.

    ``actions`` are names and objects such as ``("add_to_campaign", "3")``.
    """

    id: str
    name: str
    points: int
    tag: str | None = None
    actions: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class PlatformRules:
    """The platform's own scoring. ``left_out`` names what has no counterpart here, and why."""

    rules: tuple[PlatformRule, ...]
    thresholds: tuple[PlatformThreshold, ...]
    left_out: tuple[str, ...]


class Session(Protocol):
    """An open conversation with one platform. Every call has a time-out."""

    def probe(self) -> Probe:
        """Credentials, rights and version, by asking; raises ``ConnectorError`` if unreachable."""
        ...

    def prepare_fields(self) -> tuple[Check, ...]:
        """Create or adopt the fields that hold our values; safe to repeat."""
        ...

    def install_webhook(self, url: str, secret: str) -> Check:
        """Make the platform deliver to ``url``, signed with ``secret``; safe to repeat."""
        ...

    def other_webhooks(self, url: str) -> tuple[str, ...]:
        """Where the platform delivers to a Maturo beside ``url``: connected twice, or another's.

        Empty where our role may not look.
        """
        ...

    def why_silent(self, url: str) -> str:
        """What people should look at when no delivery arrives at ``url``, likeliest first."""
        ...

    def remove_webhook(self, url: str) -> Check:
        """Stop the platform from delivering to ``url``; safe to repeat."""
        ...

    def remove_fields(self) -> tuple[Check, ...]:
        """Delete the fields that hold our values, and the values; safe to repeat."""
        ...

    def check_webhook(self, url: str) -> Check:
        """Whether the platform still delivers to ``url``; changes nothing."""
        ...

    def publish_webhook(self, url: str) -> Check:
        """Switch the webhook that delivers to ``url`` on again, as the administrator asked."""
        ...

    def history(self, cursors: Mapping[str, str], limit: int) -> HistoryPage:
        """The next part of what the platform recorded after ``cursors``; empty: from the start.

        At most about ``limit`` rows, by one request or few; the connector decides which. What a
        webhook told as well comes as the same activity, under the same id. Raises ``Transient``,
        ``AuthFailed``, ``Refused`` or ``Unsupported``, and then nothing was passed over.
        """
        ...

    def present_cursors(self) -> Mapping[str, str]:
        """Where the history stands now: for who wants nothing of the past."""
        ...

    def profiles(self, contacts: Sequence[str]) -> Reading:
        """What the platform now knows of these contacts; an id that is gone gives a removal."""
        ...

    def gone(self, contacts: Sequence[str]) -> frozenset[str]:
        """Those of these contacts that the platform shows no more: deleted, or merged away.

        For all of them together, by one light request or few. Raises as ``history``.
        """
        ...

    def apply(self, commands: Sequence[Command]) -> list[Outcome]:
        """Carry out the commands; one outcome each, in order. A failing one never costs others.

        One that this connector cannot do has ``Unsupported`` for its error. Raises ``Transient``
        or ``AuthFailed`` only while nothing that must not be repeated was tried.
        """
        ...

    def was_done(self, command: Command, since: datetime) -> bool | None:
        """Whether a command that is not ``repeatable`` was carried out already; ``None``: untold.

        For a command that was sent and whose answer is lost. ``since`` is when it was first to be
        sent, by our clock; the call itself must be over, or the platform may still be at it.
        Raises ``Missing`` when the contact is gone, ``Transient``, ``AuthFailed``.
        """
        ...

    def resolve(self, contact: str) -> Resolution:
        """Ask what became of a contact id."""
        ...

    def present_rules(self) -> PlatformRules:
        """The rules by which the platform gives points itself; raises ``Unsupported`` if none."""
        ...

    def optional_answers(self, form: str) -> tuple[str, ...]:
        """The aliases of the answers that a form of the platform does not require.

        Raises ``Missing`` when there is no such form, ``Unsupported`` if a platform has none.
        """
        ...

    def close(self) -> None:
        """Give back connections."""
        ...


class Connector(Protocol):
    """Code for one platform: pure reading of its deliveries, and a session for its API."""

    @property
    def id(self) -> str:
        """Folder name and manifest id, such as ``mautic``."""
        ...

    @property
    def manifest(self) -> Mapping[str, Any]:
        """The connector's ``manifest.json``."""
        ...

    @property
    def settings_schema(self) -> type[Schema]:
        """Settings of a connection; those with ``metadata={"secret": True}`` are encrypted.

        Those with ``"identity": True`` tell one platform from another.
        """
        ...

    def verify(self, headers: Mapping[str, str], body: bytes, secrets: Sequence[str]) -> None:
        """Raise ``Rejected`` unless one of the secrets signed these very bytes."""
        ...

    def read_webhook(self, body: bytes) -> Reading:
        """Everything an authentic delivery says. Pure, and never raises for a bad body."""
        ...

    def read_rules(self, documents: Mapping[str, Any]) -> PlatformRules:
        """The platform's own rules from saved answers of its API, by what each holds.

        ``points`` and ``triggers``; pure. Raises ``Refused`` for another shape.
        """
        ...

    def own_fields(self, settings: Mapping[str, Any]) -> frozenset[str]:
        """The profile fields that only we write; they must never feed a score."""
        ...

    def open(
        self,
        settings: Mapping[str, Any],
        *,
        transport: httpx.BaseTransport | None = None,
        pace: Callable[[], object] | None = None,
    ) -> Session:
        """Start a session with loaded settings; ``transport`` replaces the network in tests.

        ``pace`` is called before every single request, and may wait there.
        """
        ...
