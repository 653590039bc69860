"""What platforms said of mails, assets and forms by themselves, put into activities read."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from connectors.activity import Activity

from .categories import known_categories, with_category
from .forms import optional_answers


def complete(
    connection: Connection, connection_id: int, histories: Sequence[list[Activity]]
) -> None:
    """Put the subjects' categories, and of submissions which answers were optional.

    The lists, all of one connection, are changed in place. Only what they name is read.
    """
    told = {(one.subject, one.kind) for history in histories for one in history}
    known = known_categories(
        connection, {about.id for about, _ in told if about.id and about.category is None}
    )
    optional = optional_answers(
        connection, {about.id for about, kind in told if about.id and kind == "form_submitted"}
    )
    if not (known or optional):
        return

    def completed(activity: Activity) -> Activity:
        subject = with_category(activity.subject, connection_id, known)
        if subject is not activity.subject:
            activity = activity._replace(subject=subject)
        answers = optional.get((connection_id, subject.id or ""))
        if answers is None or activity.kind != "form_submitted":
            return activity
        return activity._replace(attributes={**activity.attributes, "optional": answers})

    for history in histories:
        history[:] = map(completed, history)
