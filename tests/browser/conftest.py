"""One server for all browser tests: a stand-in platform's contacts, scored, and a user a role."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser_kit import opened, served, sign_in
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.installation import CARD, Installation
from tests.pages_kit import application

CHROMIUM = "/usr/bin/chromium"
# Five seconds are not enough where several tests share a slow machine.
expect.set_options(timeout=30_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "browser" in item.path.parts:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    sandbox = {"executable_path": CHROMIUM, "args": ["--no-sandbox"]}
    return {**browser_type_launch_args, **sandbox}


@pytest.fixture(scope="session")
def firm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A connected installation in which three contacts have a score."""
    with opened(tmp_path_factory.mktemp("firm"), CARD) as firm:
        yield firm


@pytest.fixture(scope="session")
def app(firm: Installation) -> Flask:
    return application(firm.runtime)


@pytest.fixture(scope="session")
def base(app: Flask) -> Iterator[str]:
    """The address of the server."""
    with served(app) as address:
        yield address


@pytest.fixture(scope="session")
def sessions(browser: Browser, base: str, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The stored session of each role, made when first asked for."""
    folder, known = tmp_path_factory.mktemp("sessions"), {}

    def of(role: str) -> Path:
        if role not in known:
            context = browser.new_context()
            sign_in(context.new_page(), base, role)
            known[role] = folder / f"{role}.json"
            context.storage_state(path=known[role])
            context.close()
        return known[role]

    return of


@pytest.fixture
def as_role(browser: Browser, base: str, sessions: Any) -> Iterator[Any]:
    """``as_role("viewer")`` is a page of somebody signed in; keywords are the context's."""
    shown: list[BrowserContext] = []

    def of(role: str, **given: Any) -> Page:
        given.setdefault("locale", "en-GB")
        context = browser.new_context(base_url=base, storage_state=sessions(role), **given)
        shown.append(context)
        return context.new_page()

    yield of
    for context in shown:
        context.close()
