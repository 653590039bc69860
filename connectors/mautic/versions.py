"""How versions of Mautic differ where that changes what we do: the one table of it. Pure.

What an answer tells by itself (an ignored zero, a merged id, the events a webhook can have) is read
from the answer, in every version. docs/mautic.md lists the traps for people.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Quirks:
    """``batches``: items of a batch edit can be believed to land where they belong.

    ``private_webhooks``: webhooks may go to private addresses without being listed.
    ``keeps_undelivered``: in queue mode an event stays queued until it was answered 2xx.
    """

    batches: bool
    private_webhooks: bool
    keeps_undelivered: bool


#: What nothing goes wrong with: for Mautic 3 and its offspring, and for what is not out yet.
SAFEST = Quirks(batches=False, private_webhooks=False, keeps_undelivered=False)

#: By the first version that behaves so, up to the next line.
_LINES: tuple[tuple[tuple[int, int], Quirks], ...] = (
    ((0, 0), SAFEST),
    # Batches: values on the neighbour in 3.2 (issue 9897), stages that spread (8951), 500 when
    # two contacts share a stage in 4.4 (12443).
    ((4, 0), Quirks(batches=False, private_webhooks=True, keeps_undelivered=False)),
    ((5, 1), Quirks(batches=True, private_webhooks=True, keeps_undelivered=False)),
    # Private addresses: 15862. Queue rows that are kept and tried again: 15283.
    ((7, 0), Quirks(batches=True, private_webhooks=False, keeps_undelivered=True)),
    ((8, 0), SAFEST),
)


def quirks(version: str | None) -> Quirks:
    """The behaviour of a version as its header ``Mautic-Version`` says it, such as ``6.0.3``.

    Loosely read, because Webmecanik's say ``3.0.16-atmt``; what cannot be read is ``SAFEST``.
    """
    numbers = re.match(r"\s*v?(\d{1,4})\.(\d{1,4})", version or "")
    if numbers is None:
        return SAFEST
    here = (int(numbers[1]), int(numbers[2]))
    return [line for since, line in _LINES if since <= here][-1]
