"""What a platform tells us, in one vocabulary for every connector.

Every moment is an aware UTC ``datetime`` and is the platform's own inner date, never the time
of arrival: deliveries come late, twice and in any order, and the score must not notice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple


class Evidence(StrEnum):
    """Who stands behind an activity, as far as it is known."""

    HUMAN = "human"
    UNKNOWN = "unknown"
    MACHINE = "machine"


class Origin(StrEnum):
    """How an activity reached us."""

    WEBHOOK = "webhook"
    POLL = "poll"
    IMPORT = "import"


#: The kinds every connector may use; a connector may add ``custom.*`` kinds of its own.
KINDS = frozenset(
    {
        "form_submitted",
        "page_viewed",
        "email_sent",
        "email_opened",
        "email_clicked",
        "asset_downloaded",
        "survey_answered",
        "social_engaged",
        "unsubscribed",
        "bounced",
        "contact_identified",
        "outcome_recorded",
    }
)


class Subject(NamedTuple):
    """What an activity was about: a page, a form, an e-mail, an asset.

    A named tuple because it is a key: what one means is looked up millions of times.
    """

    type: str
    id: str | None = None
    name: str | None = None
    category: str | None = None
    url: str | None = None


#: Nobody changes attributes: who has others makes another activity.
_NO_ATTRIBUTES: Mapping[str, Any] = {}


class Activity(NamedTuple):
    """Something a contact did. ``id`` is stable: two deliveries of one hit are one activity.

    A named tuple because histories are read in millions: a frozen dataclass of this size takes
    five times as long to make.
    """

    id: str
    contact: str
    kind: str
    occurred_at: datetime
    subject: Subject
    attributes: Mapping[str, Any] = _NO_ATTRIBUTES
    evidence: Evidence = Evidence.UNKNOWN
    proof: str | None = None
    origin: Origin = Origin.WEBHOOK


@dataclass(frozen=True, slots=True)
class ProfileChange:
    """What a contact is, as the platform saw it at ``at``.

    ``order`` breaks ties within one second without looking at the arrival: the platform's
    moments are that coarse. ``fields`` are merged over what was known before; ``None`` clears a
    field. ``author`` is the platform's name of who saved, to recognise our own writes. One of
    origin ``POLL`` is how the contact was seen at ``at``, whether or not anything changed then.
    """

    contact: str
    at: datetime
    order: str
    fields: Mapping[str, Any]
    author: str | None = None
    origin: Origin = Origin.WEBHOOK


@dataclass(frozen=True, slots=True)
class CompanyChange:
    """What a company is, as the platform saw it at ``at``; contacts link by ``company_id``."""

    company: str
    at: datetime
    order: str
    fields: Mapping[str, Any]
    origin: Origin = Origin.WEBHOOK


@dataclass(frozen=True, slots=True)
class Removal:
    """The platform dropped this contact id: deleted or merged, only the platform can tell."""

    contact: str
    at: datetime


Item = Activity | ProfileChange | CompanyChange | Removal


def fields_of(item: Item) -> dict[str, Any]:
    """The fields of an item by their names, for a machine; those of its subject as well."""
    if isinstance(item, Activity):
        return item._asdict() | {"subject": item.subject._asdict()}
    return asdict(item)


@dataclass(frozen=True, slots=True)
class BrokenItem:
    """One item of a delivery that could not be read; it never costs the others."""

    event: str
    index: int
    reason: str
    raw: str


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything one delivery says. ``ignored`` counts event types that carry nothing for us."""

    items: tuple[Item, ...] = ()
    broken: tuple[BrokenItem, ...] = ()
    ignored: Mapping[str, int] = field(default_factory=dict)
    test: bool = False
