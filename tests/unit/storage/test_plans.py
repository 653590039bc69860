"""Actions of two contacts that turn out to be one person."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, update

from plugin.storage import actions, contacts, plans, tables
from plugin.storage.actions import DONE, DROPPED, WAITING
from plugin.storage.database import open_main
from plugin.storage.plans import NewAction, Occasion

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
ROW = {
    "name": "mautic",
    "connector": "mautic",
    "settings": "{}",
    "secrets": "",
    "webhook_secrets": "",
    "state": "ready",
    "mode": "both",
    "created_at": 0,
}


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    engine = open_main(tmp_path / "main.db")
    with engine.begin() as connection:
        connection.execute(tables.connections.insert().values(**ROW))
        assert contacts.register(connection, 1, ["10", "20"]) == {"10": 1, "20": 2}
        yield connection
    engine.dispose()


def planned(connection: Connection, contact: int, name: str, number: int, state: str) -> None:
    occasion = Occasion(contact, name, number)
    new = [
        NewAction(occasion, place, "send_email", "1", timedelta(), WAITING, NOW) for place in (0, 1)
    ]
    plans.plan(connection, new, NOW)
    connection.execute(
        update(tables.actions)
        .where(
            tables.actions.c.contact_id == contact,
            tables.actions.c.occasion == name,
            tables.actions.c.number == number,
        )
        .values(state=state)
    )


def kept(connection: Connection) -> list[tuple[str, int, int, str]]:
    found = plans.planned_for(connection, [1])
    return sorted(
        (one.occasion.name, one.occasion.number, one.position, one.state) for one in found
    )


def test_earnings_are_numbered_anew_those_that_were_acted_upon_first(
    connection: Connection,
) -> None:
    planned(connection, 1, "rule:a", 0, WAITING)
    planned(connection, 2, "rule:a", 0, DONE)
    planned(connection, 2, "rule:a", 1, WAITING)
    plans.merge(connection, 2, 1)
    assert plans.planned_for(connection, [2]) == []
    assert kept(connection) == [
        ("rule:a", number, place, state)
        for number, state in ((0, DONE), (1, WAITING), (2, WAITING))
        for place in (0, 1)
    ]


def test_of_two_waiting_crossings_into_a_band_one_stays(connection: Connection) -> None:
    for contact in (1, 2):
        planned(connection, contact, "rise:ready", 77, WAITING)
        planned(connection, contact, "fall:cold", 78, DONE)
    plans.merge(connection, 2, 1)
    states = [state for name, _, _, state in kept(connection) if name == "rise:ready"]
    assert states == [WAITING, WAITING, DROPPED, DROPPED]
    assert [one[0] for one in kept(connection)].count("fall:cold") == 4


def test_the_same_occasion_is_planned_once(connection: Connection) -> None:
    planned(connection, 1, "rule:a", 0, DONE)
    planned(connection, 1, "rule:a", 0, DONE)
    assert len(kept(connection)) == 2


def test_only_what_waits_is_dropped_and_only_that_waits_again(connection: Connection) -> None:
    planned(connection, 1, "rule:a", 0, WAITING)
    planned(connection, 1, "rule:b", 0, DONE)
    ids = [one.id for one in plans.planned_for(connection, [1])]
    plans.drop(connection, ids)
    assert [state for *_, state in kept(connection)] == [DROPPED, DROPPED, DONE, DONE]
    again = NewAction(Occasion(1, "rule:a", 0), 0, "send_email", "1", timedelta(), WAITING, NOW)
    for one in ids:
        plans.revive(connection, one, again)
    assert [state for *_, state in kept(connection)] == [WAITING, WAITING, DONE, DONE]


def test_counts_are_by_state(connection: Connection) -> None:
    planned(connection, 1, "rule:a", 0, WAITING)
    planned(connection, 1, "rule:b", 0, DONE)
    assert actions.counts(connection) == {WAITING: 2, DONE: 2}
