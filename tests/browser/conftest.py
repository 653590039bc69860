"""One server for all browser tests: a stand-in platform's contacts, scored, and a user a role."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from browser_kit import served, sign_in
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page

from connectors.mautic.standin import StandIn, serve
from plugin.config import load_config
from plugin.runtime import open_runtime
from plugin.services.publish import publish
from tests.installation import CARD, Clock, Installation
from tests.pages_kit import PASSWORD, ROLES, add_user, application

CHROMIUM = "/usr/bin/chromium"


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
    clock = Clock()
    config = load_config({}, {"data": str(tmp_path_factory.mktemp("firm"))})
    with (
        open_runtime(config, clock) as runtime,
        serve(StandIn(clock=clock, queued=True)) as standin,
    ):
        publish(runtime.engine, CARD, "card", clock())
        firm = Installation(runtime, standin, clock)
        firm.connect()
        hashed = PasswordHasher(time_cost=1, memory_cost=64).hash(PASSWORD)
        for role in ROLES:
            add_user(runtime, role, hashed)
        yield firm
        firm.close()


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
    opened: list[BrowserContext] = []

    def of(role: str, **given: Any) -> Page:
        given.setdefault("locale", "en-GB")
        context = browser.new_context(base_url=base, storage_state=sessions(role), **given)
        opened.append(context)
        return context.new_page()

    yield of
    for context in opened:
        context.close()
