"""S3: the first admin, login, logout, passwords, and what browsers are told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from flask import Flask

from plugin.runtime import Runtime
from plugin.services.audit import trail
from plugin.services.invitations import InvalidInvitation, first_link, invited
from plugin.services.users import change_user, find_user
from plugin.web.admin.users import Users
from tests.installation import Clock
from tests.pages_kit import PASSWORD, Person, add_user, application

ROLES = ("viewer", "marketer", "admin")
FORM = {"email": "Ada@Example.org", "name": "Ada", "password": PASSWORD, "again": PASSWORD}


@pytest.fixture
def visitor(runtime: Runtime) -> Person:
    """Somebody in front of an installation that has no user yet."""
    return Person(application(runtime).test_client())


def link(runtime: Runtime) -> str:
    token = first_link(runtime.engine, ROLES, runtime.clock())
    assert token
    return f"/admin/join/{token}"


def test_the_first_link_makes_the_admin_and_works_once(runtime: Runtime, visitor: Person) -> None:
    address = link(runtime)
    assert "you will be the administrator" in visitor.read(address)
    assert visitor.post(address, FORM).location == "/admin/"
    assert "Administrator" in visitor.read("/admin/")
    made = find_user(runtime.engine, "email", "ada@example.org")
    assert made
    assert made.role == "admin"
    assert made.password != PASSWORD
    assert visitor.get(address).status_code == 404
    assert [
        (one.who, one.what, one.after) for one in trail(runtime.engine, who="ada@example.org")
    ] == [("ada@example.org", "user.joined", "admin")]


def test_there_is_no_first_link_once_there_is_a_user(runtime: Runtime, visitor: Person) -> None:
    early = link(runtime)
    add_user(runtime, "viewer")
    assert first_link(runtime.engine, ROLES, runtime.clock()) is None
    assert visitor.get(early).status_code == 404


def test_the_first_link_is_good_for_an_hour(runtime: Runtime, clock: Clock) -> None:
    token = first_link(runtime.engine, ROLES, clock())
    assert token
    clock.now += timedelta(minutes=59)
    assert invited(runtime.engine, token, clock()).role == "admin"
    clock.now += timedelta(minutes=2)
    with pytest.raises(InvalidInvitation):
        invited(runtime.engine, token, clock())


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"password": "short", "again": "short"}, "at least 12 characters"),
        ({"password": "aaaaaaaaaaaa", "again": "aaaaaaaaaaaa"}, "more different characters"),
        ({"password": "ada loves engines", "again": "ada loves engines"}, "your own name"),
        ({"again": "something else"}, "The two passwords differ"),
        ({"email": "ada"}, "Give an address such as name@example.org"),
        ({"name": ""}, "Give your name"),
    ],
)
def test_what_does_not_fit_is_said_at_the_field(
    runtime: Runtime, visitor: Person, changed: dict[str, str], said: str
) -> None:
    address = link(runtime)
    answer = visitor.post(address, {**FORM, **changed})
    assert said in answer.text
    assert "is-invalid" in answer.text
    assert PASSWORD not in answer.text
    assert visitor.post(address, FORM).status_code == 302


def test_signing_in_and_out(runtime: Runtime, visitor: Person) -> None:
    visitor.post(link(runtime), FORM)
    assert visitor.post("/admin/logout").location == "/admin/login"
    assert visitor.get("/admin/").status_code == 302
    answer = visitor.post("/admin/login", {"email": "ada@EXAMPLE.org", "password": PASSWORD})
    assert answer.location == "/admin/"
    assert visitor.get("/admin/").status_code == 200


def test_a_wrong_password_and_an_unknown_address_read_the_same(
    runtime: Runtime, visitor: Person
) -> None:
    visitor.post(link(runtime), FORM)
    visitor.post("/admin/logout")
    wrong = {"email": "ada@example.org", "password": "not this one at all"}
    answers = [
        visitor.post("/admin/login", {**wrong, "email": email})
        for email in (
            "ada@example.org",
            "nobody@example.org",
        )
    ]
    for answer in answers:
        assert "do not belong together" in answer.text
    assert visitor.get("/admin/").status_code == 302


def test_login_leads_nowhere_else(runtime: Runtime, visitor: Person) -> None:
    visitor.post(link(runtime), FORM)
    credentials = {"email": "ada@example.org", "password": PASSWORD}
    for target in ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:x"):
        visitor.post("/admin/logout")
        answer = visitor.post("/admin/login", credentials, query_string={"next": target})
        assert urlsplit(answer.location or "/").netloc == ""
        assert not (answer.location or "/").startswith(("//", "/\\", "javascript"))


def test_a_new_password_ends_the_other_sessions(runtime: Runtime, visitor: Person) -> None:
    visitor.post(link(runtime), FORM)
    elsewhere = Person(visitor.client.application.test_client())
    elsewhere.post("/admin/login", {"email": "ada@example.org", "password": PASSWORD})
    assert elsewhere.get("/admin/").status_code == 200
    new = "an entirely new phrase"
    form = {"password": PASSWORD, "new_password": new, "new_password_confirm": new}
    assert visitor.post("/admin/password", form).location == "/admin/account"
    assert visitor.get("/admin/").status_code == 200
    assert elsewhere.get("/admin/").status_code == 302


def test_a_stale_copy_of_a_user_undoes_nothing(runtime: Runtime) -> None:
    number = add_user(runtime, "viewer")
    store = Users(runtime.engine)
    stale = store.find_user(id=number)
    assert stale
    change_user(runtime.engine, number, {"active": 0})
    stale.password = "new"
    store.put(stale)
    found = find_user(runtime.engine, "id", number)
    assert found
    assert not found.active
    assert found.password == "new"


def test_browsers_are_told_to_run_nothing_but_ours(
    app: Flask, as_role: Callable[[str], Person]
) -> None:
    answer = as_role("viewer").get("/admin/")
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "<style" not in answer.text
    assert " style=" not in answer.text
    assert "<script>" not in answer.text


def test_the_cookie_of_a_session_is_out_of_reach_of_scripts(visitor: Person) -> None:
    cookie = visitor.get("/admin/login").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
