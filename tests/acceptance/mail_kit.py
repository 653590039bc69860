"""Mails of the firm, what people and machines do with them, and what contacts agree to."""

from __future__ import annotations

from firm_kit import Firm

from connectors.mautic.standin import saving, visitors
from connectors.mautic.standin.author import VISITOR
from connectors.mautic.standin.hooks import changing
from connectors.mautic.standin.kept import Mail

ASSET = "https://mautic.firm.example/asset/3:case-study"


def card(rules: str, more: str = "") -> str:
    """A scorecard of these rules, in one group of engagement; each is a line in flow style."""
    listed = "\n".join(f"      - {rule}" for rule in rules.strip().splitlines())
    return f"""
name: {{en: Firm, fr: Firme}}
timezone: Europe/Paris
{more}
groups:
  - id: all
    dimension: engagement
    rules:
{listed}
bands:
  - {{id: cold, tag: cold}}
  - {{id: hot, enter: 10, leave: 10, tag: hot}}
"""


def known(firm: Firm, email: str = "ada@example.org") -> int:
    """A contact that a form made known."""
    return firm.submit_form(email=email)


def imported(firm: Firm, email: str = "ada@example.org") -> int:
    """A contact that was never on the site."""
    with changing(firm.standin) as events:
        return saving.create(firm.standin, {"email": email}, VISITOR, events).id


def send(firm: Firm, contact: int, number: int = 1) -> Mail:
    """A mail goes out; an hour passes before anybody reads it."""
    mail = visitors.send_email(firm.standin, contact, number, name=f"Mail {number}")
    firm.wait(hours=1)
    return mail


def open_mail(firm: Firm, mail: Mail) -> None:
    visitors.open_email(firm.standin, mail)


def click(firm: Firm, mail: Mail, url: str, seconds: float = 0) -> None:
    """A link is followed, and some time passes."""
    visitors.click(firm.standin, mail, url)
    firm.wait(seconds=seconds)


def unsubscribe(firm: Firm, mail: Mail) -> None:
    visitors.unsubscribe(firm.standin, mail)


def tag(firm: Firm, contact: int, change: str) -> None:
    """Add a tag in the platform, or remove it if it begins with ``-``."""
    held = firm.standin.find(contact)
    assert held is not None
    with changing(firm.standin) as events:
        saving.save(firm.standin, held, {"tags": [change]}, VISITOR, events)
