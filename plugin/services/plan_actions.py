"""Scoring with consequences: crossings and earning rules ask for actions, each exactly once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from plugin.scoring.actions import FALL, IRREVERSIBLE, RISE, RULE
from plugin.scoring.lines import earned_at
from plugin.scoring.scorecard import Action, Rule, Scorecard
from plugin.storage import plans
from plugin.storage.actions import DROPPED, SILENT, WAITING
from plugin.storage.moments import to_us
from plugin.storage.plans import NewAction, Occasion, Planned

from .rescore import Changed, LiveScorecard, rescore


def score_contacts(
    connection: Connection, live: LiveScorecard, contact_ids: Iterable[int], now: datetime
) -> None:
    """Score these contacts and plan what the scorecard asks to be done about it."""
    _plan(connection, live.card, rescore(connection, live, contact_ids, now), False, now)


def score_silently(
    connection: Connection, live: LiveScorecard, contact_ids: Iterable[int], now: datetime
) -> None:
    """Score these contacts; nothing is done about what changed, now or later."""
    _plan(connection, live.card, rescore(connection, live, contact_ids, now), True, now)


def _plan(
    connection: Connection,
    card: Scorecard,
    changed: Sequence[Changed],
    silent: bool,
    now: datetime,
) -> None:
    known: defaultdict[int, list[Planned]] = defaultdict(list)
    for planned in plans.planned_for(connection, [one.score.contact_id for one in changed]):
        known[planned.occasion.contact_id].append(planned)
    new: list[NewAction] = []
    for one in changed:
        others = tuple(planned for other in one.others for planned in known[other])
        contact = _Contact(card, one, tuple(known[one.score.contact_id]), others, now)
        plans.drop(connection, contact.unwanted())
        if not one.score.leads:
            continue
        wanted = [*contact.of_rules(silent), *(() if silent else contact.of_crossing())]
        before = {(planned.occasion, planned.position): planned for planned in contact.known}
        for action in wanted:
            there = before.get((action.occasion, action.position))
            if there is None:
                new.append(action)
            elif there.state == DROPPED:
                plans.revive(connection, there.id, action)
    plans.plan(connection, new, now)


@dataclass(frozen=True, slots=True)
class _Contact:
    """One contact that was scored, and everything ever planned for it.

    ``elsewhere`` is what was planned for the same person in other connections.
    """

    card: Scorecard
    changed: Changed
    known: tuple[Planned, ...]
    elsewhere: tuple[Planned, ...]
    now: datetime

    def unwanted(self) -> list[int]:
        """What waits although its band was left again, or its earning was taken back.

        Or although the same was asked for elsewhere since the person is in its band.
        """
        return [
            one.id
            for one in self.known
            if one.state == WAITING and (not self._holds(one) or self._is_spare(one))
        ]

    def _is_spare(self, planned: Planned) -> bool:
        same = (
            one
            for one in self.elsewhere
            if one.occasion.name == planned.occasion.name and one.state not in (DROPPED, SILENT)
        )
        return not planned.occasion.name.startswith(RULE) and any(
            one.created_at >= self.changed.score.band_since
            and (one.state != WAITING or one.id < planned.id)
            for one in same
        )

    def _holds(self, planned: Planned) -> bool:
        name = planned.occasion.name
        if name.startswith(RULE):
            rule = next((one for one in self.card.rules if RULE + one.id == name), None)
            return rule is not None and planned.occasion.number < len(self._earnings(rule))
        ranks = {band.id: rank for rank, band in enumerate(self.card.bands)}
        band = ranks.get(name.removeprefix(RISE).removeprefix(FALL))
        present = ranks[self.changed.score.band]
        if band is None:
            return False
        return present >= band if name.startswith(RISE) else present <= band

    def of_crossing(self) -> Iterator[NewAction]:
        """What the band that was entered asks for, unless it rests."""
        came_from, score = self.changed.came_from, self.changed.score
        ranks = {band.id: rank for rank, band in enumerate(self.card.bands)}
        if came_from == score.band:
            return
        band, rises = self.card.bands[ranks[score.band]], ranks[score.band] > ranks[came_from]
        occasion = Occasion(
            score.contact_id, f"{RISE if rises else FALL}{band.id}", to_us(self.now)
        )
        fired = [
            one.created_at
            for one in (*self.known, *self.elsewhere)
            if one.occasion.name == occasion.name and one.state not in (DROPPED, SILENT)
        ]
        if fired and self.now < max(fired) + band.rearm:
            return
        yield from self._new(occasion, band.on_rise if rises else band.on_fall, WAITING)

    def of_rules(self, silent: bool) -> Iterator[NewAction]:
        """By the number of the earning, not by its activity: a late one may move which it was."""
        for rule in self.card.rules:
            asked = self._asked_elsewhere(rule) if rule.actions else ()
            for number, began in enumerate(self._earnings(rule) if rule.actions else ()):
                if number in asked:
                    continue
                occasion = Occasion(self.changed.score.contact_id, RULE + rule.id, number)
                of_old = (
                    self.changed.settled_until is not None and began <= self.changed.settled_until
                )
                yield from self._new(
                    occasion, rule.actions, SILENT if silent or of_old else WAITING
                )

    def _asked_elsewhere(self, rule: Rule) -> Container[int]:
        """As many earnings as were acted upon before the person was known to be the same."""
        name = RULE + rule.id
        elsewhere = {
            (one.occasion.contact_id, one.occasion.number)
            for one in self.elsewhere
            if one.occasion.name == name and one.state != DROPPED
        }
        own = {one.occasion.number for one in self.known if one.occasion.name == name}
        return set(range(len(own) + len(elsewhere))) - own if elsewhere else ()

    def _earnings(self, rule: Rule) -> list[datetime]:
        own = (line for line in self.changed.lines if line.rule == rule.id)
        return earned_at(line for line in own if line.valid_from <= self.now)

    def _new(self, occasion: Occasion, asked: Iterable[Action], state: str) -> Iterator[NewAction]:
        for position, action in enumerate(asked):
            waits = self.changed.settles_at if action.name in IRREVERSIBLE else None
            yield NewAction(
                occasion=occasion,
                position=position,
                name=action.name,
                object=action.object,
                within=action.within,
                state=state,
                not_before=waits or self.now,
            )
