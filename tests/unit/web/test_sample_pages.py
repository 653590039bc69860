"""Trying how a delivery of any tool would be read, before its mapping counts."""

from __future__ import annotations

import json
from collections.abc import Callable
from html import unescape

import pytest

from plugin.runtime import Runtime
from plugin.services.connect import Request, connect
from tests.api_kit import program
from tests.pages_kit import Person, words

As = Callable[[str], Person]
PAGE = "/admin/connections/website/sample"
MAPPING = {
    "items": "$.batch[*]",
    "event": "$.name",
    "contact": "$.who",
    "at": "$.time",
    "profile": {"email": "$.mail"},
    "events": {
        "brochure": {"activity": "asset_downloaded", "subject": {"type": "asset", "id": "$.file"}},
        "gone": {"removal": True},
    },
}
AT = "2026-03-02T09:00:00Z"
BODY = {
    "batch": [
        {"name": "brochure", "who": 7, "time": AT, "file": "case-study", "mail": "ada@acme.test"},
        {"name": "brochure", "time": AT},
        {"name": "gone", "who": 8, "time": AT},
        {"name": "ping"},
    ]
}


@pytest.fixture
def admin(runtime: Runtime, as_role: As) -> Person:
    """Somebody who may connect, beside a tool that is connected."""
    wanted = Request("website", "generic", {}, None, "https://maturo.example/hooks/website")
    connector = runtime.manifest.connector("generic")
    assert connect(runtime.engine, runtime.vault, connector, wanted, runtime.clock()).saved
    return as_role("admin")


def test_a_mapping_is_tried_and_tells_what_it_reads_and_where_it_does_not(admin: Person) -> None:
    assert PAGE in admin.get("/admin/connections/website").text
    form = {"body": json.dumps(BODY), "mapping": json.dumps(MAPPING)}
    answer = admin.post(PAGE, form)
    told = words(answer.text)
    assert "File downloaded 7" in told
    assert "case-study" in told
    assert "email ada@acme.test" in told
    assert "The contact 8 is erased." in told
    assert "Item 2, brochure: no contact at $.who" in told
    assert "1 event “ping” means nothing here." in told
    assert '"items": "$.batch[*]"' in unescape(answer.text), "what was typed stays"


def test_r68_mistakes_are_told_in_french_with_their_place(admin: Person) -> None:
    admin.post("/admin/language", {"language": "fr"})
    form = {"body": json.dumps(BODY), "mapping": json.dumps(MAPPING)}
    assert "Élément 2, brochure : pas de contact à $.who" in words(
        admin.post(PAGE, form).text
    ).replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("mapping", "told"),
    [
        ("{", "Expected JSON: line 1"),
        ('{"event": "$.name"}', "contact: Missing data for required field."),
        ('{"contact": "$.[", "event": "$.e"}', "no JSONPath"),
        (
            '{"contact": "$.c", "events": {"a": {"activity": "looked"}}}',
            "events.a.value.activity: Expected one of",
        ),
    ],
)
def test_a_mapping_that_is_wrong_is_told_at_its_field(
    admin: Person, mapping: str, told: str
) -> None:
    answer = admin.post(PAGE, {"body": "{}", "mapping": mapping})
    assert answer.status_code == 422
    assert told in words(answer.text)


def test_without_a_mapping_the_connection_reads_as_it_does_now(admin: Person) -> None:
    body = {"type": "form_submitted", "data": {"contact": "42", "form": "demo"}}
    form = {"body": json.dumps(body)}
    assert "Maturo must know when it happened" in words(admin.post(PAGE, form).text)
    dated = {**form, "headers": "Webhook-Timestamp: 1772442000\nnonsense"}
    assert "Form submitted 42" in words(admin.post(PAGE, dated).text)
    assert "expected JSON in UTF-8" in words(admin.post(PAGE, {"body": "<x>"}).text)


def test_a_program_tries_the_same(admin: Person, runtime: Runtime) -> None:
    asked = program(runtime, "admin")
    path = "/api/v1/connections/website/sample"
    answer = asked.post(path, json={"body": json.dumps(BODY), "settings": {"mapping": MAPPING}})
    told = answer.json
    assert [one["what"] for one in told["items"]] == ["Activity", "ProfileChange", "Removal"]
    assert [(one["index"], one["reason"]) for one in told["broken"]] == [(1, "no contact at $.who")]
    assert told["ignored"] == {"ping": 1}
    wrong = asked.post(path, json={"body": "{}", "settings": {"mapping": {}}})
    assert wrong.status_code == 422
    assert "contact" in str(wrong.json)


def test_only_who_may_connect_tries(admin: Person, as_role: As) -> None:
    assert as_role("marketer").get(PAGE).status_code == 403
    assert admin.get("/admin/connections/nowhere/sample").status_code == 404
