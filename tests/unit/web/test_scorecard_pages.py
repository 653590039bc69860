"""The scorecard's pages: a draft is written, checked, shown to who comes second, and published."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from io import BytesIO
from typing import Any

import orjson
import pytest

from connectors.mautic.standin.visitors import submit_form, visit
from plugin.runtime import Runtime
from plugin.scoring.kinds import KINDS
from plugin.services.cards import checked, in_force
from plugin.services.drafts import begin, draft_of, shipped
from plugin.services.drift import DRIFT
from plugin.services.runs import newest_run, run_next
from plugin.storage import reports, runs
from tests.installation import Installation
from tests.pages_kit import Person, words

DRAFTS = "/admin/scorecard/drafts/"
PRICING = {
    "kind": "activity",
    "id": "pricing-page",
    "label.en": "Pricing page viewed",
    "label.fr": "Page des tarifs consultée",
    "points": "6",
    "on": "1",
    "activity": "page_viewed",
    "url": "*/pricing*\n*/tarifs*",
    "limit.times": "1",
    "limit.per": "day",
    "decay.shape": "half_life",
    "decay.span": "30d",
    "evidence": ["human", "unknown"],
}


class Filled(HTMLParser):
    """What a browser would send of the form as it is."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: dict[str, Any] = {}
        self.area = self.select = ""

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        given = dict(attrs)
        name, kind = given.get("name", ""), given.get("type")
        if tag == "textarea":
            self.area, self.sent[name] = name, ""
        elif tag == "select":
            self.select = name
            self.sent[name] = None
        elif tag == "option" and self.select:
            if "selected" in given or self.sent[self.select] is None:
                self.sent[self.select] = given.get("value", "")
        elif tag == "input" and name and (kind != "checkbox" or "checked" in given):
            if kind == "checkbox" and name in self.sent:
                self.sent[name] = [*self.sent[name], given.get("value", "")]
            else:
                value = given.get("value", "") or ""
                self.sent[name] = [value] if kind == "checkbox" else value

    def handle_endtag(self, tag: str) -> None:
        self.area = "" if tag == "textarea" else self.area
        self.select = "" if tag == "select" else self.select

    def handle_data(self, data: str) -> None:
        if self.area:
            self.sent[self.area] += data


@pytest.fixture
def draft(runtime: Runtime) -> int:
    return begin(runtime.engine, "Spring", shipped("b2b"), "bob@example.org", runtime.clock())


@pytest.fixture
def marketer(as_role: Callable[[str], Person]) -> Person:
    return as_role("marketer")


def rule_at(runtime: Runtime, number: int, id: str) -> Any:
    data = checked(draft_of(runtime.engine, number).source).data
    return next(rule for group in data["groups"] for rule in group["rules"] if rule["id"] == id)


def test_the_scorecard_in_force_shows_groups_caps_and_sentences(
    as_role: Callable[[str], Person], runtime: Runtime
) -> None:
    told = as_role("viewer").read("/admin/scorecard/")
    assert "Fit: does this contact suit us?" in told
    assert "at most" in told
    assert "Change in a draft" not in told


def test_an_unchanged_form_changes_nothing(marketer: Person, draft: int, runtime: Runtime) -> None:
    before = draft_of(runtime.engine, draft)
    page = marketer.get(f"{DRAFTS}{draft}/rule/pricing-page").text
    assert 'value="Page des tarifs consultée"' in page
    answer = marketer.post(f"{DRAFTS}{draft}/rule/pricing-page", {**PRICING, "revision": 1})
    assert answer.status_code == 302
    assert draft_of(runtime.engine, draft) == before


def test_one_changed_field_changes_one_line(marketer: Person, draft: int, runtime: Runtime) -> None:
    changed = {**PRICING, "points": "9", "revision": 1}
    assert marketer.post(f"{DRAFTS}{draft}/rule/pricing-page", changed).status_code == 302
    lines = [
        set(text.splitlines()) for text in (shipped("b2b"), draft_of(runtime.engine, draft).source)
    ]
    assert rule_at(runtime, draft, "pricing-page")["points"] == 9
    assert lines[1] - lines[0] == {"        points: 9"}


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("points", "many", "must be a number, not “many”"),
        ("decay.span", "soon", "must be a duration such as 30d"),
        ("limit.per", "moon", "must be ever, day, subject or a duration"),
        ("id", "Two words", "must be small letters"),
        ("id", "home", ""),
    ],
)
def test_r68_an_invalid_rule_is_refused_at_the_field(
    marketer: Person, draft: int, runtime: Runtime, field: str, value: str, says: str
) -> None:
    answer = marketer.post(
        f"{DRAFTS}{draft}/rule/pricing-page", {**PRICING, field: value, "revision": 1}
    )
    if field == "id" and value == "home":
        assert answer.status_code == 302
        return
    assert answer.status_code == 422
    shown = words(answer.text).replace('"', "“")
    assert says.split("“")[0] in shown
    assert value in answer.text
    assert draft_of(runtime.engine, draft).revision == 1


def test_r68_what_is_wrong_is_said_in_french(marketer: Person, draft: int) -> None:
    marketer.post("/admin/language", {"language": "fr"})
    answer = marketer.post(
        f"{DRAFTS}{draft}/rule/pricing-page", {**PRICING, "points": "x", "revision": 1}
    )
    assert "doit être un nombre" in words(answer.text)


def test_an_id_that_is_taken_is_refused_at_the_field(marketer: Person, draft: int) -> None:
    answer = marketer.post(
        f"{DRAFTS}{draft}/rule/pricing-page", {**PRICING, "id": "case-study", "revision": 1}
    )
    assert answer.status_code == 422
    assert "is here twice" in words(answer.text)


def test_who_comes_second_sees_both_and_may_save_upon_it(
    marketer: Person, draft: int, runtime: Runtime
) -> None:
    steps = {"what": "off", "id": "case-study", "revision": 1}
    marketer.post(f"{DRAFTS}{draft}/change", steps)
    mine = {**PRICING, "points": "9", "revision": 1}
    answer = marketer.post(f"{DRAFTS}{draft}/rule/pricing-page", mine)
    assert answer.status_code == 409
    assert "The rule is on: no (not set before)" in words(answer.text)
    assert 'value="9"' in answer.text
    newest = re.search(r'name="revision" value="(\d+)"', answer.text)
    assert newest
    marketer.post(f"{DRAFTS}{draft}/rule/pricing-page", {**mine, "revision": newest[1]})
    assert rule_at(runtime, draft, "pricing-page")["points"] == 9
    assert rule_at(runtime, draft, "case-study")["on"] is False


def test_r12_any_field_of_the_platform_can_be_chosen(
    connected: Installation, marketer: Person, draft: int
) -> None:
    fields = {"email": "ada@example.org", "favourite_colour": "green"}
    submit_form(connected.standin, None, fields)
    connected.score()
    path = f"{DRAFTS}{draft}/rule/new?group=person&kind=field"
    assert '<option value="company">' in marketer.get(path).text
    rule = {
        "kind": "field",
        "id": "likes-green",
        "points": "4",
        "on": "1",
        "if.how": "all",
        "if.0.field": "favourite_colour",
        "if.0.operator": "equals",
        "if.0.value": "green",
    }
    assert marketer.post(path, {**rule, "revision": 1}).status_code == 302
    found = rule_at(connected.runtime, draft, "likes-green")
    assert found["if"] == {"field": "favourite_colour", "equals": "green"}


def test_a_rule_is_told_in_both_languages_while_it_is_written(marketer: Person, draft: int) -> None:
    told = marketer.post(f"{DRAFTS}{draft}/preview", PRICING).text
    assert "Only where the address is like" in told
    assert "Seulement si l’adresse ressemble à" in told
    assert "data-points=" in told


@pytest.mark.parametrize("part", ["rule/decides", "group/person", "band/ready", "card"])
def test_every_part_has_a_form(marketer: Person, draft: int, part: str) -> None:
    assert marketer.get(f"{DRAFTS}{draft}/{part}").status_code == 200
    assert marketer.get(f"{DRAFTS}{draft}/{part}x").status_code == 404


def test_a_rule_of_every_kind_survives_its_form(marketer: Person, runtime: Runtime) -> None:
    number = begin(runtime.engine, "All", shipped("b2b"), "bob", runtime.clock())
    data = checked(shipped("b2b")).data
    rules = {rule["kind"]: rule["id"] for group in data["groups"] for rule in group["rules"]}
    assert rules.keys() == KINDS.keys()
    for part in (*(f"rule/{id}" for id in rules.values()), "group/person", "band/ready", "card"):
        filled = Filled()
        page = marketer.get(f"{DRAFTS}{number}/{part}").text
        filled.feed(page[page.index('id="part-form"') :].split("</form>")[0])
        answer = marketer.post(f"{DRAFTS}{number}/{part}", filled.sent)
        assert answer.status_code == 302, (part, words(answer.text))
        assert draft_of(runtime.engine, number).source == shipped("b2b"), part


def test_r11_an_edited_rule_counts_from_the_next_activity_on_without_a_restart(
    connected: Installation, marketer: Person
) -> None:
    ada = submit_form(connected.standin, None, {"email": "ada@example.org"})
    connected.score()
    before = connected.points(ada)
    made = marketer.post(DRAFTS, {"name": "Spring", "from": "live"}).location
    rule = {
        "kind": "activity",
        "id": "careers",
        "points": "-7",
        "on": "1",
        "activity": "page_viewed",
        "url": "*/careers*",
    }
    group = checked(in_force(connected.runtime.engine).source).data["groups"][-1]["id"]
    path = f"{made}/rule/new?group={group}&kind=activity"
    assert marketer.post(path, {**rule, "group": group, "revision": 1}).status_code == 302
    assert marketer.post(f"{made}/publish", {"revision": 2}).location == "/admin/scorecard/"
    visit(connected.standin, ada, "https://shop.example/careers", code=200)
    connected.score()
    # The page itself gives 5.
    assert connected.points(ada) == before + 5 - 7


def test_a_rehearsal_is_watched_and_read(connected: Installation, marketer: Person) -> None:
    submit_form(connected.standin, None, {"email": "ada@example.org", "phone": "123"})
    connected.score()
    runtime = connected.runtime
    number = begin(runtime.engine, "Spring", shipped("b2b"), "bob", runtime.clock())
    path = f"{DRAFTS}{number}/rehearsal/"
    marketer.post(path, {"weeks": "8"})
    assert 'hx-trigger="every 1s"' in marketer.get(f"{path}status").text
    run_next(runtime.engine, runtime.clock)
    told = marketer.read(path)
    assert "Contacts looked at 1" in told
    assert "Would change their band 1" in told
    marketer.post(f"{DRAFTS}{number}/change", {"what": "off", "id": "decides", "revision": 1})
    assert "The draft was changed since" in marketer.read(path)


def test_versions_are_compared_and_gone_back_to(marketer: Person, runtime: Runtime) -> None:
    first = in_force(runtime.engine)
    made = marketer.post(DRAFTS, {"from": "minimal"}).location
    marketer.post(f"{made}/publish", {"revision": 1})
    newer = in_force(runtime.engine).id
    told = marketer.read(f"/admin/scorecard/compare?old={first.id}&new={newer}")
    assert "Group “Who they are” added" in told
    marketer.post("/admin/language", {"language": "fr"})
    told = marketer.read(f"/admin/scorecard/compare?old={first.id}&new={newer}")
    assert "Groupe « Qui ils sont » ajouté" in told
    assert not re.search(r"\b(Group|Rule|Band|added|removed|not set)\b", told)
    marketer.post(f"/admin/scorecard/versions/{first.id}/restore")
    assert in_force(runtime.engine).source == first.source
    assert marketer.get(f"/admin/scorecard/versions/{first.id}.yaml").text == first.source
    assert marketer.get("/admin/scorecard/versions/99").status_code == 404


def test_a_file_becomes_a_draft_even_with_mistakes_but_not_what_is_no_yaml(
    marketer: Person, runtime: Runtime
) -> None:
    wrong = shipped("b2b").replace("points: 10", "points: ten")
    sent = {"from": "file", "file": (BytesIO(wrong.encode()), "card.yaml")}
    made = marketer.post(DRAFTS, sent, content_type="multipart/form-data").location
    told = marketer.read(made)
    assert "It cannot be published before this is mended" in told
    assert 'rule "sector-software"' in told
    sent = {"from": "file", "file": (BytesIO(b"a: [b"), "card.yaml")}
    back = marketer.post(DRAFTS, sent, content_type="multipart/form-data").location
    assert "is not YAML" in marketer.read(back)


def test_the_text_may_be_edited_as_a_whole(marketer: Person, draft: int, runtime: Runtime) -> None:
    text = shipped("b2b").replace("points: 10\n", "points: 11\n", 1)
    path = f"{DRAFTS}{draft}/text"
    assert marketer.post(path, {"source": text, "revision": 1}).status_code == 302
    assert draft_of(runtime.engine, draft).source == text
    assert marketer.post(path, {"source": "a: [b", "revision": 2}).status_code == 422
    assert marketer.post(path, {"source": text, "revision": 1}).status_code == 409


def test_actions_and_learning_say_what_to_do_where_there_is_nothing(marketer: Person) -> None:
    assert "Everyone begins here" in marketer.read("/admin/actions/")
    assert "Propose points" in marketer.read("/admin/learning/")


def test_learning_without_outcomes_says_how_to_declare_them(
    marketer: Person, runtime: Runtime
) -> None:
    marketer.post("/admin/learning/", {"horizon": "60d"})
    run_next(runtime.engine, runtime.clock)
    assert "under outcomes" in marketer.read("/admin/learning/")


def _finish(runtime: Runtime, **told: Any) -> None:
    """The proposal that was asked for came to this."""
    nothing: dict[str, Any] = {
        **{"advice": "keep_present_rules", "form": "none", "wins": 40, "contacts": 90},
        **{"later_wins": 9, "base": 0.1, "leaks": [], "left_out": {}, "labels": {}, "rows": []},
        **{"comparisons": [], "volumes": [], "differences": [], "reliability": [], "bands": {}},
        **{"gain": None, "calibration_error": None, "drift": None, "base_ratio": None},
        **{"thresholds": None, "cost": None},
        "protected": {"left_out": {}, "used": {}, "reason": ""},
    }
    with runtime.engine.begin() as connection:
        taken = runs.take(connection)
        assert taken is not None
        result = orjson.dumps(nothing | told).decode()
        runs.finish(connection, taken.id, result, runtime.clock())


def _asked(runtime: Runtime) -> dict[str, Any]:
    run = newest_run(runtime.engine, "proposal")
    assert run is not None
    return dict(orjson.loads(run.asked))


def test_a_proposal_asked_for_again_keeps_what_was_asked_and_rules_alike_are_one_question(
    marketer: Person, runtime: Runtime
) -> None:
    marketer.post("/admin/learning/", {"horizon": "30d", "allow": "learned-4"})
    asks = {"present": True}, {"equals": "Lyon"}
    known = {
        f"learned-{number}": {"kind": "field", "if": {"field": "city", **ask}}
        for number, ask in enumerate(asks, 7)
    }
    page = {"kind": "activity", "activity": "page_viewed", "url": "*/clients*", "label": {}}
    known |= {"learned-9": page, "learned-10": page | {"limit": {"times": 3, "per": "ever"}}}
    leaks = [{"column": id, "sign": "late", "figure": 0.9, "level": None} for id in known]
    _finish(runtime, leaks=leaks, left_out=known)
    shown = marketer.get("/admin/learning/").text
    assert '<option value="30d" selected>' in shown
    again = re.findall(r'<input[^>]*name="(horizon|allow)"[^>]*value="([^"]+)"', shown)
    city, clients = "learned-7 learned-8", "learned-9 learned-10"
    known_before = [("horizon", "30d"), ("allow", "learned-4")]
    assert again == [*known_before, ("allow", city), ("allow", clients)]
    marketer.post("/admin/learning/", {"horizon": "30d", "allow": ["learned-4", city]})
    assert _asked(runtime)["allowed"] == ["learned-4", "learned-7", "learned-8"]


def test_a_protected_field_is_used_for_a_written_reason_and_the_page_says_what_it_brings(
    marketer: Person, runtime: Runtime
) -> None:
    marketer.post("/admin/learning/", {"horizon": "30d"})
    left_out = {"left_out": {"age": "age"}, "used": {}, "reason": ""}
    _finish(runtime, protected=left_out)
    assert "age tells of: age" in marketer.read("/admin/learning/")
    marketer.post("/admin/learning/", {"protect": "age", "reason": " "})
    assert "for a written reason only" in marketer.read("/admin/learning/")
    assert _asked(runtime)["protected"] == []
    marketer.post("/admin/learning/", {"protect": "age", "reason": "Pensions only"})
    assert (_asked(runtime)["protected"], _asked(runtime)["reason"]) == (["age"], "Pensions only")
    used = {"left_out": {}, "used": {"age": "age"}, "reason": "Pensions only"}
    brings = {"used": (0.75, 0.7, 0.8), "left_out": (0.73, 0.7, 0.8), "gain": (0.02, 0.01, 0.03)}
    names = "value", "low", "high"
    cost = {side: dict(zip(names, figure, strict=True)) for side, figure in brings.items()}
    _finish(runtime, protected=used, cost=cost)
    shown = marketer.read("/admin/learning/")
    assert "Used although protected: age. The reason: Pensions only" in shown
    assert "in 75% of cases, without in 73%: they bring 2 percentage points (1 to 3)" in shown


def test_learning_tells_week_by_week_how_far_scores_moved(
    marketer: Person, runtime: Runtime
) -> None:
    assert "within an hour of a publication" in marketer.read("/admin/learning/")
    now, engine = runtime.clock(), runtime.engine
    week = {"until": "2026-03-02", "contacts": 41, "won": 4, "psi": 0.23, "ratio": 1.25}
    kept = {"scorecard": in_force(engine).id, "since": "2025-12-01", "rose": []}
    with engine.begin() as connection:
        weeks = [week | {"level": "stopped"}]
        reports.save(connection, DRIFT, kept | {"weeks": weeks}, now, now)
    shown = marketer.read("/admin/learning/")
    assert "Scores have moved too far since the scorecard was published" in shown
    assert "March 2, 2026 moved 41 4 0.23 ×1.25" in shown


def test_thresholds_are_told_by_calls_and_by_wins_and_stop_where_scores_moved_too_far(
    marketer: Person, runtime: Runtime
) -> None:
    marketer.post("/admin/learning/", {"horizon": "30d"})
    share = {"value": 0.5, "low": 0.4, "high": 0.6}
    calls = {"asked": 12.0, "least": 28, "a_week": 11.25, "precision": share}
    won = {"asked": 0.3, "least": 19, "a_week": 20.0, "precision": None}
    _finish(
        runtime,
        thresholds={"capacity": [calls], "precision": [won], "stopped": False},
        drift=0.02,
        base_ratio=1.0,
    )
    shown = marketer.read("/admin/learning/")
    assert "12 28 11.2 50% (40% to 60%)" in shown
    assert "30% 19 20 –" in shown
    assert "moved" not in shown
    marketer.post("/admin/learning/", {"horizon": "30d"})
    stopped = {"capacity": [], "precision": [won], "stopped": True}
    # Where nobody active was won before there is nothing to divide by.
    _finish(runtime, thresholds=stopped, drift=0.31, base_ratio=None)
    shown = marketer.read("/admin/learning/")
    assert "too far for a threshold by calls a week" in shown
    assert "population stability index 0.31, quiet up to 0.1" in shown
