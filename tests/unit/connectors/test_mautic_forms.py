from __future__ import annotations

from typing import Any

import pytest
from mautic_exchanges import OAUTH, Replay, body, recorded

from connectors.errors import Missing, Refused, Transient
from connectors.mautic.forms import optional_answers
from connectors.mautic.session import MauticSession
from connectors.mautic.settings import Settings

OPTIONAL = (
    *("f_firstname", "phone", "budget", "interests", "plan", "seats", "wanted_date", "message"),
    "company",
)


def session(answer: Any) -> MauticSession:
    transport = Replay({("GET", "/api/forms/1"): answer})
    return MauticSession(Settings().load(OAUTH), transport=transport)


def test_what_a_form_does_not_require_is_optional_and_buttons_and_hidden_fields_are_not() -> None:
    asked = session(recorded("form_get_with_fields"))
    assert asked.optional_answers("1") == OPTIONAL


def test_fields_with_a_gap_come_as_an_object_and_read_only_ones_are_not_asked() -> None:
    answer = body("form_get_with_fields")
    fields = answer["form"]["fields"]
    fields[2]["isReadOnly"] = True
    answer["form"]["fields"] = {str(place): each for place, each in enumerate(fields) if place != 1}
    assert optional_answers(answer) == OPTIONAL[2:]


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"form": []},
        {"form": {"fields": None}},
        {"form": {"fields": ["x"]}},
        {"form": {"fields": [{}]}},
    ],
)
def test_an_answer_without_fields_is_asked_for_again(answer: dict[str, Any]) -> None:
    with pytest.raises(Transient, match="no fields of a form"):
        optional_answers(answer)


def test_a_form_that_is_gone_is_missing_and_a_wrong_id_is_refused() -> None:
    with pytest.raises(Missing):
        session(recorded("contact_get_404")).optional_answers("1")
    with pytest.raises(Refused, match="form id"):
        session([]).optional_answers("1/../2")
