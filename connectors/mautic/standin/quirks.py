"""In what the versions of Mautic differ, as far as a stand-in can play it: the one table of it."""

from __future__ import annotations

import re
from dataclasses import dataclass

_FIRST, _LAST = (0, 0, 0), (99, 0, 0)


@dataclass(frozen=True)
class Quirk:
    """From version ``since`` on and before ``until``, Mautic does what ``says`` says."""

    says: str
    source: str
    since: tuple[int, int, int] = _FIRST
    until: tuple[int, int, int] = _LAST


QUIRKS: dict[str, Quirk] = {
    "merge_keeps_the_oldest": Quirk(
        "a form with a known e-mail merges the visitor into the older contact",
        "source of 4.4.9, LegacyLeadModel::mergeLeads; 6.0.3 was observed to do the opposite",
        until=(5, 0, 0),
    ),
    "ignores_zeros": Quirk(
        "a 0 in an edit is taken for nothing to change",
        "mautic issue 15030 (5.2.4, 5.2.5, 6.0.1), corrected by pull request 15900 in 7",
        since=(5, 0, 0),
        until=(7, 0, 0),
    ),
    "ignores_fractions": Quirk(
        "a number between -1 and 1 in an edit is taken for nothing to change",
        "mautic issue 16590 (7.1)",
        since=(7, 0, 0),
        until=(7, 2, 0),
    ),
    "batch_lands_on_the_neighbour": Quirk(
        "the values of a batch's item land on the contact of the item after it",
        "mautic issue 9897 (3.2)",
        until=(3, 3, 0),
    ),
    "batch_crashes_on_shared_stages": Quirk(
        "a batch with two contacts of one stage ends with error 500",
        "mautic issue 12443 (4.4)",
        since=(4, 0, 0),
        until=(5, 0, 0),
    ),
    "mails_the_unsubscribed": Quirk(
        "the API sends an e-mail also to who unsubscribed",
        "observed on 6.0.3; source of 5.0.4 to 6.0.3; 4.4 skips them, 7.2 follows the mail's flag",
        since=(5, 0, 0),
        until=(7, 0, 0),
    ),
    "no_private_webhooks": Quirk(
        "webhooks to private addresses are refused unless listed",
        "source of 7.x, PrivateAddressChecker; mautic pull request 15862",
        since=(7, 0, 0),
    ),
    "retries_after_an_hour": Quirk(
        "in queue mode rows stay until they were answered 2xx; after a refusal the webhook rests",
        "mautic pull requests 15283 and 15495 (7.x)",
        since=(7, 0, 0),
    ),
    "retries_at_the_next_run": Quirk(
        "in queue mode rows stay until they were answered 2xx",
        "source of 3.3",
        until=(4, 0, 0),
    ),
    "rate_limiter": Quirk(
        "calls are counted and answers say how many are left",
        "UPGRADE-7.0.md removes the limiter",
        until=(7, 0, 0),
    ),
    "searches_notes": Quirk(
        "the notes of a contact can be searched", "source of 7.x", since=(7, 0, 0)
    ),
}


def has(version: str, quirk: str) -> bool:
    """Whether this version has that quirk; offspring such as ``3.0.16-atmt`` go by their numbers.

    Raises ``KeyError`` for a quirk that is not in the table.
    """
    known = QUIRKS[quirk]
    numbers = [int(number) for number in re.findall(r"\d+", version)[:3]]
    here = tuple([*numbers, 0, 0, 0][:3])
    return known.since <= here < known.until
