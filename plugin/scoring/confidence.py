"""How sure the fit is: the share of what its rules ask about that is known of a contact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from .catalogue import catalogue
from .formats import Formats
from .kinds import KINDS, Held
from .operators import is_known
from .scorecard import Scorecard


@dataclass(frozen=True, slots=True)
class Confidence:
    """The fields that the fit rests on, in the order of the scorecard: known, and missing."""

    known: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def share(self) -> Fraction | None:
        """From 0 to 1; ``None`` if no rule of the fit asks about anything."""
        asked = len(self.known) + len(self.missing)
        return Fraction(len(self.known), asked) if asked else None


def confidence(card: Scorecard, fields: Mapping[str, Any]) -> Confidence:
    """How much is known of a profile by the fit rules that are on; nothing without consent."""
    allowed = card.consent.get("profile")
    seen = fields if allowed is None or allowed(fields) else {}
    asked = dict.fromkeys(
        name
        for rule in card.rules
        if rule.on and rule.dimension == "fit" and isinstance(kind := KINDS[rule.kind], Held)
        for name in kind.reads(rule.params)
    )
    known = tuple(name for name in asked if is_known(seen.get(name)))
    return Confidence(known, tuple(name for name in asked if name not in known))


def unknown(found: Confidence, formats: Formats) -> str | None:
    """A sentence of what is missing; ``None`` if nothing is."""
    if found.share is None or not found.missing:
        return None
    return catalogue(formats.locale.language)["confidence"].format(
        share=formats.percent(found.share), fields=", ".join(found.missing)
    )
