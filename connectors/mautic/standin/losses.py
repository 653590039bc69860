"""Deliveries that never arrive."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random


@dataclass
class Losses:
    """A share of the deliveries that something before the receiver answers with 502."""

    share: float
    seed: int = 0
    _random: Random = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._random = Random(self.seed)  # noqa: S311 -- it decides nothing secret

    def next(self) -> bool:
        """Whether the next delivery is lost."""
        return self._random.random() < self.share
