"""The API of connections and contacts: connect, care, disconnect; judge, export, forget."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from connectors.mautic.standin.visitors import submit_form
from plugin.services.accounts import rank_accounts
from plugin.services.audit import trail
from plugin.worker import run_some
from tests.api_kit import program
from tests.installation import CARD, NAME, Installation
from tests.pages_kit import add_user

PATH = f"/api/v1/connections/{NAME}"


@pytest.fixture
def store(store: dict[str, str]) -> dict[str, str]:
    """The stand-in is on this machine."""
    return store | {"private_platforms": "true", "public_url": "https://maturo.example"}


@pytest.fixture
def wish(installation: Installation) -> dict[str, Any]:
    standin = installation.standin
    given = {"client_id": standin.client_id, "client_secret": standin.client_secret}
    return {"connector": "mautic", "settings": {"base_url": installation.url, **given}}


def test_a_platform_is_connected_cared_for_and_removed_by_a_program(
    installation: Installation, wish: dict[str, Any]
) -> None:
    admin = program(installation.runtime, "admin")
    made = admin.put(PATH, json=wish)
    assert made.status_code == 200, made.json
    assert [one for one in made.json["checks"] if not one["ok"]] == []
    assert made.json["webhook_secret"] is None
    [hook] = installation.standin.hooks.values()
    assert hook.url == f"https://maturo.example/hooks/{NAME}"
    assert admin.get(PATH).json["mode"] == "both"
    hook.published = False
    assert [one["ok"] for one in admin.post(f"{PATH}/republish").json] == [True]
    assert hook.published
    old = installation.source.webhook_secrets
    rotated = admin.post(f"{PATH}/secret").json
    assert rotated["webhook_secret"] is None
    fresh, *others = installation.source.webhook_secrets
    assert (fresh not in old, others) == (True, [*old])
    assert fresh not in str(rotated)
    removed = admin.delete(f"{PATH}?delete_fields=true")
    assert [one["ok"] for one in removed.json["checks"]].count(False) == 0
    assert installation.standin.hooks == {}
    assert admin.get(PATH).status_code == 404
    told = [one.what for one in trail(installation.runtime.engine, who="key test")]
    assert told == ["connection.removed", "connection.saved", "connection.saved"]


def test_who_enters_the_webhook_is_told_its_secret(
    installation: Installation, wish: dict[str, Any]
) -> None:
    admin = program(installation.runtime, "admin")
    told = admin.put(PATH, json=wish | {"webhook": "you"}).json["webhook_secret"]
    assert told == installation.source.webhook_secrets[0]
    assert installation.standin.hooks == {}
    assert admin.post(f"{PATH}/secret").json["webhook_secret"] not in (None, told)


def test_nothing_is_kept_of_a_platform_that_does_not_accept_us(
    installation: Installation, wish: dict[str, Any]
) -> None:
    admin = program(installation.runtime, "admin")
    wrong = wish | {"settings": wish["settings"] | {"base_url": "nowhere"}}
    refused = admin.put(PATH, json=wrong)
    assert (refused.status_code, set(refused.json["errors"]["json"]["settings"])) == (
        422,
        {"base_url"},
    )
    wrong = wish | {"settings": wish["settings"] | {"client_secret": "no"}}
    refused = admin.put(PATH, json=wrong)
    assert refused.status_code == 422
    assert "does not accept this client id and secret" in str(refused.json["errors"]["checks"])
    silent = wish | {"settings": wish["settings"] | {"base_url": "http://127.0.0.1:9"}}
    refused = admin.put(PATH, json=silent)
    assert (refused.status_code, "cannot connect" in refused.json["detail"]) == (502, True)
    assert admin.put("/api/v1/connections/Ünnamed", json=wish).status_code == 422
    assert admin.put(PATH, json=wish | {"connector": "none"}).status_code == 404
    assert installation.rows("connections") == []
    assert program(installation.runtime, "write").put(PATH, json=wish).status_code == 403


def test_a_contact_is_judged_exported_and_forgotten(scored: Installation) -> None:
    marketer, admin = (program(scored.runtime, scope) for scope in ("write", "admin"))
    path = "/api/v1/contacts/acme/7"
    assert marketer.post(f"{path}/verdicts", json={"word": "accepted"}).status_code == 204
    assert [one["word"] for one in scored.rows("verdicts")] == ["accepted"]
    assert marketer.post(f"{path}/verdicts", json={"word": "maybe"}).status_code == 422
    kept = marketer.get(f"{path}/export").json
    assert (kept["connection"], kept["contact_ids"]) == ("acme", ["7"])
    assert {one["kind"] for one in kept["activities"]} >= {"page_viewed", "form_submitted"}
    assert marketer.delete(path).status_code == 403
    assert marketer.get(f"{path}/score").status_code == 200
    asked = admin.delete(path)
    assert (asked.status_code, asked.json["state"]) == (202, "waiting")
    run_some(scored.runtime, threading.Event())
    done = admin.get(f"/api/v1/forgetting/{asked.json['id']}").json
    assert (done["state"], done["result"]["contacts"], done["result"]["waiting"]) == ("done", 1, 0)
    assert admin.get("/api/v1/forgetting/99").status_code == 404
    assert admin.get(f"{path}/score").status_code == 404
    assert trail(scored.runtime.engine, who="key test")[0].what == "contact.forgotten"


def test_what_was_asked_for_is_listed_by_contact_the_newest_first(connected: Installation) -> None:
    tags = "on_rise: [{add_tag: read}, {add_tag: again}]"
    connected.publish(CARD.replace("tag: band-warm", f"tag: band-warm, {tags}"))
    contact = submit_form(connected.standin, None, {"email": "ada@example.org"})
    connected.score()
    reader, query = program(connected.runtime), {"contact": f"acme/{contact}", "limit": 1}
    [newest] = reader.get("/api/v1/actions", query_string=query).json
    assert (newest["contact"], newest["name"], newest["object"], newest["occasion"]) == (
        f"acme/{contact}",
        "add_tag",
        "again",
        "rise:warm",
    )
    behind = query | {"after": newest["id"], "state": "waiting"}
    [older] = reader.get("/api/v1/actions", query_string=behind).json
    assert (older["object"], older["state"]) == ("read", "waiting")
    assert reader.get("/api/v1/actions?contact=acme/9").status_code == 404
    assert reader.get("/api/v1/actions?state=gone").status_code == 422


def test_the_people_of_a_company_are_told(scored: Installation) -> None:
    rank_accounts(scored.runtime.engine, scored.clock())
    reader = program(scored.runtime)
    [company] = reader.get("/api/v1/accounts").json
    key = {"key": company["key"]}
    [person] = reader.get("/api/v1/accounts/people", query_string=key).json
    assert (person["contact"], person["score"]) == ("acme/7", scored.points(7))
    assert reader.get("/api/v1/accounts/people?key=none").status_code == 404


def test_who_and_what_may_come_in_is_read_and_a_key_is_ended(installation: Installation) -> None:
    add_user(installation.runtime, "marketer")
    admin = program(installation.runtime, "admin")
    [user] = admin.get("/api/v1/users").json["users"]
    assert (user["email"], user["role"], user["second_factor"]) == (
        "marketer@example.org",
        "marketer",
        False,
    )
    [own] = admin.get("/api/v1/keys").json
    assert set(own) & {"digest", "token"} == set()
    given = {one["name"]: one for one in admin.get("/api/v1/settings").json["settings"]}
    assert (given["key"]["value"], given["private_platforms"]["value"]) == (None, "True")
    assert admin.delete(f"/api/v1/keys/{own['id']}").status_code == 204
    assert admin.get("/api/v1/audit").status_code == 401
