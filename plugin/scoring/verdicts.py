"""What sales said of a contact that was handed over: accepted or rejected, why, and when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal, TypeAlias

from .consent import Agreement
from .fields import Strict, Text
from .history import Snapshot
from .scorecard import VerdictSigns

Word: TypeAlias = Literal["accepted", "rejected"]
_WORDS: tuple[Word, ...] = ("accepted", "rejected")


@dataclass(frozen=True, slots=True)
class Verdict:
    """A word of sales, and since when it stands. ``reason`` is what they wrote, if they did."""

    at: datetime
    word: Word
    reason: str | None = field(repr=False)


class VerdictsSchema(Strict):
    """By what sales mark a contact: a tag or a condition; ``reason`` names a field, or tags."""

    accepted = Agreement()
    rejected = Agreement()
    reason = Text()


def compile_verdicts(keys: Mapping[str, Any]) -> VerdictSigns:
    """The signs by which verdicts are known."""
    return VerdictSigns({word: keys[word] for word in _WORDS if word in keys}, keys.get("reason"))


def verdicts_of(signs: VerdictSigns, profile: Sequence[Snapshot]) -> list[Verdict]:
    """Every verdict of a contact, oldest first: each from the profile in which its sign came up.

    The reason is the last that was given while the sign was there: people add it afterwards.
    """
    said: list[Verdict] = []
    standing: dict[Word, int] = {}
    for snapshot in profile:
        reason = _reason(signs.reason, snapshot.fields)
        for word in _WORDS:
            if word not in signs.of or signs.of[word](snapshot.fields) is not True:
                standing.pop(word, None)
            elif word not in standing:
                standing[word] = len(said)
                said.append(Verdict(snapshot.at, word, reason))
            elif reason is not None:
                said[standing[word]] = replace(said[standing[word]], reason=reason)
    return said


def _reason(name: str | None, fields: Mapping[str, Any]) -> str | None:
    """The text of the field of that name; or what follows it in a tag, as in ``reason:budget``."""
    if name is None:
        return None
    if fields.get(name) not in (None, ""):
        return str(fields[name])
    tags = fields.get("tags")
    told = (
        [tag for tag in tags if str(tag).startswith(f"{name}:")] if isinstance(tags, list) else []
    )
    return ", ".join(str(tag).removeprefix(f"{name}:").strip() for tag in told) or None
