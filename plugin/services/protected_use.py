"""Use case: a person lets protected fields decide about people, and says why."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from plugin.learning.question import Question

from .audit import record


def note_use(connection: Connection, question: Question, who: str, now: datetime) -> None:
    """Keep in the trail which protected fields a question uses, and the reason; nothing if none."""
    if question.protected:
        fields = ", ".join(sorted(question.protected))
        reason = question.reason.strip()
        record(connection, who, "learning.protected_used", fields, None, reason, now)
