"""Mautic's own point actions, running beside us: who does something earns points in Mautic."""

from __future__ import annotations

from fnmatch import fnmatchcase

from .happenings import note_points
from .kept import Done, PointAction
from .saving import add_points
from .state import Contact, Event, StandIn


def earn(
    standin: StandIn, contact: Contact, done: Done, what: int | str | None, events: list[Event]
) -> None:
    """The points of every action for this; ``what`` is an id, or the address of a page.

    Recorded: both events of the points come before the event of what was done.
    """
    for action in standin.point_actions:
        if action.type != done or not _meant(action, what):
            continue
        fired = {"point_id": action.id, "lead_id": contact.id}
        if standin.tables.find("point_lead_action_log", **fired) and not action.repeatable:
            continue
        standin.tables.add("point_lead_action_log", **fired, date_fired=standin.moment())
        add_points(standin, contact, action.delta, events)
        kind, _, verb = action.type.partition(".")
        told = f"{action.id}: {action.name}"
        note_points(standin, contact.id, kind, told, verb, action.delta)


def _meant(action: PointAction, what: int | str | None) -> bool:
    if isinstance(what, str):
        return fnmatchcase(what, action.url)
    return not action.only or what in action.only
