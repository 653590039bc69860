"""An application with a user of each role, and somebody of each in front of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from plugin.runtime import Runtime
from tests.pages_kit import ROLES, Person, add_user, application, sign_in


@pytest.fixture
def app(runtime: Runtime) -> Flask:
    for role in ROLES:
        add_user(runtime, role)
    return application(runtime)


@pytest.fixture
def as_role(app: Flask) -> Callable[[str], Person]:
    return lambda role: sign_in(app, role)


@pytest.fixture
def stranger(app: Flask) -> Person:
    return Person(app.test_client())
