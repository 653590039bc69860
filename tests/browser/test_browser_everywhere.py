"""Every page of the menu: usable by all, narrow and wide, in both languages, without an error."""

from __future__ import annotations

from typing import Any

from browser_kit import hindrances, too_wide
from playwright.sync_api import Page, expect

from plugin.manifest import load_manifest

NARROW, WIDE = ({"width": 390, "height": 844}, {"width": 1280, "height": 800})


def listened(page: Page) -> list[str]:
    """What the browser complains of from now on: scripts, refused content, missing files."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else 0)
    page.on("pageerror", lambda error: said.append(str(error)))
    return said


def test_every_page_of_the_menu_is_usable_by_all(as_role: Any) -> None:
    page = as_role("admin")
    said = listened(page)
    for entry in load_manifest().pages:
        page.set_viewport_size(NARROW)
        page.goto(entry.path)
        assert page.locator("h1").count() == 1, entry.path
        for size in (NARROW, WIDE):
            page.set_viewport_size(size)
            assert not too_wide(page), (entry.path, size)
        assert hindrances(page) == [], entry.path
    assert said == []


def test_the_language_is_switched_on_the_page(as_role: Any) -> None:
    page = as_role("viewer")
    page.goto("/admin/")
    page.get_by_role("button", name="Français").click()
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    expect(page.locator("h1")).to_have_text("Vue d’ensemble")
    page.get_by_role("button", name="English").click()
    expect(page.locator("h1")).to_have_text("Overview")


def test_a_lost_session_leads_back_after_signing_in(as_role: Any) -> None:
    page = as_role("viewer", locale="fr-FR")
    page.context.clear_cookies()
    page.goto("/admin/password")
    assert page.locator("h1").inner_text() == "Se connecter"
    assert hindrances(page) == []
    page.fill("#email", "viewer@example.org")
    page.fill("#password", "correct horse battery")
    page.keyboard.press("Enter")
    page.wait_for_url("**/admin/password")


def test_the_menu_of_a_narrow_screen_opens_by_keyboard(as_role: Any) -> None:
    page = as_role("viewer", viewport=NARROW)
    page.goto("/admin/")
    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "Skip to the content"
    menu = page.get_by_role("navigation")
    assert not menu.is_visible()
    page.get_by_role("button", name="Menu").focus()
    page.keyboard.press("Enter")
    expect(menu).to_be_visible()
