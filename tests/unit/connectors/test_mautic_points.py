"""Mautic's point actions and triggers, as created and answered by the recorded 6.0.3."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import httpx
import orjson
import pytest
from mautic_exchanges import BASIC, body, exchange, recorded

from connectors.contract import PlatformRules
from connectors.errors import Refused
from connectors.mautic import CONNECTOR
from connectors.mautic.points import read_points

_NO_TRIGGERS = {"total": 0, "triggers": []}


def _created(case: str) -> dict[str, Any]:
    """The action as Mautic answered it, with the properties that were asked for."""
    sent = json.loads(exchange(case)["request"]["body"])
    return body(case)["point"] | {"properties": sent["properties"]}


def _read(*actions: dict[str, Any]) -> PlatformRules:
    return read_points({"points": list(actions)}, _NO_TRIGGERS)


def test_actions_without_chosen_objects_count_all_of_them():
    rules = read_points(body("points_actions_filled"), _NO_TRIGGERS).rules
    assert [(rule.name, rule.points, rule.activity, rule.subject) for rule in rules] == [
        ("Demo page visited", 20, ("page_viewed",), None),
        ("Newsletter opened", 2, ("email_opened",), None),
        ("Demo form sent", 25, ("form_submitted",), None),
        ("White paper downloaded", 5, ("asset_downloaded",), None),
        ("Sent a mail", -1, ("email_sent",), None),
    ]
    assert rules[0].attributes == {"page_id": ("*",)}
    assert [rule.once for rule in rules] == [True, False, True, True, True]
    assert [rule.on for rule in rules] == [True, True, True, True, False]


def test_chosen_objects_are_kept_by_their_ids():
    cases = ("email_open", "form_submit", "asset_download")
    rules = _read(*(_created(f"points_create_{case}") for case in cases)).rules
    assert [rule.subject for rule in rules] == [
        ("email", ("1",)),
        ("form", ("1",)),
        ("asset", ("1",)),
    ]
    [page] = _read(_created("points_create_page_hit")).rules
    assert (page.subject, page.attributes) == (None, {"page_id": ("1",)})


def test_only_downloads_ask_for_more_than_a_followed_link():
    cases = ("page_hit", "email_open", "form_submit", "asset_download")
    rules = _read(*(_created(f"points_create_{case}") for case in cases)).rules
    assert {rule.activity[0]: rule.machines for rule in rules} == {
        "page_viewed": True,
        "email_opened": True,
        "form_submitted": True,
        "asset_downloaded": False,
    }


def test_an_address_counts_also_as_the_target_of_a_clicked_link():
    action = _created("points_create_url_hit")
    del action["properties"]["returns_within"]
    [rule] = _read(action).rules
    assert rule.activity == ("page_viewed", "email_clicked")
    assert rule.attributes == {"url": ("https://www.example.test/pricing*",)}
    assert rule.nth == 3


def test_an_action_on_the_time_between_visits_is_left_out_by_name():
    found = _read(_created("points_create_url_hit"))
    assert found.rules == ()
    assert found.left_out == ('point action "Pricing visited again": it depends on returns_within',)


def test_an_unknown_type_of_action_is_left_out_by_name():
    action = _created("points_create_page_hit") | {"type": "sms.send"}
    assert _read(action).left_out == (
        'point action "Demo page visited": actions of the type "sms.send" are not known',
    )


def test_the_days_of_publication_are_those_of_the_rule():
    days = {"publishUp": "2026-09-01T00:00:00+00:00", "publishDown": "2026-09-30T23:59:00+00:00"}
    [rule] = _read(_created("points_create_page_hit") | days).rules
    assert (rule.valid_from, rule.valid_to) == (date(2026, 9, 1), date(2026, 9, 30))


def test_a_trigger_is_a_threshold_with_the_actions_that_have_a_counterpart():
    found = read_points({"points": []}, body("points_triggers_filled"))
    [hot] = found.thresholds
    assert (hot.name, hot.points, hot.tag) == ("Hot", 60, None)
    assert hot.actions == (("add_to_campaign", "1"),)
    assert found.left_out == ('point trigger "Hot": its action "tag hot" (lead.changetags)',)


def test_a_tag_put_on_by_its_name_becomes_the_bands():
    answer = body("points_triggers_filled")
    answer["triggers"][0]["events"][0]["properties"]["add_tags"] = ["hot", "sales"]
    found = read_points({"points": []}, answer)
    assert found.thresholds[0].tag == "hot"
    assert found.left_out == ('point trigger "Hot": the tag "sales", a band wears one',)


def test_an_unpublished_trigger_is_none():
    answer = body("points_triggers_filled")
    answer["triggers"][0]["isPublished"] = False
    assert read_points({"points": []}, answer).thresholds == ()


@pytest.mark.parametrize("answer", [[], {}, {"points": "none"}, {"points": [1]}, None])
def test_something_else_than_mautics_answer_is_refused(answer):
    with pytest.raises(Refused, match='a list of "points"'):
        CONNECTOR.read_rules({"points": answer, "triggers": _NO_TRIGGERS})


def test_a_session_asks_for_both_lists():
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        case = (
            "points_triggers_filled" if "triggers" in request.url.path else "points_actions_filled"
        )
        return recorded(case)

    settings = {**BASIC, "field_prefix": "maturo_"}
    session = CONNECTOR.open(settings, transport=httpx.MockTransport(answer))
    found = session.present_rules()
    session.close()
    assert asked == ["/api/points", "/api/points/triggers"]
    assert (len(found.rules), len(found.thresholds)) == (5, 1)
    assert orjson.dumps(found.left_out)
