"""What a scorecard asks to be done at a crossing or when a rule earns, as it stands in the file.

``- send_email: 5`` or ``- call: {within: 1d}``: one action by its name, with its object.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from marshmallow import ValidationError

from .durations import parse_duration
from .fields import Text, Worded
from .scorecard import Action
from .wording import not_allowed

#: Every action, and what its value names. ``call`` and ``note`` are told below.
OBJECTS: Mapping[str, str] = {
    "send_email": "the id of an e-mail",
    "add_to_campaign": "the id of a campaign",
    "remove_from_campaign": "the id of a campaign",
    "set_stage": "the id of a stage",
    "add_to_segment": "the id of a segment",
    "remove_from_segment": "the id of a segment",
    "add_tag": "a tag",
    "remove_tag": "a tag",
    "assign_owner": "the id of a user",
    "note": "a text",
    "notify": "the name of a connection by which sales is told",
    "call": "a mapping with within, such as 1d",
}

#: Occasions by name: ``rule:<id>``, ``rise:<band>``, ``fall:<band>``.
RULE, RISE, FALL = "rule:", "rise:", "fall:"
#: Taken back by nothing: they wait until no provisional activity carries the contact.
IRREVERSIBLE = frozenset({"send_email", "call", "notify"})
#: They cost the time of sales: the weekly capacity counts them.
HANDOVERS = frozenset({"call", "notify"})
#: Done by the connection that they name, whatever the contact's own.
ELSEWHERE = frozenset({"notify"})


class ActionItem(Worded):
    """A mapping of one action's name to its object."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Action:
        if not isinstance(value, Mapping) or len(value) != 1:
            raise ValidationError("must be one action and its object, such as send_email: 5")
        [(name, given)] = value.items()
        if name not in OBJECTS:
            raise ValidationError(not_allowed(name, OBJECTS))
        if name == "call":
            return Action(name, within=_within(given))
        try:
            return Action(name, str(Text().deserialize(given)))
        except ValidationError as error:
            raise ValidationError({name: [f"must be {OBJECTS[name]}"]}) from error


def _within(given: Any) -> timedelta:
    try:
        if isinstance(given, Mapping) and given.keys() == {"within"}:
            return parse_duration(str(given["within"]))
    except ValueError:
        pass
    raise ValidationError({"call": [f"must be {OBJECTS['call']}"]})
