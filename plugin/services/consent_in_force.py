"""Use case: which signals need the consent of a contact, by the scorecard in force?"""

from __future__ import annotations

from sqlalchemy import Engine

from plugin.storage.engine import for_reading

from .rescore import NoScorecard, live_scorecard


def consent_in_force(engine: Engine) -> list[str]:
    """The signals (``opens``, ``pages`` …) that count only with consent; none without a card."""
    with for_reading(engine).begin() as connection:
        try:
            return sorted(live_scorecard(connection).card.consent)
        except NoScorecard:
            return []
