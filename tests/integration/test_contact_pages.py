"""The pages of contacts, companies, feed, results and simulator, without a browser."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from flask import Flask

from connectors.mautic.standin import Running, StandIn, serve, visitors
from plugin.config import load_config
from plugin.runtime import open_runtime
from plugin.services.judge import verdict_links
from plugin.services.reports import refresh_due
from plugin.services.verdicts import verdicts
from plugin.worker import run_some
from tests.installation import NAME, Clock, Installation
from tests.pages_kit import Person, add_user, application, sign_in, words


@pytest.fixture(scope="module")
def played(
    prepared: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Path, Running, datetime]]:
    """The data folder of a firm, its platform and the moment: Ada and Cleo are hot, Ada more so;
    Bob is warm."""
    data, clock = tmp_path_factory.mktemp("played") / "data", Clock()
    shutil.copytree(prepared, data)
    with serve(StandIn(clock=clock, queued=True)) as standin:
        with open_runtime(load_config({}, {"data": str(data)}), clock) as runtime:
            _play(Installation(runtime, standin, clock))
        yield data, standin, clock()


def _play(firm: Installation) -> None:
    firm.connect()
    for role in ("viewer", "marketer", "admin"):
        add_user(firm.runtime, role)
    people = {"ada": ("Demo", "1"), "bob": ("Demo", ""), "cleo": ("", "1")}
    for name, (form, phone) in people.items():
        answers = {"email": f"{name}@nova.example", "firstname": name.title(), "phone": phone}
        shown = {"id": 3, "name": form or "News", "alias": form.lower() or "news"}
        contact = visitors.submit_form(firm.standin, None, answers, form=shown)
        if name == "ada":
            visitors.visit(firm.standin, contact, "https://firm.example/<script>")
        firm.score()
        firm.clock.forward(days=1)
    firm.deliver()
    firm.close()


@pytest.fixture
def firm(
    played: tuple[Path, Running, datetime], store: dict[str, str], clock: Clock
) -> Iterator[Installation]:
    """A copy of the firm of the test's own, beside the one platform."""
    data, standin, clock.now = played
    shutil.copytree(data, store["data"])
    with open_runtime(load_config({}, store), clock) as runtime:
        yield Installation(runtime, standin, clock)


@pytest.fixture
def app(firm: Installation) -> Flask:
    return application(firm.runtime)


@pytest.fixture
def viewer(app: Flask) -> Person:
    return sign_in(app, "viewer")


@pytest.fixture
def marketer(app: Flask) -> Person:
    return sign_in(app, "marketer")


def _names(html: str) -> list[str]:
    return re.findall(rf'/admin/contacts/{NAME}/\d+">([^<]+)</a>', html)


def test_r06_r07_the_list_has_the_hot_first_and_each_contact_in_one_band(viewer: Person) -> None:
    html = viewer.get("/admin/contacts").text
    assert _names(html) == ["Ada", "Cleo", "Bob"]
    for band, names in (("hot", ["Ada", "Cleo"]), ("warm", ["Bob"]), ("cold", [])):
        assert _names(viewer.get(f"/admin/contacts?band={band}").text) == names, band


def test_r07_a_search_narrows_the_list_and_an_empty_one_says_what_to_do(viewer: Person) -> None:
    assert _names(viewer.get("/admin/contacts?q=CLEO@").text) == ["Cleo"]
    assert "Nobody is found" in viewer.read("/admin/contacts?q=nobody")
    assert viewer.get("/admin/contacts?band=boiling").status_code == 404
    assert viewer.get("/admin/contacts?after=nonsense").status_code == 404


def test_r07_pages_of_the_list_follow_each_other(
    viewer: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules["plugin.web.admin.contacts"], "_PAGE", 2)
    first = viewer.get("/admin/contacts").text
    [link] = re.findall(r'href="([^"]*after=[^"]*)"', first)
    rest = viewer.get(link.replace("&amp;", "&")).text
    assert _names(first) + _names(rest) == ["Ada", "Cleo", "Bob"]


def test_r04_r15_the_page_of_a_contact_shows_its_parts_its_reasons_and_what_was_not_counted(
    viewer: Person,
) -> None:
    text = viewer.read(f"/admin/contacts/{NAME}/1")
    for part in ("Ada", "Score 35", "Engagement 25", "Fit 10 grade", "Why 35 points"):
        assert part in text, part
    assert "Demo: submitted the form “Demo”" in text
    assert "The score: the sum of these lines, exactly" in text
    assert "Form submitted Demo +20 Demo" in text


def test_the_page_shows_what_the_platform_holds(viewer: Person) -> None:
    text = viewer.read(f"/admin/contacts/{NAME}/1")
    held = text.partition("In the platform")[2]
    assert held.startswith(" Score 35 Engagement 25 Fit 10 Grade C Band Hot Tag band-hot Ackno")


def test_the_page_is_in_french_with_french_sentences(viewer: Person) -> None:
    viewer.post("/admin/language", {"language": "fr"})
    text = viewer.read(f"/admin/contacts/{NAME}/1")
    for part in ("Pourquoi 35 points", "a envoyé le formulaire", "Dans la plateforme", "Chaud"):
        assert part in text, part


def test_any_past_moment_can_be_chosen(viewer: Person) -> None:
    text = viewer.read(f"/admin/contacts/{NAME}/1?at=2026-03-01T12:00")
    assert "You are looking at the past" in text
    assert "Score 0" in text
    assert viewer.get(f"/admin/contacts/{NAME}/1?at=yesterday").status_code == 400


def test_what_people_typed_and_visited_is_text_and_nothing_else(viewer: Person) -> None:
    html = viewer.get(f"/admin/contacts/{NAME}/1").text
    assert "<script>" not in html.partition("</head>")[2]
    assert "&lt;script&gt;" in html


def test_an_unknown_contact_is_told_as_such(viewer: Person) -> None:
    answer = viewer.get(f"/admin/contacts/{NAME}/999")
    assert (answer.status_code, "Nothing is known" in words(answer.text)) == (404, True)


def test_r59_r60_a_marketer_says_what_a_contact_was_worth_and_a_viewer_may_not(
    firm: Installation, app: Flask, viewer: Person, marketer: Person
) -> None:
    path, form = f"/admin/contacts/{NAME}/1/verdict", {"word": "rejected", "reason": "too small"}
    assert viewer.post(path, form).status_code == 403
    assert marketer.post(path, form).status_code == 302
    [said] = verdicts(firm.engine)
    assert (said.word, said.reason, said.band) == ("rejected", "too small", "hot")
    assert "Rejected by sales" in marketer.read(f"/admin/contacts/{NAME}/1")
    assert [row["what"] for row in firm.rows("audit")][-1] == "verdict.given"


def test_a_marketer_takes_out_all_that_is_known_of_a_person(
    viewer: Person, marketer: Person
) -> None:
    path = f"/admin/contacts/{NAME}/1/export"
    assert viewer.get(path).status_code == 403
    answer = marketer.get(path)
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.json is not None
    assert answer.json["contact_ids"] == ["1"]


def test_only_who_types_the_address_and_is_an_administrator_forgets_a_contact(
    firm: Installation, app: Flask, marketer: Person
) -> None:
    path, admin = f"/admin/contacts/{NAME}/1/forget", sign_in(app, "admin")
    assert marketer.get(path).status_code == 403
    assert "nothing was deleted" in words(admin.post(path, {"typed": "Ada"}).text)
    progress = admin.post(path, {"typed": f"{NAME}/1"}).location
    assert marketer.get(progress).status_code == 403
    assert "It waits for the worker" in admin.read(progress)
    run_some(firm.runtime, Event())
    assert "is deleted, with 3 deliveries that named this contact" in admin.read(progress)
    assert admin.get(f"/admin/contacts/{NAME}/1").status_code == 404
    assert _names(admin.get("/admin/contacts").text) == ["Cleo", "Bob"]
    [line] = [row for row in firm.rows("audit") if row["what"] == "contact.forgotten"]
    assert (line["who"], line["object"]) == ("admin@example.org", NAME)
    [run] = firm.rows("runs")
    assert (run["about"], run["asked"]) == ("", "{}"), "it would name the person for ever"


def test_who_is_not_known_any_more_is_said_to_be_so(firm: Installation, app: Flask) -> None:
    admin, path = sign_in(app, "admin"), f"/admin/contacts/{NAME}/77/forget"
    assert admin.get(path).status_code == 404
    progress = admin.post(path, {"typed": f"{NAME}/77"}).location
    run_some(firm.runtime, Event())
    assert "Nothing is known of this contact" in admin.read(progress)


def test_a_worker_that_ends_leaves_the_forgetting_to_the_next(
    firm: Installation, app: Flask
) -> None:
    admin, stopped = sign_in(app, "admin"), Event()
    stopped.set()
    path = f"/admin/contacts/{NAME}/1/forget"
    progress = admin.post(path, {"typed": f"{NAME}/1"}).location
    run_some(firm.runtime, stopped)
    assert "Every delivery that is kept is looked through" in admin.read(progress)
    assert admin.get(f"/admin/contacts/{NAME}/1").status_code == 200
    run_some(firm.runtime, Event())
    assert admin.get(f"/admin/contacts/{NAME}/1").status_code == 404


def test_the_feed_shows_what_arrived_and_the_newest_only_when_asked_from_a_place(
    firm: Installation, viewer: Person
) -> None:
    html = viewer.get("/admin/feed").text
    assert "Form submitted" in html
    [last] = re.findall(r'data-last="(\d+)"', html)
    rows = viewer.get(f"/admin/feed/rows?after={last}")
    assert (rows.text, rows.headers["X-Last"]) == ("", last)
    visitors.visit(firm.standin, 2, "https://firm.example/jobs")
    firm.score()
    rows = viewer.get(f"/admin/feed/rows?after={last}")
    assert "Bob Page viewed https://firm.example/jobs +5 Visit" in words(rows.text)
    assert int(rows.headers["X-Last"]) > int(last)
    narrowed = viewer.read(f"/admin/feed?contact={NAME}/2&kind=page_viewed")
    assert ("jobs" in narrowed, "Demo" in narrowed) == (True, False)
    assert "Nothing is known of this contact" in viewer.read("/admin/feed?contact=acme/77")


def test_the_stream_tells_what_arrived_ends_and_leaves_room_for_platforms(
    firm: Installation, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = sys.modules["plugin.web.admin.feed"]
    monkeypatch.setattr(module, "_LONGEST", 0.05)
    monkeypatch.setattr(module, "_PAUSE", 0.0)
    viewer = sign_in(app, "viewer")
    told = viewer.get("/admin/feed/stream?after=0")
    assert told.mimetype == "text/event-stream"
    assert told.text.count("event: arrived") == 1
    assert "id: " in told.text
    waiting = [viewer.client.get("/admin/feed/stream", buffered=False) for _ in range(4)]
    assert viewer.get("/admin/feed/stream").status_code == 503
    for one in waiting:
        one.close()
    assert viewer.get("/admin/feed/stream").status_code == 200


def test_results_say_when_nothing_is_computed_and_show_what_was(
    firm: Installation, viewer: Person, marketer: Person
) -> None:
    assert "Nothing is computed yet" in viewer.read("/admin/results")
    marketer.post(f"/admin/contacts/{NAME}/1/verdict", {"word": "accepted"})
    refresh_due(firm.engine, firm.clock())
    text = viewer.read("/admin/results")
    assert "Hot 2 – 100% 1 of 1" in text
    assert "Jobs -10 0 – – has never given anybody points" in text
    assert "Warm begins at 15. Hot begins at 30." in text
    assert "Contacts at or above it now 3" in viewer.read("/admin/results/threshold?threshold=15")
    assert viewer.post("/admin/results/compute").status_code == 403
    firm.clock.forward(minutes=1)
    assert refresh_due(firm.engine, firm.clock()) == 0
    assert marketer.post("/admin/results/compute").status_code == 302
    assert refresh_due(firm.engine, firm.clock()) == 1


def test_companies_are_listed_with_their_people(firm: Installation, viewer: Person) -> None:
    assert "No company yet" in viewer.read("/admin/accounts")
    refresh_due(firm.engine, firm.clock())
    html = viewer.get("/admin/accounts?q=NOVA").text
    [link] = re.findall(r'href="(/admin/accounts/people[^"]+)"', html)
    assert _names(viewer.get(link).text) == ["Ada", "Bob", "Cleo"]
    assert viewer.get("/admin/accounts/people?key=name:none").status_code == 404


def test_the_simulator_shows_before_and_after_and_refuses_at_the_field(
    firm: Installation, marketer: Person
) -> None:
    entries = firm.rows("entries")
    form: dict[str, Any] = {"contact": f"{NAME}/1", "kind": "page_viewed", "about": "/jobs"}
    answer = words(marketer.post("/admin/simulator", form).text)
    assert "Before 35 Hot After 30 Hot Difference -5" in answer
    assert "-10 Jobs: viewed “/jobs”" in answer
    assert firm.rows("entries") == entries
    wrong = {"contact": "acme/77"}, {"payload": "{}"}, {"payload": "{}", "connection": NAME}
    for given, said in zip(
        wrong,
        ("Nothing is known of this contact", "Choose a connection", "no activity and no profile"),
        strict=True,
    ):
        answer_to = marketer.post("/admin/simulator", {**form, **given})
        assert (answer_to.status_code, said in words(answer_to.text)) == (422, True), said


def test_r59_the_link_takes_a_verdict_without_an_account_and_looking_votes_nothing(
    firm: Installation, app: Flask
) -> None:
    link = verdict_links(firm.runtime.vault, "https://maturo.example", firm.clock)
    assert link is not None
    contact_id = min(row["contact_id"] for row in firm.rows("scores"))
    path = link(contact_id).removeprefix("https://maturo.example")
    stranger = Person(app.test_client())
    for _ in range(3):
        assert "Ada" in stranger.read(path)
    assert stranger.client.post(path, data={"word": "accepted"}).status_code == 400
    assert verdicts(firm.engine) == []
    said = stranger.post(path, {"word": "rejected", "reason": "no budget"})
    assert "Thank you" in words(said.text)
    assert [(one.word, one.reason) for one in verdicts(firm.engine)] == [("rejected", "no budget")]
    assert stranger.post(path, {"word": "perhaps"}).status_code == 400
    firm.clock.forward(days=61)
    gone = stranger.get(path)
    assert (gone.status_code, "This link does not work" in words(gone.text)) == (404, True)


def test_the_pages_have_their_twins_in_the_api(firm: Installation, viewer: Person) -> None:
    def told(path: str) -> Any:
        answer = viewer.get(f"/api/v1/{path}")
        assert answer.status_code == 200, answer.text
        return answer.json

    first = told("contacts?limit=2")
    rest = told(f"contacts?limit=2&after={first[-1]['place']}")
    assert [(one["name"], one["score"], one["band"]) for one in first + rest] == [
        ("Ada", 35.0, "hot"),
        ("Cleo", 30.0, "hot"),
        ("Bob", 20.0, "warm"),
    ]
    assert told("contacts?search=bob")[0]["reasons"][0].startswith("Demo: ")
    assert [
        viewer.get(f"/api/v1/{path}").status_code for path in ("contacts?band=x", "results")
    ] == [
        404,
        404,
    ]
    refresh_due(firm.engine, firm.clock())
    assert [(one["name"], one["people"]) for one in told("accounts")] == [("nova.example", 3)]
    assert {"rule": "demo", "points": 20.0} in told("feed?kind=form_submitted")[0]["earned"]
    results = told("results?threshold=30")
    assert results["threshold"]["contacts"] == 2
    assert {one["rule"]: one["fault"] for one in results["rules"]}["jobs"] == "dead"
