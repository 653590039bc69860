"""Contacts, activities and scorecards in a few words; every default is fixed, none random."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

from connectors.activity import Activity, Evidence, Subject
from plugin.scoring.decay import parse_decay
from plugin.scoring.history import History, ProfileFact, history
from plugin.scoring.kinds import KINDS
from plugin.scoring.scorecard import MICRO, Band, Bounds, Dimension, Group, Rule, Scorecard

_START = datetime(2026, 3, 1, tzinfo=UTC)
_TOLD: Mapping[str, Any] = {"id": "rule", "labels": {}, "decay": "none"}
_GROUPS = {"pages": "engagement", "forms": "engagement", "profile": "fit"}


def moment(day: float = 1, hour: int = 12, minute: int = 0) -> datetime:
    """That hour (UTC) of a day counted from 1 March 2026; day 3 is the 3rd."""
    return _START + timedelta(days=day - 1, hours=hour, minutes=minute)


def activity(kind: str, subject: Subject, at: datetime, **given: Any) -> Activity:
    """An activity whose id says what it was and when, unless one is given."""
    known = subject.id or subject.url or subject.name
    id = given.pop("id", f"{kind}:{known}@{at:%d.%H%M%S}")
    evidence = given.pop("evidence", Evidence.UNKNOWN)
    return Activity(id, "7", kind, at, subject, attributes=given, evidence=evidence)


def visit(path: str, day: float = 1, hour: int = 12, minute: int = 0, **given: Any) -> Activity:
    """A page view; further keywords are its attributes, except ``id`` and ``evidence``."""
    page = Subject("page", url=f"https://example.org{path}")
    return activity("page_viewed", page, moment(day, hour, minute), **given)


def form(name: str, day: float = 1, hour: int = 12, id: str = "3", **given: Any) -> Activity:
    """A submitted form; its alias is its name in small letters with dashes."""
    alias = name.casefold().replace(" ", "-")
    subject = Subject("form", id=id, name=name)
    return activity("form_submitted", subject, moment(day, hour), alias=alias, **given)


def download(name: str, day: float = 1, category: str | None = None, **given: Any) -> Activity:
    """A downloaded asset."""
    subject = Subject("asset", id=name, name=name, category=category)
    return activity("asset_downloaded", subject, moment(day), **given)


def profile(day: float = 1, hour: int = 0, order: str = "1", **fields: Any) -> ProfileFact:
    """What became known of a contact on a day."""
    return ProfileFact(moment(day, hour), order, fields)


def contact(*told: Activity | ProfileFact) -> History:
    """A history from activities and profile facts in any order."""
    activities = [item for item in told if isinstance(item, Activity)]
    return history(activities, [item for item in told if isinstance(item, ProfileFact)])


def rule(points: float = 5, **keys: Any) -> Rule:
    """A rule as it would stand in the file, with ``when`` for ``if``; the default sees pages.

    ``id``, ``kind``, ``group``, ``decay`` (text), ``evidence``, ``on``, ``valid_from``,
    ``valid_to`` (moments) and ``labels`` are the rule's; every other keyword is its kind's.
    """
    if "when" in keys:
        keys["if"] = keys.pop("when")
    kind = keys.pop("kind", "field" if "if" in keys else "activity")
    held = KINDS[kind].family == "held"
    group = keys.pop("group", "profile" if held else "pages")
    own = {
        name: keys.pop(name)
        for name in ("on", "valid_from", "valid_to", "actions", "interest")
        if name in keys
    }
    if kind == "activity":
        keys.setdefault("activity", "page_viewed")
    told = {name: keys.pop(name, default) for name, default in _TOLD.items()}
    evidence = keys.pop("evidence", ("human", "unknown"))
    own["evidence"] = frozenset([evidence] if isinstance(evidence, str) else evidence)
    loaded = KINDS[kind].schema().load(keys)
    return Rule(
        kind=kind,
        group=group,
        dimension=_GROUPS[group],
        points=round(points * MICRO),
        labels=told["labels"],
        id=told["id"],
        decay=parse_decay(told["decay"]),
        params=KINDS[kind].compile(loaded),
        **own,
    )


def card(
    *rules: Rule,
    groups: Mapping[str, Bounds] | None = None,
    fit: Bounds | None = None,
    engagement: Bounds | None = None,
    weights: Mapping[str, Fraction] | None = None,
    score: Bounds | None = None,
    bands: Iterable[Band] = (),
    timezone: str = "Europe/Paris",
) -> Scorecard:
    """A scorecard of these rules; nothing is bounded unless said."""
    weights, groups = weights or {}, groups or {}
    bounds = {"fit": fit or Bounds(), "engagement": engagement or Bounds()}
    return Scorecard(
        name={"en": "Test"},
        timezone=timezone,
        dimensions={id: Dimension(id, weights.get(id, Fraction(1)), bounds[id]) for id in bounds},
        groups={
            id: Group(id, dimension, {"en": id.title()}, groups.get(id, Bounds()))
            for id, dimension in _GROUPS.items()
        },
        rules=rules,
        bands=tuple(bands),
        grades={"A": 30 * MICRO, "B": 20 * MICRO, "C": 10 * MICRO, "D": 0},
        lowest_grade="D",
        bounds=score or Bounds(),
    )


def bounded(cap: float | None = None, floor: float | None = None) -> Bounds:
    """Bounds in points."""
    low = None if floor is None else round(floor * MICRO)
    return Bounds(low, None if cap is None else round(cap * MICRO))
