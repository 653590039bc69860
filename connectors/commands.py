"""What we ask a platform to do, in one vocabulary for every connector."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .errors import ConnectorError

#: The values a connector can hold for us; it maps them to fields of its own naming.
SCORE_VALUES = ("score", "fit", "engagement", "grade", "band")


@dataclass(frozen=True, slots=True)
class UpdateContact:
    """Set absolute values (keys of ``SCORE_VALUES``) and add or remove tags; safe to repeat."""

    contact: str
    values: Mapping[str, int | str] = field(default_factory=dict)
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()


Command = UpdateContact


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one command. ``contact`` is the id the platform answered with.

    It differs from the command's own when the platform had merged that contact away.
    """

    command: Command
    contact: str | None = None
    error: ConnectorError | None = None
