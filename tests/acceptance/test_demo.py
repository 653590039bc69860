"""``maturo demo`` as a user runs it: a process, its two streams and its exit code."""

from __future__ import annotations

import json
import math
import os
import re
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.once import once

pytestmark = pytest.mark.slow

#: Settings of this machine that would break the demo if it looked at them.
HOSTILE = {"MATURO_KEY": "no-key", "MATURO_PORT": "1", "MATURO_CONFIG": "nope.toml"}


def environment(**more: str) -> dict[str, str]:
    return {**os.environ, "PYTHONUNBUFFERED": "1", **more}


def processor_seconds() -> float:
    """Of all processes that ended; unlike the clock's they say the same on a busy machine."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@pytest.fixture(scope="module")
def demo(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    result: dict[str, Any] = once(request, "demo", lambda: play(tmp_path_factory.mktemp("demo")))
    return result


def play(folder: Path) -> dict[str, Any]:
    (folder / "maturo.toml").write_text("port = 'none'\n")
    before = processor_seconds()
    ran = subprocess.run(
        [sys.executable, "-m", "plugin", "demo", "--once", "--json"],
        capture_output=True,
        text=True,
        cwd=folder,
        env=environment(TMPDIR=str(folder), **HOSTILE),
        timeout=300,
    )
    assert ran.returncode == 0, ran.stderr
    assert "Traceback" not in ran.stderr
    assert [path.name for path in folder.iterdir()] == ["maturo.toml"]
    result: dict[str, Any] = json.loads(ran.stdout)
    return result | {"took": processor_seconds() - before}


@pytest.fixture(scope="module")
def contacts(demo: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["contact"]: one for one in demo["contacts"]}


def kind(contacts: dict[str, dict[str, Any]], truth: str) -> list[float]:
    return [one["score"] for one in contacts.values() if one["truth"] == truth]


def test_it_takes_less_than_a_minute_and_everything_was_taken(demo: dict[str, Any]) -> None:
    assert demo["took"] < 60
    assert demo["deliveries"] == {"200": 873}
    assert demo["dead_letters"] == 0


def test_the_hot_are_above_the_warm_and_these_above_the_cold(
    contacts: dict[str, dict[str, Any]],
) -> None:
    hot, warm, cold, careers = (kind(contacts, one) for one in ("hot", "warm", "cold", "careers"))
    assert (len(hot), len(warm), len(cold), len(careers)) == (6, 5, 5, 2)
    assert min(hot) > max(warm) + 5
    assert min(warm) > max(cold) + 5
    lowest = sorted(one["score"] for one in contacts.values())[:2]
    assert sorted(careers) == lowest


def test_machines_stay_with_the_cold_however_much_they_click(
    contacts: dict[str, dict[str, Any]],
) -> None:
    machines = [one for one in contacts.values() if one["truth"] in ("scanner", "proxy")]
    assert len(machines) == 4
    assert max(one["score"] for one in machines) < min(kind(contacts, "warm")) - 5
    assert {one["platform"]["band"] for one in machines} == {"cold"}
    by_mail = {"mail-opened", "mail-clicked", "whole-nurturing", "case-study"}
    assert all(by_mail.isdisjoint(line["rule"] for line in one["lines"]) for one in machines)


def test_the_merged_are_one_and_the_erased_is_gone(contacts: dict[str, dict[str, Any]]) -> None:
    assert {"602", "622"} <= contacts.keys()
    assert not {"600", "601", "609"} & contacts.keys()
    assert [one["truth"] for one in contacts.values()].count("known2") == 1
    assert [one["truth"] for one in contacts.values()].count("known") == 1


def test_the_platform_holds_the_score_and_one_tag_of_each_contact(
    contacts: dict[str, dict[str, Any]],
) -> None:
    known = [one for one in contacts.values() if one["identified"]]
    assert len(known) == 23
    for one in known:
        held = one["platform"]
        for name in ("score", "fit", "engagement"):
            assert held[name] == math.floor(one[name] + 0.5), (one["contact"], name)
        assert (held["band"], held["grade"]) == (one["band"], one["grade"])
        ours = [tag for tag in held["tags"] if tag.startswith("maturo-")]
        assert ours == [f"maturo-{one['band']}"]


@pytest.mark.parametrize(("document", "rows"), [("README.md", 9), ("docs/commands.md", 1)])
def test_the_documents_show_what_the_demo_shows(
    contacts: dict[str, dict[str, Any]], document: str, rows: int
) -> None:
    text = (Path(__file__).parents[2] / document).read_text(encoding="utf-8")
    shown = re.findall(r"(?m)^    (6\d\d) +(\w+ +\w+(?: +-?[\d.]+){3} +(?:-?\d+|visitor))$", text)
    assert len(shown) == rows
    for contact, told in shown:
        one = contacts[contact]
        held = one["platform"]["score"]
        amounts = [f"{one[name]:.1f}" for name in ("score", "fit", "engagement")]
        cells = [one["truth"], one["band"], *amounts, "visitor" if held is None else str(held)]
        assert told.split() == cells
    # Times have narrow spaces that nobody types.
    lines = {" ".join(one["text"].split()): one["points"] for one in contacts["605"]["lines"]}
    for points, sentence in re.findall(r"(?m)^     +([+-]\d+\.\d\d)  (.+)$", text):
        assert points == f"{lines[sentence]:+.2f}"


def test_the_platform_holds_nothing_of_visitors(contacts: dict[str, dict[str, Any]]) -> None:
    visitors = [one for one in contacts.values() if not one["identified"]]
    assert visitors
    nothing = dict.fromkeys(("score", "fit", "engagement", "grade", "band"))
    assert all(one["platform"] == {**nothing, "tags": []} for one in visitors)


def test_the_lines_are_the_score(contacts: dict[str, dict[str, Any]]) -> None:
    for one in contacts.values():
        points = sum(round(line["points"] * 1_000_000) for line in one["lines"])
        assert points == round(one["score"] * 1_000_000), one["contact"]
        assert all(line["text"] for line in one["lines"])


@contextmanager
def staying(folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The demo up and playing, with what it printed up to its last line."""
    process = subprocess.Popen(
        [sys.executable, "-m", "plugin", "demo"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment(TMPDIR=str(folder), COLUMNS="200"),
        start_new_session=True,
    )
    assert process.stdout is not None
    try:
        printed = ""
        for line in process.stdout:
            printed += line
            if "Ctrl-C ends the demo" in line:
                break
        yield process, printed
    finally:
        # The receiver has a session of its own.
        for number in {process.pid, *processes(folder)}:
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        process.wait()
        process.stdout.close()


def processes(folder: Path) -> list[int]:
    """Those of the demo whose temporary files are in the folder."""
    mark, found = f"TMPDIR={folder}\0".encode(), []
    for one in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):
            if mark in one.read_bytes():
                found.append(int(one.parent.name))
    return found


def test_it_opens_the_pages_signed_in_stays_up_until_ctrl_c_and_leaves_nothing(
    tmp_path: Path,
) -> None:
    before = processor_seconds()
    with staying(tmp_path) as (process, printed):
        way_in, platform, receiver = re.findall(r"http://127\.0\.0\.1:\d+/\S+", printed)
        base = way_in.partition("/demo/")[0]
        with requests.Session() as visitor:
            assert "/admin/login" in visitor.get(f"{base}/admin/", timeout=60).url
            assert visitor.get(way_in, timeout=60).url == f"{base}/admin/"
            for path, shown in (
                ("contacts?band=hot", "/admin/contacts/mautic/"),
                ("contacts/mautic/73", "uPlot"),
                ("contacts/mautic/73", "Main interest"),
                ("accounts", "/admin/accounts/people"),
                ("health/dead/", "expected a date"),
                ("feed", 'class="earned"'),
                ("results", "<meter"),
            ):
                assert shown in visitor.get(f"{base}/admin/{path}", timeout=60).text, path
            live = visitor.get(f"{base}/admin/feed/stream", stream=True, timeout=60)
            assert live.status_code == 200, "a browser holds it until the end"
        assert requests.get(platform, timeout=60).ok
        assert requests.get(receiver, timeout=60).json()["ready"]
        [command] = re.findall(r"maturo (--data \S+ explain mautic/\d+)", printed)
        told = subprocess.run(
            [sys.executable, "-m", "plugin", *command.split()],
            capture_output=True,
            text=True,
            check=True,
        )
        assert "fit" in told.stdout
        assert len(processes(tmp_path)) == 3
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does
        assert process.wait(60) == 0
        assert processes(tmp_path) == []
    assert processor_seconds() - before < 60
    assert list(tmp_path.iterdir()) == []


def test_sigterm_while_the_half_year_plays_leaves_nothing(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "plugin", "demo"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment(TMPDIR=str(tmp_path)),
        start_new_session=True,
    )
    until = time.monotonic() + 60
    while not list(tmp_path.glob("*/inbox.db-wal")) and time.monotonic() < until:
        time.sleep(0.02)
    process.terminate()
    assert process.wait(60) == 1
    assert processes(tmp_path) == []
    assert list(tmp_path.iterdir()) == []
