"""An open conversation with one Brevo account."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import httpx

from ..commands import Command, Outcome
from ..contract import Check, Choice, Probe, Resolution, Session
from ..errors import Missing, Unsupported
from ..outbound import way_out
from . import attributes, commands, hooks
from .client import Client, contact_path
from .lists import Lists

_CHOICES: Mapping[str, tuple[str, str]] = {
    "segment": ("/contacts/lists", "lists"),
    "email": ("/emailCampaigns", "campaigns"),
}


class BrevoSession(Session):
    """May be shared by threads."""

    def __init__(
        self,
        settings: Mapping[str, Any],
        *,
        transport: httpx.BaseTransport | None = None,
        pace: Callable[[], object] | None = None,
    ) -> None:
        self._settings = settings
        transport = transport or (way_out() if settings.get("public_only") else None)
        self._client = Client(
            settings["base_url"], settings["api_key"], transport=transport, pace=pace
        )
        self._lists = Lists(self._client)

    def probe(self) -> Probe:
        """The account behind the key, and whether it may see contacts."""
        self._client.call("GET", "/account")
        self._client.call("GET", "/contacts/attributes")
        return Probe("v3", None, (Check("credentials", True, "the API key is accepted"),))

    def prepare_fields(self) -> tuple[Check, ...]:
        """See ``attributes.prepare_fields``."""
        return attributes.prepare_fields(self._client, self._settings["prefix"])

    def remove_fields(self) -> tuple[Check, ...]:
        """See ``attributes.remove_fields``."""
        return attributes.remove_fields(self._client, self._settings["prefix"])

    def install_webhook(self, url: str, secret: str) -> Check:
        """See ``hooks.install``."""
        return hooks.install(self._client, self._settings, url, secret)

    def check_webhook(self, url: str) -> Check:
        """See ``hooks.check``."""
        return hooks.check(self._client, url)

    def remove_webhook(self, url: str) -> Check:
        """See ``hooks.remove``."""
        return hooks.remove(self._client, url)

    def other_webhooks(self, url: str) -> tuple[str, ...]:
        """See ``hooks.others``."""
        return hooks.others(self._client, url)

    def apply(self, commands_: Sequence[Command]) -> list[Outcome]:
        """See ``commands.apply``."""
        return commands.apply(self._client, self._lists, self._settings["prefix"], commands_)

    def was_done(self, command: Command, since: datetime) -> bool | None:
        """See ``commands.was_done``."""
        return commands.was_done(self._client, command)

    def resolve(self, contact: str) -> Resolution:
        """Whether Brevo still knows the address."""
        try:
            self._client.call("GET", contact_path(contact))
        except Missing:
            return Resolution(None)
        return Resolution(contact)

    def choices(self, kind: str) -> tuple[Choice, ...]:
        """Lists and campaigns."""
        if kind not in _CHOICES:
            raise Unsupported(f"choices of {kind}")
        rows = self._client.pages(*_CHOICES[kind])
        found = (Choice(str(row.get("id")), str(row.get("name"))) for row in rows)
        return tuple(sorted(found, key=lambda one: (one.name.casefold(), one.id)))

    def close(self) -> None:
        """Give back connections."""
        self._client.close()
