from __future__ import annotations

from datetime import UTC, datetime
from importlib.resources import files

import orjson
import pytest
from marshmallow import ValidationError
from mautic_exchanges import BASE, BASIC, OAUTH, Replay, recorded

from connectors import registry, signature
from connectors.commands import ACTIONS
from connectors.errors import Rejected
from connectors.mautic import CONNECTOR
from connectors.mautic.edits import BATCH_SIZE, FIELD_TYPES
from connectors.mautic.hooks import TRIGGERS
from connectors.mautic.settings import Settings

MANIFEST = CONNECTOR.manifest


def texts(language: str):
    path = files("connectors.mautic").joinpath("strings", f"{language}.json")
    return orjson.loads(path.read_bytes())


def messages_of(given: dict) -> dict:
    with pytest.raises(ValidationError) as caught:
        Settings().load(given)
    return caught.value.normalized_messages()


@pytest.mark.parametrize("given", [OAUTH, BASIC])
def test_one_pair_of_credentials_is_enough(given):
    assert Settings().load(dict(given)) == {
        **given,
        "field_prefix": "maturo_",
        "mirror_points": False,
        "public_only": False,
    }


def test_the_pair_left_empty_in_a_form_is_not_given():
    given = {**OAUTH, "user": "", "password": "", "field_prefix": ""}
    assert Settings().load(given) == Settings().load({**OAUTH})


@pytest.mark.parametrize(
    ("address", "loaded"),
    [
        ("https://m.example.test/", "https://m.example.test"),
        ("https://m.example.test/mautic//", "https://m.example.test/mautic"),
        ("HTTPS://M.example.test:443", "https://m.example.test"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://127.0.0.1:8080/m", "http://127.0.0.1:8080/m"),
    ],
)
def test_addresses_lose_their_last_slash_and_keep_their_folder(address, loaded):
    assert Settings().load({**OAUTH, "base_url": address})["base_url"] == loaded


@pytest.mark.parametrize(
    "address",
    [
        "",
        "m.example.test",
        "ftp://m.example.test",
        "https://u:p@m.example.test",
        "https://m.example.test/?a=1",
        "https://m.example.test/#a",
        "http://[::1",
        "https://m.example.test/ x",
        7,
    ],
)
def test_addresses_that_are_none_are_refused(address):
    assert "base_url" in messages_of({**OAUTH, "base_url": address})


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"client_id": "a"},
        {"client_secret": "a"},
        {"user": "a"},
        {"client_id": "a", "password": "b"},
        {"client_id": "a", "client_secret": "b", "user": "c", "password": "d"},
    ],
)
def test_no_half_both_or_missing_pair(given):
    assert "either client_id" in str(messages_of({"base_url": BASE, **given})["_schema"])


@pytest.mark.parametrize("prefix", ["1a", "Maturo_", "a-b", "é_", "a" * 16, "_a", "a\n"])
def test_prefixes_mautic_would_change_are_refused(prefix):
    assert "field_prefix" in messages_of({**OAUTH, "field_prefix": prefix})


def test_unknown_settings_are_refused():
    assert "tokn" in messages_of({**OAUTH, "tokn": "x"})


def test_the_registry_finds_it():
    assert registry.load("mautic", MANIFEST["module"]) is CONNECTOR
    assert CONNECTOR.id == MANIFEST["id"] == "mautic"


def test_the_manifest_says_what_the_code_does():
    declared = {s["name"]: (s["secret"], s["required"]) for s in MANIFEST["settings"]}
    coded = {
        name: (bool(field.metadata.get("secret")), field.required)
        for name, field in CONNECTOR.settings_schema().fields.items()
    }
    assert declared == coded
    assert MANIFEST["batch_size"] == BATCH_SIZE
    assert set(TRIGGERS) <= set(MANIFEST["events"])
    assert len(MANIFEST["events"]) == 14
    # Messages go by other connectors.
    assert set(MANIFEST["actions"]) == {"update_contact", *ACTIONS} - {"notify"}


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_setting_and_check_has_its_text(language):
    strings = texts(language)
    helps = {s["name"]: s["help"][language] for s in MANIFEST["settings"]}
    assert {name: entry["help"] for name, entry in strings["settings"].items()} == helps
    assert all(entry["name"] for entry in strings["settings"].values())
    assert set(strings["checks"]) == {
        *("address", "credentials", "author", "right", "field", "webhook")
    }
    assert set(strings["actions"]) == set(MANIFEST["actions"])
    assert all(strings["actions"].values())
    for described in (MANIFEST["name"], MANIFEST["description"]):
        assert described[language]
    assert all(right["why"][language] for right in MANIFEST["permissions"])


def test_its_own_fields_are_those_it_writes():
    own = CONNECTOR.own_fields({"field_prefix": "x_"})
    assert own == {f"x_{name}" for name in FIELD_TYPES}


def test_it_verifies_and_reads_deliveries():
    body = b'{"timestamp": "2026-11-21T20:00:00+00:00"}'
    headers = {"Webhook-Signature": signature.sign(body, "s1")}
    now = datetime(2026, 11, 21, 20, tzinfo=UTC)
    CONNECTOR.verify(headers, body, ["s1"], {}, now)
    assert CONNECTOR.read_webhook(headers, body, {}).test
    with pytest.raises(Rejected):
        CONNECTOR.verify(headers, body, ["s2"], {}, now)


def test_it_opens_sessions_on_a_given_transport():
    replay = Replay({("GET", "/api/contacts/7"): [recorded("stale_id_get")]})
    opened = CONNECTOR.open(Settings().load(dict(BASIC)), transport=replay)
    assert opened.resolve("7").contact == "7"
    opened.close()
