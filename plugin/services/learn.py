"""Use case: what do the contacts that were won teach about the points? Nothing is written."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine

from plugin.learning.as_of import AsOf, as_of, days_asked
from plugin.learning.candidates import Candidate, candidates
from plugin.learning.case import Case
from plugin.learning.late import late_fields, late_leaks
from plugin.learning.proposal import propose
from plugin.learning.question import Question
from plugin.scoring.scorecard import MICRO, Scorecard
from plugin.storage.engine import for_reading

from .cases import cases, spread_of
from .rescore import live_scorecard

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
    asked = list(cases(engine, card, spread_of(engine, question.sample), advance))
    if not any(case.outcome for case in asked):
        raise NothingToLearn(
            "no contact is known to be won or lost: say by `outcomes` in the scorecard how the "
            "platform marks them (a tag, or a condition on fields), see docs/learning.md"
        )
    found, left_out = candidates((case.past for case in asked), question.protected)
    used = {one.field: one.trait for one in found if one.field and one.trait}
    _check_known(question.protected - used.keys(), left_out)
    known, recent = _tables(asked, found, card, question, now)
    edges = {band.id: band.enter / MICRO for band in card.bands if band.enter is not None}
    late = late_leaks(found, late_fields(asked))
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
    known: Sequence[Case],
    found: Sequence[Candidate],
    card: Scorecard,
    question: Question,
    now: datetime,
) -> tuple[AsOf, AsOf]:
    """The days whose horizon has ended, to learn from; and the last weeks, for what rises now."""
    days = days_asked(known, now - question.horizon, question.every)
    weeks = [now - timedelta(weeks=back) for back in range(_WEEKS + 1)]
    both = as_of(known, found, card, sorted({*days, *weeks}), question.horizon)
    return both.on(days), both.on(weeks)
