"""What the firm's team does in its platform: own fields, edits of contacts and of companies."""

from __future__ import annotations

from typing import Any

from firm_kit import Firm

from connectors.mautic.standin import payloads, saving
from connectors.mautic.standin.author import ADMIN
from connectors.mautic.standin.fields import Field
from connectors.mautic.standin.hooks import changing


def own_fields(firm: Firm, *aliases: str) -> None:
    """Fields that this firm added to its contacts."""
    for alias in aliases:
        firm.standin.add_field(Field(firm.standin.next_field_id(), alias, alias.title()))


def edit(firm: Firm, contact: int, **values: Any) -> None:
    """Somebody of the team saves these fields of a contact."""
    held = firm.standin.find(contact)
    assert held is not None
    with changing(firm.standin) as events:
        saving.save(firm.standin, held, values, ADMIN, events)


def edit_company(firm: Firm, name: str, **values: Any) -> None:
    """Somebody of the team saves these fields of a company that a contact named."""
    shown = payloads.company(firm.standin.companies[name], name, firm.standin.now())
    for group in shown["fields"].values():
        for alias, value in values.items():
            if alias in group:
                group[alias] = {**group[alias], "value": value}
    with changing(firm.standin) as events:
        events.append(saving.event(firm.standin, "company_post_save", company=shown))
