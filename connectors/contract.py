"""What a connector is. The rest of Maturo knows platforms only through these protocols."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple, Protocol

import httpx
from marshmallow import Schema

from .activity import Reading
from .commands import Command, Outcome
from .errors import Unsupported

#: What a connector may declare under ``capabilities`` in its manifest, and the calls of a session
#: that come with it. Those of what it does not declare raise ``Unsupported``.
CAPABILITIES: Mapping[str, tuple[str, ...]] = {
    "fields": ("prepare_fields", "remove_fields"),
    "webhook": ("install_webhook", "check_webhook", "remove_webhook"),
    "republish": ("publish_webhook",),
    "history": ("history", "present_cursors"),
    "profiles": ("profiles",),
    "gone": ("gone",),
    "resolve": ("resolve",),
    "rules": ("present_rules",),
    "forms": ("optional_answers",),
    "choices": ("choices",),
}

#: The kinds of things that people pick from lists when they write a scorecard.
PICKED = (
    *("form", "email", "page", "asset", "segment", "campaign", "stage", "tag", "field", "owner"),
)


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


class Choice(NamedTuple):
    """One entry of a pick list: what a scorecard names, and what people read."""

    id: str
    name: str


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
    """An open conversation with one platform. Every call has a time-out.

    A connector derives its own from this one and writes ``probe``, ``apply``, ``close`` and what
    its manifest declares of ``CAPABILITIES``; the rest is answered here.
    """

    def probe(self) -> Probe:
        """Credentials, rights and version, by asking; raises ``ConnectorError`` if unreachable."""
        ...

    def prepare_fields(self) -> tuple[Check, ...]:
        """Create or adopt the fields that hold our values; safe to repeat."""
        raise Unsupported("prepare_fields")

    def install_webhook(self, url: str, secret: str) -> Check:
        """Make the platform deliver to ``url``, signed with ``secret``; safe to repeat."""
        raise Unsupported("install_webhook")

    def other_webhooks(self, url: str) -> tuple[str, ...]:
        """Where the platform delivers to a Maturo beside ``url``: connected twice, or another's.

        Empty where our role may not look.
        """
        return ()

    def why_silent(self, url: str) -> str:
        """What people should look at when no delivery arrives at ``url``, likeliest first."""
        return f"See in the platform that it still delivers to {url}."

    def remove_webhook(self, url: str) -> Check:
        """Stop the platform from delivering to ``url``; safe to repeat."""
        raise Unsupported("remove_webhook")

    def remove_fields(self) -> tuple[Check, ...]:
        """Delete the fields that hold our values, and the values; safe to repeat."""
        raise Unsupported("remove_fields")

    def check_webhook(self, url: str) -> Check:
        """Whether the platform still delivers to ``url``; changes nothing."""
        raise Unsupported("check_webhook")

    def publish_webhook(self, url: str) -> Check:
        """Switch the webhook that delivers to ``url`` on again, as the administrator asked."""
        raise Unsupported("publish_webhook")

    def history(self, cursors: Mapping[str, str], limit: int) -> HistoryPage:
        """The next part of what the platform recorded after ``cursors``; empty: from the start.

        At most about ``limit`` rows, by one request or few; the connector decides which. What a
        webhook told as well comes as the same activity, under the same id. Raises ``Transient``,
        ``AuthFailed``, ``Refused`` or ``Unsupported``, and then nothing was passed over.
        """
        raise Unsupported("history")

    def present_cursors(self) -> Mapping[str, str]:
        """Where the history stands now: for who wants nothing of the past."""
        raise Unsupported("present_cursors")

    def profiles(self, contacts: Sequence[str]) -> Reading:
        """What the platform now knows of these contacts; an id that is gone gives a removal."""
        raise Unsupported("profiles")

    def gone(self, contacts: Sequence[str]) -> frozenset[str]:
        """Those of these contacts that the platform shows no more: deleted, or merged away.

        For all of them together, by one light request or few. Raises as ``history``.
        """
        raise Unsupported("gone")

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
        return None

    def resolve(self, contact: str) -> Resolution:
        """Ask what became of a contact id."""
        raise Unsupported("resolve")

    def present_rules(self) -> PlatformRules:
        """The rules by which the platform gives points itself; raises ``Unsupported`` if none."""
        raise Unsupported("present_rules")

    def optional_answers(self, form: str) -> tuple[str, ...]:
        """The aliases of the answers that a form of the platform does not require.

        Raises ``Missing`` when there is no such form, ``Unsupported`` if a platform has none.
        """
        raise Unsupported("optional_answers")

    def choices(self, kind: str) -> tuple[Choice, ...]:
        """What the platform has of a kind of ``PICKED``, by name; ``Unsupported`` for others."""
        raise Unsupported(f"choices of {kind}")

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

        Those with ``"identity": True`` tell one platform from another; ``"rare": True`` are folded
        away in forms.
        """
        ...

    def verify(
        self,
        headers: Mapping[str, str],
        body: bytes,
        secrets: Sequence[str],
        settings: Mapping[str, Any],
        now: datetime,
    ) -> None:
        """Raise ``Rejected`` unless one of the secrets vouches for these very bytes.

        ``settings`` are those that are not secret. ``now`` is for deliveries that say when they
        were signed. Names of headers come in any case.
        """
        ...

    def read_webhook(
        self, headers: Mapping[str, str], body: bytes, settings: Mapping[str, Any]
    ) -> Reading:
        """Everything an authentic delivery says. Pure, and never raises for a bad body.

        Of the headers only those are kept that the manifest names as ``keeps`` of ``verify``;
        ``Received-At`` among them is our own moment, for platforms that tell none.
        """
        ...

    def read_rules(self, documents: Mapping[str, Any]) -> PlatformRules:
        """The platform's own rules from saved answers of its API, by what each holds.

        ``points`` and ``triggers``; pure. Raises ``Refused`` for another shape.
        """
        raise Unsupported("read_rules")

    def own_fields(self, settings: Mapping[str, Any]) -> frozenset[str]:
        """The profile fields that only we write; they must never feed a score."""
        return frozenset()

    def open(
        self,
        settings: Mapping[str, Any],
        *,
        transport: httpx.BaseTransport | None = None,
        pace: Callable[[], object] | None = None,
    ) -> Session:
        """Start a session with loaded settings; ``transport`` replaces httpx's network in tests.

        ``pace`` is called before every single request, and may wait there.
        """
        ...


def can(connector: Connector, capability: str) -> bool:
    """Whether the connector declares a capability of ``CAPABILITIES``."""
    return capability in connector.manifest["capabilities"]
