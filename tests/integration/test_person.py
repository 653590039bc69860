"""Everything about a person is told on request, and nothing but a salted proof is left."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from connectors.mautic.standin.visitors import delete_contact, submit_form, visit
from plugin.services.explain import UnknownContact
from plugin.services.person import Forgotten, export_person, forget_person
from plugin.storage import dead_letters
from plugin.storage.persons import PACKED
from plugin.storage.tables import metadata
from tests.installation import Installation, broken_body

pytestmark = pytest.mark.engines

ADA = {"email": "ada@example.org", "phone": "+33 1 00 00 00 01"}
BOB = {"email": "bob@example.org", "phone": "+33 1 00 00 00 02"}


@pytest.fixture
def ada(connected: Installation) -> int:
    found = submit_form(connected.standin, None, ADA)
    visit(connected.standin, found, "https://shop.example/pricing")
    connected.score()
    connected.deliver()
    return found


@pytest.fixture
def bob(connected: Installation) -> int:
    found = submit_form(connected.standin, None, BOB)
    connected.score()
    return found


def parts(connected: Installation) -> tuple[Any, ...]:
    runtime = connected.runtime
    return runtime.inbox, runtime.engine, runtime.vault, runtime.manifest.connector


def forgotten(connected: Installation, contact: int) -> Forgotten:
    def score_waiting() -> None:
        while connected.score_batch():
            pass

    return forget_person(*parts(connected), score_waiting, f"acme/{contact}", connected.clock())


def exported(connected: Installation, contact: int) -> dict[str, Any]:
    told = export_person(*parts(connected), f"acme/{contact}")
    read: dict[str, Any] = orjson.loads(orjson.dumps(told, option=orjson.OPT_NON_STR_KEYS))
    return read


def tables_of_persons() -> Iterator[str]:
    return (table.name for table in metadata.sorted_tables if "contact_id" in table.c)


def traces(connected: Installation) -> list[str]:
    """The files of the data folder in which the e-mail address can be read."""
    folder: Path = connected.runtime.config.data
    files = [one for one in folder.iterdir() if b"ada@example" in one.read_bytes().lower()]
    return [one.name for one in files]


def test_an_export_has_every_table_that_names_a_contact(connected: Installation, ada: int) -> None:
    told = exported(connected, ada)
    assert {*tables_of_persons()} - {table.name for table in PACKED} <= told.keys()
    assert told["contact_ids"] == [str(ada)]
    assert ADA["email"] in {one["fields"].get("email") for one in told["facts"]}
    assert {one["kind"] for one in told["activities"]} >= {"form_submitted", "page_viewed"}
    assert {one["rule"] for one in told["entries"]} == {"phone", "visit", "demo"}
    [score] = told["scores"]
    assert score["band"] == "hot"
    assert score["computed_at"].startswith("2026-03-02T09:00:00")
    assert len(told["receipts"]) >= 2


def test_an_export_says_nothing_of_others(connected: Installation, ada: int, bob: int) -> None:
    told = orjson.dumps(exported(connected, ada)).decode()
    assert BOB["email"] not in told


def test_a_forgotten_person_is_in_no_table_and_in_no_receipt(
    connected: Installation, ada: int, bob: int
) -> None:
    connected.receive([broken_body()])
    connected.score()
    done = forgotten(connected, ada)
    assert (done.receipts > 0, done.waiting) == (True, 0)
    ours = {row["id"] for row in connected.rows("contacts")}
    assert len(ours) == 1
    for table in tables_of_persons():
        assert {row["contact_id"] for row in connected.rows(table)} <= ours, table
    bodies = b"".join(one.body for one in connected.runtime.inbox.read(0, 10_000))
    assert ADA["email"].encode() not in bodies
    assert BOB["email"].encode() in bodies
    assert connected.points(bob) == 30
    assert {row["raw"] for row in connected.rows("dead_letters")} == {""}
    assert len(connected.rows("erasures")) == 1
    if connected.engine.dialect.name == "sqlite":
        assert traces(connected) == []


def test_what_waits_is_scored_first_and_costs_nobody_else_anything(
    connected: Installation, ada: int, bob: int
) -> None:
    visit(connected.standin, bob, "https://shop.example/pricing")
    visit(connected.standin, ada, "https://shop.example/pricing")
    connected.receive(connected.take_deliveries())
    assert forgotten(connected, ada).waiting == 0
    assert connected.points(bob) == 35
    assert connected.stored(ada) is None


def test_what_comes_of_a_forgotten_person_later_is_not_kept_but_as_a_receipt(
    connected: Installation, ada: int
) -> None:
    forgotten(connected, ada)
    visit(connected.standin, ada, "https://shop.example/pricing")
    connected.score()
    assert connected.stored(ada) is None
    assert connected.rows("contacts") == []
    again = forgotten(connected, ada)
    assert again.receipts > 0
    assert forgotten(connected, ada) == Forgotten(0, 0, (f"acme/{ada}",))


def test_the_receipts_of_who_was_erased_at_the_platform_can_be_forgotten_as_well(
    connected: Installation, ada: int
) -> None:
    delete_contact(connected.standin, ada)
    connected.score()
    connected.settle()
    assert connected.rows("contacts") == []
    assert forgotten(connected, ada).receipts > 0
    with pytest.raises(UnknownContact, match="was erased"):
        exported(connected, ada)


def test_who_was_never_there_cannot_be_forgotten_or_exported(connected: Installation) -> None:
    for use in (forgotten, exported):
        with pytest.raises(UnknownContact, match="nothing is known"):
            use(connected, 999)


def test_a_merged_person_is_forgotten_under_both_ids(connected: Installation, ada: int) -> None:
    standin = connected.standin
    visitor = visit(standin, None, "https://shop.example/")
    connected.score()
    submit_form(standin, visitor, ADA)
    connected.score()
    connected.settle()
    connected.score()
    assert exported(connected, ada)["contact_ids"] == sorted(map(str, (ada, visitor)))
    forgotten(connected, ada)
    assert connected.rows("contacts") == []
    assert len(connected.rows("erasures")) == 2
    assert connected.runtime.inbox.read(0, 10_000) == []


def test_dead_letters_of_deleted_receipts_are_not_left_behind(
    connected: Installation, ada: int
) -> None:
    body = broken_body()[:-1] + b', "note": "ADA@example.org"}'
    connected.receive([body, broken_body()])
    connected.score()
    assert len(connected.rows("dead_letters")) == 2
    forgotten(connected, ada)
    with connected.engine.begin() as connection:
        [left] = dead_letters.unresolved(connection)
    [receipt] = [
        one for one in connected.runtime.inbox.read(0, 10_000) if one.id == left.receipt_id
    ]
    assert b"note" not in receipt.body
