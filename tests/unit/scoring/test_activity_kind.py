from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.activity import Evidence, Subject
from plugin.scoring.fold import fold
from plugin.scoring.history import History
from plugin.scoring.kinds.activity import ActivitySchema
from plugin.scoring.lines import Folding
from tests.builders import activity, card, contact, download, form, moment, rule, visit


def earned(folding: Folding) -> list[str]:
    return [id for line in folding.lines for id in line.activities]


def folded(history: History, **keys: Any) -> Folding:
    return fold(card(rule(**keys)), history)


def test_a_page_earns_by_its_address_whatever_its_case() -> None:
    history = contact(visit("/Tarifs/pro", id="a"), visit("/blog", id="b"), visit("/prix", id="c"))
    folding = folded(history, points=20, url=["*/tarifs*", "https://example.org/prix"])
    assert earned(folding) == ["a", "c"]
    assert folding.lines[0].points == 20_000_000
    assert folding.lines[0].reason == "activity.page_viewed"
    assert folding.lines[0].params == {
        "activity": "page_viewed",
        "subject": "https://example.org/Tarifs/pro",
    }
    assert folding.lines[0].valid_from == moment(1)
    assert folding.lines[0].valid_to is None


def test_a_subject_without_the_asked_part_does_not_fit() -> None:
    call = activity("custom.call", Subject("call"), moment(1), id="call")
    history = contact(call, visit("/a"))
    assert not folded(history, activity=["custom.call"], url="*").lines
    assert not folded(history, activity="custom.call", form="*").lines
    [line] = folded(history, activity="custom.call").lines
    assert (line.reason, line.params["subject"]) == ("activity.custom", None)


@pytest.mark.parametrize("name", ["3", "demo request", "demo-request", ["other", "demo*"]])
def test_a_form_is_known_by_id_name_and_alias(name: Any) -> None:
    history = contact(form("Demo request", id="3"), form("Newsletter", id="4"))
    assert earned(folded(history, activity="form_submitted", form=name)) == [
        "form_submitted:3@01.120000"
    ]


def test_all_keys_must_fit_and_of_several_values_one() -> None:
    history = contact(
        download("case.pdf", day=1, category="Case study", id="study", email_id="5"),
        download("case.pdf", day=2, category="Case study", id="site"),
        download("price.pdf", day=3, category="Price list", id="price", email_id="5"),
    )
    keys = {"activity": "asset_downloaded", "category": ["case study", "white paper"]}
    assert earned(folded(history, **keys)) == ["study", "site"]
    assert earned(folded(history, **keys, attributes={"email_id": "*"})) == ["study"]
    assert earned(folded(history, **keys, asset="case*", attributes={"email_id": "5"})) == ["study"]


def test_a_campaign_is_the_utm_campaign_of_the_visit() -> None:
    history = contact(
        visit("/", id="ad", utm_campaign="Spring-2026"), visit("/", day=2, id="direct")
    )
    assert earned(folded(history, campaign="spring-*")) == ["ad"]


def test_an_attribute_with_several_values_needs_one_that_fits() -> None:
    history = contact(visit("/", id="a", topics=["crm", "erp"]), visit("/", day=2, id="b"))
    assert earned(folded(history, attributes={"topics": "ERP"})) == ["a"]


@pytest.mark.parametrize(
    ("limit", "counted"),
    [
        ({"times": 2, "per": "ever"}, ["a", "b"]),
        ({"times": 1, "per": "day"}, ["a", "c", "d", "e"]),
        ({"times": 1, "per": "7d"}, ["a", "d"]),
        ({"times": 2, "per": "7d"}, ["a", "b", "d", "e"]),
        ({"times": 1, "per": "subject"}, ["a", "b"]),
    ],
)
def test_limits(limit: dict[str, Any], counted: list[str]) -> None:
    history = contact(
        visit("/x", day=1, hour=9, id="a"),
        visit("/y", day=1, hour=10, id="b"),
        visit("/x", day=2, hour=9, id="c"),
        visit("/x", day=8, hour=9, id="d"),
        visit("/y", day=9, hour=9, id="e"),
    )
    folding = folded(history, limit=limit)
    assert earned(folding) == counted
    assert {skipped.activity for skipped in folding.skipped} == set("abcde") - set(counted)


def test_what_is_over_the_limit_says_so() -> None:
    history = contact(visit("/x", id="a"), visit("/x", hour=13, id="b"))
    [skipped] = folded(history, id="seen", limit={"times": 1, "per": "30d"}).skipped
    assert (skipped.rule, skipped.activity, skipped.at) == ("seen", "b", moment(1, 13))
    assert skipped.reason == "limit.stretch"
    assert skipped.params == {
        "activity": "page_viewed",
        "subject": "https://example.org/x",
        "times": 1,
        "length": "30d",
    }


def test_a_day_is_that_of_the_scorecard_not_of_utc() -> None:
    history = contact(
        visit("/", day=1, hour=22, minute=30, id="23:30 in Paris"),
        visit("/", day=1, hour=23, minute=30, id="00:30 in Paris"),
        visit("/", day=2, hour=0, minute=30, id="01:30 in Paris"),
    )
    day = {"times": 1, "per": "day"}
    paris = fold(card(rule(limit=day)), history)
    utc = fold(card(rule(limit=day), timezone="UTC"), history)
    auckland = fold(card(rule(limit=day), timezone="Pacific/Auckland"), history)
    assert earned(paris) == ["23:30 in Paris", "00:30 in Paris"]
    assert earned(utc) == ["23:30 in Paris", "01:30 in Paris"]
    assert earned(auckland) == ["23:30 in Paris"]


def test_the_day_the_clock_changes_is_still_one_day() -> None:
    spring = datetime(2026, 3, 28, 23, 30, tzinfo=UTC)  # 29 March 0:30 in Paris, 23 hours long
    page = Subject("page", url="https://example.org/")
    moments = [spring, spring + timedelta(hours=22), spring + timedelta(hours=23)]
    history = contact(*(activity("page_viewed", page, at, id=f"{at:%d %H}") for at in moments))
    assert earned(folded(history, limit={"times": 1, "per": "day"})) == ["28 23", "29 22"]


def test_of_activities_at_the_same_moment_the_smaller_id_counts() -> None:
    history = contact(visit("/", id="b"), visit("/", id="a"))
    assert earned(folded(history, limit={"times": 1, "per": "ever"})) == ["a"]


def test_one_page_with_and_without_id_are_different_subjects() -> None:
    first = activity("page_viewed", Subject("page", id="1", url="u"), moment(1))
    second = activity("page_viewed", Subject("page", url="u"), moment(2))
    limit = {"times": 1, "per": "subject"}
    assert len(folded(contact(first, second), limit=limit).lines) == 2


def test_machines_do_not_count_towards_a_limit() -> None:
    history = contact(
        visit("/", day=1, id="robot", evidence=Evidence.MACHINE), visit("/", day=2, id="human")
    )
    folding = folded(history, limit={"times": 1, "per": "ever"})
    assert earned(folding) == ["human"]
    assert [(skip.activity, skip.reason) for skip in folding.skipped] == [("robot", "machine")]


@pytest.mark.parametrize(
    ("keys", "messages"),
    [
        ({}, {"activity": ["is missing"]}),
        ({"activity": []}, {"activity": ["must not be an empty list"]}),
        ({"activity": None}, {"activity": ["must not be empty"]}),
        ({"url": ["ok", True]}, {"url": {1: ["must be text"]}}),
        ({"url": "x" * 201}, {"url": ["must be text of one line, at most 200 characters"]}),
        ({"attributes": "x"}, {"attributes": ["must be a mapping of attributes to values"]}),
        ({"attributes": {"a": True}}, {"attributes": {"a": ["must be text"]}}),
        ({"limit": 3}, {"limit": {"_schema": ["must be a mapping of keys and values"]}}),
        (
            {"limit": {"times": 0, "per": "month"}},
            {
                "limit": {
                    "times": ["must be a whole number from 1 up"],
                    "per": ["must be ever, day, subject or a duration such as 7d"],
                }
            },
        ),
        ({"ulr": "*"}, {"ulr": ['is not known here; did you mean "url"?']}),
    ],
)
def test_bad_keys_are_named(keys: dict[str, Any], messages: Any) -> None:
    given = {"activity": "page_viewed", **keys} if keys else {}
    errors = ActivitySchema().validate(given)
    assert errors == messages


def test_an_unknown_activity_lists_the_known_ones() -> None:
    [says] = ActivitySchema().validate({"activity": "page_view"})["activity"]
    assert says.startswith('"page_view" is not known; allowed: asset_downloaded, bounced')
    assert says.endswith("custom.…")
