"""Use case: look at a scorecard, the one in force or an older one, and at how far it is applied."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Engine

from plugin.scoring.document import read_document
from plugin.scoring.loading import load
from plugin.scoring.problems import Problem, ScorecardError
from plugin.storage import ranking, scorecards, scores
from plugin.storage.engine import for_reading
from plugin.storage.scorecards import StoredScorecard

from .rescore import NoScorecard, known_fields, live_scorecard

#: Contacts whose fields are taken for those that there are.
_LOOKED_AT = 100


@dataclass(frozen=True, slots=True)
class Checked:
    """A text as plain data (``None`` where it is not YAML), and everything wrong with it."""

    data: Any
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Applied:
    """How many contacts there are, and how many the scorecard in force has not scored yet."""

    contacts: int
    waiting: int

    @property
    def done(self) -> int:
        """How many it has scored."""
        return max(self.contacts - self.waiting, 0)


def in_force(engine: Engine) -> StoredScorecard:
    """The scorecard in force. Raises ``NoScorecard``."""
    with for_reading(engine).begin() as connection:
        found = scorecards.in_force(connection)
    if found is None:
        raise NoScorecard("no scorecard is published yet")
    return found


def every_version(engine: Engine) -> list[StoredScorecard]:
    """Every published version, the newest first."""
    with for_reading(engine).begin() as connection:
        return scorecards.versions(connection)


def applied(engine: Engine) -> Applied:
    """How far the recalculation after a publication is."""
    with for_reading(engine).begin() as connection:
        live = live_scorecard(connection)
        return Applied(ranking.count(connection), scores.count_outdated(connection, live.id))


@lru_cache(maxsize=32)
def checked(text: str) -> Checked:
    """What a text says and what is wrong with it."""
    try:
        data = read_document(text, "draft").data
    except ScorecardError as error:
        return Checked(None, error.problems)
    try:
        load(text, "draft")
    except ScorecardError as error:
        return Checked(data, error.problems)
    return Checked(data, ())


def known_profile_fields(engine: Engine) -> list[str]:
    """Names of the fields that the newest contacts and their companies have."""
    with for_reading(engine).begin() as connection:
        found = known_fields(connection, ranking.newest(connection, _LOOKED_AT))
    return sorted({name for fields in found.values() for name in fields})
