"""A firm whose former contacts teach something: five months of people, some of whom bought."""

from __future__ import annotations

from random import Random

from connectors.mautic.standin.author import ADMIN
from connectors.mautic.standin.hooks import changing
from connectors.mautic.standin.saving import save
from connectors.mautic.standin.visitors import submit_form, visit
from tests.installation import Installation

CARD = """
name: {en: Firm, fr: Entreprise}
timezone: Europe/Paris
groups:
  - id: forms
    dimension: engagement
    label: {en: Forms, fr: Formulaires}
    rules:
      - {id: form, kind: activity, label: {en: Form sent, fr: Formulaire envoyé}, points: 10,
         activity: form_submitted}
bands:
  - {id: cold, label: {en: Cold, fr: Froid}, tag: band-cold}
  - {id: hot, label: {en: Hot, fr: Chaud}, enter: 20, leave: 15, tag: band-hot}
outcomes:
  won: {tag: customer}
  lost: {tag: lost}
"""
MONTHS, WINNERS, OTHERS = 5, 39, 36
#: How many of a hundred winners, and of a hundred others, see a page before it is decided.
_PAGES = {"/demo": (65, 15), "/pricing": (55, 30), "/jobs": (5, 35)}
_SITE = "https://www.firm.example"


def live(firm: Installation) -> None:
    """Let the months pass; of each month's people it is known in the end who was won."""
    random = Random(20260101)
    for month in range(MONTHS):
        people = [_arrives(firm, random, month, place) for place in range(WINNERS + OTHERS)]
        firm.clock.forward(days=10)
        for place, contact in enumerate(people):
            _looks(firm, random, contact, place < WINNERS)
        firm.clock.forward(days=10)
        for place, contact in enumerate(people):
            _ends(firm, contact, "customer" if place < WINNERS else "lost")
        firm.clock.forward(days=10)
    firm.clock.forward(days=15)
    firm.score()


def _arrives(firm: Installation, random: Random, month: int, place: int) -> int:
    kind = "gmail.com" if random.random() < (0.1 if place < WINNERS else 0.4) else "nova.example"
    answers = {"email": f"c{month}.{place}@{kind}", "firstname": random.choice(("Ada", "Bob"))}
    return submit_form(firm.standin, None, answers)


def _looks(firm: Installation, random: Random, contact: int, winner: bool) -> None:
    for page, (of_winners, of_others) in _PAGES.items():
        if random.random() * 100 < (of_winners if winner else of_others):
            visit(firm.standin, contact, _SITE + page)


def _ends(firm: Installation, contact: int, tag: str) -> None:
    held = firm.standin.find(contact)
    assert held is not None
    with changing(firm.standin) as events:
        told = {"tags": [tag]} | ({"phone": "+33 1 55 00 00 00"} if tag == "customer" else {})
        save(firm.standin, held, told, ADMIN, events)


def newcomer(firm: Installation, page: str) -> int:
    """Somebody who sends a form and looks at a page, now."""
    contact = submit_form(firm.standin, None, {"email": "ada@nova.example"})
    visit(firm.standin, contact, _SITE + page)
    firm.score()
    return contact
