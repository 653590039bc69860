"""Moments as the databases keep them: microseconds since 1970, UTC. Exact and sortable."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
#: Nearer than this to the epoch, until 2255, seconds as a float are exact to the microsecond. That
#: way costs half as much, and histories are read in millions.
_EXACT = 2**53


def to_us(moment: datetime) -> int:
    """Microseconds since the epoch of an aware moment."""
    return (moment - _EPOCH) // _MICROSECOND


def from_us(microseconds: int) -> datetime:
    """The aware UTC moment."""
    if -_EXACT < microseconds < _EXACT:
        return datetime.fromtimestamp(microseconds / 1_000_000, UTC)
    return _EPOCH + timedelta(microseconds=microseconds)
