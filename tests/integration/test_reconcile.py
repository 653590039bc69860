"""Reconciliation page by page: what only polling tells is scored like all the rest."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from connectors.activity import BrokenItem, ProfileChange, Removal
from connectors.errors import Transient
from connectors.mautic.standin.visitors import submit_form, visit
from plugin.services import read_history
from plugin.services.read_history import Read
from plugin.services.reconcile import begin, reconcile_due, reconcile_page
from plugin.storage import positions
from plugin.storage.engine import for_reading
from plugin.storage.positions import RECONCILE, Position
from tests.builders import moment
from tests.installation import CARD, Installation
from tests.past_kit import Records, seen

WITH_ACTION = CARD.replace(
    "leave: 12, tag: band-warm}", "leave: 12, tag: band-warm, on_rise: [{send_email: 1}]}"
)


def reconcile(at: Installation, records: Records) -> Read | None:
    connectors = at.runtime.manifest.connector
    return reconcile_page(at.engine, at.source, connectors, records, 100, at.clock)


def due(at: Installation, records: Records, limit: int = 100) -> Read | None:
    connectors = at.runtime.manifest.connector
    return reconcile_due(at.engine, at.source, connectors, records, limit, at.clock, lambda: 0.0)


def position(at: Installation) -> Position:
    with for_reading(at.engine).begin() as connection:
        found = positions.find(connection, at.source.id, RECONCILE)
    assert found is not None
    return found


@pytest.fixture
def records(connected: Installation) -> Records:
    """A platform whose past before the beginning holds one visit that is nobody's business."""
    known = {"7": {"email": "ada@example.org"}, "8": {"email": "bob@example.org"}}
    records = Records(seen("7", "/before"), known=known)
    begin(connected.engine, connected.source, records, connected.clock())
    return records


def test_what_happened_before_the_beginning_is_left_to_the_back_fill(
    connected: Installation, records: Records
) -> None:
    read = reconcile(connected, records)
    assert read == Read(rows=0, remaining=0, caught_up=True, found={})
    assert connected.rows("activities") == []


def test_f09_what_no_webhook_told_is_scored_and_counted_by_kind(
    connected: Installation, records: Records
) -> None:
    records.items += [seen("7"), seen("7", "/jobs"), seen("8")]
    read = reconcile(connected, records)
    assert read == Read(rows=3, remaining=0, caught_up=True, found={"page_viewed": 3})
    assert (connected.points(7), connected.points(8)) == (0, 5)


def test_who_did_it_is_asked_where_no_webhook_said_so(
    connected: Installation, records: Records
) -> None:
    records.items += [seen("7"), seen("7", "/jobs")]
    reconcile(connected, records)
    assert records.asked == ["7"]
    stored = connected.stored(7)
    assert stored is not None
    assert stored.score.identified


def test_what_a_webhook_told_already_changes_nothing_and_asks_nothing(
    connected: Installation, records: Records
) -> None:
    records.items.append(seen("7"))
    reconcile(connected, records)
    before = connected.rows("entries"), connected.rows("scores")
    connected.clock.forward(minutes=1)
    records.items.append(seen("7"))
    read = reconcile(connected, records)
    assert read == Read(rows=1, remaining=0, caught_up=True, found={})
    assert records.asked == ["7"]
    assert (connected.rows("entries"), connected.rows("scores")) == before


def test_a_page_that_fails_half_way_leaves_neither_rows_nor_cursors(
    connected: Installation, records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    records.items += [seen("7"), seen("8")]
    before = position(connected)

    def refuse(*_: Any) -> None:
        raise OperationalError("", {}, Exception("disk full"))

    with monkeypatch.context() as patch:
        patch.setattr(read_history, "score_contacts", refuse)
        with pytest.raises(OperationalError):
            reconcile(connected, records)
    assert position(connected) == before
    assert connected.rows("activities") == connected.rows("contacts") == []
    reconcile(connected, records)
    assert (connected.points(7), connected.points(8)) == (5, 5)


def test_a_page_that_somebody_else_read_meanwhile_is_not_kept(
    connected: Installation, records: Records
) -> None:
    records.items.append(seen("7"))
    history = records.history

    def overtaken(*asked: Any) -> Any:
        page = history(*asked)
        records.history = history  # type: ignore[method-assign]
        assert reconcile(connected, records) is not None
        return page

    records.history = overtaken  # type: ignore[method-assign]
    assert reconcile(connected, records) is None
    assert position(connected).rows == 1


def test_one_item_that_breaks_the_scoring_never_costs_the_others(
    connected: Installation, records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    records.items += [seen("7"), seen("8", "/poison"), seen("8")]
    keep = read_history.keep_uncounted

    def poisoned(connection: Any, sources: Any, readings: Any, *others: Any) -> Any:
        if "/poison" in repr(readings):
            raise ValueError("ada@example.org")
        return keep(connection, sources, readings, *others)

    monkeypatch.setattr(read_history, "keep_uncounted", poisoned)
    with capture_logs() as logs:
        reconcile(connected, records)
    assert (connected.points(7), connected.points(8)) == (5, 5)
    [letter] = connected.rows("dead_letters")
    assert letter["reason"].startswith("scoring failed: ValueError")
    assert "ada@" not in repr(logs)


def test_of_two_items_that_break_the_scoring_none_is_lost(
    connected: Installation, records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Profiles of one page were told at one moment."""
    records.items += [ProfileChange(one, moment(), "1", {"city": "Lille"}) for one in ("7", "8")]
    keep = read_history.keep_uncounted

    def poisoned(connection: Any, sources: Any, readings: Any, *others: Any) -> Any:
        if "Lille" in repr(readings):
            raise ValueError
        return keep(connection, sources, readings, *others)

    monkeypatch.setattr(read_history, "keep_uncounted", poisoned)
    reconcile(connected, records)
    assert [letter["event"] for letter in connected.rows("dead_letters")] == [
        "history/ProfileChange",
        "history/ProfileChange",
    ]


def test_rows_that_cannot_be_read_are_kept_with_their_reason(
    connected: Installation, records: Records
) -> None:
    records.broken.append(BrokenItem("page_hits", 12, "date_hit: expected a moment", "{}"))
    reconcile(connected, records)
    reconcile(connected, records)
    [letter] = connected.rows("dead_letters")
    assert (letter["event"], letter["item"]) == ("page_hits", 12)


def test_it_looks_again_every_minute_beside_a_webhook_and_at_once_while_behind(
    connected: Installation, records: Records
) -> None:
    records.items += [seen("7", day=1, minute=minute) for minute in range(3)]
    rows = [read.rows for _ in range(3) if (read := due(connected, records, 2))]
    assert rows == [2, 1]
    connected.clock.forward(seconds=59)
    assert due(connected, records) is None
    connected.clock.forward(seconds=1)
    assert due(connected, records) is not None


def test_alone_polling_looks_every_twenty_seconds(
    connected: Installation, records: Records
) -> None:
    connected.connect(mode="poll")
    assert due(connected, records) is not None
    connected.clock.forward(seconds=20)
    assert due(connected, records) is not None


def test_a_platform_that_fails_is_asked_ever_less_often_and_as_late_as_it_wants(
    connected: Installation, records: Records
) -> None:
    records.fails = Transient("the platform is down", retry_after=300)
    with pytest.raises(Transient):
        due(connected, records)
    found = position(connected)
    assert (found.attempts, found.last_error) == (1, "the platform is down")
    assert (found.next_at - connected.clock()).total_seconds() == 300
    assert due(connected, records) is None
    connected.clock.forward(seconds=300)
    assert due(connected, records) is not None
    assert (position(connected).attempts, position(connected).last_error) == (0, None)


def test_a_page_is_read_by_one_at_a_time_and_by_others_when_its_reader_died(
    connected: Installation, records: Records
) -> None:
    with connected.engine.begin() as connection:
        # As a worker does that is killed while the platform answers.
        later = connected.clock().replace(minute=2)
        assert positions.claim(connection, position(connected), later)
        assert not positions.claim(connection, position(connected), connected.clock())
    assert due(connected, records) is None
    connected.clock.forward(minutes=2)
    assert due(connected, records) is not None


def test_a_contact_that_vanished_is_asked_about_like_one_whose_removal_was_told(
    connected: Installation, records: Records
) -> None:
    records.items.append(seen("99"))
    reconcile(connected, records)
    [inquiry] = connected.rows("inquiries")
    assert connected.settle() == 1
    assert connected.rows("contacts") == [], "the platform does not know it: it was erased"
    assert inquiry["attempts"] == 0


def test_a_removal_in_the_records_leads_to_the_survivor(
    connected: Installation, records: Records
) -> None:
    ada = {"email": "ada@example.org"}
    old = submit_form(connected.standin, None, ada)
    connected.score()
    new = submit_form(connected.standin, visit(connected.standin, None, "https://x.example/"), ada)
    records.items.append(Removal(str(old), moment(2)))
    reconcile(connected, records)
    connected.settle()
    assert connected.points(old) == connected.points(new)


@pytest.mark.parametrize(
    ("day", "states"), [(1, ["waiting"]), (-7, [])], ids=["yesterday", "more than a week ago"]
)
def test_what_was_lost_for_a_day_still_acts_and_what_is_a_week_old_does_not(
    connected: Installation, records: Records, day: int, states: list[str]
) -> None:
    connected.publish(WITH_ACTION)
    records.items += [seen("7", day=day, minute=minute) for minute in range(3)]
    reconcile(connected, records)
    assert connected.points(7) == 15
    assert [row["state"] for row in connected.rows("actions")] == states
