"""The score of a contact over time: few points, and one at everything that happened."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from .evaluate import evaluate
from .lines import Line
from .scorecard import Scorecard

#: Between what happened the score only fades: so many moments draw that.
_STEPS = 60
#: More than a screen can show apart.
_MOST = 240


def curve(
    card: Scorecard, lines: Sequence[Line], since: datetime, until: datetime
) -> list[tuple[datetime, int]]:
    """The score (micro-points) at moments from ``since`` to ``until``, both included."""
    step = (until - since) / _STEPS
    even = [since + step * number for number in range(_STEPS)]
    changes = {line.valid_from for line in lines}
    changes |= {line.valid_to for line in lines if line.valid_to is not None}
    within = sorted(one for one in changes if since < one < until)
    every = -(-len(within) // _MOST) or 1
    moments = sorted({*even, *within[::every], until})
    return [(at, evaluate(card, lines, at).score) for at in moments]
