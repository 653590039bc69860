"""Whether Mautic still delivers, and switching its webhook on again when asked to."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from mautic_exchanges import body, recorded, session

from connectors.errors import Transient

URL = "http://127.0.0.1:8099/hook/all"
HOOKS = ("GET", "/api/hooks")
LOG = ("GET", "/api/stats/webhook_logs")
EDIT = ("PATCH", "/api/hooks/1/edit")


def hooks(**changes: Any) -> httpx.Response:
    hook = body("hooks_get")["hook"] | changes
    return httpx.Response(200, json={"total": 1, "hooks": {"1": hook}})


def log(*statuses: str) -> httpx.Response:
    row = body("stats_table_webhook_logs")["stats"][0]
    rows = [row | {"status_code": status} for status in statuses]
    return httpx.Response(200, json={"total": str(len(rows)), "stats": rows})


def test_a_published_webhook_whose_last_deliveries_were_answered_is_well():
    asked, replay = session({HOOKS: hooks(), LOG: recorded("stats_table_webhook_logs")})
    check = asked.check_webhook(URL)
    assert check.ok
    assert check.detail == "published; the last delivery was dated 2026-11-21 20:22:36 UTC"
    (request,) = replay.asked(*LOG)
    assert request.url.params["order[0][dir]"] == "desc"
    assert request.url.params["where[0][col]"] == "webhook_id"


def test_one_that_was_never_used_is_well():
    asked, _ = session({HOOKS: hooks(), LOG: log()})
    assert asked.check_webhook(URL).detail == "published"


def test_one_good_answer_among_bad_ones_is_well():
    asked, _ = session({HOOKS: hooks(), LOG: log("500", "500", "200")})
    assert asked.check_webhook(URL).ok


def test_a_webhook_that_mautic_gave_up_is_said_with_the_remedy():
    asked, _ = session({HOOKS: hooks(isPublished=False)})
    check = asked.check_webhook(URL)
    assert (check.ok, check.detail) == (False, "switched off in Mautic")
    assert "publish it again" in check.remedy


def test_deliveries_that_fail_are_noticed_before_mautic_gives_up():
    asked, _ = session({HOOKS: hooks(), LOG: log("500", "500", "0", "0")})
    check = asked.check_webhook(URL)
    assert (check.ok, check.detail) == (False, "its last 4 log rows say 500, 0")
    assert "maturo serve" in check.remedy


def test_a_webhook_that_somebody_deleted_is_to_be_made_anew():
    asked, _ = session({HOOKS: [hooks(webhookUrl="https://other.example/hook")] * 2})
    assert asked.check_webhook(URL).detail == "not there any more"
    assert not asked.publish_webhook(URL).ok


def test_a_mautic_without_such_a_log_is_believed():
    asked, _ = session({HOOKS: hooks(), LOG: recorded("stats_unknown")})
    assert asked.check_webhook(URL).ok


def test_a_missing_right_is_named_and_an_offline_mautic_is_no_verdict():
    forbidden = recorded("forbidden_hooks")
    check = session({HOOKS: forbidden})[0].check_webhook(URL)
    assert not check.ok
    assert "Webhooks" in check.remedy
    with pytest.raises(Transient):
        session({HOOKS: httpx.Response(503, text="offline")})[0].check_webhook(URL)


def test_it_is_switched_on_again_only_when_asked_to():
    asked, replay = session({HOOKS: hooks(isPublished=False), EDIT: recorded("hooks_republish")})
    assert asked.publish_webhook(URL).ok
    assert replay.sent(*EDIT) == [{"isPublished": True}]


def test_a_mautic_that_leaves_it_off_is_not_believed():
    off = httpx.Response(200, json={"hook": {"id": 1, "isPublished": False}})
    asked, _ = session({HOOKS: hooks(isPublished=False), EDIT: off})
    assert asked.publish_webhook(URL).detail == "Mautic left it switched off"
