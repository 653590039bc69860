"""From the list to a contact and back, the feed as it fills, and the link for sales."""

from __future__ import annotations

import re
from typing import Any

from browser_kit import hindrances, too_wide

from connectors.mautic.standin import visitors
from plugin.services.judge import verdict_links
from tests.installation import Installation

NARROW = {"width": 390, "height": 844}


def _contact(firm: Installation, name: str) -> int:
    form = {"id": 3, "name": "Demo", "alias": "demo"}
    answers = {"email": f"{name}@nova.example", "firstname": name, "phone": "1"}
    contact = visitors.submit_form(firm.standin, None, answers, form=form)
    firm.score()
    return contact


def test_a_contact_is_found_looked_at_and_judged_by_keyboard(
    firm: Installation, as_role: Any
) -> None:
    contact = _contact(firm, "Zelda")
    page = as_role("marketer", viewport=NARROW)
    page.goto("/admin/contacts")
    page.focus("#q")
    page.keyboard.type("zelda")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=zelda*")
    page.get_by_role("link", name="Zelda").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/{contact}")
    page.locator(".curve canvas").wait_for()
    assert (hindrances(page), too_wide(page)) == ([], False)
    page.focus("#reason")
    page.keyboard.type("great")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("Thank you: your verdict is kept").wait_for()
    assert page.get_by_text("Accepted by sales on").count() == 1


def test_what_arrives_appears_in_the_open_feed(firm: Installation, as_role: Any) -> None:
    contact = _contact(firm, "Yann")
    page = as_role("viewer")
    page.goto("/admin/feed")
    page.get_by_text("Live", exact=True).wait_for()
    visitors.visit(firm.standin, contact, "https://firm.example/just-now")
    firm.score()
    page.locator("#feed li", has_text="just-now").wait_for()


def test_sales_votes_by_the_link_without_an_account(
    firm: Installation, browser: Any, base: str
) -> None:
    contact = _contact(firm, "Xenia")
    [own] = [row["id"] for row in firm.rows("contacts") if row["platform_id"] == str(contact)]
    link = verdict_links(firm.runtime.vault, base, firm.clock)
    assert link is not None
    context = browser.new_context(viewport=NARROW, locale="fr-FR")
    page = context.new_page()
    page.goto(link(own))
    assert page.locator("h1").inner_text() == "Xenia"
    assert (hindrances(page), too_wide(page)) == ([], False)
    page.get_by_role("button", name=re.compile("Sans intérêt")).click()
    page.get_by_role("heading", name="Merci").wait_for()
    context.close()
