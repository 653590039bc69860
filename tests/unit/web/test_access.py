"""Every address has its role, and nobody gets further than theirs."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from plugin.manifest import ManifestError, load_manifest
from plugin.web.admin.access import PUBLIC, Unguarded, init_access, needs, role_of
from tests.pages_kit import ROLES, Person

MANIFEST = load_manifest()
#: What is open to everybody; a new entry here is a decision.
OPEN = {
    *("/healthz", "/readyz", "/metrics", "/hooks/<connection>"),
    *("/admin/login", "/admin/join/<token>", "/admin/language", "/verdict/<token>"),
    # Not found where no identity provider is set.
    *("/admin/provider", "/admin/provider/callback"),
    # Between password and code.
    *("/admin/second-factor/code", "/admin/second-factor/recovery"),
    *("/admin/second-factor/rescue", "/admin/second-factor/select"),
}


def guarded(app: Flask) -> dict[str, str]:
    """The role of every address that a GET reaches and that needs no arguments."""
    rules = [rule for rule in app.url_map.iter_rules() if rule.methods and "GET" in rule.methods]
    roles = {rule.rule: role_of(app, rule.endpoint) for rule in rules if not rule.arguments}
    return {path: role for path, role in roles.items() if role is not None}


def test_only_these_addresses_are_open(app: Flask) -> None:
    rules = [*app.url_map.iter_rules()]
    assert {one.rule for one in rules if role_of(app, one.endpoint) is None} == OPEN
    assert {one.endpoint for one in rules} >= PUBLIC


def test_a_stranger_is_sent_to_the_login_and_back(app: Flask, stranger: Person) -> None:
    assert guarded(app)
    for path in guarded(app):
        answer = stranger.get(path)
        if path.startswith("/api/"):
            assert answer.status_code == 401, path
            continue
        assert answer.status_code == 302, path
        assert answer.location.startswith("/admin/login?next=%2Fadmin%2F"), path


@pytest.mark.parametrize("role", ROLES)
def test_each_role_reads_its_pages_and_no_higher_ones(
    app: Flask, as_role: Callable[[str], Person], role: str
) -> None:
    person = as_role(role)
    for path, needed in guarded(app).items():
        reached = ROLES.index(role) >= ROLES.index(needed)
        assert (person.get(path).status_code != 403) == reached, path


def changing(app: Flask) -> Iterator[tuple[str, str, str]]:
    """Method, path and role of every address that changes something."""
    adapter = app.url_map.bind("")
    for rule in app.url_map.iter_rules():
        role = role_of(app, rule.endpoint)
        if role is None:
            continue
        # Anything that fits the address: whoever may not is refused before it is looked up.
        kinds = rule._converters.items()
        values = {name: next(iter(getattr(kind, "items", [1]))) for name, kind in kinds}
        path = adapter.build(rule.endpoint, values)
        for method in (rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}:
            yield method, path, role


def test_a_stranger_changes_nothing(app: Flask, stranger: Person) -> None:
    for method, path, _ in changing(app):
        answer = stranger.client.open(path, method=method)
        assert answer.status_code in (302, 401), (method, path)


@pytest.mark.parametrize("role", ROLES[:-1])
def test_no_role_changes_what_only_a_higher_one_may(
    app: Flask, as_role: Callable[[str], Person], role: str
) -> None:
    person = as_role(role)
    token = {"X-CSRFToken": person.token()}
    higher = [one for one in changing(app) if ROLES.index(one[2]) > ROLES.index(role)]
    assert len(higher) > 20
    for method, path, _ in higher:
        answer = person.client.open(path, method=method, headers=token)
        assert answer.status_code == 403, (method, path)


def test_what_changes_something_needs_the_token(as_role: Callable[[str], Person]) -> None:
    viewer = as_role("viewer")
    assert viewer.client.post("/admin/language", data={"language": "fr"}).status_code == 400
    assert 'lang="en"' in viewer.get("/admin/").text
    assert viewer.post("/admin/language", {"language": "fr"}).status_code == 302
    assert 'lang="fr"' in viewer.get("/admin/").text


def test_the_token_also_travels_in_the_header_that_htmx_sends(
    as_role: Callable[[str], Person],
) -> None:
    viewer = as_role("viewer")
    headers = {"X-CSRFToken": viewer.token(), "HX-Request": "true"}
    answer = viewer.client.post("/admin/language", data={"language": "fr"}, headers=headers)
    assert answer.status_code == 302


def test_htmx_takes_a_lost_session_to_the_login(stranger: Person) -> None:
    answer = stranger.get("/admin/", headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/admin/login"


def test_the_menu_shows_what_the_role_reaches(as_role: Callable[[str], Person]) -> None:
    for role in ROLES:
        shown = as_role(role).get("/admin/").text
        for page in MANIFEST.pages:
            reached = ROLES.index(role) >= ROLES.index(page.role)
            assert (f'<a href="{page.path}"' in shown) == reached, (role, page.path)


def test_an_address_without_a_role_keeps_the_program_from_starting(app: Flask) -> None:
    app.view_functions["forgotten"] = lambda: ""
    app.url_map.add(app.url_rule_class("/admin/forgotten", endpoint="forgotten"))
    with pytest.raises(Unguarded, match='"forgotten" needs a role'):
        init_access(app, MANIFEST)


def test_a_role_that_the_manifest_does_not_declare_is_refused(app: Flask) -> None:
    app.view_functions["odd"] = needs("owner")(lambda: "")
    app.url_map.add(app.url_rule_class("/admin/odd", endpoint="odd"))
    with pytest.raises(ManifestError, match='roles: "owner" of /admin/odd is not declared'):
        init_access(app, MANIFEST)
