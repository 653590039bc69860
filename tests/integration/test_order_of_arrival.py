"""Any order, repetition and splitting of deliveries gives the same scores and ledger lines."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import permutations
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.activity import Activity, Reading, Subject
from connectors.mautic.hooks import TRIGGERS
from connectors.mautic.standin import StandIn, visitors
from connectors.mautic.standin.author import ADMIN, Author
from connectors.mautic.standin.hooks import changing
from connectors.mautic.standin.php import encode
from connectors.mautic.standin.saving import save
from connectors.mautic.standin.state import Hook
from plugin.config import load_config
from plugin.runtime import Runtime, open_runtime
from plugin.services.intake import sort_items, store
from plugin.services.plan_actions import score_contacts
from plugin.services.publish import publish
from plugin.services.rescore import live_scorecard
from plugin.services.score import score_batch
from plugin.storage import connections
from plugin.storage.engine import for_reading
from plugin.storage.inbox import Receipt
from plugin.storage.ledger import read_lines
from plugin.storage.scores import read_scores
from plugin.storage.tables import contacts
from plugin.worker import look_again_some
from tests.installation import CARD, NAME, Clock

WAS = Clock()()
#: Scores what people opened of a category that only the sendings tell, and where they were.
CATEGORIES = """
name: {en: Test, fr: Test}
timezone: Europe/Paris
groups:
  - id: all
    dimension: engagement
    rules:
      - {id: open, kind: activity, points: 20, activity: email_opened, category: pricing,
         evidence: [human, unknown, machine]}
      - {id: visit, kind: activity, points: 5, activity: page_viewed}
bands:
  - {id: cold}
"""
PEOPLE = ("ada@example.org", "bob@example.org", "cleo@example.org")
#: Our own account, which a person may use as well.
OURS = Author(None, "maturo [1]")
PLAYS = st.lists(
    st.tuples(
        st.sampled_from(["visit", "jobs", "form", "mail", "ours", "pause"]), st.integers(0, 2)
    ),
    min_size=1,
    max_size=9,
)


@given(PLAYS, st.randoms(use_true_random=False))
@settings(max_examples=6)
def test_f05_order_repetition_and_splitting_change_nothing(
    play: list[tuple[str, int]], chance: random.Random
) -> None:
    events = told(play)
    shuffled = [*events, *chance.sample(events, len(events) // 2)]
    chance.shuffle(shuffled)
    assert outcome(shuffled, chance) == outcome(events, None)


def told(play: list[tuple[str, int]]) -> list[tuple[str, Any]]:
    """What the platform tells of this play, by event key, in the order it happened."""
    clock = Clock()
    standin = StandIn(clock=clock, queued=True)
    standin.hooks[1] = Hook(1, "all", "", "", list(TRIGGERS), ADMIN, ADMIN, standin.now())
    browsers: dict[int, int] = {}
    for what, who in play:
        known = browsers.get(who)
        match what:
            case "pause":
                clock.forward(hours=7)
            case "form":
                answers = {"email": PEOPLE[who], "phone": "1" * who, "company": "Acme"}
                browsers[who] = visitors.submit_form(standin, known, answers)
            case "mail" if known is not None:
                mail = visitors.send_email(standin, known)
                visitors.open_email(standin, mail)
                visitors.unsubscribe(standin, mail)
            case "ours" if known is not None:
                phone = "" if standin.contacts[known].values.get("phone") else "9"
                with changing(standin) as events:
                    save(standin, standin.contacts[known], {"phone": phone}, OURS, events)
            case _:
                browsers[who] = visitors.visit(standin, known, f"https://shop.example/{what}")
    return [(event.key, event.item) for _, event in standin.queue]


def outcome(events: list[tuple[str, Any]], chance: random.Random | None) -> Any:
    """Scores and ledger lines by platform id, after scoring these events in this order.

    With ``chance`` they come in bodies and batches of random size, grouped by type as Mautic does.
    """
    with installed() as runtime:
        for body in bodies(events, chance):
            runtime.inbox.append(Receipt(NAME, runtime.clock(), {}, body))
            if chance is None or chance.random() < 0.3:
                score_all(runtime)
        score_all(runtime)
        return state(runtime)


def bodies(events: list[tuple[str, Any]], chance: random.Random | None) -> Iterator[bytes]:
    rest = list(events)
    while rest:
        size = chance.randint(1, 4) if chance else 1
        batch, rest = rest[:size], rest[size:]
        grouped: dict[str, list[Any]] = {}
        for key, item in batch:
            grouped.setdefault(f"mautic.{key}", []).append(item)
        yield encode(grouped)


@contextmanager
def installed() -> Iterator[Runtime]:
    clock = Clock()
    clock.forward(days=20)
    with (
        tempfile.TemporaryDirectory() as folder,
        open_runtime(load_config({}, {"data": folder}), clock) as runtime,
    ):
        publish(runtime.engine, CARD, "card", clock())
        new = connections.NewConnection(
            NAME, "mautic", {"field_prefix": "maturo_"}, {}, ("s",), OURS.name, None
        )
        with runtime.engine.begin() as connection:
            connections.save(connection, runtime.vault, new, clock())
        yield runtime


def score_all(runtime: Runtime) -> None:
    connector = runtime.manifest.connector
    while score_batch(runtime.inbox, runtime.engine, runtime.vault, connector, 3, runtime.clock()):
        pass


def state(runtime: Runtime) -> dict[str, Any]:
    with for_reading(runtime.engine).begin() as connection:
        known = connection.execute(contacts.select().order_by(contacts.c.platform_id)).all()
        scores = read_scores(connection, [row.id for row in known])
        return {
            row.platform_id: (
                {repr(line) for line in read_lines(connection, row.id)},
                scores[row.id].score.score,
                scores[row.id].score.identified,
            )
            for row in known
            if row.id in scores
        }


def test_what_our_own_account_saved_last_holds_whatever_comes_late() -> None:
    clock = Clock()
    standin = StandIn(clock=clock, queued=True)
    standin.hooks[1] = Hook(1, "all", "", "", list(TRIGGERS), ADMIN, ADMIN, standin.now())
    ada = standin.create()
    for author, phone in ((ADMIN, "1"), (ADMIN, ""), (OURS, "1")):
        clock.forward(minutes=1)
        with changing(standin) as events:
            save(standin, ada, {"email": "ada@example.org", "phone": phone}, author, events)
    told = [(event.key, event.item) for _, event in standin.queue]
    outcomes = [outcome(list(order), None) for order in permutations(told)]
    assert all(one == outcomes[0] for one in outcomes)
    assert outcomes[0][str(ada.id)][1] == 10_000_000, "the phone is known"


def test_the_category_of_a_mail_counts_whenever_it_is_told() -> None:
    told = [
        about("1", "email_opened", 3),
        about("2", "email_sent", 1, "news"),
        about("3", "email_sent", 2, "pricing"),
    ]
    outcomes = [points(order) for order in permutations(told)]
    assert outcomes == [{"1": 20_000_000, "2": 0, "3": 0}] * 6


def test_a_hit_told_of_two_contacts_counts_for_one_of_them() -> None:
    page = Subject("page", url="https://shop.example/")
    hits = [Activity("hit:1", who, "page_viewed", WAS, page) for who in "12"]
    assert [points(order) for order in permutations(hits)] == [{"1": 0, "2": 5_000_000}] * 2


def about(who: str, kind: str, hour: int, category: str | None = None) -> Activity:
    mail = Subject("email", "7", "Mail", category)
    return Activity(f"{kind}:{who}", who, kind, WAS + timedelta(hours=hour), mail)


def points(told: Iterable[Activity]) -> dict[str, int]:
    """The score of each contact, after these activities came one by one."""
    with installed() as runtime:
        publish(runtime.engine, CATEGORIES, "card", runtime.clock())
        for number, activity in enumerate(told):
            with runtime.engine.begin() as connection:
                [source] = connections.all_connections(connection, runtime.vault)
                intake = sort_items([(number, Reading((activity,)))])
                now, nothing = runtime.clock(), (frozenset[str](), frozenset[str]())
                touched = store(connection, source, intake, nothing, now)
                score_contacts(connection, live_scorecard(connection), touched, now)
        while look_again_some(runtime):
            pass
        return {name: found[1] for name, found in state(runtime).items()}
