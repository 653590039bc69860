"""The optional mirror of the score in Mautic's own points: exact, whatever gets lost on the way."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.commands import Outcome, UpdateContact
from connectors.contract import Session
from connectors.errors import Transient
from connectors.mautic.standin.saving import add_points
from connectors.mautic.standin.visitors import submit_form
from tests.installation import Installation


@pytest.fixture
def mirroring(connected: Installation) -> Iterator[Session]:
    session = connected.connector.open({**connected.source.settings, "mirror_points": True})
    yield session
    session.close()


@pytest.fixture
def ada(connected: Installation) -> int:
    return submit_form(connected.standin, None, {"email": "ada@example.org"})


def brought(session: Session, contact: int, score: int) -> Outcome:
    [outcome] = session.apply([UpdateContact(str(contact), {"score": score})])
    return outcome


@pytest.mark.parametrize("scores", [(20, 35), (35, 20), (0,), (20, 20), (7, -5, 3)])
def test_points_follow_the_score_up_and_down(
    connected: Installation, mirroring: Session, ada: int, scores: tuple[int, ...]
) -> None:
    for score in scores:
        assert brought(mirroring, ada, score).error is None
    assert connected.standin.contacts[ada].points == scores[-1]


def test_what_mautic_itself_gives_stays_beside_it(
    connected: Installation, mirroring: Session, ada: int
) -> None:
    brought(mirroring, ada, 20)
    add_points(connected.standin, connected.standin.contacts[ada], 7, [])
    brought(mirroring, ada, 25)
    assert connected.standin.contacts[ada].points == 32


def test_a_move_whose_answer_was_lost_is_not_made_again(
    connected: Installation, mirroring: Session, ada: int
) -> None:
    connected.standin.faults.drop(kind="points")
    lost = brought(mirroring, ada, 20)
    assert isinstance(lost.error, Transient)
    assert lost.error.retry_after is not None
    assert lost.error.retry_after >= 90, "Mautic may still be at it"
    assert connected.standin.contacts[ada].points == 20
    assert brought(mirroring, ada, 20).error is None
    assert connected.standin.contacts[ada].points == 20


def test_a_move_that_never_happened_is_made_later(
    connected: Installation, mirroring: Session, ada: int
) -> None:
    bob = submit_form(connected.standin, None, {"email": "bob@example.org"})
    connected.standin.faults.refuse(503, kind="points")
    both = [UpdateContact(str(one), {"score": 20}) for one in (ada, bob)]
    assert [type(one.error) for one in mirroring.apply(both)] == [Transient, Transient]
    assert [one.error for one in mirroring.apply(both)] == [None, None]
    assert [connected.standin.contacts[one].points for one in (ada, bob)] == [20, 20]


def test_without_the_setting_points_are_never_touched(connected: Installation, ada: int) -> None:
    assert brought(connected.session, ada, 20).error is None
    assert not [call for call in connected.standin.requests if "/points/" in call.path]


def test_mirrored_points_come_back_as_echoes_and_move_no_score(
    connected: Installation, mirroring: Session, ada: int
) -> None:
    connected.score()
    connected.deliver(mirroring.apply)
    connected.score()
    assert connected.standin.contacts[ada].points == 20
    assert (connected.points(ada), connected.deliver(mirroring.apply)) == (20, 0)
