"""An open conversation with Newtool's API."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import httpx

from connectors.commands import Command, Outcome, UpdateContact
from connectors.contract import Check, Probe, Session
from connectors.errors import AuthFailed, ConnectorError, Refused, Transient, Unsupported


class NewtoolSession(Session):
    """What is not written here, ``Session`` answers as unsupported."""

    def __init__(
        self,
        settings: Mapping[str, Any],
        *,
        transport: httpx.BaseTransport | None = None,
        pace: Callable[[], object] | None = None,
    ) -> None:
        self._http = httpx.Client(
            base_url=settings["base_url"],
            headers={"Authorization": f"Bearer {settings['token']}"},
            timeout=httpx.Timeout(30.0, connect=5.0),
            follow_redirects=False,
            transport=transport,
            event_hooks={"request": [lambda _: pace()]} if pace else None,
        )

    def probe(self) -> Probe:
        """Who are we at Newtool?"""
        return Probe("?", None, (Check("address", False, "not written yet"),))

    def apply(self, commands: Sequence[Command]) -> list[Outcome]:
        """One outcome for each command, in order."""
        return [self._applied(command) for command in commands]

    def close(self) -> None:
        """Give back connections."""
        self._http.close()

    def _applied(self, command: Command) -> Outcome:
        if not isinstance(command, UpdateContact):
            return Outcome(command, error=Unsupported(type(command).__name__))
        try:
            self._write(command)
        except ConnectorError as error:
            return Outcome(command, error=error)
        return Outcome(command, contact=command.contact)

    def _write(self, command: UpdateContact) -> None:
        raise Refused("not written yet: set command.values, and add and remove its tags")

    def _call(self, method: str, path: str, json: Any = None) -> Any:
        """The JSON that is answered. Raises ``AuthFailed``, ``Refused`` or ``Transient``."""
        try:
            answer = self._http.request(method, path, json=json)
        except httpx.RequestError as error:
            raise Transient(f"{method} {path}: {type(error).__name__}") from error
        status = answer.status_code
        if status in (401, 403):
            raise AuthFailed(f"{method} {path}: the token is not accepted", status=status)
        if status == 429 or status >= 500:
            asked = answer.headers.get("Retry-After", "")
            wait = float(asked) if asked.isdecimal() else None
            raise Transient(f"{method} {path}: status {status}", retry_after=wait, status=status)
        if status >= 300:
            raise Refused(f"{method} {path}: status {status}", status=status)
        return answer.json()
