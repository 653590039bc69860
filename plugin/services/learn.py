"""Use case: what do the contacts that were won teach about the points? Nothing is written."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine

from plugin.learning.as_of import AsOf, Case, as_of, days_asked
from plugin.learning.candidates import Candidate, candidates
from plugin.learning.late import late_fields, late_leaks
from plugin.learning.proposal import propose
from plugin.learning.question import Question
from plugin.scoring.history import History
from plugin.scoring.outcomes import outcome_of
from plugin.scoring.scorecard import MICRO, Scorecard
from plugin.storage import ranking
from plugin.storage.engine import for_reading

from .pasts import pasts
from .rescore import live_scorecard

_BATCH = 500
#: Of which it is counted who rises to how many points.
_WEEKS = 4


class NothingToLearn(Exception):
    """There is nobody to learn from; the message says what is missing."""


class UnknownField(NothingToLearn):
    """A protected field to be used is not there; the message says which there are."""


def learn(
    engine: Engine,
    now: datetime,
    question: Question,
    advance: Callable[[int, int], None] = lambda done, total: None,
) -> dict[str, Any]:
    """A proposal of points as plain data (``Proposal``), with the ``labels`` of the rules tried
    and the rules ``left_out`` as leaks.

    Under ``protected`` stand the protected fields that were left out and those used, each with what
    it tells of a person, and the ``reason``. ``advance`` is told how many contacts of how many are
    read. Raises ``NothingToLearn``, or ``NoScorecard``.
    """
    with for_reading(engine).begin() as connection:
        card = live_scorecard(connection).card
    cases = list(_cases(engine, card, question.sample, advance))
    if not any(case.outcome for case in cases):
        raise NothingToLearn(
            "no contact is known to be won or lost: say by `outcomes` in the scorecard how the "
            "platform marks them (a tag, or a condition on fields), see docs/learning.md"
        )
    found, left_out = candidates((case.past for case in cases), question.protected)
    used = {one.field: one.trait for one in found if one.field and one.trait}
    _check_known(question.protected - used.keys(), left_out)
    known, recent = _tables(cases, found, card, question, now)
    edges = {band.id: band.enter / MICRO for band in card.bands if band.enter is not None}
    late = late_leaks(found, late_fields(cases))
    proposal = propose(known, recent, found, edges, question, late)
    keys = {one.id: one.keys for one in found}
    return asdict(proposal) | {
        "labels": {id: one["label"] for id, one in keys.items()},
        "left_out": {one.column: keys[one.column] for one in proposal.leaks},
        "protected": {"left_out": left_out, "used": used, "reason": question.reason.strip()},
    }


def _check_known(asked: Collection[str], left_out: Collection[str]) -> None:
    if asked:
        there = ", ".join(left_out) or "none"
        raise UnknownField(
            f"no protected field {', '.join(sorted(asked))} is filled in for enough contacts; "
            f"there are: {there}"
        )


def _tables(
    cases: Sequence[Case],
    found: Sequence[Candidate],
    card: Scorecard,
    question: Question,
    now: datetime,
) -> tuple[AsOf, AsOf]:
    """The days whose horizon has ended, to learn from; and the last weeks, for what rises now."""
    days = days_asked(cases, now - question.horizon, question.every)
    weeks = [now - timedelta(weeks=back) for back in range(_WEEKS + 1)]
    both = as_of(cases, found, card, sorted({*days, *weeks}), question.horizon)
    return both.on(days), both.on(weeks)


def _cases(
    engine: Engine, card: Scorecard, sample: int, advance: Callable[[int, int], None]
) -> Iterator[Case]:
    after = read = 0
    with for_reading(engine).begin() as connection:
        total = ranking.count(connection)
    spread = max(total // sample, 1)
    while True:
        with for_reading(engine).begin() as connection:
            found = ranking.page(connection, after, _BATCH, spread)
            ids = [one.score.contact_id for one in found]
            known = pasts(connection, card, ids)
        read += len(found)
        advance(read, total // spread)
        if not found:
            return
        for one in found:
            past = known[one.score.contact_id]
            outcome = outcome_of(card.outcomes, past) if one.score.identified else None
            # A customer from the beginning is nobody to be won.
            if one.score.identified and (outcome is not None or not _marked(card, past)):
                yield Case(past, outcome)
        after = ids[-1]


def _marked(card: Scorecard, past: History) -> bool:
    return any(sign(one.fields) for one in past.profile for sign in card.outcomes.values())
