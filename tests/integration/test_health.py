from __future__ import annotations

from datetime import timedelta

import orjson
import pytest
from sqlalchemy import text

from connectors.mautic.standin.visitors import submit_form
from plugin.services.diagnose import MASKED, diagnose
from plugin.services.health import Health, health
from plugin.services.preview_replay import Preview, preview_replay
from plugin.services.replay_dead import Replayed, replay_dead
from plugin.storage import dead_letters
from plugin.storage.dead_letters import DeadLetter, Group
from plugin.storage.engine import for_reading
from tests.installation import NAME, SECRET, Installation, broken_body


def now(at: Installation) -> Health:
    return health(at.engine, at.runtime.inbox, 1000, at.clock())


def test_what_waits_and_since_when_is_told(connected: Installation) -> None:
    submit_form(connected.standin, None, {"email": "ada@example.org"})
    connected.receive(connected.take_deliveries())
    connected.clock.forward(seconds=90)
    found = now(connected)
    assert found.waiting > 0
    assert found.oldest == timedelta(seconds=90)
    connected.score()
    assert (now(connected).waiting, now(connected).oldest) == (0, timedelta())


def test_how_long_news_took_and_what_became_of_writes_is_told(connected: Installation) -> None:
    submit_form(connected.standin, None, {"email": "ada@example.org"})
    connected.score()
    connected.clock.forward(seconds=4)
    connected.deliver()
    [platform] = now(connected).platforms
    assert platform.connection.name == NAME
    assert platform.lags["held"].seen == 1
    assert 3 <= platform.lags["held"].p95 <= 5
    assert platform.sent["written"] == 1
    assert platform.webhook is not None
    assert platform.pace.share == 1


def test_diagnostics_hold_nothing_secret_and_nothing_personal(connected: Installation) -> None:
    contact = {"email": "ada@example.org", "firstname": "Adalovelace", "phone": "+33 1 23 45"}
    submit_form(connected.standin, None, contact)
    connected.score()
    connected.receive([broken_body(), b'{"mautic.page_on_hit": [{"hit": "ada@example.org"}]}'])
    connected.score()
    runtime = connected.runtime
    told = diagnose(
        connected.engine, runtime.inbox, runtime.manifest.connector, "1", 1000, connected.clock()
    )
    shown = orjson.dumps(told, option=orjson.OPT_NON_STR_KEYS).decode()
    with connected.engine.connect() as connection:
        hidden = connection.execute(text("select secrets from connections")).scalar_one()
    for secret in (SECRET, connected.standin.client_secret, connected.standin.client_id, hidden):
        assert secret not in shown
    for personal in contact.values():
        assert personal not in shown
    [one] = told["connections"]
    assert one["settings"]["base_url"] == connected.url
    assert one["settings"]["client_id"] == MASKED
    assert sum(group["count"] for group in told["dead_letters"]) == 2


def letters(at: Installation) -> list[DeadLetter]:
    with for_reading(at.engine).begin() as connection:
        return dead_letters.unresolved(connection)


def groups(at: Installation) -> list[Group]:
    with for_reading(at.engine).begin() as connection:
        return dead_letters.groups(connection)


def preview(at: Installation, **edited: dict[int, bytes]) -> Preview:
    runtime = at.runtime
    connectors = runtime.manifest.connector
    return preview_replay(
        runtime.inbox, at.engine, runtime.vault, connectors, letters(at), **edited
    )


@pytest.fixture
def spoiled(connected: Installation) -> bytes:
    """A delivery of a submitted form, its moment made unreadable; answers the sound body."""
    submit_form(connected.standin, None, {"email": "ada@example.org"})
    bodies = connected.take_deliveries()
    form = next(body for body in bodies if b"form_on_submit" in body)
    connected.receive([body for body in bodies if body != form])
    told = orjson.loads(form)
    for item in told["mautic.form_on_submit"]:
        item["submission"]["dateSubmitted"] = "soon"
    connected.receive([orjson.dumps(told)])
    connected.score()
    return form


def test_dead_letters_are_grouped_by_what_is_wrong(connected: Installation) -> None:
    connected.receive([broken_body(), broken_body() + b" ", b"not json"])
    connected.score()
    assert sorted(group.count for group in groups(connected)) == [1, 2]
    with for_reading(connected.engine).begin() as connection:
        many = next(group for group in groups(connected) if group.count == 2)
        newest = dead_letters.find(connection, many.last_id)
        assert newest is not None
        first, second = dead_letters.alike(connection, newest, 5)
        assert (first.id, second.id < first.id) == (many.last_id, True)
        assert dead_letters.alike(connection, newest, 5, before=first.id) == [second]


def test_a_dry_run_tells_that_nothing_would_change(connected: Installation, spoiled: bytes) -> None:
    [letter] = letters(connected)
    found = preview(connected)
    assert (found.readable, found.gone, found.activities) == (0, 0, ())
    assert found.unreadable == {letter.reason: 1}


def test_a_dry_run_of_a_mended_body_tells_what_would_come_and_keeps_nothing(
    connected: Installation, spoiled: bytes
) -> None:
    [letter] = letters(connected)
    before = connected.rows("scores")
    found = preview(connected, edited={letter.receipt_id: spoiled})
    assert (found.readable, found.unreadable) == (1, {})
    assert [one.kind for one in found.activities] == ["form_submitted"]
    assert connected.rows("scores") == before
    assert letters(connected) == [letter]


def test_a_mended_body_is_scored_and_the_letter_is_done(
    connected: Installation, spoiled: bytes
) -> None:
    [letter] = letters(connected)
    runtime = connected.runtime
    done = replay_dead(
        runtime.inbox,
        connected.engine,
        runtime.vault,
        runtime.manifest.connector,
        [letter],
        connected.clock(),
        {letter.receipt_id: spoiled},
    )
    assert done == Replayed(1, 0)
    [contact] = connected.rows("contacts")
    assert connected.points(int(contact["platform_id"])) == 20
    assert letters(connected) == []
