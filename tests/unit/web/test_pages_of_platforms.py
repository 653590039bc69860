"""Connecting a platform and looking after it, without a browser."""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask

from connectors.errors import Transient
from connectors.mautic.standin.visitors import submit_form, visit
from plugin.poller import Poller
from plugin.storage import connections
from plugin.web.admin.access import needs
from plugin.web.forms import PLACEHOLDER
from tests.installation import NAME, SECRET, Installation, broken_body, unpaced
from tests.pages_kit import Person, application, sign_in, words

As = Callable[[str], Person]


@pytest.fixture
def store(store: dict[str, str]) -> dict[str, str]:
    """The stand-in is on this machine."""
    return store | {"private_platforms": "true", "public_url": "https://maturo.example"}


@pytest.fixture
def credentials(installation: Installation) -> dict[str, str]:
    standin = installation.standin
    given = {"client_id": standin.client_id, "client_secret": standin.client_secret}
    return {"name": NAME, "base_url": installation.url, **given}


def test_a_platform_is_connected_from_nothing_to_its_first_score(
    installation: Installation, as_role: As, credentials: dict[str, str]
) -> None:
    admin = as_role("admin")
    assert "No platform is connected yet" in admin.read("/admin/connections/")
    assert "Mautic 4 to 7" in admin.read("/admin/connections/new")
    assert "Rights it needs there" in admin.read("/admin/connections/new/mautic")
    tried = admin.post("/admin/connections/new/mautic", credentials)
    assert tried.location == f"/admin/connections/{NAME}/setup"
    assert installation.standin.hooks == {}
    assert "set-up not finished" in admin.read("/admin/connections/")
    form = {"webhook": "we", "address": "https://maturo.example/"}
    made = words(admin.post(tried.location, form).text)
    assert "Contact field: maturo_score all right ready, type number" in made
    [hook] = installation.standin.hooks.values()
    assert hook.url == f"https://maturo.example/hooks/{NAME}"
    assert "Waiting for the first delivery" in made
    ada = submit_form(installation.standin, None, {"email": "ada@example.org"})
    bodies = installation.take_deliveries()
    secret = installation.source.webhook_secrets[0]
    installation.receive(bodies, secret=secret)
    installation.score_batch()
    assert "A signed delivery arrived" in admin.read(f"/admin/connections/{NAME}/setup/heard")
    assert installation.points(ada) == 20


def test_what_is_wrong_is_told_at_its_field_and_nothing_is_kept(
    installation: Installation, as_role: As, credentials: dict[str, str]
) -> None:
    admin = as_role("admin")
    wrong = credentials | {"base_url": "nowhere", "name": "Ünnamed"}
    page = admin.post("/admin/connections/new/mautic", wrong)
    assert "Use at most 63 of a-z" in page.text
    page = admin.post("/admin/connections/new/mautic", credentials | {"base_url": "nowhere"})
    assert "Not a valid URL." in page.text
    refused = admin.post("/admin/connections/new/mautic", credentials | {"client_secret": "no"})
    assert "does not accept this client id and secret" in words(refused.text)
    silent = credentials | {"base_url": "http://127.0.0.1:9"}
    assert "cannot connect" in admin.post("/admin/connections/new/mautic", silent).text
    assert installation.rows("connections") == []


def test_errors_are_told_in_french_too(
    installation: Installation, as_role: As, credentials: dict[str, str]
) -> None:
    admin = as_role("admin")
    admin.post("/admin/language", {"language": "fr"})
    refused = admin.post("/admin/connections/new/mautic", credentials | {"client_secret": "no"})
    assert "Mautic n'accepte pas cet identifiant client" in html.unescape(refused.text)
    assert "Corrigez ce que nomme le message" in refused.text
    wrong = admin.post("/admin/connections/new/mautic", credentials | {"base_url": "nowhere"})
    assert "Ce n’est pas une adresse valable." in wrong.text


def test_the_same_platform_is_not_connected_twice(
    connected: Installation, as_role: As, credentials: dict[str, str]
) -> None:
    page = as_role("admin").post("/admin/connections/new/mautic", credentials | {"name": "second"})
    assert f'is connected already, under the name "{NAME}"' in html.unescape(page.text)


def test_a_typed_secret_is_never_sent_back(
    installation: Installation, as_role: As, credentials: dict[str, str]
) -> None:
    admin = as_role("admin")
    page = admin.post("/admin/connections/new/mautic", credentials | {"base_url": "nowhere"})
    assert credentials["client_secret"] not in page.text
    admin.post("/admin/connections/new/mautic", credentials)
    page = admin.get(f"/admin/connections/{NAME}/settings")
    assert credentials["client_secret"] not in page.text
    assert PLACEHOLDER in page.text


def test_htmx_is_sent_to_the_next_page_as_a_whole(
    installation: Installation, as_role: As, credentials: dict[str, str]
) -> None:
    headers = {"HX-Request": "true"}
    done = as_role("admin").post("/admin/connections/new/mautic", credentials, headers=headers)
    assert done.headers["HX-Redirect"] == f"/admin/connections/{NAME}/setup"


def test_who_enters_the_webhook_himself_is_shown_what(
    installation: Installation, as_role: As, credentials: dict[str, str]
) -> None:
    admin = as_role("admin")
    admin.post("/admin/connections/new/mautic", credentials)
    made = words(admin.post(f"/admin/connections/{NAME}/setup", {"webhook": "you"}).text)
    assert installation.standin.hooks == {}
    [secret] = installation.source.webhook_secrets
    assert f"https://maturo.example/hooks/{NAME}" in made
    assert secret in made
    assert "mautic.form_on_submit" in made


def test_without_a_webhook_the_platform_is_polled(
    installation: Installation, as_role: As, credentials: dict[str, str]
) -> None:
    admin = as_role("admin")
    admin.post("/admin/connections/new/mautic", credentials)
    admin.post(f"/admin/connections/{NAME}/setup", {"webhook": "nobody"})
    assert installation.source.mode == connections.POLL
    assert "What happened before" in admin.read(f"/admin/connections/{NAME}/setup")


def test_an_address_that_is_none_is_refused_before_anything_is_made(
    installation: Installation, as_role: As, credentials: dict[str, str]
) -> None:
    admin = as_role("admin")
    admin.post("/admin/connections/new/mautic", credentials)
    form = {"webhook": "we", "address": "nowhere"}
    assert "Not a valid URL." in admin.post(f"/admin/connections/{NAME}/setup", form).text
    assert installation.source.state == connections.SETTING_UP


def test_the_past_is_ordered_and_its_progress_shown(connected: Installation, as_role: As) -> None:
    for _ in range(3):
        visit(connected.standin, None, "https://shop.example/")
    connected.take_deliveries()
    admin = as_role("admin")
    admin.post(f"/admin/connections/{NAME}/backfill", {"past": "since", "since": "gestern"})
    assert "Choose the day" in admin.read(f"/admin/connections/{NAME}/setup")
    admin.post(f"/admin/connections/{NAME}/backfill", {"past": "since", "since": "2026-03-01"})
    assert "are read so far" in admin.read(f"/admin/connections/{NAME}/backfill")
    poller = Poller(connected.runtime, lambda: 0.0, unpaced())
    while poller.poll_some():
        pass
    poller.close()
    assert "The past is read" in admin.read(f"/admin/connections/{NAME}/backfill")


def test_pages_lead_to_new_credentials_after_the_platform_refused_the_old_ones(
    connected: Installation, as_role: As
) -> None:
    with connected.engine.begin() as connection:
        connections.set_state(connection, connected.source.id, connections.NEEDS_AUTHENTICATION)
    connected.standin.client_secret = "another-one"
    admin = as_role("admin")
    assert "Give new credentials" in admin.read(f"/admin/connections/{NAME}")
    assert "Give new credentials" not in as_role("viewer").read(f"/admin/connections/{NAME}")
    form = {"base_url": connected.url, "client_id": connected.standin.client_id}
    kept = admin.post(f"/admin/connections/{NAME}/settings", form | {"client_secret": PLACEHOLDER})
    assert "does not accept this client id" in words(kept.text)
    fresh = admin.post(
        f"/admin/connections/{NAME}/settings", form | {"client_secret": "another-one"}
    )
    assert fresh.location == f"/admin/connections/{NAME}"
    assert connected.source.state == connections.READY


def test_a_kept_secret_stays_when_something_else_is_changed(
    connected: Installation, as_role: As
) -> None:
    secret = connected.standin.client_secret
    form = {
        "base_url": connected.url,
        "client_id": connected.standin.client_id,
        "client_secret": PLACEHOLDER,
        "mirror_points": "1",
    }
    as_role("admin").post(f"/admin/connections/{NAME}/settings", form)
    assert connected.source.settings["client_secret"] == secret
    assert connected.source.settings["mirror_points"] is True


def test_a_platform_that_moved_is_asked_about_first(connected: Installation, as_role: As) -> None:
    admin = as_role("admin")
    form = {
        "base_url": connected.url.replace("127.0.0.1", "localhost"),
        "client_id": connected.standin.client_id,
        "client_secret": PLACEHOLDER,
    }
    page = admin.post(f"/admin/connections/{NAME}/settings", form)
    assert "It is the same platform, at a new address" in words(page.text)
    admin.post(f"/admin/connections/{NAME}/settings", form | {"moved": "1"})
    assert connected.source.settings["base_url"] == form["base_url"]


def test_the_secret_is_rotated_and_two_are_valid(connected: Installation, as_role: As) -> None:
    admin = as_role("admin")
    assert "stays valid" in admin.read(f"/admin/connections/{NAME}/secret")
    admin.post(f"/admin/connections/{NAME}/secret")
    fresh, before = connected.source.webhook_secrets
    assert before == SECRET
    [hook] = connected.standin.hooks.values()
    assert hook.secret == fresh


def test_a_webhook_that_was_switched_off_is_switched_on_again(
    connected: Installation, as_role: As
) -> None:
    [hook] = connected.standin.hooks.values()
    hook.published = False
    admin = as_role("admin")
    assert "switched off in Mautic" in words(admin.post(f"/admin/connections/{NAME}/test").text)
    page = admin.post(f"/admin/connections/{NAME}/republish")
    assert "switched on again" in words(page.text)
    assert hook.published


def test_removing_says_first_what_is_deleted(connected: Installation, as_role: As) -> None:
    admin = as_role("admin")
    assert "Kept here: histories and scores." in admin.read(f"/admin/connections/{NAME}/remove")
    assert connected.standin.hooks
    page = admin.post(f"/admin/connections/{NAME}/remove", {"delete_fields": "1"})
    assert "is removed" in page.text
    assert connected.standin.hooks == {}
    assert admin.get(f"/admin/connections/{NAME}").status_code == 404
    assert [row["what"] for row in connected.rows("audit")][-1] == "connection.removed"
    assert [row["who"] for row in connected.rows("audit")][-1] == "admin@example.org"


def test_health_shows_lag_backlog_and_what_is_wrong(connected: Installation, as_role: As) -> None:
    submit_form(connected.standin, None, {"email": "ada@example.org"})
    connected.score()
    connected.clock.forward(seconds=4)
    connected.deliver()
    viewer = as_role("viewer")
    page = viewer.read("/admin/health/")
    assert "from hearing of it until the platform held the score" in page
    assert "1 written, 0 postponed, 0 refused" in page
    assert "at most 5 a second, of 5 that it allows" in page
    assert "Deliveries to be scored" in viewer.read("/admin/health/figures")


def test_diagnostics_are_for_administrators_and_hold_no_secret(
    connected: Installation, as_role: As
) -> None:
    assert as_role("marketer").get("/admin/health/diagnostics.json").status_code == 403
    answer = as_role("admin").get("/admin/health/diagnostics.json")
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.json["connections"][0]["name"] == NAME
    for secret in (SECRET, connected.standin.client_secret):
        assert secret not in answer.text


@pytest.fixture
def letter(connected: Installation) -> int:
    connected.receive([broken_body()])
    connected.score()
    [row] = connected.rows("dead_letters")
    return int(row["id"])


def test_dead_letters_are_tried_mended_and_scored(
    connected: Installation, as_role: As, letter: int
) -> None:
    ada = submit_form(connected.standin, None, {"email": "ada@example.org"})
    page_hit = next(body for body in connected.take_deliveries() if b"form_on_submit" in body)
    admin = as_role("admin")
    assert "page_on_hit" in admin.read("/admin/health/dead/")
    tried = words(admin.post(f"/admin/health/dead/{letter}/try").text)
    assert "1 item still cannot:" in tried
    page = admin.post(f"/admin/health/dead/{letter}/body", {"body": page_hit.decode()})
    assert "1 activity would be scored" in words(page.text)
    assert "Score it" in page.text
    form = {"body": page_hit.decode(), "replay": "1"}
    assert admin.post(f"/admin/health/dead/{letter}/body", form).location == "/admin/health/dead/"
    assert "1 item was read." in admin.read("/admin/health/dead/")
    assert connected.points(ada) == 20
    assert admin.get(f"/admin/health/dead/{letter}").status_code == 404


def test_what_a_dead_letter_says_is_not_for_viewers(
    connected: Installation, as_role: As, letter: int
) -> None:
    content = "&#34;never&#34;"
    assert content in as_role("marketer").get(f"/admin/health/dead/{letter}").text
    page = as_role("viewer").get(f"/admin/health/dead/{letter}").text
    assert content not in page
    assert "What it says may be personal" in page
    for path in ("try", "replay"):
        assert as_role("viewer").post(f"/admin/health/dead/{letter}/{path}").status_code == 403
    assert as_role("marketer").get(f"/admin/health/dead/{letter}/body").status_code == 403


@pytest.mark.usefixtures("app")
def test_private_addresses_are_refused_unless_allowed(
    installation: Installation, credentials: dict[str, str]
) -> None:
    config = replace(installation.runtime.config, private_platforms=False)
    admin = sign_in(application(replace(installation.runtime, config=config)), "admin")
    page = admin.post("/admin/connections/new/mautic", credentials)
    assert "private and other special addresses are refused" in page.text
    assert installation.standin.requests == []


def _careful(installation: Installation) -> Person:
    config = replace(installation.runtime.config, private_platforms=False)
    return sign_in(application(replace(installation.runtime, config=config)), "admin")


@pytest.mark.usefixtures("app")
def test_a_page_opens_no_way_into_our_network_that_was_not_there(
    connected: Installation, credentials: dict[str, str]
) -> None:
    admin, path = _careful(connected), f"/admin/connections/{NAME}/settings"
    # Connected on the command line to a private address: that stays, also with a new secret.
    assert admin.post(path, credentials).status_code == 303
    assert connected.source.settings["public_only"] is False
    elsewhere = credentials | {"base_url": "http://localhost:1", "moved": "1"}
    assert "special addresses are refused" in admin.post(path, elsewhere).text
    tool = {"name": "tool", "auth": "bearer", "private_addresses": "true"}
    sent = {"url": connected.url, "signing_secret": "0123456789abcdef01234567"}
    page = admin.post("/admin/connections/new/generic", tool | sent)
    assert "Use https" in page.text, "as without private addresses"


def test_a_platform_that_fails_in_the_middle_of_a_page_is_named_as_the_cause(
    app: Flask, as_role: As
) -> None:
    @needs("viewer")
    def silent() -> str:
        raise Transient("no answer")

    app.add_url_rule("/admin/silent", view_func=silent)
    answer = as_role("viewer").get("/admin/silent")
    assert answer.status_code == 502
    assert "The platform did not answer, or said no" in words(answer.text)
