"""What contacts teach: a card of its own from many wins, corrections of present rules from few."""

from __future__ import annotations

from dataclasses import dataclass

from .as_of import AsOf
from .card import learn_card
from .corrections import learn_corrections
from .model import Card
from .table import Floats

#: Fewer contacts won only correct present rules.
CARD_WINS = 80


@dataclass(frozen=True, slots=True)
class Learned:
    """A card, and whether it adds to the present rules or replaces them."""

    card: Card
    corrects: bool

    def score(self, asked: AsOf) -> Floats:
        """The points of each row, those of the present rules included where it adds to them."""
        return self.card.score(asked.table, asked.present if self.corrects else None)


def learn_from(known: AsOf) -> Learned:
    """The card, or the corrections; the same for the same contacts."""
    if known.table.wins < CARD_WINS:
        return Learned(learn_corrections(known.table, known.present), corrects=True)
    return Learned(learn_card(known.table), corrects=False)
