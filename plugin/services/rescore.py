"""From history to ledger, score, crossings and write-backs: the one path every change takes."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection

from connectors.activity import Evidence
from plugin.scoring.bands import kept_band, next_band
from plugin.scoring.evaluate import standing, whole_points
from plugin.scoring.evidence import settles_at
from plugin.scoring.fold import folder
from plugin.scoring.history import History, is_identified
from plugin.scoring.lines import Folding, Line
from plugin.scoring.loading import load
from plugin.scoring.scorecard import Scorecard
from plugin.scoring.wakeup import lags, next_look
from plugin.storage import deliveries, ledger, scorecards, scores
from plugin.storage.scorecards import StoredScorecard
from plugin.storage.scores import Crossing, Score, StoredScore

from .identify import identify
from .pasts import Person, pasts, settle_persons

#: Platforms may queue for minutes what they tell us: of what a mail brought this lately there may
#: be more to come, from which a machine can be told.
_QUEUED = timedelta(hours=1)
#: What happens to a contact, and what software does for it: no sign of a person.
_NOBODYS = frozenset({"email_sent", "bounced", "outcome_recorded"})


@dataclass(frozen=True, slots=True)
class LiveScorecard:
    """The scorecard in force, with the version under which entries are kept."""

    id: int
    card: Scorecard
    fold: Callable[[History], Folding]

    @property
    def tags(self) -> frozenset[str]:
        """The tags that its bands wear."""
        return frozenset(band.tag for band in self.card.bands if band.tag)


class NoScorecard(Exception):
    """Nothing was published yet; the message says how to publish."""


def live_scorecard(connection: Connection, at: datetime | None = None) -> LiveScorecard:
    """The scorecard in force now or at a past moment; raises ``NoScorecard``."""
    stored = scorecards.in_force(connection, at)
    if stored is None:
        raise NoScorecard("no scorecard is published yet: run `maturo scorecard publish FILE`")
    return _compiled(stored)


def scorecard_of(connection: Connection, scorecard_id: int) -> LiveScorecard:
    """The scorecard of that version; after a publication it is not in force any more."""
    return _compiled(scorecards.get(connection, scorecard_id))


def known_fields(
    connection: Connection, contact_ids: Sequence[int]
) -> dict[int, Mapping[str, Any]]:
    """What is known of these contacts now, their companies' fields included."""
    card = live_scorecard(connection).card
    found = pasts(connection, card, contact_ids)
    return {one: present_fields(found[one]) for one in contact_ids}


def present_fields(past: History) -> Mapping[str, Any]:
    """The last that is known of a contact; nothing of one that nobody told about."""
    return past.profile[-1].fields if past.profile else {}


@dataclass(frozen=True, slots=True)
class Changed:
    """What scoring a contact anew came to.

    ``came_from`` is the band from which things led to the present one: after a publication not
    the stored band, but the one the contact had already had by the scorecard in force. What was
    earned until ``settled_until`` is the publication's doing as well (``None``: there was none).
    Until ``settles_at`` some of it is provisional. ``others`` are the contacts of the same person
    in other connections; what is to be done once is done by the one whose score ``leads``.
    """

    score: Score
    came_from: str
    settled_until: datetime | None
    folding: Folding
    settles_at: datetime | None
    others: tuple[int, ...] = ()

    @property
    def lines(self) -> tuple[Line, ...]:
        """Every line of the history, made once."""
        return self.folding.lines


def rescore(
    connection: Connection, live: LiveScorecard, contact_ids: Iterable[int], now: datetime
) -> list[Changed]:
    """Score these contacts anew from their whole history; safe to repeat, in any order.

    Those who are the same person, or no longer are, are scored with them.
    """
    persons = settle_persons(connection, live.card, sorted(contact_ids))
    identify(
        connection,
        {
            one: person.past.profile[-1].fields
            for person in persons
            for one in person.contacts
            if person.past.profile
        },
    )
    before = scores.read_scores(connection, [one for person in persons for one in person.contacts])
    changed = [one for person in persons for one in _scored(live, person, before, now)]
    folded = {one.score.contact_id: one.lines for one in changed}
    fresh = ledger.settle(connection, live.id, folded, now)
    computed = [one.score for one in changed]
    held = _plan_deliveries(connection, live, computed, before, fresh, now)
    looked = [
        replace(one.score, next_look_at=_look(live, one, held.get(one.score.contact_id), now))
        for one in changed
    ]
    scores.save_scores(connection, looked)
    scores.record_crossings(connection, _crossings(live, computed, before))
    return changed


def _scored(
    live: LiveScorecard, person: Person, before: Mapping[int, StoredScore], now: datetime
) -> list[Changed]:
    """The contacts of one person stand alike, in the highest band that one of them was in."""
    own = person.contacts
    if len(own) == 1:
        return [scored(live, own[0], person.past, before.get(own[0]), now)]
    ranks = {band.id: rank for rank, band in enumerate(live.card.bands)}
    known = (before[one] for one in own if one in before)
    old = max(known, key=lambda one: ranks.get(one.score.band, 0), default=None)
    found = scored(live, person.leader, person.past, old, now)
    return [
        replace(
            found,
            score=replace(found.score, contact_id=one, leads=one == person.leader),
            others=tuple(other for other in own if other != one),
        )
        for one in own
    ]


def targets(live: LiveScorecard, score: Score) -> dict[str, Any]:
    """What the platform is to hold of a score: whole points, grade, band, and the band's tag."""
    band = next(band for band in live.card.bands if band.id == score.band)
    return {
        "score": whole_points(score.score),
        "fit": whole_points(score.fit),
        "engagement": whole_points(score.engagement),
        "grade": score.grade,
        "band": score.band,
        "tag": band.tag,
    }


@lru_cache(maxsize=8)
def _compiled(stored: StoredScorecard) -> LiveScorecard:
    card = load(stored.source, f"scorecard version {stored.id}")
    return LiveScorecard(stored.id, card, folder(card))


def scored(
    live: LiveScorecard, contact_id: int, past: History, old: StoredScore | None, now: datetime
) -> Changed:
    """What scoring this history comes to after ``old``, whoever asks; nothing is stored."""
    folding, bands = live.fold(past), live.card.bands
    found = standing(live.card, folding, now)
    came_from, since = (old.score.band, old.score.band_since) if old else (bands[0].id, now)
    settled_until = None
    if old is not None and old.score.scorecard_id != live.id:
        settled_until = old.score.computed_at
        then = standing(live.card, folding, settled_until).score
        came_from = next_band(bands, came_from, then).id
    band = kept_band(bands, came_from, since, found.score, now)
    score = Score(
        contact_id=contact_id,
        scorecard_id=live.id,
        score=found.score,
        fit=found.dimensions.get("fit", 0),
        engagement=found.dimensions.get("engagement", 0),
        grade=found.grade,
        band=band.id,
        identified=bool(past.profile) and is_identified(past.profile[-1].fields),
        computed_at=now,
        band_since=since if old and band.id == old.score.band else now,
        last_active=next(signs_of_life(past), None),
    )
    return Changed(score, came_from, settled_until, folding, _settles_at(live.card, past, now))


def _settles_at(card: Scorecard, past: History, now: datetime) -> datetime | None:
    settle = card.evidence.settle
    recent = [one for one in past.activities if one.occurred_at > now - max(settle, _QUEUED)]
    provisional = any(settles_at(one, settle) is not None for one in recent)
    return now + settle if provisional else None


def _look(
    live: LiveScorecard, changed: Changed, held: Mapping[str, Any] | None, now: datetime
) -> datetime | None:
    score = changed.score
    band = next(band for band in live.card.bands if band.id == score.band)
    return next_look(live.card, changed.folding, band, score.band_since, held, now)


def signs_of_life(past: History) -> Iterator[datetime]:
    """When a person did something, the newest first."""
    return (
        one.occurred_at
        for one in reversed(past.activities)
        if one.kind not in _NOBODYS and one.evidence is not Evidence.MACHINE
    )


def _crossings(
    live: LiveScorecard, computed: Iterable[Score], before: Mapping[int, StoredScore]
) -> Iterator[Crossing]:
    for score in computed:
        old = before.get(score.contact_id)
        was = old.score.band if old else live.card.bands[0].id
        if was != score.band:
            yield Crossing(
                contact_id=score.contact_id,
                scorecard_id=score.scorecard_id,
                from_band=was,
                to_band=score.band,
                score=score.score,
                at=score.computed_at,
            )


def _plan_deliveries(
    connection: Connection,
    live: LiveScorecard,
    computed: Iterable[Score],
    before: Mapping[int, StoredScore],
    fresh: Container[int],
    now: datetime,
) -> dict[int, Mapping[str, Any]]:
    """Answers what each identified contact's platform has, or is about to get.

    Where no entry is ``fresh`` time alone moved the score: that is not always worth a write.
    """
    # A visitor's score is kept but not written: platforms take some 40 writes a second, and
    # nobody can act on a visitor. It is written in the moment the visitor is identified.
    identified = [score for score in computed if score.identified]
    asked = deliveries.asked(connection, [score.contact_id for score in identified])
    held: dict[int, Mapping[str, Any]] = {}
    wanted = {}
    for score in identified:
        own, values = score.contact_id, targets(live, score)
        old, waiting = before.get(own), asked.get(own)
        written = old.written if old else None
        by_time = own not in fresh and old is not None and old.score.scorecard_id == live.id
        near = written is not None and by_time and not lags(live.card, written, values)
        # What waits may be on its way or have arrived unnoticed: it is replaced, never withdrawn.
        if waiting is None and written is not None and (near or values == written):
            held[own] = written
            continue
        worn = _worn(written) | _worn(waiting.values if waiting else None) | live.tags
        held[own] = full = values | {"remove_tags": sorted(worn - {values["tag"]})}
        if waiting is None or not waiting.pending or waiting.values != full:
            wanted[own] = full
    deliveries.replace(connection, wanted, now)
    return held


def _worn(values: Mapping[str, Any] | None) -> set[str]:
    """The tags a contact may wear by us if the platform took these values."""
    if values is None:
        return set()
    return {tag for tag in (values["tag"], *values.get("remove_tags", ())) if tag}
