"""The API: keys and their scopes, problems, and answers that fit their description."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import given, settings
from hypothesis.strategies import booleans
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance

from plugin.runtime import Runtime
from plugin.services.api_keys import every_key, revoke_key
from plugin.services.drafts import begin
from tests.api_kit import client, key
from tests.installation import CARD, Clock, Installation, broken_body
from tests.pages_kit import Person, application

#: For each operation that takes something; the descriptions are small, and alike.
EXAMPLES = 4
#: What there is; half of the requests are about it, the others about nothing.
KNOWN = {"connection": "acme", "contact": "7", "name": "acme", "number": 1, "letter_id": 1}


def test_a_program_without_a_key_is_told_what_to_send(runtime: Runtime) -> None:
    answer = client(runtime).get("/api/v1/status")
    assert answer.status_code == 401
    assert answer.mimetype == "application/problem+json"
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert "Authorization: Bearer" in answer.json["detail"]
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("header", ["Bearer ", "Bearer wrong", "Basic YTpi", "nonsense"])
def test_what_is_no_key_opens_nothing(runtime: Runtime, header: str) -> None:
    assert client(runtime, Authorization=header).get("/api/v1/status").status_code == 401


def test_a_wrong_key_is_not_made_good_by_a_session(as_role: Callable[[str], Person]) -> None:
    admin = as_role("admin")
    assert admin.get("/api/v1/status").status_code == 200
    answer = admin.get("/api/v1/status", headers={"Authorization": "Bearer wrong"})
    assert answer.status_code == 401


def test_a_key_counts_until_it_ends(runtime: Runtime, clock: Clock) -> None:
    header = key(runtime, expires_at=clock() + timedelta(days=1))
    program = client(runtime, **header)
    assert program.get("/api/v1/status").status_code == 200
    clock.now += timedelta(days=1)
    assert program.get("/api/v1/status").status_code == 401


def test_a_revoked_key_counts_no_more_and_both_are_in_the_audit(runtime: Runtime) -> None:
    program = client(runtime, **key(runtime))
    [known] = every_key(runtime.engine)
    assert program.get("/api/v1/status").status_code == 200
    assert revoke_key(runtime.engine, known.id, "ada@example.org", runtime.clock())
    assert program.get("/api/v1/status").status_code == 401
    assert not revoke_key(runtime.engine, known.id, "ada@example.org", runtime.clock())


def test_a_key_is_stored_as_a_digest_and_its_use_is_noted(runtime: Runtime, clock: Clock) -> None:
    header = key(runtime)
    token = header["Authorization"].removeprefix("Bearer ")
    client(runtime, **header).get("/api/v1/status")
    [known] = every_key(runtime.engine)
    assert known.last_used_at == clock()
    assert token.startswith(known.start)
    assert token not in (runtime.config.main_path.read_bytes()).decode("latin-1")


def test_a_contact_its_score_why_and_what_it_did(scored: Installation) -> None:
    program = client(scored.runtime, **key(scored.runtime))
    score = program.get("/api/v1/contacts/acme/7/score").json
    assert score["score"] == scored.points(7)
    assert score["fit"] + score["engagement"] == score["score"]
    told = program.get("/api/v1/contacts/acme/7/explanation", query_string={"lang": "fr"}).json
    assert sum(one["now"] for one in (*told["lines"], *told["adjustments"])) == told["score"]
    assert any("Visite" in one["sentence"] for one in told["lines"])
    done = program.get("/api/v1/contacts/acme/7/activities").json
    assert {one["kind"] for one in done["activities"]} >= {"page_viewed", "form_submitted"}
    last = done["activities"][-1]
    behind = {"before": last["occurred_at"], "before_id": last["id"]}
    rest = program.get("/api/v1/contacts/acme/7/activities", query_string=behind).json
    assert rest == {"activities": [], "more": False}


def test_an_unknown_contact_is_a_problem_that_says_what_was_expected(runtime: Runtime) -> None:
    answer = client(runtime, **key(runtime)).get("/api/v1/contacts/acme/9/score")
    assert answer.status_code == 404
    assert "expected CONNECTION/CONTACT" in answer.json["detail"]


def test_wrong_arguments_are_named(runtime: Runtime) -> None:
    program = client(runtime, **key(runtime))
    answer = program.get("/api/v1/dead", query_string={"limit": "many", "page": "2"})
    assert answer.status_code == 422
    assert set(answer.json["errors"]["query"]) == {"limit", "page"}
    assert answer.json["detail"] == "some fields do not fit"


def test_no_answer_breaks_its_description_and_none_is_a_fault_of_ours(
    scored: Installation,
) -> None:
    app = application(scored.runtime)
    header = key(scored.runtime, "admin")
    description = schemathesis.openapi.from_dict(
        app.test_client().get("/api/v1/openapi.json", headers=header).json
    )
    description.app = app
    begin(scored.runtime.engine, "Spring", CARD, "ada@example.org", scored.clock())
    operations = [one.ok() for one in description.get_all_operations()]
    assert len(operations) >= 50
    checks = [not_a_server_error, response_schema_conformance]
    # What is deleted is asked for no more.
    for operation in sorted(operations, key=lambda one: one.method == "delete"):
        takes = any((operation.path_parameters, operation.query, operation.body))

        @settings(max_examples=EXAMPLES if takes else 1, database=None)
        @given(case=operation.as_strategy(), known=booleans())
        def try_out(case: Any, known: bool) -> None:
            if known:
                case.path_parameters |= {one: KNOWN[one] for one in case.path_parameters}
            case.call_and_validate(headers=header, checks=checks)

        try_out()


def test_a_number_beyond_what_a_database_counts_is_not_found(
    as_role: Callable[[str], Person],
) -> None:
    admin, number = as_role("admin"), 2**63
    for path in ("/api/v1/drafts/", "/api/v1/scorecards/", "/admin/scorecard/drafts/"):
        assert admin.get(f"{path}{number}").status_code == 404
        assert admin.get(f"{path}{number - 1}").status_code == 404


def test_health_is_told_in_figures_and_a_connection_is_tested(scored: Installation) -> None:
    program = client(scored.runtime, **key(scored.runtime, "admin"))
    [platform] = program.get("/api/v1/health").json["platforms"]
    assert (platform["name"], platform["state"], platform["mode"]) == ("acme", "ready", "both")
    names = [check["name"] for check in program.post("/api/v1/connections/acme/test").json]
    assert names[-1] == "webhook"
    reader = client(scored.runtime, **key(scored.runtime))
    assert reader.post("/api/v1/connections/acme/test").status_code == 403


def test_a_program_leads_nobody_into_our_own_network(installation: Installation) -> None:
    admin = client(installation.runtime, **key(installation.runtime, "admin"))
    settings = {"base_url": installation.url, "client_id": "a", "client_secret": "b"}
    wish = {"connector": "mautic", "settings": settings}
    refused = admin.put("/api/v1/connections/acme", json=wish)
    assert (refused.status_code, "private" in refused.json["detail"]) == (502, True)
    assert installation.rows("connections") == []


def test_the_past_is_ordered_by_a_program(scored: Installation) -> None:
    program = client(scored.runtime, **key(scored.runtime, "admin"))
    assert program.get("/api/v1/connections/acme/backfill").status_code == 404
    since = {"since": "2026-03-01T00:00:00+00:00"}
    assert program.post("/api/v1/connections/acme/backfill", json=since).status_code == 202
    assert program.get("/api/v1/connections/acme/backfill").json["since"] == since["since"]
    assert scored.rows("audit")[-1]["who"] == "key test"


def test_dead_letters_are_tried_and_read_again_by_a_program(scored: Installation) -> None:
    scored.receive([broken_body()])
    scored.score()
    program = client(scored.runtime, **key(scored.runtime, "admin"))
    [group] = program.get("/api/v1/dead/groups").json
    tried = program.post(f"/api/v1/dead/{group['id']}/try").json
    assert tried["unreadable"] == {group["reason"]: 1}
    done = program.post(f"/api/v1/dead/{group['id']}/replay").json
    assert done == {"resolved": 0, "remaining": 1}
    assert program.post("/api/v1/dead/99/try").status_code == 404


def test_the_description_names_the_keys(app: Flask, as_role: Callable[[str], Person]) -> None:
    told = as_role("viewer").get("/api/v1/openapi.json").json
    assert told["components"]["securitySchemes"] == {"key": {"type": "http", "scheme": "bearer"}}
    assert told["info"]["title"] == "Maturo"
