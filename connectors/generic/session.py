"""Commands as signed JSON, posted to the one address of the connection."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import orjson
import requests

from .. import proofs
from ..commands import ACTIONS, AddNote, Command, Outcome, UpdateContact
from ..contract import Check, Probe, Resolution, Session
from ..errors import AuthFailed, ConnectorError, Refused, Transient, Unsupported
from ..outbound import check_url, guarded_session

_NAMES = {kind: name for name, kind in ACTIONS.items() if kind is not AddNote}
#: Of these nobody knows whether the tool did it all the same.
_DOUBTFUL = frozenset({500, 502, 504})
#: Answers after which the same delivery may succeed.
_PASSING = frozenset({408, 425, 429})


class GenericSession(Session):
    """Posts to one address; may be used by one thread at a time."""

    def __init__(
        self,
        settings: Mapping[str, Any],
        *,
        pace: Callable[[], object] | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._url: str | None = settings.get("url")
        self._secret: str = settings.get("signing_secret", "")
        self._private: bool = settings["private_addresses"]
        self._deduplicates: bool = settings["deduplicates"]
        self._pace = pace or (lambda: None)
        self._now = now
        self._http = guarded_session(private=self._private)

    def probe(self) -> Probe:
        """Posts ``maturo.test``, which a receiver answers and otherwise ignores."""
        if self._url is None:
            return Probe("1", None, (Check("address", True, _RECEIVES),))
        check_url(self._url, private=self._private)
        self._post(f"test_{uuid4().hex}", "maturo.test", {})
        return Probe("1", None, (Check("address", True, "takes our signed deliveries"),))

    def apply(self, commands: Sequence[Command]) -> list[Outcome]:
        """One delivery each; after one that failed for all of them the rest are not tried."""
        outcomes: list[Outcome] = []
        failure: ConnectorError | None = None
        for command in commands:
            outcome = Outcome(command, error=failure) if failure else self._applied(command)
            outcomes.append(outcome)
            if isinstance(outcome.error, Transient | AuthFailed | Unsupported):
                failure = outcome.error
        return outcomes

    def was_done(self, command: Command, since: datetime) -> bool | None:
        """Untold, unless the receiver drops what it has: then it may be sent once more."""
        return False if self._deduplicates else None

    def resolve(self, contact: str) -> Resolution:
        """Whom the tool said to be gone is gone: there is nobody to ask."""
        return Resolution(None)

    def close(self) -> None:
        """Give back connections."""
        self._http.close()

    def _applied(self, command: Command) -> Outcome:
        if self._url is None:
            return Outcome(command, error=Unsupported("sending: the connection has no address"))
        try:
            self._post(*_message(command))
        except (Transient, AuthFailed, Refused) as error:
            return Outcome(command, error=error, in_doubt=error.status in (*_DOUBTFUL, _NO_ANSWER))
        return Outcome(command, contact=command.contact)

    def _post(self, id: str, event: str, data: Mapping[str, Any]) -> None:
        assert self._url is not None  # noqa: S101
        now = self._now()
        body = orjson.dumps({"type": event, "timestamp": now, "data": data})
        headers = proofs.standard_headers(id, body, self._secret, now)
        headers |= {"Content-Type": "application/json", "User-Agent": "Maturo"}
        self._pace()
        try:
            answer = self._http.post(self._url, data=body, headers=headers)
        except requests.ConnectTimeout as error:
            raise Transient("cannot connect in time") from error
        except requests.Timeout as error:
            raise Transient("no answer in time", status=_NO_ANSWER) from error
        except requests.exceptions.SSLError as error:
            raise Refused("its certificate is not trusted, or is another's") from error
        except requests.RequestException as error:
            raise Transient(f"broken off ({type(error).__name__})", status=_NO_ANSWER) from error
        _judge(answer)


_RECEIVES = "nothing is sent: this connection has no address and only receives"
#: Stands for a status where no answer came.
_NO_ANSWER = 0


def _message(command: Command) -> tuple[str, str, dict[str, Any]]:
    """Id, event and data of a command. An action keeps its id when it is sent again.

    A write-back holds absolute values and has a new one each time: the same score may come twice.
    """
    data = asdict(command)
    if isinstance(command, UpdateContact):
        return f"msg_{uuid4().hex}", "contact.updated", data
    operation = data.pop("operation")
    if isinstance(command, AddNote):
        name = "call" if data.pop("kind") == "call" else "note"
    else:
        name = _NAMES[type(command)]
    return f"msg_{operation}", f"action.{name}", data


def _judge(answer: requests.Response) -> None:
    """Nothing for an answer that accepts; raises what the runner should do with others."""
    status = answer.status_code
    if 200 <= status < 300:
        return
    if status in (401, 403):
        raise AuthFailed(
            f"status {status}: the receiver does not accept our signature; see that both sides "
            "have the same signing secret",
            status=status,
        )
    if status in _PASSING or status >= 500:
        raise Transient(f"status {status}", retry_after=_asked(answer), status=status)
    if 300 <= status < 400:
        raise Refused(f"status {status}: redirects are not followed; give the final address")
    raise Refused(f"status {status}: the receiver refuses it", status=status)


def _asked(answer: requests.Response) -> float | None:
    given = answer.headers.get("Retry-After", "")
    return float(given) if given.isascii() and given.isdecimal() else None
