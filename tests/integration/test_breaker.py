"""A platform that fails is asked less often and left alone, and is back by itself."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from structlog.testing import capture_logs

from connectors.mautic.standin.visitors import submit_form
from plugin.check import check
from plugin.lines import Lines
from plugin.sender import Sender
from plugin.services.pace import LEAST_SHARE, note_answer
from plugin.storage import paces
from plugin.storage.engine import for_reading
from plugin.storage.paces import OPEN_AFTER, Pace
from plugin.web.platform_figures import PlatformFigures
from tests.installation import Installation, unpaced

pytestmark = pytest.mark.engines


@pytest.fixture
def sender(connected: Installation) -> Iterator[Sender]:
    submit_form(connected.standin, None, {"email": "ada@example.org"})
    connected.score()
    opened = Sender(connected.runtime, lambda: 1.0, unpaced())
    yield opened
    opened.close()


def pace(connected: Installation) -> Pace:
    with for_reading(connected.engine).begin() as connection:
        return paces.find(connection, connected.source.id)


def failing(connected: Installation, sender: Sender, times: int) -> list[float]:
    """The pauses (seconds) after so many failures in a row, each tried as soon as allowed."""
    pauses = []
    for _ in range(times):
        connected.standin.faults.refuse(503, kind="contact")
        sender.send_some()
        until = pace(connected).rests_until
        assert until is not None
        pauses.append((until - connected.clock()).total_seconds())
        assert sender.send_some() == 0
        # The write itself waits ever longer as well; the question is about the platform.
        connected.clock.forward(hours=1)
    return pauses


def figures(connected: Installation) -> str:
    registry = CollectorRegistry()
    registry.register(PlatformFigures(connected.engine))
    return generate_latest(registry).decode()


def test_each_failure_in_a_row_doubles_the_pause_up_to_about_a_minute(
    connected: Installation, sender: Sender
) -> None:
    assert failing(connected, sender, 8) == [2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 64.0, 64.0]


def test_from_the_fifth_failure_on_the_breaker_is_open_and_one_good_answer_closes_it(
    connected: Installation, sender: Sender
) -> None:
    with capture_logs() as logs:
        failing(connected, sender, OPEN_AFTER - 1)
        assert not pace(connected).open
        failing(connected, sender, 2)
        assert pace(connected).open
        assert 'maturo_breaker_open{connection="acme"} 1.0' in figures(connected)
        [told] = [one for one in check(connected.runtime) if one.id == "M013"]
        assert not told.ok
        assert "status 503" in told.detail
        assert sender.send_some() > 0
    assert not pace(connected).open
    assert 'maturo_breaker_open{connection="acme"} 0.0' in figures(connected)
    events = [line["event"] for line in logs]
    assert (events.count("breaker_opened"), events.count("breaker_closed")) == (1, 1)
    assert not [one for one in check(connected.runtime) if one.id == "M013"]


def test_failures_halve_the_rate_and_answers_give_it_back_slowly(
    connected: Installation, sender: Sender
) -> None:
    failing(connected, sender, 2)
    assert pace(connected).share == 0.25
    failing(connected, sender, 4)
    assert pace(connected).share == LEAST_SHARE
    answers = 0
    while pace(connected).share < 1:
        note_answer(connected.engine, connected.source)
        answers += 1
    assert 40 <= answers <= 50
    assert pace(connected) == Pace()


def test_what_the_platform_refuses_is_an_answer(connected: Installation, sender: Sender) -> None:
    failing(connected, sender, OPEN_AFTER)
    connected.standin.faults.refuse(400, kind="contact")
    sender.send_some()
    assert pace(connected).failures == 0
    assert 'outcome="refused"' in figures(connected)


def test_a_worker_that_starts_anew_leaves_a_failing_platform_alone_as_well(
    connected: Installation, sender: Sender
) -> None:
    connected.standin.faults.refuse(429, retry_after=600, kind="contact")
    sender.send_some()
    another = Lines(connected.runtime, unpaced(), lambda: 1.0)
    assert another.ready() == []
    connected.clock.forward(seconds=600)
    assert another.ready() == [connected.source]


def test_a_command_beside_the_worker_takes_its_part_of_the_budget(connected: Installation) -> None:
    both = unpaced(), unpaced()
    worker, command = (Lines(connected.runtime, one, lambda: 1.0) for one in both)
    limits = [one.of(connected.source, 0) for one in both]

    def speak(lines: Lines) -> float:
        line = lines.to(connected.source)
        line.paced(line.session.check_webhook)("nobody")
        return limits[(worker, command).index(lines)].per_second

    assert speak(worker) == 5.0
    assert [speak(command), speak(worker)] == [2.5, 2.5]
    command.close()
    assert speak(worker) == 5.0
    speak(command)
    connected.clock.forward(seconds=9)
    assert speak(worker) == 5.0, "who says nothing any more was killed"
    worker.close()
    command.close()


def test_what_became_of_each_write_is_counted(connected: Installation, sender: Sender) -> None:
    failing(connected, sender, 1)
    connected.clock.forward(hours=2)
    sender.send_some()
    told = figures(connected)
    for outcome in ("postponed", "written"):
        assert f'maturo_write_backs_total{{connection="acme",outcome="{outcome}"}} 1.0' in told
