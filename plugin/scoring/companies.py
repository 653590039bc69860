"""A contact's company as part of its profile: fields ``company.*`` while it belongs to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .history import ProfileFact


def with_companies(
    facts: Iterable[ProfileFact], companies: Mapping[str, Iterable[ProfileFact]]
) -> list[ProfileFact]:
    """The contact's facts, with those of its company of the moment as ``company.<field>``.

    The link is the profile field ``company_id``. Leaving a company clears its fields; what is
    said of a company later reaches only the contacts that belong to it then.
    """
    if not companies:
        return list(facts)
    timeline = [(fact.at, fact.order, "", fact) for fact in facts]
    for company, told in companies.items():
        timeline += [(fact.at, fact.order, company, fact) for fact in told]
    state: dict[str, dict[str, Any]] = {company: {} for company in companies}
    current: str | None = None
    merged: list[ProfileFact] = []
    for at, order, company, fact in sorted(timeline, key=lambda entry: entry[:3]):
        fields: dict[str, Any] = {}
        if company:
            state[company] |= fact.fields
            if company == current:
                fields = _prefixed(fact.fields)
        else:
            fields = dict(fact.fields)
            linked = fields.get("company_id", current)
            if linked != current:
                fields |= dict.fromkeys(_prefixed(state.get(current or "", {})))
                fields |= _prefixed(state.get(linked or "", {}))
                current = linked
        if fields:
            merged.append(ProfileFact(at, order, fields))
    return merged


def _prefixed(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {f"company.{name}": value for name, value in fields.items()}
