"""What storage promises of drafts and of long work, on every engine."""

from __future__ import annotations

from sqlalchemy import Connection

from plugin.storage import drafts, runs
from tests.contract.storage_kit import NOW, contact, later, rows


def test_a_draft_has_the_text_that_was_saved_last(db: Connection) -> None:
    number = drafts.create(db, "Spring", "one", 1, "ada", NOW)
    assert drafts.save(db, number, 1, "two", "bob", later(hours=1))
    found = drafts.find(db, number)
    assert found == drafts.Draft(number, "Spring", 2, 1, "two", "bob", later(hours=1))
    assert drafts.source_at(db, number, 1) == "one"


def test_who_saw_an_older_text_cannot_save(db: Connection) -> None:
    number = drafts.create(db, "Spring", "one", None, "ada", NOW)
    drafts.save(db, number, 1, "two", "bob", NOW)
    assert not drafts.save(db, number, 1, "mine", "ada", NOW)
    found = drafts.find(db, number)
    assert found is not None
    assert found.source == "two"


def test_a_deleted_draft_leaves_nothing(db: Connection) -> None:
    number = drafts.create(db, "Spring", "one", None, "ada", NOW)
    other = drafts.create(db, "Autumn", "one", None, "ada", NOW)
    drafts.delete_draft(db, number)
    assert [one.id for one in drafts.all_drafts(db)] == [other]
    assert len(rows(db, "draft_revisions")) == 1


def test_work_is_taken_in_order_and_what_was_left_is_taken_again(db: Connection) -> None:
    first = runs.ask(db, runs.REHEARSAL, "1", "{}", "ada", NOW)
    runs.ask(db, runs.REHEARSAL, "2", "{}", "ada", NOW)
    taken = [runs.take(db), runs.take(db)]
    assert [one.id for one in taken if one] == [first, first]
    runs.finish(db, first, "[]", later(minutes=1))
    found = runs.find(db, first)
    assert found is not None
    assert (found.state, found.result, found.ended_at) == ("done", "[]", later(minutes=1))


def test_what_was_stopped_neither_goes_on_nor_ends(db: Connection) -> None:
    number = runs.ask(db, runs.REHEARSAL, "1", "{}", "ada", NOW)
    runs.take(db)
    assert runs.advance(db, number, 1, 2)
    runs.stop(db, number, NOW)
    assert not runs.advance(db, number, 2, 2)
    runs.finish(db, number, "[]", NOW)
    found = runs.newest(db, runs.REHEARSAL, "1")
    assert found is not None
    assert (found.state, found.done, found.result) == ("stopped", 1, None)
    assert not runs.waits(db)


def test_asking_again_replaces_what_was_asked_of_the_same(db: Connection) -> None:
    first = runs.ask(db, runs.REHEARSAL, "1", "{}", "ada", NOW)
    other = runs.ask(db, runs.REHEARSAL, "2", "{}", "ada", NOW)
    again = runs.ask(db, runs.REHEARSAL, "1", "{}", "ada", NOW)
    assert runs.find(db, first) is None
    assert [row["id"] for row in rows(db, "runs")] == [other, again]


def test_erasing_a_contact_deletes_the_rehearsals_that_may_name_it(db: Connection) -> None:
    from plugin.storage import contacts

    rehearsal = runs.ask(db, runs.REHEARSAL, "1", "{}", "ada", NOW)
    runs.take(db)
    runs.finish(db, rehearsal, "names 42", NOW)
    waiting = runs.ask(db, runs.REHEARSAL, "2", "{}", "ada", NOW)
    contacts.erase(db, contacts.get(db, contact(db)), NOW)
    assert [row["id"] for row in rows(db, "runs")] == [waiting]
