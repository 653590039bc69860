"""What a connector need not write: calls of capabilities that it does not declare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import pytest

from connectors.commands import AddTag, Command, Outcome
from connectors.contract import CAPABILITIES, Probe, Session, can
from connectors.errors import Unsupported
from connectors.mautic import CONNECTOR

ARGUMENTS: Mapping[str, tuple[object, ...]] = {
    "install_webhook": ("https://maturo.example/hooks/a", "secret"),
    "check_webhook": ("https://maturo.example/hooks/a",),
    "remove_webhook": ("https://maturo.example/hooks/a",),
    "publish_webhook": ("https://maturo.example/hooks/a",),
    "history": ({}, 10),
    "profiles": (["1"],),
    "gone": (["1"],),
    "resolve": ("1",),
    "optional_answers": ("1",),
    "choices": ("form",),
}


class Bare(Session):
    """The least that a session is."""

    def probe(self) -> Probe:
        return Probe("1", None, ())

    def apply(self, commands: Sequence[Command]) -> list[Outcome]:
        return [Outcome(command) for command in commands]

    def close(self) -> None:
        pass


@pytest.mark.parametrize("call", [one for calls in CAPABILITIES.values() for one in calls])
def test_what_a_session_does_not_write_it_does_not_support(call):
    with pytest.raises(Unsupported, match="this connector does not support"):
        getattr(Bare(), call)(*ARGUMENTS.get(call, ()))


def test_what_cannot_be_asked_is_answered_without_an_error():
    session = Bare()
    assert session.was_done(AddTag("1", "op", "x"), datetime(2026, 1, 1, tzinfo=UTC)) is None
    assert session.other_webhooks("https://maturo.example/hooks/a") == ()
    assert "https://maturo.example/hooks/a" in session.why_silent("https://maturo.example/hooks/a")


def test_mautic_can_do_everything_there_is():
    assert all(can(CONNECTOR, capability) for capability in CAPABILITIES)
    assert not can(CONNECTOR, "flying")
