"""N3: a recalculation killed in its middle ends as one that nobody disturbed, and asks for nothing.

``MATURO_CONTACTS`` says how many contacts; `make torture` takes 100,000.
"""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
import requests
from firm_kit import SECRET, Firm, opened

from connectors.mautic.standin.php import encode
from connectors.mautic.standin.posting import delivery_headers
from connectors.signature import sign
from plugin.services.recalculate import to_recalculate
from plugin.worker import score_some
from tests.deadlines import DEADLINE
from tests.torture import long_form

CONTACTS = int(os.environ.get("MATURO_CONTACTS", "1500"))
#: So many contacts a delivery, as a platform sends them that queues.
_A_BODY = 100
_QUIET = """
name: Quiet
groups:
  - id: all
    dimension: engagement
    rules:
      - {id: form, kind: activity, points: 5, activity: form_submitted}
bands:
  - {id: cold}
  - {id: ready, enter: 60, tag: ready}
"""
#: By it everybody is ready, and everything that can be asked for would be.
_LOUD = (
    _QUIET.replace("Quiet", "Loud")
    .replace("points: 5", "points: 70")
    .replace("form_submitted}", "form_submitted, actions: [{send_email: 6}]}")
    .replace("tag: ready", "tag: ready, on_rise: [{send_email: 5}, {call: {within: 1d}}]")
)
_TABLES = {
    "scores": "contact_id, scorecard_id, score, fit, engagement, grade, band",
    "entries": "contact_id, scorecard_id, rule, points, valid_from, valid_to",
    "crossings": "contact_id, scorecard_id, from_band, to_band, score",
    "deliveries": 'contact_id, "values", state',
    "actions": "contact_id, occasion, number, position, name, object, state",
}


@pytest.mark.slow
@long_form
def test_n03_a_recalculation_killed_in_the_middle_ends_like_an_undisturbed_one(tmp_path):
    killed, undisturbed = tmp_path / "killed", tmp_path / "undisturbed"
    with opened(killed) as firm:
        firm.scorecard(_QUIET)
        _people(firm)
        firm.scorecard(_LOUD)
        assert to_recalculate(firm.runtime.engine) == CONTACTS
    # By another process: who opens and closes the files in this one drops the locks that its
    # receiver still has, and whoever opens them next cuts off what is mapped here (SIGBUS).
    subprocess.run(["cp", "-R", str(killed), str(undisturbed)], check=True)
    kills = [_kill_at(killed, share) for share in (0.2, 0.5)]
    assert all(0 < left < CONTACTS for left in kills), "nothing was left to be resumed"
    for folder in (killed, undisturbed):
        assert _recalculation(folder).wait() == 0
    assert _differing(killed, undisturbed) == dict.fromkeys(_TABLES, 0)
    with closing(sqlite3.connect(killed / "main.db")) as database:
        assert _left(database) == 0
        bands = database.execute("SELECT band, count(*) FROM scores GROUP BY 1").fetchall()
        states = database.execute("SELECT state, count(*) FROM actions GROUP BY 1").fetchall()
    assert bands == [("ready", CONTACTS)]
    # The mail of the rule's earning of old is noted as never to be sent, and nothing else is.
    assert states == [("silent", CONTACTS)]


def _people(firm: Firm) -> None:
    """Everybody sent one form: deliveries of many items, made after one that is real."""
    firm.standin.queued = True
    model = firm.submit_form(email="p0@nova.example")
    [event] = [event for _, event in firm.standin.queue if event.key == "form_on_submit"]
    item = json.dumps(event.item)
    with requests.Session() as web:
        for first in range(0, CONTACTS, _A_BODY):
            some = range(first, min(first + _A_BODY, CONTACTS))
            body = encode({"mautic.form_on_submit": [_another(item, model, one) for one in some]})
            headers = delivery_headers(firm.standin, sign(body, SECRET))
            assert (
                web.post(firm.hook, data=body, headers=headers, timeout=DEADLINE).status_code == 200
            )
            while score_some(firm.runtime):
                pass


def _another(item: str, model: int, one: int) -> Any:
    """The same delivery for another contact with another submission."""
    made = json.loads(item.replace("p0@nova.example", f"p{one}@nova.example"))
    submission = made["submission"]
    submission["id"] = 1_000_000 + one
    assert submission["lead"]["id"] == model
    submission["lead"]["id"] = 1_000_000 + one
    return made


def _recalculation(folder: Path) -> subprocess.Popen[bytes]:
    environment = os.environ | {"MATURO_CONFIG": os.devnull}
    command = [sys.executable, "-m", "plugin", "--data", str(folder), "recalculate", "--apply"]
    return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)


def _kill_at(folder: Path, share: float) -> int:
    """Kill a recalculation as soon as that share is done; answers how many were left."""
    process = _recalculation(folder)
    with closing(sqlite3.connect(folder / "main.db", timeout=DEADLINE)) as database:
        while _left(database) > CONTACTS * (1 - share):
            with suppress(subprocess.TimeoutExpired):
                pytest.fail(f"it ended by itself: {process.wait(0.02)}")
        process.kill()
        process.wait()
        return _left(database)


def _left(database: sqlite3.Connection) -> int:
    newest = "(SELECT max(id) FROM scorecards)"
    asked = f"SELECT count(*) FROM scores WHERE scorecard_id < {newest}"
    found: int = database.execute(asked).fetchone()[0]
    return found


def _differing(one: Path, other: Path) -> dict[str, int]:
    """By table: how many rows only one of both databases has."""
    with closing(sqlite3.connect(one / "main.db")) as database:
        database.execute("ATTACH ? AS other", (str(other / "main.db"),))
        return {
            table: database.execute(_asymmetry(table, columns)).fetchone()[0]
            for table, columns in _TABLES.items()
        }


def _asymmetry(table: str, columns: str) -> str:
    grouped = [
        f"SELECT {columns}, count(*) FROM {where}.{table} GROUP BY {columns}"
        for where in ("main", "other")
    ]
    both = " UNION ALL ".join(
        f"SELECT * FROM ({first} EXCEPT {second})" for first, second in (grouped, reversed(grouped))
    )
    return f"SELECT count(*) FROM ({both})"
