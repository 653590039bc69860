"""An application with a user of each role, and somebody of each in front of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from connectors.mautic.standin import Running
from connectors.mautic.standin.visitors import submit_form, visit
from plugin.runtime import Runtime
from tests.installation import Installation
from tests.pages_kit import ROLES, Person, add_user, application, sign_in


@pytest.fixture
def app(runtime: Runtime) -> Flask:
    for role in ROLES:
        add_user(runtime, role)
    return application(runtime)


@pytest.fixture
def scored(connected: Installation, standin: Running) -> Installation:
    """An installation that has scored a contact: 7, of acme."""
    standin.standin.create(contact_id=7)
    submit_form(standin.standin, 7, {"email": "ada@example.org", "phone": "1"})
    connected.score()
    visit(standin.standin, 7, "https://shop.example/pricing")
    connected.score()
    return connected


@pytest.fixture
def as_role(app: Flask) -> Callable[[str], Person]:
    return lambda role: sign_in(app, role)


@pytest.fixture
def stranger(app: Flask) -> Person:
    return Person(app.test_client())
