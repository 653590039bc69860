"""The pages without a browser: an installation's application, and people signed in to it."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from passlib.hash import argon2
from werkzeug.test import TestResponse

from plugin.runtime import Runtime
from plugin.storage import users
from plugin.web import create_app

ROLES = ("viewer", "marketer", "admin")
PASSWORD = "correct horse battery"

# Nobody steals what tests hash: a tenth of a second for each password is not needed here.
argon2.default_rounds, argon2.memory_cost, argon2.parallelism = 1, 8, 1


class Compiled(BytecodeCache):
    """Templates are compiled once for all applications of this process."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if known := self._known.get((bucket.key, bucket.checksum)):
            bucket.bytecode_from_string(known)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._known[bucket.key, bucket.checksum] = bucket.bytecode_to_string()


_COMPILED = Compiled()


class Person:
    """Somebody in front of a browser that runs no scripts."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def get(self, path: str, **given: Any) -> TestResponse:
        return self.client.get(path, **given)

    def read(self, path: str, **given: Any) -> str:
        """The text of a page that must be there, without its markup."""
        answer = self.get(path, **given)
        assert answer.status_code == 200, (answer.status_code, answer.headers.get("Location"))
        return words(answer.text)

    def post(self, path: str, form: dict[str, Any] | None = None, **given: Any) -> TestResponse:
        """Send a form with the token that every page holds."""
        return self.client.post(path, data={**(form or {}), "csrf_token": self.token()}, **given)

    def token(self) -> str:
        found = re.search(r'name="csrf-token" content="([^"]+)"', self.get("/admin/nowhere").text)
        assert found
        return found[1]


def words(html: str) -> str:
    """The visible text of a page, its white space made single blanks."""
    visible = re.sub(r"(?s)<(script|style|head).*?</\1>|<[^>]+>", " ", html)
    return re.sub(r"[ \n\t]+", " ", unescape(visible)).strip()


def application(runtime: Runtime) -> Flask:
    """The pages of an installation, by its clock."""
    app = create_app(runtime.config, clock=runtime.clock)
    app.testing = True
    app.jinja_env.bytecode_cache = _COMPILED
    return app


def add_user(runtime: Runtime, role: str, password: str | None = None) -> int:
    """``<role>@example.org``, whose name is the role; answers our number."""
    values = {"email": f"{role}@example.org", "name": role.title(), "role": role}
    with runtime.engine.begin() as connection:
        return users.add_user(
            connection,
            {**values, "password": password, "uniquifier": f"session-of-{role}"},
            runtime.clock(),
        )


def sign_in(app: Flask, role: str) -> Person:
    """A person of that role, who was added before; the login page is not needed."""
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = f"session-of-{role}", True
    return Person(client)
