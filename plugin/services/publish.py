"""Use case: put a scorecard in force. The worker then recalculates every contact."""

from __future__ import annotations

from datetime import datetime
from importlib.resources import files

from sqlalchemy import Engine

from plugin.scoring.loading import load
from plugin.storage import scorecards


def publish(engine: Engine, source: str, name: str, now: datetime) -> int:
    """Check the text and publish it; answers its version. Raises ``ScorecardError``."""
    load(source, name)
    with engine.begin() as connection:
        return scorecards.publish(connection, source, now)


def publish_default(engine: Engine, now: datetime) -> None:
    """Publish the shipped minimal scorecard where none was ever published."""
    source = files("plugin").joinpath("scorecards/minimal.yaml").read_text(encoding="utf-8")
    with engine.begin() as connection:
        if scorecards.in_force(connection) is None:
            scorecards.publish(connection, source, now)
