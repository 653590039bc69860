"""Who may deliver to the generic connector, and what a mapping makes of a body."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from generic_kit import NOW, SECRET, settings, vouched
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from connectors import proofs
from connectors.activity import Activity, ProfileChange, Reading, Removal, Subject
from connectors.errors import Rejected
from connectors.generic import CONNECTOR

BODY = b'{"type":"page_viewed"}'
OTHER = "whsec_YW5vdGhlciBzZWNyZXQsIG5vdCBvdXJzIGF0IGFsbA=="
MAPPING = {
    "items": "$.batch[*]",
    "event": "$.name",
    "contact": ["$.user.id", "$.visitor"],
    "id": "$.uuid",
    "at": "$.time",
    "profile": {"email": "$.user.email"},
    "events": {
        "page": {"activity": "page_viewed", "subject": {"type": "page", "url": "$.url"}},
        "webinar": {"activity": "custom.webinar", "attributes": {"minutes": "$.minutes"}},
        "gone": {"removal": True},
    },
}


def read(body: Any, headers: dict | None = None, **given: Any) -> Reading:
    raw = body if isinstance(body, bytes) else orjson.dumps(body)
    return CONNECTOR.read_webhook(headers or {}, raw, settings(**given))


def accepts(headers: dict, now: datetime = NOW, **given: Any) -> bool:
    try:
        CONNECTOR.verify(headers, BODY, [SECRET], settings(**given), now)
    except Rejected:
        return False
    return True


@pytest.mark.parametrize(
    ("away", "passes"), [(-301, False), (-300, True), (0, True), (300, True), (301, False)]
)
def test_the_tolerance_holds_both_ways(away, passes):
    headers = vouched("standard", BODY)
    assert accepts(headers, NOW + timedelta(seconds=away)) is passes
    assert accepts(headers, NOW + timedelta(seconds=away), tolerance=3600)


def test_any_of_several_signatures_counts_and_other_versions_do_not():
    true = vouched("standard", BODY)
    other = vouched("standard", BODY, OTHER)["Webhook-Signature"]
    own = true["Webhook-Signature"]
    assert accepts({**true, "Webhook-Signature": f"{other} v1a,x {own}"})
    assert not accepts({**true, "Webhook-Signature": other})
    assert not accepts({**true, "Webhook-Signature": own.replace("v1,", "v2,")})
    assert not accepts({**true, "Webhook-Id": "msg_2"})


def test_what_we_sign_is_believed_by_ourselves_and_by_a_key_of_any_form():
    for secret in (SECRET, SECRET.removeprefix("whsec_"), "f" * 64, "not base64 at all!"):
        headers = proofs.standard_headers("msg_1", BODY, secret, NOW)
        proofs.standard(headers, BODY, [secret], timedelta(minutes=5), NOW)


@given(st.dictionaries(st.sampled_from(["Webhook-Id", "Webhook-Timestamp", "Webhook-Signature",
    "Authorization", "X-Signature"]), st.text(max_size=60)))  # fmt: skip
def test_s01_hostile_headers_are_rejected_and_nothing_else(headers):
    for auth in ("standard", "hmac", "bearer", "basic", "header"):
        assert not accepts(headers, auth=auth)


@pytest.mark.parametrize("algorithm", ["sha1", "SHA1", "md5"])
def test_broken_algorithms_are_refused_with_the_reason(algorithm):
    with pytest.raises(ValidationError, match=r"This algorithm is broken.*Choose sha256"):
        settings(auth="hmac", algorithm=algorithm)


def test_a_batch_is_read_by_a_mapping_each_event_for_itself():
    found = read(
        {
            "batch": [
                {"name": "page", "user": {"id": 7, "email": "ada@example.org"}, "uuid": "a",
                 "time": 1772441940, "url": "https://x.example/"},
                {"name": "page", "visitor": "v-1", "uuid": "b", "time": "yesterday"},
                {"name": "webinar", "visitor": "v-1", "uuid": "c", "time": 1772441940123,
                 "minutes": 30},
                {"name": "gone", "visitor": "v-2", "uuid": "d", "time": "2026-03-02T10:00+01:00"},
                {"name": "dance", "visitor": "v-1"},
                {"name": "page", "uuid": "e", "time": 1772441940},
            ]
        },
        mapping=MAPPING,
    )  # fmt: skip
    at = datetime(2026, 3, 2, 8, 59, tzinfo=UTC)
    page = Activity("a", "7", "page_viewed", at, Subject("page", url="https://x.example/"))
    webinar = Activity(
        "c", "v-1", "custom.webinar", at.replace(microsecond=123000), Subject("event"),
        {"minutes": 30},
    )  # fmt: skip
    assert found.items == (
        page,
        ProfileChange("7", at, "a", {"email": "ada@example.org"}),
        webinar,
        Removal("v-2", datetime(2026, 3, 2, 9, tzinfo=UTC)),
    )
    assert [(one.event, one.index) for one in found.broken] == [("page", 1), ("page", 5)]
    assert found.broken[0].reason.startswith("moment at $.time: expected a moment such as")
    assert found.broken[1].reason == "no contact at $.user.id or $.visitor"
    assert found.ignored == {"dance": 1}


def test_the_same_delivery_has_the_same_ids_and_another_has_others():
    body = {"type": "page_viewed", "contact": "1"}
    first = {"Webhook-Id": "m1", "Webhook-Timestamp": "1772441940"}
    [one], [again] = read(body, first).items, read(body, first).items
    [other] = read(body, {**first, "Webhook-Id": "m2"}).items
    assert one.id == again.id == "m1:0"
    assert other.id == "m2:0"
    assert one.occurred_at == datetime(2026, 3, 2, 8, 59, tzinfo=UTC)


def test_a_delivery_that_tells_no_moment_is_shown_with_what_to_do():
    [broken] = read({"type": "page_viewed", "contact": "1"}).broken
    assert broken.reason == ("no moment at $.timestamp or $.at: Maturo must know when it happened")


def test_values_that_are_nested_or_too_long_do_not_come_in():
    body = {"type": "contact_updated", "contact": "1", "at": 1772441940}
    [broken] = read({**body, "email": {"a": 1}}).broken
    assert broken.reason.startswith("email at $.data.email or $.email: expected text, a number")
    [change] = read({**body, "company": "x" * 9_000, "phone": "+3\x003", "tags": ["a", 1]}).items
    assert len(change.fields["company"]) == 5_000
    assert change.fields["phone"] == "+33"
    assert change.fields["tags"] == ["a", 1]


@pytest.mark.parametrize(
    ("mapping", "said"),
    [
        ("{", "Expected JSON: line 1"),
        ("[]", "Expected an object"),
        ({"events": {}}, "contact: Missing data"),
        ({"contact": "$.a["}, r"contact: \$\.a\[: no JSONPath"),
        ({"contact": 3}, "contact: Expected a JSONPath such as"),
        ({"contact": "$.a", "colour": "$.b"}, "colour: Unknown field"),
        ({"contact": "$.a", "items": "$..["}, "no JSONPath"),
        (
            {"contact": "$.a", "events": {"x": {"activity": "danced"}}},
            r"events\.x\.value\.activity: Expected one of asset_downloaded",
        ),
        (
            {"contact": "$.a", "events": {"x": {"subject": {"colour": "$.a"}}}},
            "colour.*Must be one of: type, id, name",
        ),
    ],
)
def test_a_mapping_with_a_mistake_is_refused_at_its_place(mapping, said):
    with pytest.raises(ValidationError, match=said):
        settings(mapping=mapping)


def test_a_mapping_may_be_typed_as_text():
    text = orjson.dumps(MAPPING).decode()
    assert settings(mapping=text)["mapping"] == MAPPING


def test_http_needs_the_private_setting_and_an_address_needs_a_secret():
    with pytest.raises(ValidationError, match="Use https"):
        settings(url="http://tool.example/in", signing_secret=SECRET)
    with pytest.raises(ValidationError, match="Needed to sign"):
        settings(url="https://tool.example/in")
    assert settings(url="http://n8n:5678/in", signing_secret=SECRET, private_addresses=True)


_KEYS = st.sampled_from(["batch", "name", "user", "id", "time", "uuid", "url", "email"])
_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text() | st.integers(-(2**60), 2**60),
    lambda inner: st.lists(inner) | st.dictionaries(_KEYS, inner),
)


@given(_JSON)
def test_whatever_json_is_read_without_an_error(body):
    for how in ({"mapping": MAPPING}, {"tool": "posthog"}, {}):
        assert isinstance(read(body, **how), Reading)
