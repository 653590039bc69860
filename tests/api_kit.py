"""Programs that use the API of an installation."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient

from plugin.runtime import Runtime
from plugin.services.api_keys import make_key
from tests.pages_kit import application


def key(runtime: Runtime, scope: str = "read", **given: Any) -> dict[str, str]:
    """The header of a new key."""
    token = make_key(
        runtime.engine, "test", scope, given.get("expires_at"), "ada@example.org", runtime.clock()
    )
    return {"Authorization": f"Bearer {token}"}


def client(runtime: Runtime, **headers: str) -> FlaskClient:
    found = application(runtime).test_client()
    for name, value in headers.items():
        found.environ_base[f"HTTP_{name.upper()}"] = value
    return found


def program(runtime: Runtime, scope: str = "read") -> FlaskClient:
    """A program with a new key of that scope."""
    return client(runtime, **key(runtime, scope))
