"""Facts about contacts and companies: which are worth keeping."""

from __future__ import annotations

from collections.abc import Sequence

from connectors.activity import CompanyChange, Origin, ProfileChange
from plugin.scoring.history import ProfileFact, profile


def is_news(change: ProfileChange | CompanyChange, known: Sequence[ProfileFact]) -> bool:
    """Whether this is to be kept: how a thing was seen again and again only if it had changed."""
    fact = ProfileFact(change.at, change.order, change.fields)
    return change.origin is not Origin.POLL or profile([*known, fact]) != profile(known)
