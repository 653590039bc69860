"""The kinds of rules, one file each."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from .activity import ACTIVITY
from .field import FIELD
from .kind import Earned, Held, Kind

KINDS: Mapping[str, Kind] = MappingProxyType({kind.name: kind for kind in (ACTIVITY, FIELD)})

__all__ = ["KINDS", "Earned", "Held", "Kind"]
