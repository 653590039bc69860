"""Two contacts become one, when a form names the e-mail of a contact that is known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .author import VISITOR
from .contacts import full, short
from .saving import add_points, deleted, event, points_changed, save, saved
from .state import Contact, Event, StandIn


def merge(
    standin: StandIn,
    known: Contact,
    visitor: Contact,
    profile: Mapping[str, Any],
    events: list[Event],
) -> tuple[Contact, dict[str, Any]]:
    """Who stays, and the contact as the submission shows it.

    From Mautic 5 on the known contact is merged into the visitor and its id changes; in 4.4 the
    older of the two stays.
    """
    if standin.has("merge_keeps_the_oldest") and known.id < visitor.id:
        return known, _into_known(standin, known, visitor, profile, events)
    return visitor, _into_visitor(standin, known, visitor, profile, events)


def _into_visitor(
    standin: StandIn,
    known: Contact,
    visitor: Contact,
    profile: Mapping[str, Any],
    events: list[Event],
) -> dict[str, Any]:
    """As recorded: most of the events show the visitor as it stood before, and so does the form."""
    visitor.modified_by = VISITOR
    visitor.identified = known.identified
    stale = {"contact": full(standin, visitor)}
    lead = short(standin, visitor)
    if known.points:
        total = visitor.points + known.points
        events.append(points_changed(standin, visitor, visitor.points, total))
    events.append(event(standin, "lead_post_save_new", **stale))
    events.append(deleted(standin, known))
    events.append(event(standin, "lead_post_save_update", **stale))
    visitor.points += known.points
    _take_over(standin, visitor, known)
    save(standin, visitor, profile, VISITOR, [])
    return lead


def _into_known(
    standin: StandIn,
    known: Contact,
    visitor: Contact,
    profile: Mapping[str, Any],
    events: list[Event],
) -> dict[str, Any]:
    """Source of 4.4: LegacyLeadModel::mergeLeads, called by FormBundle's SubmissionModel."""
    if visitor.points:
        add_points(standin, known, visitor.points, events)
    events.append(deleted(standin, visitor))
    _take_over(standin, known, visitor)
    known.modified_by = VISITOR
    told: list[Event] = []
    save(standin, known, profile, VISITOR, told)
    events.extend(told or saved(standin, known, was_anonymous=False))
    return short(standin, known)


def _take_over(standin: StandIn, winner: Contact, loser: Contact) -> None:
    mine = {alias: value for alias, value in winner.values.items() if value is not None}
    winner.values = {**loser.values, **mine}
    winner.tags = [*loser.tags, *(tag for tag in winner.tags if tag not in loser.tags)]
    winner.owner, winner.stage = winner.owner or loser.owner, winner.stage or loser.stage
    winner.do_not_contact = winner.do_not_contact + loser.do_not_contact
    standin.merge(loser.id, winner)
