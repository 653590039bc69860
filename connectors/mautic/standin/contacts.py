"""How a contact looks: in the API, in webhooks about it, and inside hits and e-mails."""

from __future__ import annotations

from typing import Any

from .author import Author
from .state import Contact, StandIn

#: Every contact has these groups, and an empty PHP array where it has no such field.
_GROUPS = ("core", "social", "personal", "professional")
#: The fields that stand beside ``fields`` too when a contact was joined to something.
_COLUMNS = (
    "title",
    "firstname",
    "lastname",
    "company",
    "position",
    "email",
    "phone",
    "mobile",
    "address1",
    "address2",
    "city",
    "state",
    "zipcode",
    "timezone",
    "country",
)
_MINIMAL = (
    "isPublished",
    "dateAdded",
    "dateModified",
    "createdBy",
    "createdByUser",
    "modifiedBy",
    "modifiedByUser",
    "id",
    "points",
    "color",
    "fields",
)


def full(standin: StandIn, contact: Contact) -> dict[str, Any]:
    """The contact in the webhooks about it."""
    return {
        "isPublished": True,
        "dateAdded": contact.added,
        "dateModified": contact.modified,
        **signed("createdBy", contact.created_by),
        **signed("modifiedBy", contact.modified_by),
        **short(standin, contact),
        "lastActive": contact.last_active,
        "owner": contact.owner,
        "ipAddresses": [],
        "tags": [
            {"id": standin.tags[tag], "tag": tag, "description": None} for tag in contact.tags
        ],
        "utmtags": None if contact.fresh else [],
        "stage": contact.stage,
        "dateIdentified": contact.identified,
        "preferredProfileImage": contact.picture,
        "doNotContact": list(contact.do_not_contact),
        "frequencyRules": [],
    }


def answered(standin: StandIn, contact: Contact) -> dict[str, Any]:
    """The contact in API answers: as in webhooks, and flat under ``fields.all``."""
    shown = full(standin, contact)
    shown["fields"]["all"] = _flat(standin, contact)
    return shown


def minimal(standin: StandIn, contact: Contact) -> dict[str, Any]:
    """The contact in lists asked for with ``minimal=1``."""
    shown = answered(standin, contact)
    return {key: shown[key] for key in _MINIMAL}


def short(standin: StandIn, contact: Contact) -> dict[str, Any]:
    """The contact inside a hit, an open or a submission."""
    return {
        "id": contact.id,
        "points": contact.points,
        "color": None,
        "fields": {group: _grouped(standin, contact, group) for group in _GROUPS},
    }


def listed(standin: StandIn, contact: Contact) -> dict[str, Any]:
    """The contact in the list of a form's submissions: its main fields, flat."""
    columns = {alias: contact.value(alias) for alias in _COLUMNS}
    return {"id": contact.id, "points": contact.points, "color": None, **columns}


def joined(standin: StandIn, contact: Contact) -> dict[str, Any]:
    """The contact in the webhook of a company: as always, and its main fields once more."""
    return {**full(standin, contact), **{alias: contact.value(alias) for alias in _COLUMNS}}


def profile(standin: StandIn, contact: Contact) -> dict[str, Any]:
    """The contact inside a sent e-mail: flat, its id as text."""
    return {**_flat(standin, contact), "companies": []}


def signed(role: str, author: Author | None) -> dict[str, Any]:
    """The two keys that tell who created or modified something."""
    return {
        role: author.id if author else None,
        f"{role}User": author.name if author else None,
    }


def _grouped(standin: StandIn, contact: Contact, group: str) -> dict[str, Any] | list[Any]:
    known = [definition for definition in standin.fields if definition.group == group]
    if contact.fresh:
        # zero points of a contact made a moment ago are still unset in its fields
        return {f.alias: f.fresh(contact.value(f.alias) or None) for f in known} or []
    return {f.alias: f.loaded(contact.value(f.alias)) for f in known} or []


def _flat(standin: StandIn, contact: Contact) -> dict[str, Any]:
    values = {field.alias: contact.value(field.alias) for field in standin.fields}
    return {"id": str(contact.id), **values}
