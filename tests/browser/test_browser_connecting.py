"""From nothing to the first scored contact by keyboard alone, and dead letters read again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from argon2 import PasswordHasher
from browser_kit import hindrances, served, sign_in, too_wide
from playwright.sync_api import Browser, Page, expect

from connectors.mautic.standin import StandIn, serve
from connectors.mautic.standin.visitors import submit_form
from plugin.config import load_config
from plugin.poller import Poller
from plugin.runtime import open_runtime
from plugin.sender import Sender
from plugin.services.publish import publish
from tests.installation import CARD, NAME, Clock, Installation, unpaced
from tests.pages_kit import PASSWORD, add_user, application

SMALL = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An administrator, a platform that delivers at once, and nothing connected."""
    clock = Clock()
    settings = {"data": str(tmp_path_factory.mktemp("empty")), "private_platforms": True}
    with (
        open_runtime(load_config({}, settings), clock) as runtime,
        serve(StandIn(clock=clock)) as standin,
    ):
        publish(runtime.engine, CARD, "card", clock())
        add_user(runtime, "admin", PasswordHasher(time_cost=1, memory_cost=64).hash(PASSWORD))
        installation = Installation(runtime, standin, clock)
        yield installation
        installation.close()


@pytest.fixture(scope="module")
def address(empty: Installation) -> Iterator[str]:
    with served(application(empty.runtime)) as found:
        yield found


@pytest.fixture
def admin(browser: Browser, address: str) -> Iterator[Page]:
    context = browser.new_context(base_url=address, locale="en-GB", reduced_motion="reduce")
    page = context.new_page()
    sign_in(page, address, "admin")
    yield page
    context.close()


def press_to(page: Page, name: str) -> None:
    """Go on by Tab until the focus is on what has this name, then press Enter.

    Wait for the page first: else this looks through the one before it.
    """
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.innerText").strip().partition("\n")[0] == name:
            page.keyboard.press("Enter")
            return
    raise AssertionError(f"no Tab leads to {name}")


def fill_in(page: Page, values: dict[str, str]) -> None:
    """Type into the fields with these names, going on by Tab."""
    left = dict(values)
    for _ in range(60):
        name = page.evaluate("document.activeElement.name")
        if name in left:
            page.keyboard.press("Control+a")
            page.keyboard.type(left.pop(name))
        if not left:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"no Tab leads to {sorted(left)}")


def work(at: Installation) -> None:
    """What the worker would do by now."""
    paces = unpaced()
    while at.score_batch():
        pass
    for one in (Sender(at.runtime, lambda: 0.0, paces), Poller(at.runtime, lambda: 0.0, paces)):
        step = one.send_some if isinstance(one, Sender) else one.poll_some
        while step():
            pass
        one.close()


def test_r68_a_platform_is_connected_by_keyboard_to_the_first_scored_contact(
    empty: Installation, admin: Page, address: str
) -> None:
    visited: list[Any] = []

    def usable() -> None:
        visited.append(admin.url)
        assert hindrances(admin) == [], admin.url
        admin.set_viewport_size(SMALL)
        assert not too_wide(admin), admin.url
        admin.set_viewport_size({"width": 1280, "height": 800})

    admin.goto("/admin/connections/")
    press_to(admin, "Connect a platform")
    expect(admin.locator("h1")).to_have_text("Connect a platform")
    usable()
    press_to(admin, "Mautic")
    expect(admin.locator("h1")).to_have_text("Connect Mautic")
    usable()
    wrong = {"base_url": empty.url, "client_id": "nobody", "client_secret": "wrong"}
    fill_in(admin, wrong)
    press_to(admin, "Test the connection")
    expect(admin.get_by_text("does not accept this client id and secret")).to_be_visible()
    usable()
    assert admin.locator("[name=client_secret]").input_value() == "wrong", (
        "stays where it was typed"
    )
    standin = empty.standin
    fill_in(admin, {"client_id": standin.client_id, "client_secret": standin.client_secret})
    fill_in(admin, {"name": NAME})
    press_to(admin, "Test the connection")
    expect(admin.locator("h1")).to_have_text(f"Set up {NAME}")
    usable()

    # The session is lost in the middle: the way leads back to where it stopped.
    admin.context.clear_cookies()
    admin.keyboard.press("Enter")  # "Create fields and webhook" has the focus.
    expect(admin.locator("h1")).to_have_text("Sign in")
    sign_in(admin, address, "admin")
    admin.goto("/admin/connections/")
    press_to(admin, NAME)
    expect(admin.locator("h1")).to_contain_text(NAME)
    press_to(admin, "Go on with the set-up")
    expect(admin.locator("h1")).to_have_text(f"Set up {NAME}")

    admin.keyboard.press("Enter")
    expect(admin.get_by_text("Waiting for the first delivery")).to_be_visible()
    usable()
    ada = submit_form(standin, None, {"email": "ada@example.org"})
    work(empty)
    expect(admin.get_by_text("A signed delivery arrived")).to_be_visible()
    press_to(admin, "Read the past")
    expect(admin.get_by_text("read so far")).to_be_visible()
    work(empty)
    expect(admin.get_by_text("The past is read")).to_be_visible()
    usable()
    press_to(admin, "Done: go to the connection")
    expect(admin.locator("h1")).to_contain_text(NAME)
    usable()
    assert empty.held(ada)["score"] == 20
    assert len(visited) == 7


def test_dead_letters_are_tried_mended_and_read_again(empty: Installation, admin: Page) -> None:
    if not empty.rows("connections"):
        empty.connect()
    good = {"mautic.lead_post_save_new": [{"timestamp": "never", "contact": {"id": 900}}]}
    secret = empty.source.webhook_secrets[0]
    empty.receive([orjson.dumps(good)], secret=secret)
    empty.score_batch()
    admin.goto("/admin/health/")
    admin.get_by_role("link", name="1", exact=True).click()
    assert hindrances(admin) == []
    admin.locator("tbody a").first.click()
    admin.get_by_role("button", name="Try to read them again").click()
    expect(admin.get_by_text("1 item still cannot:")).to_be_visible()
    admin.locator("summary").first.click()
    assert hindrances(admin) == []
    admin.get_by_role("link", name="Mend the delivery").click()
    text = (
        admin.get_by_label("Delivery").input_value().replace("never", "2026-03-02T08:00:00+00:00")
    )
    admin.get_by_label("Delivery").fill(text)
    admin.get_by_role("button", name="Try it").click()
    expect(admin.get_by_text("1 item can be read now.")).to_be_visible()
    assert hindrances(admin) == []
    admin.get_by_role("button", name="Score it").click()
    expect(admin.get_by_text("1 item was read.")).to_be_visible()
    expect(admin.get_by_text("Everything that arrived could be read.")).to_be_visible()
