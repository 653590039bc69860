"""Users, their roles and links; accounts; the second factor; keys and the audit on pages."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from passlib.totp import TOTP
from sqlalchemy import select

import plugin.services
from plugin.runtime import Runtime
from plugin.services.api_keys import every_key
from plugin.services.audit import trail
from plugin.services.invitations import invite_back
from plugin.services.manage_users import drop_second_factor
from plugin.services.tries import count_try
from plugin.services.users import find_user
from plugin.storage.engine import for_reading
from plugin.storage.tables import tries
from plugin.web.admin.audit import DEEDS
from plugin.web.admin.sessions import LONGEST
from tests.installation import Clock
from tests.pages_kit import PASSWORD, Person, add_user, application

NEW = "an entirely new phrase"
LINK = re.compile(r"http://localhost(/admin/join/[\w-]+)")
HASHED = PasswordHasher(time_cost=1, memory_cost=64).hash(PASSWORD)


@pytest.fixture
def admin(as_role: Callable[[str], Person]) -> Person:
    return as_role("admin")


def number_of(runtime: Runtime, role: str) -> int:
    found = find_user(runtime.engine, "email", f"{role}@example.org")
    assert found
    return found.id


def deeds(runtime: Runtime) -> list[str]:
    return [line.what for line in trail(runtime.engine) if line.who != "command line"]


def link_in(text: str) -> str:
    found = LINK.search(text)
    assert found, text
    return found[1]


def test_somebody_is_invited_with_a_role_and_comes_in(
    runtime: Runtime, admin: Person, stranger: Person
) -> None:
    shown = admin.post("/admin/users/invite", {"email": "Bob@Example.org", "role": "marketer"})
    address = link_in(shown.text)
    assert "bob@example.org invited" in admin.read("/admin/users/")
    form = {"name": "Bob", "password": PASSWORD, "again": PASSWORD}
    assert stranger.post(address, form).location == "/admin/"
    joined = find_user(runtime.engine, "email", "bob@example.org")
    assert joined
    assert joined.role == "marketer"
    assert deeds(runtime) == ["user.joined", "user.invited"]


def test_a_second_invitation_ends_the_first_and_withdrawing_ends_all(
    admin: Person, stranger: Person
) -> None:
    form = {"email": "bob@example.org", "role": "viewer"}
    first = link_in(admin.post("/admin/users/invite", form).text)
    second = link_in(admin.post("/admin/users/invite", form).text)
    assert stranger.get(first).status_code == 404
    assert stranger.get(second).status_code == 200
    admin.post("/admin/users/uninvite", {"email": "bob@example.org"})
    assert stranger.get(second).status_code == 404


@pytest.mark.parametrize(
    ("email", "said"),
    [("bob", "Give an address such as"), ("viewer@example.org", "is a user already")],
)
def test_who_cannot_be_invited_is_said_at_the_field(admin: Person, email: str, said: str) -> None:
    answer = admin.post("/admin/users/invite", {"email": email, "role": "viewer"})
    assert answer.status_code == 422
    assert said in answer.text
    assert f'value="{email}"' in answer.text


def test_a_role_is_changed_at_once(
    runtime: Runtime, admin: Person, as_role: Callable[[str], Person]
) -> None:
    viewer, number = as_role("viewer"), number_of(runtime, "viewer")
    assert viewer.get("/admin/users/").status_code == 403
    admin.post(f"/admin/users/{number}/role", {"role": "admin"})
    assert viewer.get("/admin/users/").status_code == 200
    [line] = trail(runtime.engine, who="admin@example.org")
    assert (line.what, line.who, line.before, line.after) == (
        *("user.role_changed", "admin@example.org", "viewer", "admin"),
    )


def test_who_is_let_out_is_out_at_once(
    runtime: Runtime, admin: Person, as_role: Callable[[str], Person]
) -> None:
    viewer, number = as_role("viewer"), number_of(runtime, "viewer")
    assert viewer.get("/admin/").status_code == 200
    admin.post(f"/admin/users/{number}/active", {"active": "0"})
    assert viewer.get("/admin/").status_code == 302
    admin.post(f"/admin/users/{number}/active", {"active": "1"})
    assert deeds(runtime) == ["user.activated", "user.deactivated"]


def test_the_last_administrator_stays_one(runtime: Runtime, admin: Person) -> None:
    number = number_of(runtime, "admin")
    for path, form in (("role", {"role": "viewer"}), ("active", {"active": "0"})):
        answer = admin.post(f"/admin/users/{number}/{path}", form, follow_redirects=True)
        assert "The last administrator stays one" in answer.text
    found = find_user(runtime.engine, "id", number)
    assert found
    assert (found.role, found.active) == ("admin", True)


def test_a_forgotten_password_is_replaced_by_a_link(
    runtime: Runtime, admin: Person, as_role: Callable[[str], Person], stranger: Person
) -> None:
    viewer = as_role("viewer")
    number = number_of(runtime, "viewer")
    address = link_in(admin.post(f"/admin/users/{number}/password").text)
    assert "Choose a new password" in stranger.read(address)
    stranger.post(address, {"password": NEW, "again": NEW, "name": "x"})
    assert viewer.get("/admin/").status_code == 302
    other = Person(stranger.client.application.test_client())
    answer = other.post("/admin/login", {"email": "viewer@example.org", "password": NEW})
    assert answer.location == "/admin/"
    found = find_user(runtime.engine, "id", number)
    assert found
    assert found.name == "Viewer"


def test_ones_own_name_language_and_zone(as_role: Callable[[str], Person], clock: Clock) -> None:
    viewer = as_role("viewer")
    form = {"name": "Zoé", "language": "fr", "timezone": "America/Montreal"}
    assert viewer.post("/admin/account", form).status_code == 303
    assert "Zoé" in viewer.read("/admin/account")
    assert 'lang="fr"' in viewer.get("/admin/account").text
    answer = viewer.post("/admin/account", {**form, "timezone": "Moon/Base"})
    assert "is-invalid" in answer.text


def test_signing_out_everywhere_ends_every_session(as_role: Callable[[str], Person]) -> None:
    here, there = as_role("viewer"), as_role("viewer")
    assert here.post("/admin/account/sessions").location == "/admin/login"
    assert there.get("/admin/").status_code == 302


def test_a_session_ends_after_a_week_however_busy(
    as_role: Callable[[str], Person], clock: Clock
) -> None:
    viewer = as_role("viewer")
    assert viewer.get("/admin/").status_code == 200
    clock.now += LONGEST - timedelta(minutes=1)
    assert viewer.get("/admin/").status_code == 200
    clock.now += timedelta(minutes=2)
    assert viewer.get("/admin/").status_code == 302


@pytest.fixture
def ada(runtime: Runtime) -> Person:
    """Somebody who signed in by the login page, as an app with fresh limits sees it."""
    add_user(runtime, "viewer", HASHED)
    person = Person(application(runtime).test_client())
    credentials(person)
    return person


def credentials(person: Person) -> str:
    form = {"email": "viewer@example.org", "password": PASSWORD}
    return person.post("/admin/login", form, follow_redirects=True).text


def set_up(person: Person) -> tuple[TOTP, str]:
    """The app of a second factor just set up, and the code that it was set up with."""
    shown = person.post("/admin/second-factor", {"setup": "authenticator"}).text
    key = re.search(r"<code[^>]*>([A-Z2-7 -]+)</code>", shown)
    action = re.search(r'action="(/admin/second-factor/[^"]+)"', shown)
    assert key, shown
    assert action, shown
    app = TOTP(key=key[1].replace(" ", "").replace("-", ""))
    code = app.generate().token
    answer = person.post(action[1], {"code": code})
    assert answer.location == "/admin/recovery-codes", answer.text
    return app, code


def test_with_a_second_factor_the_password_alone_opens_nothing(
    runtime: Runtime, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    app, used = set_up(ada)
    stored = find_user(runtime.engine, "email", "viewer@example.org")
    assert stored
    assert stored.totp
    assert app.base32_key not in stored.totp
    ada.post("/admin/logout")
    assert "Code of your app" in credentials(ada)
    assert ada.get("/admin/").status_code == 302
    assert "does not fit" in ada.post("/admin/second-factor/code", {"code": "000000"}).text
    again = ada.post("/admin/second-factor/code", {"code": used})
    assert "used before" in again.text, "the code of the set-up is not taken twice"


def test_a_recovery_code_replaces_the_app_once(runtime: Runtime, ada: Person) -> None:
    set_up(ada)
    shown = ada.post("/admin/recovery-codes", {"generate_new_codes": "1"}).text
    codes = re.findall(r"<li><code>([^<]+)</code>", shown)
    assert len(codes) == 8
    stored = find_user(runtime.engine, "email", "viewer@example.org")
    assert stored
    assert codes[0] not in (stored.recovery_codes or "")
    for expected in (302, 200):
        ada.post("/admin/logout")
        credentials(ada)
        answer = ada.post("/admin/second-factor/recovery", {"code": codes[0]})
        assert answer.status_code == expected


def test_a_link_to_a_new_password_does_not_stand_in_for_the_second_factor(
    runtime: Runtime, ada: Person
) -> None:
    set_up(ada)
    token = invite_back(runtime.engine, number_of(runtime, "viewer"), "x", None, runtime.clock())
    ada.post(f"/admin/join/{token}", {"password": NEW, "again": NEW})
    assert ada.get("/admin/").status_code == 302


def test_an_administrator_removes_a_lost_second_factor(runtime: Runtime, ada: Person) -> None:
    set_up(ada)
    number = number_of(runtime, "viewer")
    drop_second_factor(runtime.engine, number, "admin@example.org", runtime.clock())
    assert ada.get("/admin/").status_code == 302
    credentials(ada)
    assert ada.get("/admin/").status_code == 200


def test_who_guesses_is_slowed_down_and_others_are_not(runtime: Runtime, clock: Clock) -> None:
    add_user(runtime, "viewer", HASHED)
    app = application(runtime)
    guesser, other = Person(app.test_client()), Person(app.test_client())
    form = {"email": "viewer@example.org", "password": "wrong"}
    codes = [guesser.post("/admin/login", form).status_code for _ in range(11)]
    assert codes == [200] * 10 + [429]
    assert "Wait a minute" in guesser.post("/admin/login", form).text
    assert other.post("/admin/login", {**form, "email": "x@example.org"}).status_code == 200
    clock.forward(seconds=61)
    assert guesser.post("/admin/login", form).status_code == 200


def test_the_processes_of_an_installation_slow_down_who_guesses_together(runtime: Runtime) -> None:
    doors = [Person(application(runtime).test_client()) for _ in range(2)]
    form = {"email": "viewer@example.org", "password": "wrong"}
    codes = [doors[number % 2].post("/admin/login", form).status_code for number in range(12)]
    assert codes == [200] * 10 + [429] * 2
    with for_reading(runtime.engine).begin() as connection:
        kept = connection.execute(select(tries)).all()
    assert "example" not in str(kept), "neither the address nor the machine is kept"


def test_who_floods_the_login_costs_no_writes(runtime: Runtime, clock: Clock) -> None:
    a_minute = timedelta(minutes=1)
    counted = [count_try(runtime.engine, "a", 1, a_minute, clock()) for _ in range(102)]
    assert counted == [*range(1, 101), 101, 101]
    clock.forward(seconds=60)
    assert count_try(runtime.engine, "b", 1, a_minute, clock()) == 1
    with for_reading(runtime.engine).begin() as connection:
        assert len(connection.execute(select(tries)).all()) == 1, "what ended is deleted"


def test_a_key_is_made_shown_once_and_ended(runtime: Runtime, admin: Person) -> None:
    shown = admin.post("/admin/keys/", {"name": "n8n", "scope": "read", "days": "90"}).text
    token = re.search(r"maturo_[\w-]{43}", shown)
    assert token
    program = admin.client.application.test_client()
    header = {"Authorization": f"Bearer {token[0]}"}
    assert program.get("/api/v1/status", headers=header).status_code == 200
    assert token[0] not in admin.get("/admin/keys/").text
    [key] = every_key(runtime.engine)
    assert key.expires_at == runtime.clock() + timedelta(days=90)
    admin.post(f"/admin/keys/{key.id}/revoke")
    assert program.get("/api/v1/status", headers=header).status_code == 401
    assert "ended on" in admin.read("/admin/keys/")
    assert deeds(runtime) == ["key.revoked", "key.made"]


def test_a_key_needs_a_name(admin: Person) -> None:
    answer = admin.post("/admin/keys/", {"name": " ", "scope": "read", "days": "90"})
    assert answer.status_code == 422
    assert "Name the program" in answer.text


def test_the_audit_is_read_filtered_and_paged(admin: Person) -> None:
    for count in range(51):
        form = {"name": f"program {count}", "scope": "read", "days": ""}
        admin.post("/admin/keys/", form)
    admin.post("/admin/users/invite", {"email": "bob@example.org", "role": "viewer"})
    assert "User invited bob@example.org" in admin.read("/admin/audit/")
    keys = admin.get("/admin/audit/?what=key.made")
    assert "bob@example.org" not in keys.text
    more = re.search(r'href="([^"]+before=\d+)"', keys.text)
    assert more
    assert "program 0 " in admin.read(more[1].replace("&amp;", "&"))
    assert "Nothing was changed" in admin.read("/admin/audit/?who=nobody@example.org")


def test_settings_are_shown_without_secrets(admin: Person, runtime: Runtime) -> None:
    shown = admin.read("/admin/settings/")
    assert "retention_days" in shown
    assert "after 30 days" in shown
    assert "asks for no consent" in shown
    assert (runtime.config.data / "secret.key").read_text() not in shown


def said(path: Path) -> Iterator[str]:
    """The names of the changes that a service records."""
    for node in ast.walk(ast.parse(path.read_text())):
        text = node.value if isinstance(node, ast.Constant) else None
        if isinstance(text, str) and re.fullmatch(r"[a-z_]+\.[a-z_]+", text):
            yield text


def test_every_change_has_its_words() -> None:
    folder = Path(plugin.services.__file__).parent
    records = [path for path in folder.glob("*.py") if "audit" in path.read_text()]
    recorded = {one for path in records for one in said(path)}
    assert recorded == set(DEEDS)
