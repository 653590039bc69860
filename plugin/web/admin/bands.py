"""Bands as pages show them: the label in the reader's language, and how warm it is."""

from __future__ import annotations

from dataclasses import dataclass

from plugin.scoring.scorecard import Scorecard

from .labels import labels

#: From the lowest to the highest: classes of Tabler, readable on light and dark.
_COLOURS = ("secondary", "azure", "yellow", "orange", "red")


@dataclass(frozen=True, slots=True)
class Shade:
    """A band's name and colour."""

    id: str
    name: str
    colour: str


def shades(card: Scorecard) -> dict[str, Shade]:
    """Every band of a scorecard, from the lowest up."""
    last = max(len(card.bands) - 1, 1)
    return {
        band.id: Shade(
            band.id, labels(band.labels, band.id), _COLOURS[rank * (len(_COLOURS) - 1) // last]
        )
        for rank, band in enumerate(card.bands)
    }


def shade(known: dict[str, Shade], band: str) -> Shade:
    """The same of one band; an older scorecard's shows its id."""
    return known.get(band) or Shade(band, band, _COLOURS[0])


def rule_names(card: Scorecard) -> dict[str, str]:
    """What the firm calls its rules."""
    return {rule.id: labels(rule.labels, rule.id) for rule in card.rules}
