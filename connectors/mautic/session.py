"""An open conversation with one Mautic."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import httpx

from ..commands import Command, Outcome
from ..contract import Check, Probe, Resolution
from ..errors import Missing
from . import onboarding, writeback
from .auth import auth_for
from .client import Client
from .edits import contact_number


class MauticSession:
    """``connectors.contract.Session`` for Mautic; may be shared by threads."""

    def __init__(
        self,
        settings: Mapping[str, Any],
        *,
        transport: httpx.BaseTransport | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = Client(settings["base_url"], auth_for(settings, clock), transport=transport)
        self._prefix: str = settings["field_prefix"]
        self._basic = "user" in settings
        self._sleep = sleep

    def probe(self) -> Probe:
        """See ``onboarding.probe``."""
        return onboarding.probe(self._client, basic=self._basic)

    def prepare_fields(self) -> tuple[Check, ...]:
        """See ``onboarding.prepare_fields``."""
        return onboarding.prepare_fields(self._client, self._prefix, self._sleep)

    def install_webhook(self, url: str, secret: str) -> Check:
        """See ``onboarding.install_webhook``."""
        return onboarding.install_webhook(self._client, url, secret)

    def apply(self, commands: Sequence[Command]) -> list[Outcome]:
        """See ``writeback.apply``."""
        return writeback.apply(self._client, self._prefix, commands)

    def resolve(self, contact: str) -> Resolution:
        """The id that now stands for this contact: after a merge Mautic answers the winner."""
        path = f"/api/contacts/{contact_number(contact)}"
        try:
            answer = self._client.call("GET", path, params={"minimal": 1})
        except Missing:
            return Resolution(None)
        return Resolution(str(writeback.contact_in(answer, path)["id"]))

    def close(self) -> None:
        """Give back connections."""
        self._client.close()
