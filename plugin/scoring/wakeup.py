"""When a score has to be looked at again although nothing happens: nobody is rescanned daily.

How far a score may move until a moment is known (``outlook.py``), and between which values it
means the same. The first moment at which it may leave them is looked for: by following its
slope, which finds most at once, and by halves where it jumps.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import Any, TypeAlias

from .bands import band_span
from .evaluate import grade_span, written_span
from .lines import Line
from .outlook import Reach, outlook
from .scorecard import MICRO, Band, Scorecard

#: No closer looks than this: what changes sooner is noticed that late at most.
CLOSEST = timedelta(minutes=10)
#: How late a farther change is noticed at most, in seconds.
_SHARP = 30.0
#: What changes even later is nobody's concern.
_FAR = timedelta(days=36_500)

#: Values from the first on and below the second; ``None`` is without end.
_Span: TypeAlias = tuple[int | None, int | None]
#: Seconds from now, and the slack at that moment.
_Point: TypeAlias = tuple[float, float]


def next_look(
    card: Scorecard,
    lines: Sequence[Line],
    band: Band,
    band_since: datetime,
    held: Mapping[str, Any] | None,
    now: datetime,
) -> datetime | None:
    """The next moment at which band, grade, actions or the platform's values may need attention.

    ``None`` if never. ``held`` are the values that the platform has or is about to get, if it is
    to have any. Looking then finds the change, or the next such moment.
    """
    return min(_moments(card, lines, band, band_since, held, now), default=None)


def lags(card: Scorecard, held: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    """Whether what the platform holds differs so much that time alone is a reason to write."""
    if any(held[name] != values[name] for name in ("grade", "band", "tag")):
        return True
    numbers = ("score", *card.dimensions)
    return any(abs(values[name] - held[name]) * MICRO > card.tolerance for name in numbers)


def _moments(
    card: Scorecard,
    lines: Sequence[Line],
    band: Band,
    band_since: datetime,
    held: Mapping[str, Any] | None,
    now: datetime,
) -> Iterator[datetime]:
    if band_since + band.stay > now:
        yield band_since + band.stay
    if coming := [line for line in lines if line.valid_from > now]:
        acting = {rule.id for rule in card.rules if rule.actions}
        yield from (line.valid_from for line in coming if line.rule in acting)
    if (change := _change(card, lines, band, held, now)) is not None:
        yield change


def _change(
    card: Scorecard,
    lines: Iterable[Line],
    band: Band,
    held: Mapping[str, Any] | None,
    now: datetime,
) -> datetime | None:
    reach = outlook(card, lines, now).reach
    spans = _spans(card, band, held, reach(now))

    def slack(seconds: float) -> float:
        least, most = reach(now + timedelta(seconds=seconds))
        below = [least[name] - low for name, (low, _) in spans if low is not None]
        above = [high - 1 - most[name] for name, (_, high) in spans if high is not None]
        return min(below + above, default=math.inf)

    close, far = CLOSEST.total_seconds(), _FAR.total_seconds()
    soon = (far, slack(far))
    if soon[1] >= 0:
        return None
    still = (close, slack(close))
    if still[1] < 0:
        return now + CLOSEST
    return now + timedelta(seconds=_first_below(slack, (0.0, slack(0.0)), still, soon))


def _spans(
    card: Scorecard, band: Band, held: Mapping[str, Any] | None, reach: Reach
) -> list[tuple[str, _Span]]:
    """Between which values score and dimensions mean the same as now."""
    now, _ = reach
    spans = [
        ("score", band_span(card.bands, band.id, now["score"])),
        ("fit", grade_span(card, now.get("fit", 0))),
    ]
    if held is not None:
        spans += [(name, written_span(held[name], card.tolerance)) for name in now]
    return [(name, span) for name, span in spans if name in now]


def _first_below(
    slack: Callable[[float], float], before: _Point, still: _Point, soon: _Point
) -> float:
    """Seconds after which the slack is below 0, at most ``_SHARP`` late.

    The slack never grows. It is not below 0 at ``before`` and ``still``, and is at ``soon``.
    """
    step, crossed = _SHARP / 2, False
    for turn in count():
        if soon[0] - still[0] <= _SHARP:
            break
        # A little beyond where it should be, and if that was too far a little before.
        aim = _zero(still, soon) if crossed else _zero(before, still)
        within = [at for at in (aim + step, aim - step) if still[0] < at < soon[0]]
        stuck = turn > 5 and turn % 2
        guess = within[0] if within and not stuck else _between(still[0], soon[0])
        found = (guess, slack(guess))
        if found[1] < 0:
            soon, crossed, step = found, True, -_SHARP / 2
        else:
            before, still, step = still, found, _SHARP / 2
    return soon[0]


def _zero(one: _Point, other: _Point) -> float:
    """Where the straight line through both points is 0."""
    fall = one[1] - other[1]
    return one[0] + one[1] * (other[0] - one[0]) / fall if fall > 0 else math.inf


def _between(still: float, soon: float) -> float:
    """Somewhere in the middle; by factors while far apart, because most changes are near."""
    return math.sqrt(still * soon) if soon > 4 * still else (still + soon) / 2
