"""The API of what people work on: drafts, rehearsals, versions, learning, simulations."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from flask.testing import FlaskClient

from plugin.runtime import Runtime
from plugin.services.audit import trail
from plugin.services.cards import in_force
from plugin.services.drafts import draft_of, shipped
from plugin.services.runs import run_next
from plugin.storage import runs
from tests.api_kit import program
from tests.installation import CARD, Installation

DRAFTS = "/api/v1/drafts"


@pytest.fixture
def marketer(runtime: Runtime) -> FlaskClient:
    return program(runtime, "write")


@pytest.fixture
def draft(marketer: FlaskClient) -> dict[str, Any]:
    """A draft of the scorecard in force."""
    made = marketer.post(DRAFTS, json={"name": "Spring"})
    assert made.status_code == 201
    return dict(made.json)


def test_a_draft_goes_from_its_beginning_to_publication(
    marketer: FlaskClient, draft: dict[str, Any], runtime: Runtime
) -> None:
    assert (draft["source"], draft["revision"], draft["mistakes"]) == (CARD, 1, [])
    text = CARD.replace("points: 20", "points: 25")
    path = f"{DRAFTS}/{draft['id']}"
    changed = marketer.put(path, json={"source": text, "revision": 1})
    assert (changed.status_code, changed.json["revision"]) == (200, 2)
    published = marketer.post(f"{path}/publish", json={"revision": 2})
    assert (published.status_code, published.json["version"]) == (201, in_force(runtime.engine).id)
    assert in_force(runtime.engine).source == text
    assert marketer.get(path).status_code == 404
    done = [(one.what, one.who) for one in trail(runtime.engine, who="key test")]
    assert [what for what, _ in done] == [
        "scorecard.published",
        "draft.changed",
        "draft.begun",
    ]


def test_who_comes_second_is_told_who_came_first_and_what_changed(
    marketer: FlaskClient, draft: dict[str, Any]
) -> None:
    path = f"{DRAFTS}/{draft['id']}"
    marketer.put(path, json={"source": CARD.replace("points: 20", "points: 25"), "revision": 1})
    for late in (
        marketer.put(path, json={"source": CARD, "revision": 1}),
        marketer.post(f"{path}/publish", json={"revision": 1}),
        marketer.delete(f"{path}?revision=1"),
    ):
        assert late.status_code == 409
        assert late.json["detail"] == "key test has changed the draft meanwhile"
        now, *changes = late.json["errors"]["json"]["revision"]
        assert now.startswith("it is 2 now")
        assert changes == ["Rule “Demo”: points: 20 → 25"]
    assert marketer.delete(f"{path}?revision=2").status_code == 204


def test_mistakes_are_named_with_their_line_and_keep_a_draft_from_publication(
    marketer: FlaskClient, draft: dict[str, Any], runtime: Runtime
) -> None:
    path, wrong = f"{DRAFTS}/{draft['id']}", CARD.replace("points: 20", "points: many")
    changed = marketer.put(path, json={"source": wrong, "revision": 1})
    [mistake] = changed.json["mistakes"]
    assert CARD.splitlines()[mistake["line"] - 1].strip().startswith("- {id: demo")
    assert mistake["where"] == 'rule "demo"'
    refused = marketer.post(f"{path}/publish", json={"revision": 2})
    assert refused.status_code == 422
    [told] = refused.json["errors"]["json"]["source"]
    assert told.startswith(f"{mistake['line']}: {mistake['where']}: ")
    no_yaml = marketer.put(path, json={"source": "a: [b", "revision": 2})
    assert no_yaml.status_code == 422
    assert "not YAML" in no_yaml.json["errors"]["json"]["source"][0]
    assert draft_of(runtime.engine, draft["id"]).source == wrong


def test_a_draft_begins_with_what_was_chosen(marketer: FlaskClient) -> None:
    first = marketer.post(DRAFTS, json={"name": "New", "beginning": "version:1"})
    assert (first.status_code, first.json["based_on"]) == (201, 2)
    taken = marketer.post(DRAFTS, json={"name": "New", "beginning": "b2b"})
    assert taken.json["source"] == shipped("b2b")
    own = marketer.post(DRAFTS, json={"name": "New", "source": "groups: []"})
    assert (own.json["source"], own.json["mistakes"] != []) == ("groups: []", True)
    for missing in ("version:99", "platform:nobody"):
        assert marketer.post(DRAFTS, json={"name": "New", "beginning": missing}).status_code == 404
    for wrong in ({"beginning": "it"}, {"source": "a: [b"}, {"source": "\0"}, {"source": "\ud800"}):
        assert marketer.post(DRAFTS, json={"name": "New", **wrong}).status_code == 422, wrong
    assert len(marketer.get(DRAFTS).json) == 3


def test_a_rehearsal_is_asked_for_watched_and_read(
    scored: Installation, marketer: FlaskClient, draft: dict[str, Any]
) -> None:
    path = f"{DRAFTS}/{draft['id']}/rehearsal"
    assert marketer.get(path).status_code == 404
    asked = marketer.post(path, json={"weeks": 13})
    assert (asked.status_code, asked.json["state"], asked.json["weeks"]) == (202, "waiting", 13)
    run_next(scored.runtime.engine, scored.clock)
    told = marketer.get(path).json
    assert (told["state"], told["done"], told["total"], told["revision"]) == ("done", 1, 1, 1)
    assert (told["result"]["contacts"], told["result"]["changed"]) == (1, 0)
    assert marketer.post(path, json={}).json["result"] is None
    assert marketer.delete(path).json["state"] == "stopped"
    assert marketer.post(path, json={"weeks": 5}).status_code == 422


def test_versions_are_read_compared_and_gone_back_to(
    marketer: FlaskClient, draft: dict[str, Any], runtime: Runtime
) -> None:
    first = in_force(runtime.engine)
    text = CARD.replace("points: 20", "points: 25")
    path = f"{DRAFTS}/{draft['id']}"
    marketer.put(path, json={"source": text, "revision": 1})
    newer = marketer.post(f"{path}/publish", json={"revision": 2}).json["version"]
    assert marketer.get(f"/api/v1/scorecards/{first.id}").json["source"] == CARD
    both = {"old": first.id, "new": newer, "lang": "fr"}
    [told] = marketer.get("/api/v1/scorecards/differences", query_string=both).json
    assert (told["of"], told["what"], told["id"], told["key"]) == (
        "rule",
        "changed",
        "demo",
        "points",
    )
    assert "20 → 25" in told["sentence"]
    back = marketer.post(f"/api/v1/scorecards/{first.id}/restore")
    assert (back.status_code, back.json["version"]) == (201, newer + 1)
    assert in_force(runtime.engine).source == CARD
    assert marketer.post("/api/v1/scorecards/99/restore").status_code == 404
    assert marketer.get("/api/v1/scorecards/progress").json["waiting"] == 0


def test_a_reader_changes_nothing(runtime: Runtime, draft: dict[str, Any]) -> None:
    reader = program(runtime)
    assert reader.get(DRAFTS).status_code == 403
    path = f"{DRAFTS}/{draft['id']}"
    assert reader.post(f"{path}/publish", json={"revision": 1}).status_code == 403
    assert reader.post("/api/v1/scorecards/1/restore").status_code == 403


def proposal(runtime: Runtime) -> None:
    """A worker's answer to what was asked: two rows to be added to the present rules."""
    figure = {"value": 0.7, "low": 0.6, "high": 0.8}
    measures = {"auc": figure, "average_precision": figure, "lift": figure}
    rule = {"kind": "activity", "label": {"en": "Sent", "fr": "Envoyé"}}
    row = {
        "dimension": "engagement",
        "rule": rule | {"activity": "form_submitted"},
        "points": 7,
        **{"low": 3.0, "high": 9.0, "stability": 0.9, "support": 40},
        **{"won_with": 0.4, "won_without": 0.1},
    }
    told = {"advice": "weak", "form": "corrections", "wins": 40, "contacts": 90}
    told |= {"later_wins": 9, "base": 0.1, "leaks": [], "labels": {}, "volumes": []}
    told |= {"rows": [row | {"id": "row-1"}, row | {"id": "row-2"}], "differences": []}
    told |= {"comparisons": [{"by": "proposal", **measures}], "reliability": [], "drift": None}
    told |= {"bands": {}, "gain": figure, "calibration_error": None}
    with runtime.engine.begin() as connection:
        taken = runs.take(connection)
        assert taken is not None
        runs.finish(connection, taken.id, orjson.dumps(told).decode(), runtime.clock())


def test_what_was_learned_becomes_a_draft_of_the_accepted_rows(
    marketer: FlaskClient, runtime: Runtime
) -> None:
    assert marketer.get("/api/v1/learning").status_code == 404
    assert marketer.post("/api/v1/learning", json={"horizon": "90d"}).json["horizon"] == "90d"
    unfounded = marketer.post("/api/v1/learning", json={"protected": ["age"]})
    assert (unfounded.status_code, set(unfounded.json["errors"]["json"])) == (422, {"reason"})
    accepted = {"accepted": ["row-2"], "points": {"row-2": 4}}
    assert marketer.post("/api/v1/learning/draft", json=accepted).status_code == 404
    proposal(runtime)
    found = marketer.get("/api/v1/learning").json
    assert [row["points"] for row in found["result"]["rows"]] == [7, 7]
    assert found["result"]["comparisons"][0]["lift"]["high"] == 0.8
    made = marketer.post("/api/v1/learning/draft", json=accepted)
    assert made.status_code == 201
    text = draft_of(runtime.engine, made.json["id"]).source
    assert text.count("form_submitted") == CARD.count("form_submitted") + 1
    assert "points: 4" in text
    unknown = marketer.post("/api/v1/learning/draft", json={"accepted": ["row-9"]})
    assert (unknown.status_code, unknown.json["detail"]) == (
        422,
        "no row row-9 in the proposal; its rows: row-1, row-2",
    )


def test_the_score_of_somebody_is_simulated_and_nothing_is_kept(
    scored: Installation, marketer: FlaskClient
) -> None:
    before = scored.rows("entries")
    given = {"contact": "acme/7", "kind": "page_viewed", "about": "https://shop.example/jobs"}
    told = marketer.post("/api/v1/simulations", json=given).json
    assert told["before"]["score"] == scored.points(7)
    assert told["after"]["score"] == scored.points(7) + 5 - 10
    assert told["items"][0]["kind"] == "page_viewed"
    assert scored.rows("entries") == before
    nobody = marketer.post("/api/v1/simulations", json={"kind": "page_viewed"}).json
    assert (nobody["before"]["score"], nobody["after"]["score"]) == (0, 5)
    unknown = marketer.post("/api/v1/simulations", json=given | {"contact": "acme/9"})
    assert unknown.status_code == 404
    both = marketer.post("/api/v1/simulations", json=given | {"payload": "{}"})
    assert (both.status_code, set(both.json["errors"]["json"])) == (422, {"kind"})
    empty = {"connection": "acme", "payload": "{}"}
    assert marketer.post("/api/v1/simulations", json=empty).status_code == 422
