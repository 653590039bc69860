"""A page of records in one transaction: what may keep others waiting comes last."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import event

from connectors.activity import Activity, Item, Reading, Subject
from connectors.contract import HistoryPage
from plugin.services.read_history import Keeping, keep_page
from plugin.storage import positions
from plugin.storage.engine import for_reading
from plugin.storage.positions import BACKFILL
from tests.builders import form, visit
from tests.installation import Installation


def test_counts_that_all_workers_share_are_noted_after_everything_that_waits_for_a_contact(
    connected: Installation,
) -> None:
    """Before, a page with a silent and an acting part could meet a worker in a deadlock."""
    engine, now = connected.engine, connected.clock()
    with engine.begin() as connection:
        positions.begin(connection, connected.source.id, BACKFILL, {}, now)
        position = positions.find(connection, connected.source.id, BACKFILL)
    assert position is not None
    silent = visit("/pricing")._replace(subject=Subject("page", "1", "Pricing", "Product"))
    items = (silent, form("Demo"))
    reading = Reading(items, ignored={"echo": 1})
    keeping = Keeping(connected.source, lambda _: connected.connector, acts, lambda _: None)
    written = written_tables(engine)
    assert keep_page(engine, keeping, position, HistoryPage(reading, {}, True), now, now)
    assert written.count("INSERT INTO scores") == 2
    assert written.count("INSERT INTO tallies") == 1
    assert written.count("UPDATE categories") == 1
    assert "INSERT INTO scores" not in written[written.index("UPDATE categories") :]
    assert "INSERT INTO scores" not in written[written.index("INSERT INTO tallies") :]
    with for_reading(engine).begin() as connection:
        assert positions.find(connection, connected.source.id, BACKFILL) != position


def acts(item: Item) -> bool:
    return isinstance(item, Activity) and item.kind == "form_submitted"


def written_tables(engine: Any) -> list[str]:
    """How which tables are written from now on, in order."""
    found: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        found.extend(re.findall(r"^(?:INSERT INTO|UPDATE) \w+", statement))

    event.listen(engine, "before_cursor_execute", note)
    return found
