"""What the REST API does to one contact: send an e-mail, put it into a campaign, segment, stage."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g

from .answers import answer, crashed, not_found
from .auth import here, require
from .author import ADMIN
from .contacts import joined, signed
from .hooks import changing
from .kept import Kind, Membership
from .saving import event, save
from .state import Contact, Event, StandIn
from .visitors import send_email

blueprint = Blueprint("actions", __name__, url_prefix="/api")


@blueprint.post("/emails/<int:email>/contact/<int:contact_id>/send")
def send(email: int, contact_id: int) -> Response:
    """Send an e-mail; in some versions also to who has unsubscribed. Never without an address."""
    standin = here()
    name = _named(standin, "emails", email)
    contact = _contact(standin, contact_id)
    require(standin, "emails:send")
    if not contact.values.get("email"):
        return answer({"success": False, "failed": "No email address"})
    blocked = any(entry["channel"] == "email" for entry in contact.do_not_contact)
    if blocked and not standin.has("mails_the_unsubscribed"):
        return answer({"success": True})
    send_email(standin, contact.id, email, name=name)
    return answer({"success": True})


@blueprint.post("/campaigns/<int:campaign>/contact/<int:contact_id>/<any(add, remove):verb>")
def change_campaign(campaign: int, contact_id: int, verb: str) -> Response:
    """Into a campaign or out of it; nobody is told."""
    standin = here()
    _named(standin, "campaigns", campaign)
    contact = _contact(standin, contact_id)
    require(standin, "contacts:edit")
    with standin.lock:
        _change(standin, Membership("campaigns", campaign, contact.id), verb)
    return answer({"success": 1})


@blueprint.post("/segments/<int:segment>/contact/<int:contact_id>/<any(add, remove):verb>")
def change_segment(segment: int, contact_id: int, verb: str) -> Response:
    """Into a segment or out of it; a merged id makes Mautic crash here, and only here."""
    standin = here()
    name = _named(standin, "segments", segment)
    if contact_id in standin.merged:
        raise crashed()
    contact = _contact(standin, contact_id)
    require(standin, "contacts:edit")
    with changing(standin) as events:
        if _change(standin, Membership("segments", segment, contact.id), verb):
            events.append(_moved(standin, contact, segment, name, verb))
    return answer({"success": 1})


@blueprint.post("/stages/<int:stage>/contact/<int:contact_id>/<any(add, remove):verb>")
def change_stage(stage: int, contact_id: int, verb: str) -> Response:
    """To a stage, or to none when it was at this one."""
    standin = here()
    name = _named(standin, "stages", stage)
    contact = _contact(standin, contact_id)
    require(standin, "contacts:edit")
    with changing(standin) as events:
        save(standin, contact, {"stage": stage if verb == "add" else None}, g.author, events)
        standin.tables.add(
            "lead_stages_change_log",
            lead_id=contact.id,
            stage_id=stage,
            event_name=f"{stage}: {name}",
            action_name={"add": "Manually Added", "remove": "Manually Removed"}[verb],
            date_added=standin.moment(),
        )
    return answer({"success": 1})


@blueprint.get("/contacts/<int:contact_id>/campaigns")
def list_campaigns(contact_id: int) -> Response:
    """The campaigns a contact is in, keyed by id; none is a list."""
    listed = _listed(here(), "campaigns", contact_id)
    shown = {number: {**one, "listMembership": [1]} for number, one in listed.items()}
    return answer({"total": len(shown), "campaigns": shown or []})


@blueprint.get("/contacts/<int:contact_id>/segments")
def list_segments(contact_id: int) -> Response:
    """The segments a contact is in, keyed by id; none is a list."""
    listed = _listed(here(), "segments", contact_id)
    shown = {number: {**one, "alias": one["name"].lower()} for number, one in listed.items()}
    return answer({"total": len(shown), "lists": shown or []})


def _named(standin: StandIn, kind: Kind, number: int) -> str:
    name = standin.library[kind].get(number)
    if name is None:
        raise not_found()
    return name


def _contact(standin: StandIn, contact_id: int) -> Contact:
    contact = standin.find(contact_id)
    if contact is None:
        raise not_found("Contact not found.")
    return contact


def _change(standin: StandIn, membership: Membership, verb: str) -> bool:
    """Whether it changed anything."""
    there = membership in standin.memberships
    if verb == "add":
        standin.memberships.setdefault(membership, standin.now())
    else:
        standin.memberships.pop(membership, None)
    return there == (verb == "remove")


def _listed(standin: StandIn, kind: Kind, contact_id: int) -> dict[str, dict[str, Any]]:
    with standin.lock:
        contact = _contact(standin, contact_id)
        return {
            str(one.id): {
                "id": one.id,
                "name": standin.library[kind][one.id],
                "dateAdded": since,
                "manuallyRemoved": False,
                "manuallyAdded": True,
            }
            for one, since in standin.memberships.items()
            if (one.kind, one.contact) == (kind, contact.id)
        }


def _moved(standin: StandIn, contact: Contact, segment: int, name: str, verb: str) -> Event:
    now = standin.now()
    shown = {
        "isPublished": True,
        "dateAdded": now,
        "dateModified": now,
        **signed("createdBy", ADMIN),
        **signed("modifiedBy", ADMIN),
        "id": segment,
        "name": name,
        "publicName": name,
        "alias": name.lower(),
        "description": None,
        "category": None,
        "filters": [],
        "isGlobal": True,
        "isPreferenceCenter": False,
    }
    action = {"add": "added", "remove": "removed"}[verb]
    who = joined(standin, contact)
    return event(standin, "lead_list_change", contact=who, segment=shown, action=action)
