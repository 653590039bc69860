"""A marketer changes a rule by keyboard alone, rehearses, publishes, and a contact changes."""

from __future__ import annotations

from typing import Any

import orjson
from browser_kit import enter, hindrances, tab_to, too_wide
from playwright.sync_api import expect

from connectors.mautic.standin.visitors import submit_form
from plugin.services.runs import run_next
from tests.installation import CARD, Installation


def test_a_rule_is_changed_rehearsed_and_published_and_a_contact_changes(
    as_role: Any, firm: Installation
) -> None:
    ada = submit_form(firm.standin, None, {"email": "ada@scorecard.example"})
    firm.score()
    before = firm.points(ada)
    page = as_role("marketer")
    page.goto("/admin/scorecard/")
    enter(page, "form[action$='drafts/'] button")
    page.wait_for_url("**/drafts/*")
    assert hindrances(page) == []
    enter(page, ".rules a[href$='/rule/demo']")
    page.wait_for_url("**/rule/demo")
    assert hindrances(page) == []
    assert not too_wide(page)
    tab_to(page, "#field-points")
    page.keyboard.press("Control+A")
    page.keyboard.type("31")
    expect(page.locator("#preview")).to_contain_text("+31 for each activity of this kind")
    expect(page.locator("#preview")).to_contain_text("+31 pour chaque activité de ce genre")
    page.keyboard.press("Enter")
    page.wait_for_url("**/drafts/*#rule-demo")
    expect(page.locator("#rule-demo .amount")).to_have_text("+31")
    enter(page, "a[href$='/rehearsal/']")
    page.wait_for_url("**/rehearsal/")
    tab_to(page, "#weeks")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#weeks")).to_have_value("13")
    enter(page, "form.inline button")
    expect(page.locator("#run")).to_contain_text("waits for the worker")
    run_next(firm.runtime.engine, firm.clock)
    expect(page.locator("#run")).to_contain_text("Contacts looked at")
    assert hindrances(page) == []
    [run] = firm.rows("runs")
    assert orjson.loads(run["asked"])["weeks"] == 13
    page.reload()
    enter(page, "p a[href*='/drafts/']")
    page.wait_for_url("**/drafts/*")
    enter(page, "details.confirm summary")
    enter(page, "form[action$='/publish'] button")
    page.wait_for_url("**/admin/scorecard/")
    expect(page.locator("#applied")).to_contain_text("contacts are scored by this version")
    while firm.recalculate():
        pass
    expect(page.locator("#applied")).to_have_text("")
    assert firm.points(ada) == before + 31 - 20
    firm.publish(CARD)
    while firm.recalculate():
        pass
