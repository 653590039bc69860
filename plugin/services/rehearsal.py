"""What a rehearsal came to, as plain data: for commands, pages and whoever reads JSON."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from plugin.scoring.scorecard import MICRO

from .rehearse import Past, Rehearsal, Rehearsed, Side, Standing


@dataclass(slots=True)
class Told:
    """The sums, and of single contacts what is worth being named: moves and actions."""

    sums: Rehearsal = field(default_factory=Rehearsal)
    moved: list[Rehearsed] = field(default_factory=list)
    live: list[dict[str, Any]] = field(default_factory=list)
    draft: list[dict[str, Any]] = field(default_factory=list)

    def add(self, one: Rehearsed) -> None:
        """Count one more contact."""
        self.sums.add(one)
        if one.live.band != one.draft.band:
            self.moved.append(one)
        self.live += _named(one.contact, one.live_past)
        self.draft += _named(one.contact, one.draft_past)


def as_data(told: Told) -> dict[str, Any]:
    """All of it; amounts in points, moments as they are."""
    live, draft = told.sums.live, told.sums.draft
    return {
        "contacts": told.sums.contacts,
        "bands": {"live": live.bands, "draft": draft.bands},
        "changes": [
            {
                "contact": one.contact,
                "identified": one.identified,
                "live": _standing(one.live),
                "draft": _standing(one.draft),
            }
            for one in told.moved
        ],
        "entered_per_week": [
            {
                "week": week,
                "band": band,
                "live": live.entered[week, band],
                "draft": draft.entered[week, band],
            }
            for week, band in sorted({*live.entered, *draft.entered})
        ],
        "actions": {"live": by_time(told.live), "draft": by_time(told.draft)},
        "calls_per_week": [
            {"week": week, "live": live.calls[week], "draft": draft.calls[week]}
            for week in sorted({*live.calls, *draft.calls})
        ],
        "outcomes": {"live": _outcomes(live), "draft": _outcomes(draft)},
    }


def in_short(told: Told, most: int = 200) -> dict[str, Any]:
    """The same for a page: counts instead of every action, and the greatest changes only."""
    found = as_data(told)
    live, draft = told.sums.live, told.sums.draft
    changes = sorted(found["changes"], key=_distance)
    return found | {
        "changed": len(changes),
        "changes": changes[:most],
        "moves": [
            {"live": old, "draft": new, "contacts": count}
            for (old, new), count in sorted(told.sums.moves.items())
        ],
        "actions": [
            {
                "action": action,
                "object": object,
                "occasion": occasion,
                "live": live.asked[action, object, occasion],
                "draft": draft.asked[action, object, occasion],
            }
            for action, object, occasion in sorted({*live.asked, *draft.asked})
        ],
    }


def by_time(named: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Actions, the earliest first."""
    return sorted(named, key=lambda one: (one["at"], one["contact"]))


def _distance(change: dict[str, Any]) -> tuple[float, str]:
    return -abs(change["draft"]["score"] - change["live"]["score"]), change["contact"]


def _named(contact: str, past: Past) -> Iterator[dict[str, Any]]:
    for one in past.asked:
        yield {
            "at": one.at,
            "contact": contact,
            "occasion": one.occasion,
            "action": one.action.name,
            "object": one.action.object,
        }


def _outcomes(side: Side) -> list[dict[str, Any]]:
    return [
        {"band": band, "reached": reached, "won": side.won[band]}
        for band, reached in side.reached.items()
    ]


def _standing(standing: Standing) -> dict[str, Any]:
    amounts = {name: getattr(standing, name) / MICRO for name in ("score", "fit", "engagement")}
    return asdict(standing) | amounts
