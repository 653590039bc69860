"""Who was won becomes a proposal; a marketer decides, rehearses, publishes; a contact changes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from browser_kit import hindrances, opened, press, served, sign_in, too_wide
from former_kit import CARD, live, newcomer
from playwright.sync_api import Browser, Page, expect

from plugin.services.runs import run_next
from plugin.storage import runs
from tests.installation import Installation
from tests.pages_kit import application

NARROW, WIDE = {"width": 390, "height": 844}, {"width": 1280, "height": 800}


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with opened(tmp_path_factory.mktemp("lived"), CARD) as firm:
        live(firm)
        yield firm


@pytest.fixture
def page(lived: Installation, browser: Browser) -> Iterator[Page]:
    """A marketer at the pages of that firm."""
    with served(application(lived.runtime)) as base:
        context = browser.new_context(base_url=base, locale="en-GB", viewport=WIDE)
        page = context.new_page()
        sign_in(page, base, "marketer")
        yield page
        context.close()


def _under_way(firm: Installation, done: int, total: int) -> None:
    with firm.engine.begin() as connection:
        run = runs.take(connection)
        assert run is not None
        runs.advance(connection, run.id, done, total)


def _usable(page: Page) -> None:
    assert hindrances(page) == []
    for size in (NARROW, WIDE):
        page.set_viewport_size(size)
        assert not too_wide(page), size


def test_outcomes_become_a_proposal_a_draft_and_another_score(
    lived: Installation, page: Page
) -> None:
    ada = newcomer(lived, "/demo")
    assert lived.points(ada) == 10
    page.goto("/admin/learning/")
    page.select_option("#horizon", "30d")
    press(page, "form.inline button")
    expect(page.locator("#run")).to_contain_text("waits for the worker")
    _under_way(lived, 120, 376)
    expect(page.locator("#run")).to_contain_text("120 of 376 contacts are read")
    assert page.locator("progress").get_attribute("value") == "120"
    run_next(lived.engine, lived.clock)
    expect(page.locator(".alert-success")).to_contain_text("better than the present rules")
    headings = page.locator("#run h2").all_inner_texts()
    assert headings[0] == "On later contacts, which nothing was learned from"
    assert headings[1] == "Rows that would replace the present rules"
    press(page, "summary:has-text('only true of who was won')")
    expect(page.get_by_label("phone is known")).to_be_visible()
    _usable(page)

    rows = page.locator(".decisions tbody tr")
    names = rows.locator("th").all_inner_texts()
    [kept] = [one for one in names if "/demo" in one]
    refused = [one for one in names if one != kept][:2]
    assert len(refused) == 2
    for name in refused:
        page.get_by_label(f"Accept “{name}”").focus()
        page.keyboard.press("Space")
    page.get_by_label(f"Points of “{kept}”").fill("33")
    press(page, "form[action$='/draft'] button")
    page.wait_for_url("**/drafts/*")
    drafted = page.locator(".rule-name").all_inner_texts()
    assert sorted(drafted) == sorted(set(names) - set(refused))

    press(page, "a[href$='/rehearsal/']")
    page.wait_for_url("**/rehearsal/")
    press(page, "form.inline button")
    expect(page.locator("#run")).to_contain_text("waits for the worker")
    run_next(lived.engine, lived.clock)
    expect(page.locator("#run")).to_contain_text("Would change their band")
    press(page, "p a[href*='/drafts/']")
    press(page, "details.confirm summary")
    press(page, "form[action$='/publish'] button")
    page.wait_for_url("**/admin/scorecard/")
    while lived.recalculate():
        pass

    page.goto(f"/admin/contacts/acme/{ada}")
    line = page.locator(".ledger tr", has_text=kept)
    expect(line.locator("td").first).to_have_text("+33")
    shown = page.locator(".figure", has_text="Score").first.locator(".figure-value")
    expect(shown).to_have_text(f"{lived.points(ada):g}")
    assert lived.points(ada) != 10
