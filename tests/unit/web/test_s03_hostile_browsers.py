"""S3: sessions that were prepared, tokens of others, and names that are code."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from argon2 import PasswordHasher

from connectors.mautic.standin import Running
from connectors.mautic.standin.visitors import submit_form, visit
from plugin.manifest import load_manifest
from plugin.runtime import Runtime
from tests.installation import Installation
from tests.pages_kit import PASSWORD, ROLES, Person, add_user, application, sign_in

HOSTILE = '{{7*7}}<script>alert(1)</script>"onload="alert(2)'
HASHED = PasswordHasher(time_cost=1, memory_cost=64).hash(PASSWORD)


def test_s03_a_session_that_was_prepared_for_somebody_gains_nothing(runtime: Runtime) -> None:
    add_user(runtime, "viewer", HASHED)
    app = application(runtime)
    victim, attacker = Person(app.test_client()), Person(app.test_client())
    token = attacker.token()
    prepared = attacker.client.get_cookie("maturo")
    assert prepared
    victim.client.set_cookie("maturo", prepared.value)
    form = {"email": "viewer@example.org", "password": PASSWORD, "csrf_token": token}
    assert victim.client.post("/admin/login", data=form).status_code == 302
    assert attacker.get("/admin/").status_code == 302, "the session is the browser's that signed in"
    forged = {"language": "fr", "csrf_token": token}
    assert victim.client.post("/admin/language", data=forged).status_code == 400


def test_s03_the_token_of_somebody_else_changes_nothing(as_role: Callable[[str], Person]) -> None:
    viewer, admin = as_role("viewer"), as_role("admin")
    form = {"email": "eve@example.org", "role": "admin", "csrf_token": viewer.token()}
    assert admin.client.post("/admin/users/invite", data=form).status_code == 400


def test_s03_a_cookie_that_was_changed_opens_nothing(as_role: Callable[[str], Person]) -> None:
    viewer = as_role("viewer")
    cookie = viewer.client.get_cookie("maturo")
    assert cookie
    viewer.client.set_cookie("maturo", cookie.value[:-2] + "xx")
    assert viewer.get("/admin/").status_code == 302


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example"])
def test_s03_the_switch_of_language_leads_nowhere_else(
    as_role: Callable[[str], Person], target: str
) -> None:
    answer = as_role("viewer").post("/admin/language", {"language": "fr", "next": target})
    assert answer.location == "/admin/"


def test_s03_what_people_typed_is_shown_and_never_run(
    connected: Installation, standin: Running
) -> None:
    standin.standin.create(contact_id=7)
    named = {"email": "eve@example.org", "firstname": HOSTILE, "lastname": HOSTILE, "phone": "1"}
    submit_form(standin.standin, 7, named)
    visit(standin.standin, 7, f"https://shop.example/?{HOSTILE}", title=HOSTILE)
    connected.score()
    for role in ROLES:
        add_user(connected.runtime, role)
    admin = sign_in(application(connected.runtime), "admin")
    admin.post("/admin/account", {"name": HOSTILE, "language": "en", "timezone": "UTC"})
    paths = [page.path for page in load_manifest().pages] + ["/admin/contacts/acme/7"]
    shown = [admin.get(path) for path in paths]
    assert [one.status_code for one in shown] == [200] * len(paths)
    for path, answer in zip(paths, shown, strict=True):
        assert "<script>alert" not in answer.text, path
        assert '"onload="' not in answer.text, path
        assert "{{7*7}}" in answer.text, f"the name is shown as it was typed: {path}"
