"""A real browser in front of a real server, whose installation holds a recorded month."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

from argon2 import PasswordHasher
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Page
from werkzeug.serving import make_server

from connectors.mautic.standin import StandIn, serve
from plugin.config import load_config
from plugin.runtime import open_runtime
from tests.installation import Clock, Installation
from tests.pages_kit import PASSWORD, ROLES, add_user

#: What axe finds that keeps people from using a page.
_BAD = {"serious", "critical"}
#: More than any page has places that take the focus.
_TABS = 150


@contextmanager
def opened(data: Path, card: str) -> Iterator[Installation]:
    """A connected installation with a scorecard and a user a role, who know ``PASSWORD``."""
    clock = Clock()
    with (
        open_runtime(load_config({}, {"data": str(data)}), clock) as runtime,
        serve(StandIn(clock=clock, queued=True)) as standin,
    ):
        firm = Installation(runtime, standin, clock)
        firm.publish(card)
        firm.connect()
        hashed = PasswordHasher(time_cost=1, memory_cost=64).hash(PASSWORD)
        for role in ROLES:
            add_user(runtime, role, hashed)
        yield firm
        firm.close()


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The application on a free port, in a thread of its own; tells the address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def press(page: Page, locator: str) -> None:
    """Reach something by focus and use it by the keyboard."""
    page.locator(locator).first.focus()
    page.keyboard.press("Enter")


def tab_to(page: Page, selector: str) -> None:
    """Go on by Tab alone until the focus is on what the selector names.

    Wait for the page first: else this looks through the one before it.
    """
    for _ in range(_TABS):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            return
    raise AssertionError(f"no Tab leads to {selector}")


def enter(page: Page, selector: str) -> None:
    """Go on by Tab to what the selector names, and press Enter there."""
    tab_to(page, selector)
    page.keyboard.press("Enter")


def sign_in(page: Page, base: str, role: str) -> None:
    """Through the login page, as people do."""
    page.goto(f"{base}/admin/login")
    page.fill("#email", f"{role}@example.org")
    page.fill("#password", PASSWORD)
    page.click("form[action*=login] button")
    page.wait_for_url(re.compile(r"/admin/$"))


def hindrances(page: Page) -> list[str]:
    """What axe finds serious or critical on the page as it is."""
    found: list[dict[str, Any]] = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {node['html']}"
        for one in found
        if one["impact"] in _BAD
        for node in one["nodes"]
    ]


def too_wide(page: Page) -> bool:
    """Whether the page must be scrolled sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))
