"""What a scorecard would have asked for: every mail, call and change, had it been in force."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from .actions import FALL, RISE, RULE
from .consent import may_be_mailed
from .history import History, Snapshot, fields_at, is_identified
from .lines import Line, earned_at
from .past import Entry
from .scorecard import Action, Scorecard


@dataclass(frozen=True, slots=True)
class Asked:
    """One action, the moment it would have been done, and why: ``rise:hot`` or ``rule:demo``."""

    at: datetime
    occasion: str
    action: Action


def asked(
    card: Scorecard,
    past: History,
    lines: Sequence[Line],
    entered: Sequence[Entry],
    since: datetime,
    until: datetime,
) -> list[Asked]:
    """Every action in ``(since, until]``, by time; ``entered`` are the bands entered in it.

    As in earnest, a visitor's actions wait for the identification and are dropped if the band is
    left before; a band rests for its ``rearm``; who must not be mailed gets no mail. Capacity is
    not looked at, for it depends on all the others.
    """
    known = _identified_at(past.profile)
    if known is None:
        return []
    wanted = [
        *_of_entries(card, entered, known),
        *_of_rules(card, lines, known, since, until),
    ]
    done = [one for one in wanted if one.at <= until and _may_be_done(one, past.profile)]
    return sorted(done, key=lambda one: one.at)


def _of_entries(card: Scorecard, entered: Sequence[Entry], known: datetime) -> Iterator[Asked]:
    ranks = {band.id: rank for rank, band in enumerate(card.bands)}
    fired: dict[str, datetime] = {}
    for place, entry in enumerate(entered):
        band = card.bands[ranks[entry.band]]
        occasion = f"{RISE if entry.rises else FALL}{band.id}"
        if occasion in fired and entry.at < fired[occasion] + band.rearm:
            continue
        if any(
            _left(ranks[one.band], ranks[band.id], entry)
            for one in entered[place:]
            if one.at <= known
        ):
            continue
        fired[occasion] = entry.at
        for action in band.on_rise if entry.rises else band.on_fall:
            yield Asked(max(entry.at, known), occasion, action)


def _left(rank: int, own: int, entry: Entry) -> bool:
    return rank < own if entry.rises else rank > own


def _of_rules(
    card: Scorecard, lines: Sequence[Line], known: datetime, since: datetime, until: datetime
) -> Iterator[Asked]:
    for rule in card.rules:
        if rule.actions:
            own = (line for line in lines if line.rule == rule.id)
            for at in earned_at(own):
                if since < at <= until:
                    moment = max(at, known)
                    yield from (Asked(moment, RULE + rule.id, action) for action in rule.actions)


def _may_be_done(one: Asked, profile: Sequence[Snapshot]) -> bool:
    return one.action.name != "send_email" or may_be_mailed(fields_at(profile, one.at))


def _identified_at(profile: Iterable[Snapshot]) -> datetime | None:
    return next((one.at for one in profile if is_identified(one.fields)), None)
