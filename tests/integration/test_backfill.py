"""The back-fill page by page: the past is scored and written, and nothing is done about it."""

from __future__ import annotations

from connectors.activity import BrokenItem, ProfileChange
from connectors.mautic.standin.visitors import visit
from plugin.services.backfill import backfill_page, begin_backfill, standing
from plugin.services.read_history import Read
from plugin.services.reconcile import reconcile_page
from plugin.storage import histories
from plugin.storage.engine import for_reading
from tests.builders import moment
from tests.installation import CARD, Installation
from tests.past_kit import Records, seen

WITH_ACTIONS = CARD.replace(
    "leave: 12, tag: band-warm}", "leave: 12, tag: band-warm, on_rise: [{send_email: 1}]}"
)


def backfill(at: Installation, records: Records, again: bool = False) -> list[Read]:
    begin_backfill(at.engine, at.source, records, at.clock(), again)
    read = []
    while page := _page(at, records):
        read.append(page)
    return read


def _page(at: Installation, records: Records, limit: int = 100) -> Read | None:
    connectors = at.runtime.manifest.connector
    return backfill_page(at.engine, at.source, connectors, records, limit, at.clock)


def past(contact: str = "7") -> list[ProfileChange | object]:
    """Who it is, and three visits."""
    who = ProfileChange(contact, moment(1), "1", {"email": f"{contact}@example.org"})
    return [who, *(seen(contact, minute=minute) for minute in range(3))]


def test_the_past_is_scored_and_written_to_the_platform(connected: Installation) -> None:
    contact = visit(connected.standin, None, "https://shop.example/")
    connected.take_deliveries()
    backfill(connected, Records(*past(str(contact))))
    assert connected.points(contact) == 15
    connected.deliver()
    assert connected.held(contact)["score"] == 15


def test_nothing_is_done_about_the_past(connected: Installation) -> None:
    connected.publish(WITH_ACTIONS)
    backfill(connected, Records(*past()))
    assert connected.points(7) == 15
    assert connected.rows("actions") == []


def test_what_happens_while_the_past_is_read_acts_as_ever(connected: Installation) -> None:
    connected.publish(WITH_ACTIONS)
    records = Records(*past()[:3])
    begin_backfill(connected.engine, connected.source, records, connected.clock())
    connected.clock.forward(hours=4)
    records.items.append(seen("7", day=2, minute=5))
    backfill(connected, records)
    assert [row["state"] for row in connected.rows("actions")] == ["waiting"]


def test_nothing_falls_between_the_back_fill_and_reconciliation(connected: Installation) -> None:
    records = Records(*past())
    begin_backfill(connected.engine, connected.source, records, connected.clock())
    records.items.append(seen("8"))
    connectors = connected.runtime.manifest.connector
    read = reconcile_page(
        connected.engine, connected.source, connectors, records, 100, connected.clock
    )
    assert read is not None
    assert read.rows == 1


def test_it_goes_on_where_it_stopped_and_ends_once(connected: Installation) -> None:
    records = Records(*past())
    begin_backfill(connected.engine, connected.source, records, connected.clock())
    assert _page(connected, records, 3) == Read(3, 1, False, {"page_viewed": 2})
    assert backfill(connected, records) == [Read(1, 0, True, {"page_viewed": 1})]
    assert backfill(connected, records) == []
    found = standing(connected.engine, connected.source)
    assert found is not None
    assert (found.rows, found.caught_up_at) == (4, connected.clock())


def test_read_again_it_begins_with_the_first_record_and_changes_nothing(
    connected: Installation,
) -> None:
    records = Records(*past())
    backfill(connected, records)
    before = connected.rows("entries")
    assert backfill(connected, records, again=True) == [Read(4, 0, True, {})]
    assert connected.rows("entries") == before


def test_rows_that_can_be_read_since_an_update_are_dead_no_more(connected: Installation) -> None:
    records = Records(*past())
    records.broken.append(BrokenItem("page_hits", 12, "date_hit: expected a moment", "{}"))
    backfill(connected, records)
    assert len(connected.rows("dead_letters")) == 1
    records.broken.clear()
    backfill(connected, records, again=True)
    assert connected.rows("dead_letters") == []


def test_an_activity_that_tells_more_the_second_time_replaces_the_first(
    connected: Installation,
) -> None:
    hit = seen("7")
    backfill(connected, Records(hit))
    backfill(connected, Records(hit._replace(attributes={"seconds": 240})), again=True)
    [row] = connected.rows("activities")
    with for_reading(connected.engine).begin() as connection:
        stored = histories.read_histories(connection, [row["contact_id"]])
    [kept] = stored[row["contact_id"]].activities
    assert kept.attributes == {"seconds": 240}
