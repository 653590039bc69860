"""Messages to one channel, one for each notification."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..commands import Command, Notify, Outcome
from ..contract import Check, Probe, Session
from ..errors import AuthFailed, Refused, Transient, Unsupported
from .chat import Chat
from .mail import Mail


class MessengerSession(Session):
    """Tells by the channel of the connection; for one thread at a time."""

    def __init__(
        self, settings: Mapping[str, Any], *, pace: Callable[[], object] | None = None
    ) -> None:
        self._channel: Chat | Mail = (
            Mail(settings) if settings["channel"] == "mail" else Chat(settings)
        )
        self._pace = pace or (lambda: None)

    def probe(self) -> Probe:
        """Whether the channel would take a message; shows none to anybody."""
        self._pace()
        self._channel.check()
        return Probe("1", None, (Check("channel", True, "takes our messages"),))

    def apply(self, commands: Sequence[Command]) -> list[Outcome]:
        """One message each."""
        return [self._applied(command) for command in commands]

    def _applied(self, command: Command) -> Outcome:
        if not isinstance(command, Notify):
            return Outcome(command, error=Unsupported(type(command).__name__))
        self._pace()
        try:
            self._channel.send(command)
        except (Transient, AuthFailed, Refused) as error:
            return Outcome(command, error=error)
        return Outcome(command, contact=command.contact)

    def close(self) -> None:
        """Give back connections."""
        self._channel.close()
