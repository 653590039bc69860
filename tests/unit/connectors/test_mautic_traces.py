from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from mautic_exchanges import BASIC, body, recorded, session

from connectors.commands import AddNote, Command, SendEmail, SetStage, UpdateContact
from connectors.contract import Session
from connectors.errors import AuthFailed, Missing, Refused, Transient
from connectors.mautic import CONNECTOR
from connectors.mautic.settings import Settings
from connectors.mautic.standin import Running, StandIn, serve

SENT = datetime(2026, 11, 21, 20, 7, 34, tzinfo=UTC)  # frida's mail 1, as recorded
LOOK = ("GET", "/api/contacts/48")
NOTES = ("GET", "/api/contacts/48/notes")
STATS = ("GET", "/api/stats/email_stats")
MAIL = SendEmail("48", "op-1", "1")
CALL = AddNote("48", "op-1", "Call", "call")


def stats(*changes: dict[str, Any]) -> httpx.Response:
    """The recorded mail 1, to contact 48, once for each change; ``None`` leaves a column out."""
    row = body("stats_email_stats")["stats"][0] | {"lead_id": "48"}
    rows = [{k: v for k, v in (row | change).items() if v is not None} for change in changes]
    return recorded("stats_email_stats", {"total": str(len(rows)), "stats": rows})


def notes(*texts: str) -> httpx.Response:
    [note] = body("contact_notes")["notes"]
    return recorded("contact_notes", {"notes": [note | {"text": text} for text in texts]})


def told(route: tuple[str, str], answer: Any, command: Command, since: datetime = SENT) -> Any:
    opened, replay = session({LOOK: [recorded("contact_get")], route: [answer]}, BASIC)
    found = opened.was_done(command, since)
    assert len(replay.asked(*route)) == 1
    return found


def test_a_note_with_the_operation_was_written():
    assert told(NOTES, notes("Hello", "Call <b>now</b> é [maturo:op-1]"), CALL) is True


def test_a_note_of_another_operation_proves_nothing():
    assert told(NOTES, notes("Call [maturo:op-12]", "[maturo:op]"), CALL) is False
    assert told(NOTES, recorded("contact_notes"), CALL) is False


def test_more_notes_than_can_be_looked_through_leave_it_untold():
    assert told(NOTES, notes(*["x"] * 200), CALL) is None


@pytest.mark.parametrize(
    ("since", "found"),
    [
        (SENT, True),
        (SENT + timedelta(milliseconds=900), True),
        (SENT - timedelta(hours=1), True),
        (SENT + timedelta(seconds=1), None),
        (SENT + timedelta(minutes=5), None),
        (SENT + timedelta(minutes=5, seconds=1), False),
    ],
)
def test_a_mail_was_sent_when_one_is_dated_after_the_intention(since: datetime, found: bool | None):
    assert told(STATS, stats({}), MAIL, since) is found


@pytest.mark.parametrize(
    "change", [{"source": "campaign.event"}, {"source": None}, {"is_failed": "1"}]
)
def test_a_mail_of_a_campaign_or_a_failed_one_is_not_ours(change: dict[str, Any]):
    assert told(STATS, stats(change), MAIL) is False


def test_no_mail_at_all_was_not_sent():
    assert told(STATS, stats(), MAIL) is False


@pytest.mark.parametrize("date", [None, "soon", 7])
def test_a_mail_without_date_leaves_it_untold(date: Any):
    assert told(STATS, stats({"date_sent": date}), MAIL) is None
    assert told(STATS, stats({"date_sent": date}, {}), MAIL) is True


def test_the_question_names_contact_mail_and_the_newest_first():
    opened, replay = session({LOOK: [recorded("contact_get")], STATS: [stats()]})
    opened.was_done(MAIL, SENT)
    [asked] = replay.asked(*STATS)
    assert dict(asked.url.params) == {
        "limit": "200",
        "order[0][col]": "id",
        "order[0][dir]": "desc",
        "where[0][col]": "lead_id",
        "where[0][expr]": "eq",
        "where[0][val]": "48",
        "where[1][col]": "email_id",
        "where[1][expr]": "eq",
        "where[1][val]": "1",
    }


@pytest.mark.parametrize(
    "answer",
    [
        stats({"lead_id": "46"}),
        stats({}, {"email_id": "2"}),
        recorded("stats_unknown"),
        recorded("stats_bad_column"),
        recorded("forbidden_patch"),
        recorded("unknown_route"),
    ],
    ids=["other contact", "other mail", "no table", "no column", "no right", "no route"],
)
def test_a_mautic_that_does_not_answer_the_question_leaves_it_untold(answer: httpx.Response):
    assert told(STATS, answer, MAIL) is None


def test_notes_in_an_unknown_shape_leave_it_untold():
    assert told(NOTES, recorded("contact_notes", {"notes": "?"}), CALL) is None


@pytest.mark.parametrize(
    ("case", "kind"),
    [("auth_bad_basic", AuthFailed), ("db_down", Transient), ("contact_get_404", Missing)],
)
def test_trouble_is_no_answer(case: str, kind: type[Exception]):
    with pytest.raises(kind):
        told(NOTES, recorded(case), CALL)


def test_a_contact_that_is_gone_cannot_be_asked_about():
    opened, _ = session({LOOK: [recorded("contact_get_404")]})
    with pytest.raises(Missing):
        opened.was_done(MAIL, SENT)


@pytest.mark.parametrize("command", [SetStage("48", "op", "1"), UpdateContact("48")])
def test_what_may_be_repeated_is_not_asked_about(command: Command):
    opened, replay = session({})
    assert opened.was_done(command, SENT) is None
    assert replay.requests == []


# Against the stand-in: the platform did it, and its answer was lost on the way.


@pytest.fixture
def running() -> Iterator[Running]:
    standin = StandIn()
    standin.create(contact_id=48).values["email"] = "gina@example.test"
    with serve(standin) as served:
        yield served


@pytest.fixture
def opened(running: Running) -> Iterator[Session]:
    pair = {"user": running.standin.user, "password": running.standin.password}
    session = CONNECTOR.open(Settings().load({"base_url": running.url, **pair}))
    yield session
    session.close()


@pytest.mark.parametrize("command", [MAIL, CALL], ids=["mail", "call"])
def test_after_a_lost_answer_the_platform_tells_that_it_was_done(
    running: Running, opened: Session, command: Command
):
    since = datetime.now(UTC)
    running.standin.faults.drop(kind="action")

    [outcome] = opened.apply([command])

    assert (type(outcome.error), outcome.in_doubt) == (Transient, True)
    assert len(running.standin.mails) + len(running.standin.notes) == 1
    assert opened.was_done(command, since) is True


@pytest.mark.parametrize("command", [MAIL, CALL], ids=["mail", "call"])
def test_after_a_request_that_was_not_begun_it_tells_that_nothing_was_done(
    running: Running, opened: Session, command: Command
):
    since = datetime.now(UTC)
    running.standin.faults.refuse(503, kind="action")

    [outcome] = opened.apply([command])

    assert (type(outcome.error), outcome.in_doubt) == (Transient, True)
    assert opened.was_done(command, since) is False
    assert opened.apply([command])[0].error is None
    assert opened.was_done(command, since) is True


def test_an_unsubscribed_contact_gets_no_mail_through_the_connector(
    running: Running, opened: Session
):
    running.standin.contacts[48].do_not_contact = [{"channel": "email", "reason": 1}]

    [outcome] = opened.apply([MAIL])

    assert type(outcome.error) is Refused
    assert running.standin.mails == []
