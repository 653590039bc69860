"""Commands that look: check, connections, explain, dead, manifest."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from command_kit import NOW, buried, connected, done, refused, run, runtime_of, scored

from plugin.check import check
from plugin.manifest import load_manifest
from plugin.storage import connections


@pytest.fixture(scope="module")
def visited(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return scored(tmp_path_factory.mktemp("visited"))


def findings(data: Path) -> dict[str, tuple[bool, str, str]]:
    with runtime_of(data) as runtime:
        return {one.id: (one.ok, one.detail, one.remedy) for one in check(runtime)}


def test_check_is_content_with_a_sound_installation(visited: Path) -> None:
    lines = done("--data", visited, "check").splitlines()
    assert [line[:12] for line in lines] == [
        f"ok     M{n:03} " for n in (1, 2, 4, 5, 6, 7, 8, 9, 10, 14)
    ]
    assert "connection mautic (mautic 6.0.3): ready" in lines[2]


def test_check_of_an_empty_installation_says_what_comes_next(tmp_path: Path) -> None:
    with runtime_of(tmp_path):
        pass
    result = run("--data", tmp_path, "check")
    assert result.exit_code == 1
    assert "FAILED M003 no platform is connected" in result.stdout
    assert "→ run `maturo connect`" in result.stdout


def test_check_finds_a_connection_that_must_authenticate_again(tmp_path: Path) -> None:
    connected(tmp_path, state=connections.NEEDS_AUTHENTICATION)
    ok, detail, remedy = findings(tmp_path)["M004"]
    assert (ok, detail) == (False, "connection mautic (mautic 6.0.3): needs_authentication")
    assert remedy == "run `maturo connections reauthenticate mautic`"


def test_check_finds_dead_letters_and_a_long_backlog(tmp_path: Path) -> None:
    buried(connected(tmp_path), "no reason")
    told = run("--data", tmp_path, "check", "--json", MATURO_BACKLOG_LIMIT="2")
    found = {one["id"]: one for one in json.loads(told.stdout)}
    assert told.exit_code == 1
    assert not found["M005"]["ok"]
    assert found["M005"]["detail"].startswith("1 receipts wait, ")
    assert (found["M007"]["ok"], found["M007"]["detail"]) == (False, "1 dead letters")
    assert found["M001"]["ok"]


def test_check_notices_a_distribution_that_overwrote_ours(
    visited: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    owners = {"plugin": ["maturo"], "connectors": ["maturo", "connectors"]}
    monkeypatch.setattr("plugin.check.packages_distributions", lambda: owners)
    ok, detail, remedy = findings(visited)["M001"]
    assert not ok
    assert detail == "the packages plugin and connectors come from connectors"
    assert remedy == "install maturo anew, in an environment of its own"


def test_connections_are_shown_without_their_secrets(visited: Path) -> None:
    table, machine = (done("--data", visited, "connections", *how) for how in ((), ("--json",)))
    [shown] = json.loads(machine)
    assert (shown["name"], shown["connector"], shown["state"]) == ("mautic", "mautic", "ready")
    for told in (table, machine):
        assert "6.0.3" in told
        assert "hidden-password" not in told
        assert "capture-secret" not in told


def test_without_a_connection_the_way_to_one_is_told(tmp_path: Path) -> None:
    with runtime_of(tmp_path):
        pass
    told = done("--data", tmp_path, "connections")
    assert told == "No platform is connected yet: run `maturo connect --help`.\n"
    assert json.loads(done("--data", tmp_path, "connections", "--json")) == []


def test_an_explanation_adds_up_to_the_score(visited: Path) -> None:
    told = json.loads(done("--data", visited, "explain", "mautic/38", "--json"))
    lines = [*told["lines"], *told["adjustments"]]
    assert len(told["lines"]) > 3
    assert sum(round(line["now"] * 1e6) for line in lines) == round(told["score"] * 1e6)
    assert round(sum(told["dimensions"].values()), 6) == told["score"]


def test_an_explanation_speaks_english_and_french(visited: Path) -> None:
    english = done("--data", visited, "explain", "mautic/38")
    french = done("--data", visited, "explain", "mautic/38", "--lang", "fr")
    assert "Page viewed: viewed" in english
    assert "Page consultée\u00a0: a consulté" in french
    assert french == done("--data", visited, "explain", "mautic/38", MATURO_LANG="fr")


def test_before_the_first_visit_the_score_was_nothing(visited: Path) -> None:
    for at in ("2020-03-03", "2020-03-03T14:00+01:00", "2020-03-03 14:00"):
        told = json.loads(done("--data", visited, "explain", "mautic/38", "--json", "--at", at))
        assert (told["score"], told["lines"]) == (0, [])


def test_a_moment_without_a_zone_is_utc_wherever_the_machine_stands(
    visited: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        at = ("--at", "2026-03-03")
        told = json.loads(done("--data", visited, "explain", "mautic/38", "--json", *at))
        assert told["at"] == "2026-03-03T00:00:00Z"
        assert "at 2026-03-03 00:00 UTC" in done("--data", visited, "explain", "mautic/38", *at)
    finally:
        monkeypatch.undo()
        time.tzset()


def test_the_score_as_it_was_known_before_the_visit_arrived_is_nothing(visited: Path) -> None:
    known = ("--known-at", "2020-01-01")
    told = json.loads(done("--data", visited, "explain", "mautic/38", "--json", *known))
    assert (told["score"], told["lines"]) == (0, [])


@pytest.mark.parametrize("at", ["yesterday", "2026-02-30", "", "0001-01-01T00:00+14:00"])
def test_a_bad_moment_is_refused_with_an_example(visited: Path, at: str) -> None:
    words = refused("--data", visited, "explain", "mautic/38", "--at", at, code=2)
    assert words.endswith("expected a date such as 2026-03-03 or 2026-03-03T14:00+01:00")


@pytest.mark.parametrize("address", ["mautic/999999", "nobody/38", "mautic", "mautic/", "/", "38"])
def test_an_unknown_contact_is_refused_saying_how_to_name_one(visited: Path, address: str) -> None:
    words = refused("--data", visited, "explain", address)
    assert words.startswith(f'nothing is known of "{address}"; expected CONNECTION/CONTACT')


def test_dead_letters_are_listed_without_their_content(tmp_path: Path) -> None:
    buried(connected(tmp_path), "date is missing\x1b[2J")
    told = done("--data", tmp_path, "dead", "list").splitlines()
    assert told == [
        f"1  {NOW:%Y-%m-%d %H:%M}  mautic  page_on_hit[0]  date is missing�[2J",
        "1 dead letters",
    ]
    [letter] = json.loads(done("--data", tmp_path, "dead", "list", "--json"))
    assert "ada@example.test" in letter["raw"]


def test_dead_letters_of_one_connection_only(tmp_path: Path) -> None:
    buried(connected(tmp_path), "why")
    connected(tmp_path, "other")
    assert "0 dead letters" in done("--data", tmp_path, "dead", "list", "--connection", "other")
    for action in ("list", "replay"):
        words = refused("--data", tmp_path, "dead", action, "--connection", "nope")
        assert words == 'there is no connection "nope"; there are: mautic, other'


def test_a_letter_that_can_be_read_now_is_read(tmp_path: Path) -> None:
    buried(connected(tmp_path), "a fault that was mended since")
    assert done("--data", tmp_path, "dead", "replay") == "1 read, 0 still cannot be read\n"
    assert done("--data", tmp_path, "dead", "list") == "0 dead letters\n"


def test_a_letter_that_still_cannot_be_read_stays(tmp_path: Path) -> None:
    body = b'{"mautic.page_on_hit": [{"hit": 7}]}'
    buried(connected(tmp_path), "hit is no mapping", body)
    result = run("--data", tmp_path, "dead", "replay")
    assert (result.exit_code, result.stdout) == (1, "0 read, 1 still cannot be read\n")
    assert "1 dead letters" in done("--data", tmp_path, "dead", "list")


def test_the_manifest_is_true() -> None:
    told = done("manifest", "check")
    shipped = ", ".join(load_manifest().connector_ids)
    assert told == f"manifest of version 0.1.0 is true; connectors: {shipped}\n"
    assert json.loads(done("manifest", "show")) == load_manifest().raw


def test_a_manifest_that_is_not_true_ends_every_command(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "manifest.json").write_text('{"id": "other"}')
    monkeypatch.setattr("plugin.manifest._file", lambda: tmp_path / "manifest.json")
    load_manifest.cache_clear()
    try:
        for command in (("manifest", "check"), ("manifest", "show"), ("connect",)):
            words = (
                refused(*command, code=1) if command != ("connect",) else refused("connect", "x")
            )
            assert "manifest.json, $.id: 'maturo' was expected" in words
    finally:
        monkeypatch.undo()
        load_manifest.cache_clear()
