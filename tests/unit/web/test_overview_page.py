"""The front page: contacts by band, what needs somebody, and where each number leads."""

from __future__ import annotations

import re

import pytest

from connectors.mautic.standin import Running
from connectors.mautic.standin.visitors import submit_form, visit
from plugin.runtime import Runtime
from plugin.services.overview import matters, overview
from plugin.storage import connections
from tests.installation import Clock, Installation, broken_body
from tests.pages_kit import Person, add_user, application, sign_in


def viewer(runtime: Runtime) -> Person:
    add_user(runtime, "viewer")
    return sign_in(application(runtime), "viewer")


@pytest.fixture
def scored(connected: Installation, standin: Running) -> Installation:
    standin.standin.create(contact_id=7)
    submit_form(standin.standin, 7, {"email": "ada@example.org", "phone": "1"})
    visit(standin.standin, None, "https://shop.example/pricing")
    connected.score()
    return connected


def test_an_empty_installation_says_what_to_do(runtime: Runtime) -> None:
    shown = viewer(runtime).read("/admin/")
    assert "No platform is connected yet" in shown
    assert "Nothing: all is well." in shown


def test_every_number_leads_to_what_it_is_made_of(scored: Installation) -> None:
    person = viewer(scored.runtime)
    page = person.get("/admin/").text
    assert "And 1 visitor whom nobody knows by name." in person.read("/admin/")
    main = page[page.index("<main") :]
    targets = {one for one in re.findall(r'href="(/admin/[^"#]+)"', main) if "static" not in one}
    assert any("band=" in one for one in targets)
    for target in targets:
        assert person.get(target).status_code == 200, target


def test_what_needs_somebody_is_said_with_the_page_to_go_to(
    scored: Installation, clock: Clock
) -> None:
    scored.receive([broken_body()])
    scored.score()
    with scored.engine.begin() as connection:
        connections.set_state(connection, scored.source.id, connections.NEEDS_AUTHENTICATION)
    person = viewer(scored.runtime)
    shown = person.read("/admin/")
    assert "1 item of a delivery could not be read" in shown
    assert "The platform of acme refuses our credentials" in shown
    page = person.get("/admin/").text
    assert 'href="/admin/health/dead/"' in page
    assert 'href="/admin/connections/acme"' in page
    found = overview(scored.engine, scored.runtime.inbox, 1000, clock())
    assert [one.kind for one in matters(found.health, 1000)] == [
        "needs_authentication",
        "dead_letters",
    ]
