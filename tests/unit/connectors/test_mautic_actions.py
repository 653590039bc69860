from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

import httpx
import pytest
from mautic_exchanges import BASIC, body, edited, recorded, session

from connectors.commands import (
    Action,
    AddNote,
    AddTag,
    AddToCampaign,
    AddToSegment,
    AssignOwner,
    RemoveFromCampaign,
    RemoveFromSegment,
    RemoveTag,
    SendEmail,
    SetStage,
    UpdateContact,
)
from connectors.errors import AuthFailed, Missing, Refused, Transient, Unsupported

LOOK = ("GET", "/api/contacts/48")
SEND = ("POST", "/api/emails/1/contact/48/send")
NOTE = ("POST", "/api/notes/new")
OWN = ("PATCH", "/api/contacts/48/edit")
MAIL = SendEmail("48", "op-1", "1")


def gina(**changed: Any) -> httpx.Response:
    contact = body("contact_get")["contact"] | changed
    return recorded("contact_get", {"contact": contact})


def barred(*entries: Any) -> httpx.Response:
    return gina(doNotContact=list(entries))


def done(route: tuple[str, str], answer: Any, command: Action) -> Any:
    """Apply one command to a Mautic that knows the contact and gives this answer."""
    opened, replay = session({LOOK: [gina()], route: [answer]})
    [outcome] = opened.apply([command])
    assert outcome.command is command
    assert len(replay.asked(*route)) == 1
    return outcome


@pytest.mark.parametrize(
    ("command", "path", "case"),
    [
        (MAIL, "emails/1/contact/48/send", "email_send_contact"),
        (AddToCampaign("48", "op", "1"), "campaigns/1/contact/48/add", "campaign_contact_add"),
        (
            RemoveFromCampaign("48", "op", "1"),
            "campaigns/1/contact/48/remove",
            "campaign_contact_remove",
        ),
        (AddToSegment("48", "op", "1"), "segments/1/contact/48/add", "segment_contact_add_again"),
        (
            RemoveFromSegment("48", "op", "1"),
            "segments/1/contact/48/remove",
            "segment_contact_remove",
        ),
        (SetStage("48", "op", "2"), "stages/2/contact/48/add", "stage_contact_change"),
        (AddNote("48", "op", "Call"), "notes/new", "note_create"),
    ],
)
def test_each_action_is_one_call_after_a_look_at_the_contact(command: Action, path: str, case: str):
    outcome = done(("POST", f"/api/{path}"), recorded(case), command)
    assert (outcome.contact, outcome.error, outcome.in_doubt) == ("48", None, False)


@pytest.mark.parametrize(
    ("command", "sent"), [(AddTag("48", "op", "b"), "b"), (RemoveTag("48", "op", "gone"), "-gone")]
)
def test_a_tag_is_one_edit_that_is_read_back(command: Action, sent: str):
    opened, replay = session({LOOK: [gina()], OWN: [recorded("contact_tags_add")]})
    [outcome] = opened.apply([command])
    assert outcome.error is None
    assert replay.sent(*OWN) == [{"tags": [sent]}]


@pytest.mark.parametrize("command", [AddTag("48", "op", "lost"), RemoveTag("48", "op", "b")])
def test_a_tag_that_mautic_did_not_change_is_told(command: Action):
    outcome = done(OWN, recorded("contact_tags_add"), command)
    assert type(outcome.error) is Refused


@pytest.mark.parametrize("tag", ["-b", "a,b", " b", "<b>", "x" * 192])
def test_a_tag_that_mautic_would_misread_is_never_sent(tag: str):
    opened, replay = session({LOOK: [gina()]})
    [outcome] = opened.apply([AddTag("48", "op", tag)])
    assert type(outcome.error) is Refused
    assert not replay.asked(*OWN)


def test_an_owner_is_one_edit_that_names_nothing_else():
    opened, replay = session({LOOK: [gina()], OWN: [recorded("contact_patch_owner")]})
    [outcome] = opened.apply([AssignOwner("48", "op", "1")])
    assert (outcome.contact, outcome.error) == ("48", None)
    assert replay.sent(*OWN) == [{"owner": 1}]


@pytest.mark.parametrize("held", [None, {"id": 2}, []])
def test_an_owner_mautic_did_not_take_is_refused(held: Any):
    answer = body("contact_patch_owner")
    answer["contact"]["owner"] = held
    outcome = done(OWN, recorded("contact_patch_owner", answer), AssignOwner("48", "op", "1"))
    assert type(outcome.error) is Refused
    assert "did not take user 1" in str(outcome.error)


def test_a_call_is_a_note_due_in_utc_that_carries_its_operation():
    opened, replay = session({LOOK: [gina()], NOTE: [recorded("note_create")]})
    due = datetime(2026, 11, 22, 10, 0, tzinfo=timezone(timedelta(hours=1)))
    command = AddNote("48", "crossing:7:call", "Hot: 63\n+8 case study <b>&", "call", due)
    [outcome] = opened.apply([command])
    assert outcome.error is None
    assert replay.sent(*NOTE) == [
        {
            "lead": 48,
            "text": "Hot: 63<br>+8 case study &lt;b&gt;&amp; [maturo:crossing:7:call]",
            "type": "call",
            "dateTime": "2026-11-22 09:00:00",
        }
    ]


def test_a_note_without_due_time_has_none():
    opened, replay = session({LOOK: [gina()], NOTE: [recorded("note_create")]})
    opened.apply([AddNote("48", "op", "Warm")])
    assert replay.sent(*NOTE) == [{"lead": 48, "text": "Warm [maturo:op]", "type": "general"}]


# Mautic 5.0 to 6.0.3 send to them by the API: recorded in email_send_contact_dnc.
@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (1, "the contact has unsubscribed"),
        (2, "the contact has an address that bounces"),
        (3, "the contact must not be written to"),
        ("?", "the contact must not be written to"),
    ],
)
def test_who_may_not_be_written_to_gets_no_mail(reason: Any, words: str):
    entry = {"id": 1, "reason": reason, "comments": "x", "channel": "email", "channelId": None}
    for shown in ([entry], {"1": entry}):
        opened, replay = session({LOOK: [gina(doNotContact=shown)]})
        [outcome] = opened.apply([MAIL])
        assert (type(outcome.error), str(outcome.error)) == (Refused, words)
        assert not outcome.in_doubt
        assert not [one for one in replay.requests if one.url.path.endswith("/send")]


def test_a_bar_of_another_channel_does_not_stop_a_mail():
    opened, _ = session({LOOK: [barred({"channel": "sms", "reason": 1})], SEND: [sent()]})
    assert opened.apply([MAIL])[0].error is None


def test_without_knowing_whether_it_may_nothing_is_sent():
    opened, _ = session({LOOK: [gina(doNotContact=None)]})
    [outcome] = opened.apply([MAIL])
    assert "does not tell whether" in str(outcome.error)


def test_an_unsubscribed_contact_may_still_be_called():
    opened, _ = session(
        {LOOK: [barred({"channel": "email", "reason": 1})], NOTE: [recorded("note_create")]}
    )
    assert opened.apply([AddNote("48", "op", "Call", "call")])[0].error is None


def sent() -> httpx.Response:
    return recorded("email_send_contact")


def test_a_mail_mautic_did_not_send_is_refused_without_its_words():
    answer = recorded("email_send_contact", {"success": False, "failed": "gina@example.test: no"})
    outcome = done(SEND, answer, MAIL)
    assert type(outcome.error) is Refused
    assert "gina" not in str(outcome.error)


def test_a_membership_mautic_did_not_change_is_refused():
    command = AddToCampaign("48", "op", "1")
    route = ("POST", "/api/campaigns/1/contact/48/add")
    outcome = done(route, recorded("campaign_contact_add", {"success": 0}), command)
    assert str(outcome.error) == "Mautic did not add the contact: campaign 1"


def test_a_lost_contact_is_told_from_a_lost_campaign():
    opened, _ = session({LOOK: [recorded("contact_get_404")]})
    [outcome] = opened.apply([AddToCampaign("48", "op", "9999")])
    assert type(outcome.error) is Missing

    route = ("POST", "/api/campaigns/9999/contact/48/add")
    outcome = done(route, recorded("campaign_404"), AddToCampaign("48", "op", "9999"))
    assert type(outcome.error) is Refused
    assert "choose another one in the scorecard" in str(outcome.error)


def test_a_merged_contact_is_acted_on_under_its_new_id():
    routes = {
        ("GET", "/api/contacts/1"): [recorded("contact_get_merged_old_id")],
        ("POST", "/api/segments/1/contact/7/add"): [recorded("segment_contact_add")],
    }
    opened, _ = session(routes)
    [outcome] = opened.apply([AddToSegment("1", "op", "1")])
    assert (outcome.contact, outcome.error) == ("7", None)


@pytest.mark.parametrize(
    "command",
    [
        SendEmail("48", "op", "0"),
        AddToCampaign("48", "op", "../1"),
        SetStage("48", "op", ""),
        AddToSegment("48", "op", "hot"),
        AssignOwner("48", "op", "ada"),
        SendEmail("x", "op", "1"),
    ],
)
def test_what_is_no_number_never_leaves(command: Action):
    opened, replay = session({LOOK: [gina()]})
    [outcome] = opened.apply([command])
    assert type(outcome.error) is Refused
    assert "positive whole number" in str(outcome.error)
    assert {one.method for one in replay.requests} <= {"GET", "POST"}
    assert not [one for one in replay.requests if one.url.path.startswith("/api/e")]


@dataclass(frozen=True)
class Fax:
    contact: str = "48"
    repeatable: bool = False


def test_what_mautic_cannot_do_says_so_and_asks_nothing():
    opened, replay = session({})
    [outcome] = opened.apply([Fax()])
    assert type(outcome.error) is Unsupported
    assert "Fax" in str(outcome.error)
    assert replay.requests == []


def test_a_right_that_lacks_for_one_action_does_not_stop_the_connection():
    route = ("POST", "/api/stages/1/contact/48/add")
    opened, _ = session({LOOK: [gina()], route: [recorded("forbidden_patch")]}, BASIC)
    [outcome] = opened.apply([SetStage("48", "op", "1")])
    assert type(outcome.error) is Refused
    assert "Settings, Roles" in str(outcome.error)


@pytest.mark.parametrize(
    ("answer", "doubt"),
    [
        (httpx.ReadTimeout("slow"), True),
        ("db_down_patch", True),
        ("stale_id_segment", True),
        ("rate_limit_post", False),
    ],
)
def test_a_lost_answer_leaves_a_doubt_and_a_refused_beginning_none(answer: Any, doubt: bool):
    outcome = done(SEND, recorded(answer) if isinstance(answer, str) else answer, MAIL)
    assert (type(outcome.error), outcome.in_doubt) == (Transient, doubt)


def test_trouble_before_the_action_leaves_no_doubt():
    opened, _ = session({LOOK: [httpx.ReadTimeout("slow")]})
    [outcome] = opened.apply([MAIL])
    assert (type(outcome.error), outcome.in_doubt) == (Transient, False)


def test_when_mautic_goes_down_the_rest_is_not_sent_and_what_was_done_is_told():
    routes = {LOOK: [gina(), gina()], SEND: [sent()], NOTE: [httpx.ReadTimeout("slow")]}
    opened, replay = session(routes)
    outcomes = opened.apply([MAIL, AddNote("48", "op-2", "x"), SetStage("48", "op-3", "1")])
    assert [type(one.error) for one in outcomes] == [type(None), Transient, Transient]
    assert [one.in_doubt for one in outcomes] == [False, True, False]
    assert len(replay.asked(*LOOK)) == 2


def test_credentials_refused_in_the_middle_are_an_outcome_because_a_mail_went_out():
    opened, _ = session({LOOK: [gina(), recorded("auth_bad_basic")], SEND: [sent()]}, BASIC)
    outcomes = opened.apply([MAIL, SetStage("48", "op-2", "1")])
    assert [type(one.error) for one in outcomes] == [type(None), AuthFailed]


def test_updates_go_before_actions_and_outcomes_keep_the_order():
    update = UpdateContact("48", {"score": 61})
    routes = {LOOK: [gina()], OWN: [edited(48, maturo_score=61)], SEND: [sent()]}
    opened, replay = session(routes)
    outcomes = opened.apply([MAIL, update])
    assert [one.command for one in outcomes] == [MAIL, update]
    assert [one.error for one in outcomes] == [None, None]
    paths = [one.url.path for one in replay.requests]
    assert paths.index(OWN[1]) < paths.index(SEND[1])
