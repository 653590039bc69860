"""What the stand-in keeps of what was done to contacts: e-mails, notes, memberships."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

Kind = Literal[
    "emails", "campaigns", "segments", "stages", "forms", "pages", "assets", "categories"
]


class Open(NamedTuple):
    """One load of the pictures of a mail: when, with what, from where."""

    at: str
    agent: str
    address: str
    in_browser: bool = False


@dataclass
class Mail:
    """One e-mail to one contact, from its sending on. ``stat`` is its id in the statistics.

    ``source`` is the channel and its id: the API, or an event of a campaign.
    """

    stat: int
    contact: int
    email: int
    name: str
    subject: str
    sent: str
    address: str | None = None
    category: str | None = None
    source: tuple[str, int] = ("api", 0)
    failed: bool = False
    opens: list[Open] = field(default_factory=list)

    @property
    def hash(self) -> str:
        """The tracking hash, the same in the sending, the opens and the clicks."""
        return f"{self.stat:022x}"


@dataclass
class Note:
    """A note for sales; ``due`` as Mautic writes moments."""

    id: int
    contact: int
    text: str
    type: str
    due: str | None


Done = Literal["page.hit", "url.hit", "email.open", "email.send", "form.submit", "asset.download"]


@dataclass(frozen=True)
class PointAction:
    """Points for doing this to one of ``only`` (none named: any), once unless ``repeatable``.

    ``url`` is the pattern of a ``url.hit``.
    """

    id: int
    name: str
    type: Done
    delta: int
    repeatable: bool = False
    only: frozenset[int] = frozenset()
    url: str = "*"


@dataclass
class PointTrigger:
    """What Mautic does at so many points: its events by type, with their properties."""

    id: int
    name: str
    points: int
    events: tuple[tuple[str, dict[str, Any]], ...] = ()


class Membership(NamedTuple):
    """A contact in a campaign or a segment."""

    kind: Kind
    id: int
    contact: int


def library() -> dict[Kind, dict[int, str]]:
    """The names of what a new stand-in has, by kind and id; anything else is not found."""
    return {
        "emails": {1: "Nurture 1", 2: "Nurture 2"},
        "campaigns": {1: "Nurturing campaign"},
        "segments": {1: "Nurture", 2: "Hot"},
        "stages": {1: "MQL", 2: "SQL"},
        "forms": {1: "Demo form"},
        "pages": {1: "Demo request"},
        "assets": {1: "White paper"},
        "categories": {1: "Nurturing mails"},
    }
