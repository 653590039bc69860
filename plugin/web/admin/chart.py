"""What ``curve.js`` draws of a contact: the score over time, thresholds and crossings."""

from __future__ import annotations

from typing import Any

from plugin.scoring.scorecard import MICRO
from plugin.services.contact import Sheet

from .bands import shade, shades


def chart(sheet: Sheet) -> dict[str, Any]:
    """Seconds since 1970 and points; each threshold and crossing with its band's name."""
    known = shades(sheet.card)
    first, last = sheet.curve[0][0], sheet.curve[-1][0]
    return {
        "x": [round(at.timestamp()) for at, _ in sheet.curve],
        "y": [score / MICRO for _, score in sheet.curve],
        "thresholds": [
            {"y": band.enter / MICRO, "name": known[band.id].name}
            for band in sheet.card.bands
            if band.enter is not None
        ],
        "crossings": [
            {
                "x": round(one.at.timestamp()),
                "y": one.score / MICRO,
                "name": shade(known, one.to_band).name,
            }
            for one in sheet.crossings
            if first <= one.at <= last
        ],
    }
