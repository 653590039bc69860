"""Somebody else changed the draft meanwhile: who, when, and what."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _

from plugin.scoring.problems import ScorecardError
from plugin.services.drafts import StaleDraft

from .differing import differing


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """What to tell who came second."""

    headline: str
    changes: tuple[str, ...]


def meanwhile(stale: StaleDraft) -> Meanwhile:
    """What was changed since the text that this person saw."""
    try:
        told = differing(stale.seen, stale.draft.source)
    except ScorecardError:
        told = []
    headline = _(
        "%(who)s has changed this draft meanwhile: nothing was saved. Look and decide anew.",
        who=stale.draft.who,
    )
    return Meanwhile(headline, tuple(told))
