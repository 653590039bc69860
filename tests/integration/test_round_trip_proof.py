"""The proof that a platform's deliveries arrive: a real change, a real signed delivery."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from connectors.contract import Check
from connectors.errors import Missing
from connectors.mautic.standin.visitors import submit_form
from plugin.services.prove import PATIENCE, TAG, prove_round_trip
from tests.installation import Installation

HOOK = "http://10.0.0.7:8080/hooks/acme"


class Watch:
    """A clock that moves only while somebody waits; ``meanwhile`` happens at every wait."""

    def __init__(self, meanwhile: Callable[[], None]) -> None:
        self.now = 0.0
        self.meanwhile = meanwhile

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.meanwhile()


def proven(
    connected: Installation, contact: int, meanwhile: Callable[[], None] = lambda: None
) -> Check:
    watch = Watch(meanwhile)
    return prove_round_trip(
        connected.runtime.inbox,
        connected.connector,
        connected.session,
        connected.source,
        str(contact),
        HOOK,
        watch,
        watch.sleep,
    )


@pytest.fixture
def ada(connected: Installation) -> int:
    contact = submit_form(connected.standin, None, {"email": "ada@example.org"})
    connected.score()
    return contact


def test_a_delivery_that_comes_back_proves_it_and_leaves_no_trace(
    connected: Installation, ada: int
) -> None:
    check = proven(connected, ada, lambda: connected.receive(connected.take_deliveries()))
    assert (check.ok, check.detail) == (True, "a signed delivery came back after 0.5 s")
    assert TAG not in connected.standin.contacts[ada].tags


def test_a_delivery_about_somebody_else_proves_nothing(connected: Installation, ada: int) -> None:
    def others() -> None:
        connected.take_deliveries()
        submit_form(connected.standin, None, {"email": "bob@example.org"})
        connected.receive(connected.take_deliveries())

    assert not proven(connected, ada, others).ok


def test_silence_is_told_with_its_likely_causes(connected: Installation, ada: int) -> None:
    check = proven(connected, ada)
    assert not check.ok
    assert check.detail.startswith(f"nothing arrived within {PATIENCE:.0f} s")
    for cause in ("maturo serve", "mautic:webhooks:process", "redirect", "firewall"):
        assert cause in check.remedy
    assert TAG not in connected.standin.contacts[ada].tags


def test_the_platform_s_own_switch_is_looked_at_first(connected: Installation, ada: int) -> None:
    [hook] = connected.standin.hooks.values()
    hook.published = False
    assert not proven(connected, ada).ok


def test_a_contact_that_is_not_there_is_an_error_before_any_wait(connected: Installation) -> None:
    with pytest.raises(Missing):
        proven(connected, 999)
