"""How far a counted share can be trusted."""

from __future__ import annotations

import math

_CERTAIN = 1.96


def between(hits: int, count: int) -> tuple[float, float]:
    """Wilson's bounds of a share: it lies between them 19 times out of 20."""
    square = _CERTAIN**2
    share = hits / count
    middle = share + square / (2 * count)
    spread = _CERTAIN * math.sqrt(share * (1 - share) / count + square / (4 * count**2))
    whole = 1 + square / count
    # A share of all or of none ends a rounding error beyond.
    return max((middle - spread) / whole, 0.0), min((middle + spread) / whole, 1.0)
