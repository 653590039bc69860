"""Changing contacts as Mautic's model does, with the webhook events each change fires."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from .author import Author
from .contacts import full
from .fields import Invalid, strip_tags
from .state import OWN_COLUMNS, Contact, Event, StandIn

_INT_MAX = 2**31 - 1
_LONGEST_TAG = 191


class Overflow(ValueError):
    """A value the database has no room for, or of a type the code behind does not expect."""


def create(
    standin: StandIn, data: Mapping[str, Any], author: Author, events: list[Event]
) -> Contact:
    """A contact made from an API body or a form; raises like ``save`` and then makes none."""
    contact = standin.create(author)
    contact.fresh = True
    try:
        save(standin, contact, data, author, events)
    except (Invalid, Overflow):
        del standin.contacts[contact.id]
        raise
    return contact


def save(
    standin: StandIn,
    contact: Contact,
    data: Mapping[str, Any],
    author: Author,
    events: list[Event],
) -> None:
    """Apply an API body; unknown keys are ignored. Raises ``Invalid`` or ``Overflow`` unchanged."""
    cleaned = _cleaned(standin, data)
    tags = _tags_after(contact, data.get("tags"))
    points = _points(data.get("points"), contact.points)
    before = replace(contact, values=dict(contact.values))
    contact.values.update(cleaned)
    contact.points, contact.tags = points, tags
    _relations(standin, contact, data)
    for tag in tags:
        standin.tags.setdefault(tag, len(standin.tags) + 1)
    if contact == before and not contact.fresh:
        return
    contact.modified_by = author
    _identified(standin, contact)
    if contact.points != before.points and not contact.fresh:
        events.append(points_changed(standin, contact, before.points, contact.points))
    events.extend(saved(standin, contact, was_anonymous=before.anonymous or contact.fresh))


def add_points(standin: StandIn, contact: Contact, delta: int, events: list[Event]) -> None:
    """Move the points by ``delta``. Both events still show the old total in the contact."""
    if abs(contact.points + delta) > _INT_MAX:
        raise Overflow("points")
    if not delta:
        return
    events.append(points_changed(standin, contact, contact.points, contact.points + delta))
    events.extend(saved(standin, contact, was_anonymous=contact.anonymous))
    contact.points += delta


def points_changed(standin: StandIn, contact: Contact, old: int, new: int) -> Event:
    """``lead_points_change``; anonymous visitors fire it too."""
    points = {"old_points": old, "new_points": new}
    return event(standin, "lead_points_change", contact=full(standin, contact), points=points)


def saved(standin: StandIn, contact: Contact, *, was_anonymous: bool) -> list[Event]:
    """What a save fires: nothing for a visitor, ``save_new`` when identified just now."""
    if contact.anonymous:
        return []
    key = "lead_post_save_new" if was_anonymous else "lead_post_save_update"
    return [event(standin, key, contact=full(standin, contact))]


def deleted(standin: StandIn, contact: Contact) -> Event:
    """``lead_post_delete``: the id stands beside the contact, whose own id is null by then."""
    gone = {**full(standin, contact), "id": None}
    return event(standin, "lead_post_delete", id=contact.id, contact=gone)


def event(standin: StandIn, key: str, **item: Any) -> Event:
    """An event with the moment it happened."""
    return Event(key, {**item, "timestamp": standin.now()})


def _cleaned(standin: StandIn, data: Mapping[str, Any]) -> dict[str, Any]:
    known = [f for f in standin.fields if f.alias in data and f.alias not in OWN_COLUMNS]
    cleaned = {field.alias: field.clean(data[field.alias]) for field in known}
    return {alias: value for alias, value in cleaned.items() if not _overlooked(standin, value)}


def _overlooked(standin: StandIn, value: Any) -> bool:
    """Whether this version takes the value for nothing sent."""
    if value == 0 and standin.has("ignores_zeros"):
        return True
    small = isinstance(value, float) and 0 < abs(value) < 1
    return small and standin.has("ignores_fractions")


def _points(given: Any, current: int) -> int:
    if given is None:
        return current
    try:
        points = int(float(given))
    except (TypeError, ValueError):
        raise Invalid("points", "Please enter a number.") from None
    if abs(points) > _INT_MAX:
        raise Overflow("points")
    return points


def _tags_after(contact: Contact, given: Any) -> list[str]:
    if given is None:
        return contact.tags
    wanted = given.split(",") if isinstance(given, str) else given
    tags = list(contact.tags)
    for item in wanted:
        if not isinstance(item, str) or len(item) > _LONGEST_TAG:
            raise Overflow("tags")
        tag = strip_tags(item).strip()
        if tag.startswith("-"):
            tags = [kept for kept in tags if kept != tag[1:]]
        elif tag and tag not in tags:
            tags.append(tag)
    return tags


def _relations(standin: StandIn, contact: Contact, data: Mapping[str, Any]) -> None:
    if "owner" in data:
        contact.owner = _owner(data["owner"])
    if "stage" in data:
        contact.stage = _stage(standin, data["stage"])
    if data.get("lastActive"):
        contact.last_active = data["lastActive"]


def _owner(user: Any) -> dict[str, Any] | None:
    names = {"username": "admin", "firstName": "Admin", "lastName": "Live"}
    who = {"createdByUser": None, "modifiedByUser": None}
    return {**who, "id": int(user), **names} if user else None


def _stage(standin: StandIn, stage: Any) -> dict[str, Any] | None:
    who = {"createdByUser": "Admin Live", "modifiedByUser": "Admin Live"}
    name = standin.library["stages"].get(int(stage or 0), f"Stage {stage}")
    what = {"name": name, "category": None, "weight": 10, "description": None}
    return {**who, "id": int(stage), **what} if stage else None


def _identified(standin: StandIn, contact: Contact) -> None:
    """Observed: the date of modification moves only when somebody becomes known."""
    if not contact.anonymous and not contact.identified:
        contact.identified = contact.modified = standin.now()
