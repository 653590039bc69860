"""Whatever the bytes, reading a delivery answers and loses only what is broken."""

import copy
import json
from dataclasses import asdict
from pathlib import Path

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.activity import BrokenItem
from connectors.mautic.webhook import read_webhook

WEBHOOKS = Path(__file__).parents[2] / "payloads" / "mautic" / "webhooks"
BODIES = [
    json.loads(json.loads(path.read_text(encoding="utf-8"))["body"])
    for path in sorted(WEBHOOKS.glob("*_1.json"))
]


def body_of(name: str) -> dict:
    return json.loads(json.loads((WEBHOOKS / f"{name}.json").read_text(encoding="utf-8"))["body"])


def broken(name: str, *path: str, value) -> BrokenItem:
    """The broken item of a recorded delivery with ``value`` put at ``path`` of its first item."""
    root = body_of(name)
    part = next(iter(root.values()))[0]
    for key in path[:-1]:
        part = part[key]
    part[path[-1]] = value
    found = read_webhook(json.dumps(root).encode())
    assert found.items == ()
    (item,) = found.broken
    return item


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "expected JSON in UTF-8"),
        (b"\xff\xfe{}", "expected JSON in UTF-8"),
        (b'{"a": NaN}', "expected JSON in UTF-8"),
        (b'{"a": "\\ud800"}', "expected JSON in UTF-8"),
        (b"[" * 100_000, "expected JSON in UTF-8"),
        (b"[]", "expected an object of event types"),
        (b'"text"', "expected an object of event types"),
        (b"null", "expected an object of event types"),
    ],
)
def test_a_body_that_is_no_delivery_is_one_broken_item(body, reason):
    found = read_webhook(body)

    (item,) = found.broken
    assert (item.event, item.index, found.items) == ("", 0, ())
    assert reason in item.reason
    assert item.raw == body.decode("utf-8", "replace")[:2000]


def test_one_broken_item_among_ten_costs_only_itself():
    root = body_of("page_on_hit__anon_pixel_first_1")
    items = [copy.deepcopy(root["mautic.page_on_hit"][0]) for _ in range(10)]
    for number, item in enumerate(items):
        item["hit"]["id"] = number
    del items[3]["hit"]["lead"]["id"]

    found = read_webhook(json.dumps({"mautic.page_on_hit": items}).encode())

    assert [item.id for item in found.items] == [f"hit:{n}" for n in range(10) if n != 3]
    (item,) = found.broken
    assert (item.event, item.index, item.reason) == ("page_on_hit", 3, "hit.lead.id: missing")
    assert json.loads(item.raw) == items[3]


HIT = "page_on_hit__known_landing_page_1"
SAVE = "lead_post_save_update__unsubscribe_link_1"
FORM = "form_on_submit__form_submit_known_email_merges_anon_1"
OPEN = "email_on_open__email_open_first_1"


@pytest.mark.parametrize(
    ("name", "path", "value", "reason"),
    [
        (HIT, "hit.id", "1/../2", "hit.id: expected an id of 1 to 20 digits"),
        (HIT, "hit.id", True, "hit.id: expected an id of 1 to 20 digits"),
        (HIT, "hit.id", -4, "hit.id: expected an id of 1 to 20 digits"),
        (HIT, "hit.id", 10**30, "hit.id: expected an id of 1 to 20 digits"),
        (HIT, "hit.lead", None, "hit.lead: expected a value, found null"),
        (HIT, "hit.lead", [], "hit.lead: expected a value, found null"),
        (HIT, "hit.lead", "38", "hit.lead: expected an object"),
        (HIT, "hit.dateHit", "2026-13-01T00:00:00Z", "hit.dateHit: expected a date such as"),
        (HIT, "hit.dateHit", "20261101", "hit.dateHit: expected a date such as"),
        (HIT, "hit.dateHit", "9999-12-31T23:59:59-10:00", "in the years 2000 to 2099"),
        (HIT, "hit.dateHit", "0001-01-01T00:00:00+14:00", "in the years 2000 to 2099"),
        (HIT, "hit.dateHit", 1795291659, "hit.dateHit: expected a date such as"),
        (HIT, "hit.code", "two", "hit.code: expected a whole number"),
        (HIT, "hit.code", 4.5, "hit.code: expected a whole number"),
        (HIT, "hit.url", {"a": 1}, "hit.url: expected text"),
        (HIT, "hit.email", 3, "hit.email: expected an object"),
        (HIT, "hit.page", {"id": 1, "category": 3}, "hit.page.category: expected an object"),
        (HIT, "hit.lead.fields", 3, "hit.lead.fields: expected an object of field groups"),
        (HIT, "hit.lead.fields.core", "x", "core: expected an object of fields"),
        (HIT, "hit.lead.fields.core.city", "x", "core.city: expected an object with a value"),
        (HIT, "hit.lead.fields.core.city", {"value": {}}, "city: expected text, a number, or"),
        (HIT, "hit.lead.fields.core.city", {"value": [[]]}, "city: expected text, a number, or"),
        (HIT, "timestamp", None, "timestamp: expected a value, found null"),
        (SAVE, "contact.tags", "a", "contact.tags: expected a list of objects"),
        (SAVE, "contact.tags", [{"tag": ["a"]}], "expected objects with a text under tag"),
        (SAVE, "contact.tags", ["a"], "expected objects with a text under tag"),
        (FORM, "submission.results", "x", "submission.results: expected an object"),
        (FORM, "submission.results", {"a": {}}, "a: expected text, a number, or a list of them"),
        (OPEN, "stat.openCount", True, "stat.openCount: expected a whole number"),
        ("email_on_send__email_send_api_1", "idHash", " ", "idHash: expected a value, found null"),
        ("lead_company_change__api_company_add_1", "added", [], "added: expected true or false"),
    ],
)
def test_a_broken_item_says_where_and_what_was_expected(name, path, value, reason):
    assert reason in broken(name, *path.split("."), value=value).reason


def test_the_reason_repeats_no_value():
    item = broken(HIT, "hit", "dateHit", value="anne@example.test")

    assert "anne" not in item.reason


def test_an_item_that_is_no_object_is_broken():
    found = read_webhook(b'{"mautic.page_on_hit": ["x"], "mautic.email_on_open": 3}')

    assert [(item.event, item.reason, item.raw) for item in found.broken] == [
        ("page_on_hit", "item: expected an object", '"x"'),
        ("email_on_open", "item: expected an object", "3"),
    ]


def test_s02_an_item_nested_deeper_than_can_be_kept_is_broken_alone():
    deep = b'{"mautic.page_on_hit": [' + b"[" * 300 + b"]" * 300 + b"]}"

    (item,) = read_webhook(deep).broken

    assert "nested too deep" in json.loads(item.raw)


def test_numbers_as_text_and_lists_of_texts_are_read():
    root = body_of(HIT)
    hit = root["mautic.page_on_hit"][0]["hit"]
    hit |= {"code": "404", "id": "007"}
    hit["lead"]["fields"] = {"core": {"interests": {"value": ["crm", 2]}}}

    activity, change = read_webhook(json.dumps(root).encode()).items

    assert (activity.id, activity.attributes["code"]) == ("hit:7", 404)
    assert change.fields == {"interests": ["crm", 2]}


def test_php_empty_maps_are_empty():
    root = body_of(HIT)
    hit = root["mautic.page_on_hit"][0]["hit"]
    hit |= {"page": [], "query": [], "email": []}
    hit["lead"]["fields"] = []

    (activity,) = read_webhook(json.dumps(root).encode()).items

    assert activity.subject.id is None


def test_nul_characters_never_reach_the_database():
    root = body_of(FORM)
    submission = root["mautic.form_on_submit"][0]["submission"]
    submission["results"] |= {"email": "a\x00b@example.test", "interests": ["c\x00d"]}
    submission["form"]["name"] = "De\x00mo"

    found = read_webhook(json.dumps(root).encode())

    assert len(found.items) == 2
    assert "\x00" not in repr(found.items).encode().decode("unicode_escape")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


def paths(value, path=()):
    """Where every part of a JSON value is."""
    yield path
    entries = value.items() if isinstance(value, dict) else ()
    entries = enumerate(value) if isinstance(value, list) else entries
    for key, inner in entries:
        yield from paths(inner, (*path, key))


PATHS = [[path for path in paths(body) if path] for body in BODIES]


def with_value(root: dict, path: tuple, value) -> dict:
    changed = copy.deepcopy(root)
    part = changed
    for key in path[:-1]:
        part = part[key]
    part[path[-1]] = value
    return changed


def assert_answers(body: bytes) -> None:
    found = read_webhook(body)
    assert found == read_webhook(body)
    assert all(item.reason and item.raw is not None for item in found.broken)
    # What storage will do; orjson writes tuples, but none of a class of its own.
    orjson.dumps(found.items, default=_told)


def _told(item):
    return tuple(item) if isinstance(item, tuple) else asdict(item)


@given(st.binary())
def test_s02_any_bytes_are_answered(body):
    assert_answers(body)


@given(st.dictionaries(st.sampled_from([key for body in BODIES for key in body]), json_values))
def test_any_json_under_known_events_is_answered(root):
    assert_answers(json.dumps(root).encode())


@settings(max_examples=120)
@given(st.data())
def test_any_part_of_a_recorded_body_may_be_anything(data):
    index = data.draw(st.integers(0, len(BODIES) - 1))
    path = data.draw(st.sampled_from(PATHS[index]))
    value = data.draw(json_values)

    body = json.dumps(with_value(BODIES[index], path, value)).encode(errors="replace")

    assert_answers(body)


@given(st.data())
def test_a_recorded_body_may_be_cut_or_overwritten_anywhere(data):
    body = json.dumps(data.draw(st.sampled_from(BODIES))).encode()
    start = data.draw(st.integers(0, len(body)))
    patch = data.draw(st.binary(max_size=8))

    assert_answers(body[:start] + patch)
    assert_answers(body[:start] + patch + body[start + len(patch) :])
