"""Signing in by an identity provider: who was invited comes in, and nobody else."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from plugin.config import Config, ConfigError
from plugin.runtime import Runtime
from plugin.services.audit import trail
from plugin.services.invitations import accept, invite, invite_back
from plugin.services.users import change_user, find_user
from plugin.storage.users import StoredUser
from plugin.web import create_app
from plugin.web.admin.vouching import relying_party
from tests.installation import Clock
from tests.pages_kit import Person, add_user, application
from tests.provider_kit import CLIENT_ID, CLIENT_SECRET, Provider, provider

ADA = {"sub": "248289", "name": "Ada Lovelace", "email": "Ada@Example.org", "email_verified": True}


@pytest.fixture
def sso() -> Iterator[Provider]:
    with provider(**ADA) as found:
        yield found


@pytest.fixture
def config(runtime: Runtime, sso: Provider) -> Config:
    return replace(
        runtime.config,
        oidc_issuer=sso.issuer,
        oidc_client_id=CLIENT_ID,
        oidc_client_secret=CLIENT_SECRET,
        private_platforms=True,
    )


@pytest.fixture
def visitor(runtime: Runtime, config: Config) -> Person:
    return Person(application(replace(runtime, config=config)).test_client())


def come(visitor: Person, path: str = "/admin/provider") -> Any:
    """To the provider and back; the answer to who came back."""
    there = visitor.get(path)
    assert there.status_code == 302, there.text
    back = requests.get(there.location, allow_redirects=False, timeout=10).headers["Location"]
    return visitor.get(back.removeprefix("http://localhost"))


def invited(runtime: Runtime, email: str = "ada@example.org") -> None:
    invite(runtime.engine, email, "marketer", "admin@example.org", None, runtime.clock())


def ada(runtime: Runtime) -> StoredUser | None:
    return find_user(runtime.engine, "email", "ada@example.org")


def test_who_was_invited_becomes_a_user_with_the_role_and_is_known_from_then_on(
    runtime: Runtime, visitor: Person, sso: Provider
) -> None:
    invited(runtime)
    shown = visitor.read("/admin/login?next=/admin/feed")
    assert "Sign in with 127.0.0.1" in shown
    assert come(visitor, "/admin/provider?next=/admin/feed").location == "/admin/feed"
    assert visitor.get("/admin/feed").status_code == 200
    found = ada(runtime)
    assert found
    assert (found.name, found.role, found.password) == ("Ada Lovelace", "marketer", None)
    assert found.subject == f"{sso.issuer} 248289"
    assert found.last_login_at == runtime.clock()
    assert [one.what for one in trail(runtime.engine)][:2] == ["user.joined", "user.invited"]
    # From now on the subject says who it is, whatever becomes of the address.
    sso.person = {"sub": "248289"}
    visitor.post("/admin/logout")
    assert come(visitor).location == "/admin/"


def test_a_user_with_a_password_is_bound_at_the_first_sign_in_and_no_second_factor_is_asked(
    runtime: Runtime, visitor: Person, sso: Provider
) -> None:
    sso.person = {**ADA, "email": "viewer@example.org"}
    number = add_user(runtime, "viewer")
    change_user(runtime.engine, number, {"totp": "a secret"})
    assert come(visitor).location == "/admin/"
    assert visitor.get("/admin/").status_code == 200
    assert next(iter(trail(runtime.engine))).what == "user.bound"


def test_what_the_token_leaves_out_is_asked_for(
    runtime: Runtime, visitor: Person, sso: Provider
) -> None:
    invited(runtime)
    sso.person, sso.userinfo = {"sub": "248289"}, ADA | {"email_verified": "true"}
    assert come(visitor).location == "/admin/"
    found = ada(runtime)
    assert found
    assert found.name == "Ada Lovelace"


#: What is wrong with a token, and what the log says of it.
WRONG: tuple[tuple[dict[str, Any], str], ...] = (
    ({"nonce": "of another request"}, "invalid_claim"),
    ({"aud": "another-program"}, "invalid_claim"),
    ({"aud": "another-program", "azp": CLIENT_ID}, "invalid_claim"),
    ({"exp": int(time.time()) - 3600}, "expired_token"),
    ({"iss": "https://another.example"}, "invalid_claim"),
    ({"sub": ""}, "invalid_claim"),
)


def test_a_token_that_is_not_for_this_request_is_refused(
    runtime: Runtime, visitor: Person, sso: Provider, capsys: pytest.CaptureFixture[str]
) -> None:
    invited(runtime)
    for sso.odd, why in WRONG:
        answer = come(visitor)
        assert answer.status_code == 403, sso.odd
        assert "The identity provider did not vouch for you" in answer.text
        assert why in capsys.readouterr().out, sso.odd
    assert ada(runtime) is None
    assert visitor.get("/admin/").status_code == 302


def test_a_token_that_nobody_signed_is_refused_though_the_provider_lists_such(
    runtime: Runtime, visitor: Person, sso: Provider
) -> None:
    invited(runtime)
    sso.signed = False
    assert come(visitor).status_code == 403
    assert ada(runtime) is None


def test_userinfo_of_somebody_else_is_refused(
    runtime: Runtime, visitor: Person, sso: Provider
) -> None:
    invited(runtime)
    sso.person, sso.userinfo = {"sub": "1"}, ADA
    assert come(visitor).status_code == 403
    assert ada(runtime) is None


def test_who_comes_back_without_having_left_is_refused(
    runtime: Runtime, visitor: Person, sso: Provider
) -> None:
    invited(runtime)
    there = visitor.get("/admin/provider").location
    back = requests.get(there, allow_redirects=False, timeout=10).headers["Location"]
    victim = Person(visitor.client.application.test_client())
    answer = victim.get(back.removeprefix("http://localhost"))
    assert answer.status_code == 403
    assert victim.get("/admin/").status_code == 302


def test_the_state_the_nonce_and_the_proof_differ_each_time(visitor: Person) -> None:
    asked = [parse_qs(urlsplit(visitor.get("/admin/provider").location).query) for _ in range(2)]
    for name in ("state", "nonce", "code_challenge"):
        assert asked[0][name] != asked[1][name]
        assert len(asked[0][name][0]) >= 20
    assert asked[0]["code_challenge_method"] == ["S256"]


#: Who is not let in, and what they read.
OTHERS: tuple[tuple[dict[str, Any], str], ...] = (
    ({**ADA, "email": "eve@example.org"}, "Nobody gets an account here without an invitation"),
    ({**ADA, "email_verified": False}, "does not vouch for your e-mail address"),
    ({"sub": "248289", "email": "ada@example.org"}, "does not vouch for your e-mail address"),
    ({**ADA, "email": "viewer@example.org"}, "by another account at the provider"),
    ({**ADA, "email": "admin@example.org"}, "let this account out"),
)


def test_nobody_else_gets_in_and_the_page_says_what_to_do(
    runtime: Runtime, visitor: Person, sso: Provider
) -> None:
    invited(runtime)
    change_user(runtime.engine, add_user(runtime, "viewer"), {"subject": "of another account"})
    change_user(runtime.engine, add_user(runtime, "admin"), {"active": 0})
    for sso.person, said in OTHERS:
        answer = come(visitor)
        assert answer.status_code == 403, sso.person
        assert said in answer.text, sso.person
    assert visitor.get("/admin/").status_code == 302
    assert ada(runtime) is None


def test_an_invitation_that_ended_lets_nobody_in(
    runtime: Runtime, visitor: Person, clock: Clock
) -> None:
    invited(runtime)
    clock.forward(days=8)
    assert come(visitor).status_code == 403
    assert ada(runtime) is None


def test_who_was_let_out_stays_out(runtime: Runtime, visitor: Person) -> None:
    invited(runtime)
    come(visitor)
    found = ada(runtime)
    assert found
    change_user(runtime.engine, found.id, {"active": 0})
    answer = come(visitor)
    assert (answer.status_code, "let this account out" in answer.text) == (403, True)


def test_a_link_to_a_new_password_lets_another_account_of_the_provider_be_taken(
    runtime: Runtime, visitor: Person, sso: Provider
) -> None:
    invited(runtime)
    come(visitor)
    sso.person = {**ADA, "sub": "made anew"}
    assert come(visitor).status_code == 403
    found, now = ada(runtime), runtime.clock()
    assert found
    token = invite_back(runtime.engine, found.id, "admin@example.org", None, now)
    accept(runtime.engine, token, found.email, "", "hashed", now)
    assert come(visitor).location == "/admin/"


def test_a_provider_that_does_not_answer_is_named_as_such(runtime: Runtime, config: Config) -> None:
    silent = replace(config, oidc_issuer="http://127.0.0.1:1")
    visitor = Person(application(replace(runtime, config=silent)).test_client())
    answer = visitor.get("/admin/provider")
    assert answer.status_code == 502
    assert "does not answer" in answer.text


def test_a_private_address_is_called_only_where_the_settings_allow_it(
    runtime: Runtime, config: Config
) -> None:
    careful = replace(config, private_platforms=False)
    visitor = Person(application(replace(runtime, config=careful)).test_client())
    assert visitor.get("/admin/provider").status_code == 502


def test_without_a_provider_nothing_leads_there(runtime: Runtime) -> None:
    visitor = Person(application(runtime).test_client())
    assert "Sign in with" not in visitor.read("/admin/login")
    assert visitor.get("/admin/provider").status_code == 404
    assert visitor.get("/admin/provider/callback").status_code == 404


def test_without_the_library_the_program_says_how_to_get_it(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "authlib.integrations.flask_client", None)
    with pytest.raises(ConfigError, match=r"pip install 'maturo\[oidc\]'"):
        relying_party(config)
    with pytest.raises(ConfigError, match=r"pip install 'maturo\[oidc\]'"):
        create_app(config)
