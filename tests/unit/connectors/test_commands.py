from __future__ import annotations

from typing import get_args

import pytest

from connectors.commands import ACTIONS, Action, AddNote, SendEmail, SetStage, UpdateContact


def test_every_action_has_a_name():
    assert set(ACTIONS.values()) == set(get_args(Action))


def test_only_mails_and_notes_must_not_be_repeated():
    assert {name for name, kind in ACTIONS.items() if not kind.repeatable} == {
        "send_email",
        "note",
        "call",
    }
    assert UpdateContact.repeatable


@pytest.mark.parametrize("operation", ["a", "crossing:12_up-3", "x" * 100])
def test_operations_may_be_written_anywhere(operation: str):
    assert SetStage("1", operation, "2").operation == operation


@pytest.mark.parametrize("operation", ["", "a b", "a\n", "é", "<b>", "a]", "x" * 101])
def test_operations_that_a_platform_might_change_are_refused(operation: str):
    with pytest.raises(ValueError, match="use 1 to 100 of"):
        SendEmail("1", operation, "2")


def test_commands_are_values():
    assert AddNote("1", "op", "Call", "call") == AddNote("1", "op", "Call", "call")
    assert len({SendEmail("1", "op", "2"), SendEmail("1", "op", "2")}) == 1
