from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from plugin.scoring.history import ProfileFact, profile
from plugin.scoring.loading import load
from plugin.scoring.verdicts import verdicts_of

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
CARD = """
name: Test
groups:
  - id: all
    dimension: fit
    rules: [{id: phone, kind: field, points: 1, if: {field: phone, present: true}}]
bands: [{id: cold}]
verdicts:
  accepted: {tag: taken}
  rejected: {field: status, equals: rejected}
  reason: why
"""
SIGNS = load(CARD, "card.yaml").verdicts


def said(*facts: dict[str, Any]) -> list[tuple[int, str, str | None]]:
    """Hours after noon, word and reason, for facts that came hour by hour."""
    told = [
        ProfileFact(NOON + timedelta(hours=hour), "1", fields) for hour, fields in enumerate(facts)
    ]
    return [
        ((one.at - NOON) // timedelta(hours=1), one.word, one.reason)
        for one in verdicts_of(SIGNS, profile(told))
    ]


def test_a_verdict_is_dated_by_its_sign_and_said_once_however_often_it_is_shown() -> None:
    assert said({"tags": []}, {"tags": ["taken"]}, {"tags": ["taken"], "city": "Lyon"}) == [
        (1, "accepted", None)
    ]


@pytest.mark.parametrize("reason", [{"why": "no budget"}, {"tags": ["why: no budget"]}])
def test_the_reason_comes_from_a_field_or_a_tag_and_may_come_later(reason: dict[str, Any]) -> None:
    assert said({"status": "rejected"}, reason) == [(0, "rejected", "no budget")]


def test_a_change_of_mind_is_a_second_verdict_and_the_first_is_not_forgotten() -> None:
    facts = ({"status": "rejected"}, {"status": ""}, {"tags": ["taken"]}, {"status": "rejected"})
    assert [word for _, word, _ in said(*facts)] == ["rejected", "accepted", "rejected"]


def test_without_signs_nothing_is_a_verdict() -> None:
    assert verdicts_of(load(CARD[: CARD.index("verdicts")], "c").verdicts, ()) == []
