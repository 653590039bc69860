from __future__ import annotations

from typing import Any

import pytest

from connectors.activity import Activity, Evidence, Subject
from plugin.scoring.fold import fold
from plugin.scoring.lines import Folding
from tests.builders import activity, card, contact, form, moment, rule, visit

HUMAN = Evidence.HUMAN


def opened(mail: int, day: float, evidence: Evidence = HUMAN) -> Activity:
    subject = Subject("email", str(mail), f"Welcome {mail}")
    return activity("email_opened", subject, moment(day), evidence=evidence)


def folded(*told: Activity, **keys: Any) -> Folding:
    given = {"activity": "email_opened", "all_of": [1, 2, 3], "evidence": "human", **keys}
    return fold(card(rule(kind="series", **given)), contact(*told))


def test_a_series_earns_once_at_the_moment_the_last_member_completes_it() -> None:
    told = [opened(2, 1), opened(1, 3), opened(1, 4), opened(3, 6), opened(2, 9)]
    [line] = folded(*told).lines
    assert line.valid_from == moment(6)
    assert line.activities == tuple(told[place].id for place in (0, 1, 3))
    assert (line.reason, line.params["times"], line.params["subject"]) == ("series", 3, "Welcome 3")


def test_all_but_one_earn_nothing() -> None:
    assert not folded(opened(1, 1), opened(2, 2), opened(1, 3)).lines


def test_a_member_without_the_asked_evidence_is_missing_and_told() -> None:
    folding = folded(opened(1, 1), opened(2, 2, Evidence.UNKNOWN), opened(3, 3))
    assert not folding.lines
    assert [skipped.reason for skipped in folding.skipped] == ["unproven"]


def test_members_that_nobody_is_known_to_have_opened_count_once_a_human_is_proven() -> None:
    unknown = [opened(mail, mail, Evidence.UNKNOWN) for mail in (1, 2, 3)]
    read_on = [visit("/tour", mail, minute=1) for mail in (1, 2, 3)]
    assert [skipped.reason for skipped in folded(*unknown).skipped] == ["unproven"] * 3
    [line] = folded(*unknown, *read_on).lines
    assert line.activities == tuple(one.id for one in unknown)
    assert not folded(*unknown, *read_on).skipped


def test_what_a_human_did_is_not_called_unproven_because_a_member_is_missing() -> None:
    unknown = opened(1, 1, Evidence.UNKNOWN)
    read_on = visit("/tour", 1, minute=1)
    folding = folded(unknown, read_on)
    assert not folding.lines
    assert not folding.skipped


def test_one_activity_may_be_of_several_members() -> None:
    unknown = opened(1, 1, Evidence.UNKNOWN)
    read_on = visit("/tour", 1, minute=1)
    [line] = folded(unknown, read_on, all_of=[1, "Welcome 1"]).lines
    assert line.activities == (unknown.id,)


def test_mails_that_are_no_members_are_not_told() -> None:
    assert not folded(opened(7, 1, Evidence.UNKNOWN), opened(8, 2, Evidence.MACHINE)).skipped


@pytest.mark.parametrize("members", [[1, 2], ["welcome 1", "Welcome 2"], [1, 1, "2"], ["* 1", 2]])
def test_members_are_named_by_id_or_by_name(members: list[Any]) -> None:
    assert len(folded(opened(1, 1), opened(2, 2), all_of=members).lines) == 1


def test_members_may_be_pages_by_their_address_or_forms_by_their_alias() -> None:
    told = [visit("/tour/1", 1), form("Demo form", 2), visit("/tour/2", 3)]
    keys: dict[str, Any] = {"activity": ["page_viewed", "form_submitted"], "evidence": "unknown"}
    keys["evidence"] = ("human", "unknown")
    members = ["*/tour/1", "*/tour/2", "demo-form"]
    assert len(folded(*told, all_of=members, **keys).lines) == 1
    assert not folded(*told[:2], all_of=members, **keys).lines


def test_a_member_added_later_takes_the_bonus_back_until_it_is_there_too() -> None:
    told = [opened(1, 1), opened(2, 2), opened(3, 3)]
    assert folded(*told).lines[0].valid_from == moment(3)
    assert not folded(*told, all_of=[1, 2, 3, 4]).lines
    assert folded(*told, opened(4, 8), all_of=[1, 2, 3, 4]).lines[0].valid_from == moment(8)
