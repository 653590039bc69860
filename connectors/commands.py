"""What we ask a platform to do, in one vocabulary for every connector."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Literal

from .errors import ConnectorError

#: The values a connector can hold for us; it maps them to fields of its own naming.
SCORE_VALUES = ("score", "fit", "engagement", "grade", "band")


@dataclass(frozen=True, slots=True)
class UpdateContact:
    """Set absolute values (keys of ``SCORE_VALUES``) and add or remove tags; safe to repeat."""

    repeatable: ClassVar[bool] = True
    contact: str
    values: Mapping[str, int | str] = field(default_factory=dict)
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Action:
    """Something done to a contact once. ``operation`` is unique, of ``A-Z a-z 0-9 : _ -`` only.

    ``repeatable`` says that a second time changes nothing. What is not must be sent again only
    when ``Session.was_done`` denies it.
    """

    repeatable: ClassVar[bool] = True
    contact: str
    operation: str

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[A-Za-z0-9:_-]{1,100}", self.operation):
            raise ValueError(f"operation {self.operation!r}: use 1 to 100 of A-Z a-z 0-9 : _ -")


@dataclass(frozen=True, slots=True)
class SendEmail(_Action):
    """Send an e-mail of the platform, unless the contact may not be written to."""

    repeatable: ClassVar[bool] = False
    email: str


@dataclass(frozen=True, slots=True)
class AddToCampaign(_Action):
    """Put the contact into a campaign of the platform."""

    campaign: str


@dataclass(frozen=True, slots=True)
class RemoveFromCampaign(_Action):
    """Take the contact out of a campaign."""

    campaign: str


@dataclass(frozen=True, slots=True)
class SetStage(_Action):
    """Move the contact to a stage of the platform's sales path."""

    stage: str


@dataclass(frozen=True, slots=True)
class AddToSegment(_Action):
    """Put the contact into a segment by hand, whatever the segment's own filters say."""

    segment: str


@dataclass(frozen=True, slots=True)
class RemoveFromSegment(_Action):
    """Take the contact out of a segment."""

    segment: str


@dataclass(frozen=True, slots=True)
class AddNote(_Action):
    """Write a note, or a call to make, for sales. ``text`` is plain; ``due`` is an aware moment."""

    repeatable: ClassVar[bool] = False
    text: str
    kind: Literal["call", "general"] = "general"
    due: datetime | None = None


@dataclass(frozen=True, slots=True)
class AddTag(_Action):
    """Put a tag on the contact, beside those of the bands."""

    tag: str


@dataclass(frozen=True, slots=True)
class RemoveTag(_Action):
    """Take a tag off the contact."""

    tag: str


@dataclass(frozen=True, slots=True)
class AssignOwner(_Action):
    """Give the contact to a user of the platform."""

    owner: str


@dataclass(frozen=True, slots=True)
class Notify(_Action):
    """Tell sales of the contact: ``text`` is plain and has a line for each thing, ``title`` none.

    May be repeated when an answer is lost: twice costs a glance, never may cost a customer.
    ``contact`` is ``CONNECTION/CONTACT``.
    """

    title: str
    text: str


Action = (
    SendEmail
    | AddToCampaign
    | RemoveFromCampaign
    | SetStage
    | AddToSegment
    | RemoveFromSegment
    | AddTag
    | RemoveTag
    | AddNote
    | AssignOwner
    | Notify
)
Command = UpdateContact | Action

#: Actions by the names they have in manifests and scorecards; a call is a note with a due time.
ACTIONS: Mapping[str, type[Any]] = {
    "send_email": SendEmail,
    "add_to_campaign": AddToCampaign,
    "remove_from_campaign": RemoveFromCampaign,
    "set_stage": SetStage,
    "add_to_segment": AddToSegment,
    "remove_from_segment": RemoveFromSegment,
    "add_tag": AddTag,
    "remove_tag": RemoveTag,
    "note": AddNote,
    "call": AddNote,
    "assign_owner": AssignOwner,
    "notify": Notify,
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one command. ``contact`` is the id the platform answered with.

    It differs from the command's own when the platform had merged that contact away.
    ``in_doubt`` beside an error: the platform may have done it all the same, its answer is lost.
    """

    command: Command
    contact: str | None = None
    error: ConnectorError | None = None
    in_doubt: bool = False
