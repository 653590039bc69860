"""The checks find what they look for: a small connector, spoilt in one way after another."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from marshmallow import Schema, fields

from connectors.activity import Activity, Reading, Subject
from connectors.commands import Outcome, UpdateContact
from connectors.conformance import Example, checks, record
from connectors.contract import Check, Connector, Probe, Resolution, Session
from connectors.errors import AuthFailed, Refused, Rejected, Transient, Unsupported
from tests.deadlines import DEADLINE

TEXT = {"en": "Tiny", "fr": "Tiny"}
STRINGS = {"settings": {"url": {"name": "Address", "help": "Where it is"}}}
STRINGS["settings"]["token"] = {"name": "Token", "help": "Its key"}
STRINGS["actions"] = {"update_contact": "Write"}
MANIFEST: dict[str, Any] = {
    "id": "tiny",
    "name": TEXT,
    "description": TEXT,
    "module": "tiny",
    "ingest": ["webhook"],
    "verify": {"method": "hmac-sha256"},
    "events": {"hit": ["activity:page_viewed"]},
    "actions": ["update_contact"],
    "capabilities": ["resolve"],
    "batch_size": 5,
    "rates": {"requests_per_second": 5},
    "permissions": [],
    "settings": [
        {"name": "url", "type": "url", "secret": False, "required": True, "help": TEXT},
        {"name": "token", "type": "string", "secret": True, "required": True, "help": TEXT},
    ],
}


class Settings(Schema):
    url = fields.String(required=True)
    token = fields.String(required=True, metadata={"secret": True})


def mac(body: bytes, secret: str) -> str:
    return hmac.digest(secret.encode(), body, hashlib.sha256).hex()


class TinySession(Session):
    def __init__(self, settings: Mapping[str, Any]) -> None:
        self.url, self.token = settings["url"], settings["token"]

    def probe(self) -> Probe:
        self.call("GET", "/me")
        return Probe("1", None, (Check("address", True, "answers"),))

    def apply(self, commands):
        return [self.one(command) for command in commands]

    def one(self, command) -> Outcome:
        if not isinstance(command, UpdateContact):
            return Outcome(command, error=Unsupported(type(command).__name__))
        try:
            tags = {"add": command.add_tags, "remove": command.remove_tags}
            self.call("PUT", f"/c/{command.contact}", {"values": command.values, "tags": tags})
        except (Transient, Refused, AuthFailed) as error:
            return Outcome(command, error=error)
        return Outcome(command, contact=command.contact)

    def resolve(self, contact: str) -> Resolution:
        self.call("GET", f"/c/{contact}")
        return Resolution(contact)

    def call(self, method: str, path: str, json: Any = None) -> None:
        headers = {"Authorization": f"Bearer {self.token}"}
        try:
            answer = requests.request(
                method,
                self.url + path,
                json=json,
                headers=headers,
                timeout=DEADLINE,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise Transient(f"{method} {path}: {type(error).__name__}") from None
        if answer.status_code == 401:
            raise AuthFailed("the token is not accepted", status=401)
        if answer.status_code == 429 or answer.status_code >= 500:
            asked = answer.headers.get("Retry-After")
            raise Transient("not now", retry_after=float(asked) if asked else None)
        if answer.status_code >= 300:
            raise Refused(f"refused: {answer.status_code}", status=answer.status_code)

    def close(self) -> None:
        pass


class Tiny(Connector):
    id = "tiny"
    manifest = MANIFEST
    settings_schema = Settings
    session: type[TinySession] = TinySession

    def verify(self, headers, body, secrets, settings, now) -> None:
        given = {name.lower(): value for name, value in headers.items()}.get("x-signature", "")
        good = [
            hmac.compare_digest(mac(body, one).encode(), given.encode("utf-8", "replace"))
            for one in secrets
            if one
        ]
        if not any(good):
            raise Rejected("X-Signature does not match")

    def read_webhook(self, headers, body, settings) -> Reading:
        try:
            told = json.loads(body)
            if told["event"] != "hit":
                return Reading(ignored={str(told["event"]): 1})
            at = datetime.fromisoformat(told["at"]).astimezone(UTC)
            page = Subject("page", str(told["page"]))
            one = Activity(str(told["id"]), str(told["who"]), "page_viewed", at, page)
            return Reading((one,))
        except Exception:
            return Reading()

    def open(self, settings, *, transport=None, pace=None) -> TinySession:
        return self.session(settings)


class Platform:
    def __init__(self) -> None:
        self.contacts: dict[str, Any] = {}

    def app(self, environ, start_response):
        length = int(environ.get("CONTENT_LENGTH") or 0)
        body = environ["wsgi.input"].read(length)
        if environ["REQUEST_METHOD"] == "PUT":
            told = json.loads(body)
            held = self.contacts.setdefault(environ["PATH_INFO"], {"tags": set()})
            held["values"] = told["values"]
            held["tags"] |= {*told["tags"]["add"]}
            held["tags"] -= {*told["tags"]["remove"]}
        start_response("200 OK", [])
        return [b"{}"]

    def held(self) -> str:
        return repr(self.contacts)


@pytest.fixture
def example(tmp_path, monkeypatch) -> Example:
    monkeypatch.setattr("connectors.conformance.declared.strings", lambda *_: STRINGS)
    hit = {"event": "hit", "id": 7, "who": 1, "page": "p", "at": "2026-03-02T09:00:00+00:00"}
    (tmp_path / "hit.json").write_text(json.dumps({"headers": {}, "body": json.dumps(hit)}))
    made = Example(
        connector=Tiny(),
        settings=lambda url: {"url": url, "token": "hush-token-hush"},
        platform=Platform,
        deliveries=tmp_path,
        recorded=tmp_path / "recorded.json",
        sign=lambda body, secret, now: {"X-Signature": mac(body, secret)},
        unknown=b'{"event":"other"}',
    )
    record(made)
    return made


def failures(example: Example) -> dict[str, str]:
    found = {}
    for check in checks(example):
        try:
            check()
        except AssertionError as error:
            found[str(check)] = str(error)
    return found


def test_a_connector_of_a_hundred_lines_passes_them_all(example):
    assert failures(example) == {}
    assert len(checks(example)) == 28


def spoilt(example: Example, **changed: Any) -> Example:
    made = type("Spoilt", (Tiny,), changed)
    return replace(example, connector=made())


def session(**changed: Any) -> dict[str, Any]:
    return {"session": type("SpoiltSession", (TinySession,), changed)}


def never(self, headers, body, secrets, settings, now) -> None:
    pass


def leaks(self, *given, **more):
    logging.getLogger("tiny").info("calling with %s", self.token)
    return TinySession.call(self, *given, **more)


def follows(self, method, path, json=None):
    headers = {"Authorization": f"Bearer {self.token}"}
    answer = requests.request(method, self.url + path, json=json, headers=headers, timeout=DEADLINE)
    if answer.history:
        raise Refused("redirected")


def waits(self, method, path, json=None):
    requests.request(method, self.url + path, json=json)


def refuses(self, method, path, json=None):
    try:
        TinySession.call(self, method, path, json)
    except Transient as error:
        raise Refused(str(error)) from None


def at_once(self, headers, body, settings) -> Reading:
    told = Tiny().read_webhook(headers, body, settings)
    return replace(told, items=tuple(one._replace(id=str(id(told))) for one in told.items))


@pytest.mark.parametrize(
    ("changed", "check", "said"),
    [
        ({"manifest": {}}, "the_manifest_is_complete", '"id" is missing'),
        (
            {"manifest": MANIFEST | {"capabilities": ["flying"]}},
            "it_declares_only_what_there_is",
            r"\['flying'\] is not known; there is",
        ),
        (
            {"manifest": MANIFEST | {"capabilities": ["resolve", "gone"]}},
            "what_it_declares_is_written",
            r'"gone" is declared, but TinySession does not write gone\(\)',
        ),
        (
            {"manifest": MANIFEST | {"capabilities": []}},
            "what_is_not_declared_is_unsupported",
            r'resolve\(\) answers, but "resolve" is not declared',
        ),
        (
            {"manifest": MANIFEST | {"name": {"en": "Tiny"}}},
            "everything_is_said_in_both_languages",
            '"name": no text in "fr"',
        ),
        (
            {"manifest": MANIFEST | {"settings": MANIFEST["settings"][:1]}},
            "the_settings_are_those_of_the_schema",
            '"token" of the schema is missing',
        ),
        ({"verify": never}, "a_forged_delivery_is_rejected", "without any header passes"),
        ({"verify": never}, "a_changed_body_is_rejected", "a changed body passes"),
        ({"read_webhook": at_once}, "a_delivery_read_twice_is_the_same", "read twice it differs"),
        (
            {"read_webhook": lambda self, headers, body, settings: json.loads(body)},
            "a_hostile_body_breaks_nothing",
            "read_webhook raised JSONDecodeError",
        ),
        (
            {"read_webhook": lambda self, headers, body, settings: Reading()},
            "an_unknown_event_is_counted",
            "counted in Reading.ignored",
        ),
        (
            {"read_webhook": lambda self, headers, body, settings: Reading()},
            "every_delivery_says_what_was_recorded",
            "says nothing",
        ),
        (session(call=leaks), "no_secret_is_told", r"a secret is told: calling with \*\*\*"),
        (session(call=waits), "no_call_waits_without_end", "give every request a time-out"),
        (
            session(call=follows),
            "nobody_is_followed_to_another_address",
            "a redirect was followed",
        ),
        (session(call=refuses), "what_passes_is_tried_again", "429: expected Transient, got Refu"),
        (
            session(call=lambda *_: None),
            "refused_credentials_are_told",
            "a write-back to a platform that refuses it had no error",
        ),
        (
            session(one=lambda self, command: Outcome(command)),
            "commands_it_cannot_do_are_unsupported",
            '"send_email" is not declared: its outcome must have Unsupported',
        ),
        (
            session(one=lambda self, command: Outcome(command)),
            "applied_twice_is_applied_once",
            "changed nothing that your platform's held",
        ),
        (
            session(apply=lambda self, commands: [self.one(one) for one in commands[:1]]),
            "every_command_has_its_outcome",
            "one outcome for each command, in order",
        ),
    ],
)
def test_what_is_wrong_is_found_and_said(example, changed, check, said):
    example = spoilt(example, **changed)
    [found] = [one for one in checks(example) if str(one) == check]
    with pytest.raises(AssertionError, match=said):
        found()


def test_what_was_recorded_otherwise_is_found(example):
    example.recorded.write_text("{}")
    recorded = checks(example)[6]
    with pytest.raises(AssertionError, match="hit reads otherwise than recorded"):
        recorded()
    example.recorded.unlink()
    with pytest.raises(AssertionError, match="nothing is recorded yet"):
        recorded()


def test_a_folder_without_deliveries_is_told_how_to_fill_it(example, tmp_path):
    (tmp_path / "hit.json").unlink()
    with pytest.raises(AssertionError, match="put one there for each kind of event"):
        checks(example)[6]()


def test_strings_are_asked_for_in_each_language(example, monkeypatch):
    monkeypatch.setattr("connectors.conformance.declared.strings", lambda *_: {})
    with pytest.raises(AssertionError, match=r'strings/en\.json: "settings", "url" needs a "name"'):
        checks(example)[3]()
