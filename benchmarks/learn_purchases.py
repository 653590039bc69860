"""Who buys again? CDNOW's purchases of 1997 and 1998, asked about as of two days.

The file comes with the PyPI package ``Lifetimes`` (Fader and Hardie's CDNOW data).
"""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

from connectors.activity import Activity, Subject
from plugin.learning.as_of import AsOf, as_of
from plugin.learning.candidates import Candidate, candidates
from plugin.learning.card import learn_card
from plugin.learning.case import Case
from plugin.learning.measures import auc, lift
from plugin.learning.model import Card
from plugin.scoring.history import history
from plugin.scoring.outcomes import Outcome

from .learn_simulated import no_rules

_TRAINED, _TESTED, _END = (
    datetime(1997, 6, 30, tzinfo=UTC),
    datetime(1997, 12, 31, tzinfo=UTC),
    datetime(1998, 6, 30, tzinfo=UTC),
)


def purchases() -> dict[str, list[Activity]]:
    """What each customer bought and when."""
    bought = defaultdict(list)
    # Found without importing it: only its file is wanted.
    package = find_spec("lifetimes")
    assert package is not None, "needs lifetimes, see the extra `bench`"
    lines = (Path(str(package.origin)).parent / "datasets" / "CDNOW_master.txt").read_text()
    for number, line in enumerate(lines.splitlines()[1:]):
        if not line.strip():
            continue
        who, day, *_ = line.split()
        at = datetime.strptime(day, "%Y%m%d").replace(tzinfo=UTC)
        activity = Activity(str(number), who, "form_submitted", at, Subject("form", "order"))
        bought[who].append(activity)
    return bought


def known_on(
    bought: dict[str, list[Activity]], found: list[Candidate], day: datetime, until: datetime
) -> AsOf:
    """What was known on a day of who had bought before, and who bought again."""
    return as_of(_cases(bought, day), found, no_rules(), [day], until - day)


def _cases(bought: dict[str, list[Activity]], day: datetime) -> list[Case]:
    cases = []
    for done in bought.values():
        again = min((one.occurred_at for one in done if one.occurred_at > day), default=None)
        outcome = Outcome(again, "won") if again else None
        before = [one for one in done if one.occurred_at <= day]
        cases.append(Case(history(before, []), outcome))
    return cases


def figures() -> tuple[float, float, Card, list[Candidate]]:
    """AUC and lift of the later half year, the card, and what it was made of."""
    bought = purchases()
    # What the first day knew decides what is asked.
    found = list(candidates(case.past for case in _cases(bought, _TRAINED))[0])
    card = learn_card(known_on(bought, found, _TRAINED, _TESTED).table)
    later = known_on(bought, found, _TESTED, _END).table
    score = card.score(later)
    return auc(later.won, score), lift(later.won, score), card, found
