"""What the stand-in keeps of what was done to contacts: e-mails, notes, memberships."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

Kind = Literal["emails", "campaigns", "segments", "stages"]


@dataclass
class Mail:
    """One e-mail to one contact, from its sending on. ``stat`` is its id in the statistics."""

    stat: int
    contact: int
    email: int
    name: str
    subject: str
    sent: str
    category: str | None = None
    opens: list[str] = field(default_factory=list)

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
    }
