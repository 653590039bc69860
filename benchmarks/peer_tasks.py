"""What the peers' workers run: the same reading and fold, one task a body. See ``peers``."""

from __future__ import annotations

import os
import pickle
import sqlite3
from collections.abc import Callable
from contextlib import closing
from functools import cache
from pathlib import Path

from celery import Celery
from huey import SqliteHuey

from benchmarks.crowd import NOW, SCORECARD
from connectors.activity import Activity, ProfileChange
from connectors.contract import Connector
from plugin.manifest import load_manifest
from plugin.scoring.evaluate import standing, whole_points
from plugin.scoring.fold import folder
from plugin.scoring.history import History, ProfileFact, history
from plugin.scoring.lines import Folding
from plugin.scoring.loading import load
from plugin.scoring.scorecard import Scorecard

_FOLDER = Path(os.environ["MATURO_BENCH_FOLDER"])

by_celery = Celery(broker=os.environ["MATURO_BENCH_BROKER"])
by_celery.conf.update(task_acks_late=True, task_ignore_result=True, worker_prefetch_multiplier=4)
by_huey = SqliteHuey(filename=str(_FOLDER / "huey.db"), fsync=True, results=False)


@cache
def _ready() -> tuple[Connector, Scorecard, Callable[[History], Folding]]:
    card = load(SCORECARD.read_text(), "b2b")
    return load_manifest().connector("mautic"), card, folder(card)


def score(body: str) -> None:
    """Read a body, fold its contact's whole past, keep the score and what is to be sent."""
    connector, card, fold = _ready()
    items = connector.read_webhook({}, body.encode(), {}).items
    activities = [one for one in items if isinstance(one, Activity)]
    facts = [ProfileFact(i.at, i.order, i.fields) for i in items if isinstance(i, ProfileChange)]
    contact = activities[0].contact
    with closing(sqlite3.connect(_FOLDER / "peer.db", timeout=60, isolation_level=None)) as main:
        main.execute("PRAGMA synchronous=FULL")
        main.execute("BEGIN IMMEDIATE")
        own = main.execute("SELECT past FROM people WHERE contact = ?", (contact,)).fetchone()
        past = pickle.loads(own[0])
        told = [*past[0], *activities], [*past[1], *facts]
        found = standing(card, fold(history(*told)), NOW)
        # The past stays as it is, so that every round folds as much.
        main.execute("UPDATE people SET past = ? WHERE contact = ?", (pickle.dumps(past), contact))
        main.execute(
            "INSERT INTO outgoing (contact, score) VALUES (?, ?)",
            (contact, whole_points(found.score)),
        )
        main.execute("COMMIT")


score_by_celery = by_celery.task(name="score")(score)
score_by_huey = by_huey.task(name="score")(score)
