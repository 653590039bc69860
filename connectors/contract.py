"""What a connector is. The rest of Maturo knows platforms only through these protocols."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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

    def apply(self, commands: Sequence[Command]) -> list[Outcome]:
        """Carry out the commands; one outcome each, in order. A failing one never costs others.

        Raises ``Transient`` or ``AuthFailed`` when nothing could be tried at all.
        """
        ...

    def resolve(self, contact: str) -> Resolution:
        """Ask what became of a contact id."""
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
        """Settings of a connection; those with ``metadata={"secret": True}`` are encrypted."""
        ...

    def verify(self, headers: Mapping[str, str], body: bytes, secrets: Sequence[str]) -> None:
        """Raise ``Rejected`` unless one of the secrets signed these very bytes."""
        ...

    def read_webhook(self, body: bytes) -> Reading:
        """Everything an authentic delivery says. Pure, and never raises for a bad body."""
        ...

    def own_fields(self, settings: Mapping[str, Any]) -> frozenset[str]:
        """The profile fields that only we write; they must never feed a score."""
        ...

    def open(
        self, settings: Mapping[str, Any], *, transport: httpx.BaseTransport | None = None
    ) -> Session:
        """Start a session with loaded settings; ``transport`` replaces the network in tests."""
        ...
