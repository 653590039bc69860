"""The kinds of rules, one file each."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from .absence import ABSENCE
from .activity import ACTIVITY
from .completeness import COMPLETENESS
from .duration import DURATION
from .field import FIELD
from .kind import Earned, Held, Kind
from .rate import RATE
from .repeat import REPEAT
from .series import SERIES

_ALL: tuple[Kind, ...] = (
    ACTIVITY,
    REPEAT,
    SERIES,
    DURATION,
    FIELD,
    COMPLETENESS,
    RATE,
    ABSENCE,
)

KINDS: Mapping[str, Kind] = MappingProxyType({kind.name: kind for kind in _ALL})

__all__ = ["KINDS", "Earned", "Held", "Kind"]
