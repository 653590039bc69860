"""Messages to the incoming webhooks of Slack and Teams.

https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks (text with escaped
``&<>``; 200 ``ok``; 429 with Retry-After),
https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using
(an adaptive card in a message; 200 or 202).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import requests

from ..commands import Notify
from ..errors import AuthFailed, Refused, Transient
from ..outbound import check_url, guarded_session

_PASSING = frozenset({408, 425, 429})


class Chat:
    """One incoming webhook; its address is a secret and never told."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._url: str = settings["url"]
        self._slack = settings["channel"] == "slack"
        self._private: bool = settings["private_addresses"]
        self._http = guarded_session(private=self._private)

    def check(self) -> None:
        """Slack refuses an empty message with 400 where the webhook is good; Teams is not asked."""
        check_url(self._url, private=self._private)
        if not self._slack:
            return
        answer = self._post({})
        if answer.status_code != 400:
            _judge(answer)

    def send(self, message: Notify) -> None:
        """Post it. Raises ``Transient``, ``AuthFailed`` or ``Refused``."""
        _judge(self._post(slack(message) if self._slack else teams(message)))

    def close(self) -> None:
        """Give back connections."""
        self._http.close()

    def _post(self, body: Mapping[str, Any]) -> requests.Response:
        try:
            return self._http.post(self._url, json=body, headers={"User-Agent": "Maturo"})
        except requests.Timeout:
            raise Transient("no answer in time") from None
        except requests.exceptions.SSLError:
            raise Refused("its certificate is not trusted, or is another's") from None
        except requests.RequestException as error:
            # Its message has the address in it; the chain would show it too.
            raise Transient(f"broken off ({type(error).__name__})") from None


def slack(message: Notify) -> dict[str, Any]:
    """As Slack takes it; nothing in it is taken for a mention or a link of somebody's."""
    title = _escaped(message.title).replace("*", "")
    return {"text": f"*{title}*\n{_escaped(message.text)}", "unfurl_links": False}


def teams(message: Notify) -> dict[str, Any]:
    """As Teams takes it: a card with the title and a block for each line."""
    lines = [{"type": "TextBlock", "text": message.title, "weight": "bolder", "wrap": True}]
    lines += [
        {"type": "TextBlock", "text": line, "wrap": True, "spacing": "small"}
        for line in message.text.splitlines()
    ]
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": lines,
    }
    kind = "application/vnd.microsoft.card.adaptive"
    return {"type": "message", "attachments": [{"contentType": kind, "content": card}]}


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _judge(answer: requests.Response) -> None:
    status = answer.status_code
    if 200 <= status < 300:
        return
    if status in _PASSING or status >= 500:
        raise Transient(f"status {status}", retry_after=_asked(answer), status=status)
    if status == 401:
        raise AuthFailed("status 401: the webhook is not accepted; make a new one", status=status)
    raise Refused(
        f"status {status}: the channel refuses it; see whether the webhook is still there",
        status=status,
    )


def _asked(answer: requests.Response) -> float | None:
    given = answer.headers.get("Retry-After", "")
    return float(given) if given.isascii() and given.isdecimal() else None
