"""Sales is told by Slack, Teams or mail; the contract is kept, and no webhook's address told."""

from __future__ import annotations

import smtplib
from email.message import EmailMessage
from typing import Any

import orjson
import pytest
import requests
import responses
from marshmallow import ValidationError

from connectors.commands import Notify
from connectors.conformance import Check, Example, checks
from connectors.contract import Session
from connectors.errors import AuthFailed, Refused, Transient
from connectors.messenger import CONNECTOR
from connectors.messenger.settings import Settings

URL = "https://hooks.slack.example/services/T0/B0/very-secret"
MESSAGE = Notify(
    "mautic/7",
    "maturo:1",
    "Ada <Lovelace> & Co",
    "Score 60, band Ready.\n– <!channel> asked for a demo\nhttps://maturo.example/verdict/x?a&b",
)


class Slack:
    """Takes messages with a text, as Slack's incoming webhooks do."""

    def __init__(self) -> None:
        self.messages: list[Any] = []

    def app(self, environ: Any, start_response: Any) -> list[bytes]:
        body = orjson.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
        if not body.get("text"):
            start_response("400 Bad Request", [])
            return [b"no_text"]
        self.messages.append(body)
        start_response("200 OK", [])
        return [b"ok"]

    def held(self) -> Any:
        return list(self.messages)


EXAMPLE = Example(
    connector=CONNECTOR,
    settings=lambda url: {"channel": "slack", "url": f"{url}/services", "private_addresses": True},
    platform=Slack,
)


@pytest.mark.parametrize("check", checks(EXAMPLE), ids=str)
def test_it_keeps_the_contract(check: Check) -> None:
    check()


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.messenger.chat.check_url", lambda url, **_: "192.0.2.1")
    monkeypatch.setattr("connectors.messenger.mail.check_url", lambda url, **_: "192.0.2.1")


def opened(**given: Any) -> Session:
    return CONNECTOR.open(Settings().load({"channel": "slack", "url": URL, **given}))


def said(status: int = 200, **headers: str) -> Any:
    """The outcome of the message where the channel answers so."""
    with responses.RequestsMock() as mocked:
        mocked.add(responses.POST, URL, status=status, headers=headers)
        [outcome] = opened().apply([MESSAGE])
        return outcome, mocked.calls[0].request.body


def test_slack_shows_nothing_that_a_contact_typed_as_a_mention() -> None:
    outcome, body = said()
    text = orjson.loads(body)["text"]
    assert outcome.error is None
    assert text.startswith("*Ada &lt;Lovelace&gt; &amp; Co*\nScore 60, band Ready.\n")
    assert "&lt;!channel&gt;" in text


def test_teams_gets_a_card_with_a_block_for_each_line() -> None:
    with responses.RequestsMock() as mocked:
        mocked.add(responses.POST, URL, status=202)
        [outcome] = opened(channel="teams").apply([MESSAGE])
        [attached] = orjson.loads(mocked.calls[0].request.body)["attachments"]
    assert outcome.error is None
    assert [one["text"] for one in attached["content"]["body"]] == [
        MESSAGE.title,
        *MESSAGE.text.splitlines(),
    ]


def test_it_waits_as_long_as_the_channel_asks() -> None:
    error = said(429, **{"Retry-After": "30"})[0].error
    assert isinstance(error, Transient)
    assert error.retry_after == 30


@pytest.mark.parametrize("status", [400, 403, 404, 410])
def test_a_webhook_that_is_gone_is_refused(status: int) -> None:
    assert type(said(status)[0].error) is Refused


def test_no_error_tells_the_address_of_the_webhook() -> None:
    with responses.RequestsMock() as mocked:
        mocked.add(responses.POST, URL, body=requests.ConnectionError(f"no way to {URL}"))
        [outcome] = opened().apply([MESSAGE])
    assert isinstance(outcome.error, Transient)
    assert "very-secret" not in f"{outcome.error!r} {outcome.error.__cause__!r}"


class Server:
    """A mail server that takes what comes, or raises what the test says."""

    sent: list[EmailMessage]
    did: list[str]
    fails: Exception | None = None

    def __init__(self, host: str, port: int, timeout: float) -> None:
        self.did.append(f"{host}:{port} within {timeout:.0f} s")

    def starttls(self, context: Any) -> None:
        self.did.append("starttls")

    def login(self, user: str, password: str) -> None:
        self.did.append(f"login {user}")

    def send_message(self, message: EmailMessage) -> None:
        if self.fails is not None:
            raise self.fails
        self.sent.append(message)

    def quit(self) -> None:
        self.did.append("quit")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> type[Server]:
    made = type("Made", (Server,), {"sent": [], "did": [], "fails": None})
    monkeypatch.setattr(smtplib, "SMTP", made)
    return made


MAIL = {
    "channel": "mail",
    "host": "mail.example.org",
    "user": "maturo",
    "password": "s3cret",
    "sender": "maturo@example.org",
    "recipients": "ann@example.org, bob@example.org",
}


def by_mail() -> Session:
    return CONNECTOR.open(Settings().load(MAIL))


def test_a_mail_is_encrypted_before_the_password_is_shown(server: type[Server]) -> None:
    [outcome] = by_mail().apply([MESSAGE])
    assert outcome.error is None
    assert server.did == ["mail.example.org:587 within 30 s", "starttls", "login maturo", "quit"]
    [message] = server.sent
    assert message["Subject"] == MESSAGE.title
    assert message["To"] == "ann@example.org, bob@example.org"
    assert message["Message-ID"] == "<maturo.1@example.org>"
    assert "asked for a demo" in message.get_content()


def test_what_a_contact_typed_makes_no_header(server: type[Server]) -> None:
    title = "Ada\r\nBcc: everybody@example.org"
    by_mail().apply([Notify("mautic/7", "maturo:2", title, "text")])
    assert server.sent[0]["Bcc"] is None
    assert server.sent[0]["Subject"] == "Ada Bcc: everybody@example.org"


@pytest.mark.parametrize(
    ("fails", "kind"),
    [
        (smtplib.SMTPAuthenticationError(535, b"no"), AuthFailed),
        (smtplib.SMTPDataError(451, b"later"), Transient),
        (smtplib.SMTPDataError(554, b"spam"), Refused),
        (smtplib.SMTPRecipientsRefused({"a": (550, b"who?")}), Refused),
        (smtplib.SMTPServerDisconnected("gone"), Transient),
        (ConnectionResetError(), Transient),
    ],
)
def test_a_mail_that_does_not_go_says_what_to_do(
    server: type[Server], fails: Exception, kind: type[Exception]
) -> None:
    server.fails = fails
    [outcome] = by_mail().apply([MESSAGE])
    assert type(outcome.error) is kind
    assert "s3cret" not in str(outcome.error)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"channel": "slack"}, "url"),
        ({"channel": "slack", "url": "http://hooks.example/x"}, "url"),
        ({**MAIL, "recipients": "ann@example.org, nobody"}, "recipients"),
        ({**MAIL, "security": "none"}, "security"),
        ({"channel": "mail"}, "host"),
    ],
)
def test_settings_that_cannot_work_or_are_unsafe_are_refused(
    given: dict[str, Any], field: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        Settings().load(given)
    assert field in refused.value.messages_dict
