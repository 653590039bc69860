"""Who may not be contacted: the list ``doNotContact``, its rows and its webhooks."""

from __future__ import annotations

from .author import Author
from .contacts import full
from .saving import event, saved
from .state import Contact, Event, StandIn

_CONTACTABLE = "contactable"
#: What webhooks call the reasons 1, 2 and 3 of the database.
_STATUSES = {1: "unsubscribed", 2: "bounced", 3: "manual"}


def block(
    standin: StandIn,
    contact: Contact,
    reason: int,
    comments: str,
    author: Author,
    events: list[Event],
    *,
    channel: str = "email",
    of: int | None = None,
) -> None:
    """Contact nobody here by this channel; ``of`` is the e-mail that led to it."""
    before = _status(contact, channel)
    _forget(standin, contact, channel)
    row = standin.tables.add(
        "lead_donotcontact",
        lead_id=contact.id,
        date_added=standin.moment(),
        reason=reason,
        channel=channel,
        channel_id=of,
        comments=comments,
    )
    entry = {"id": row["id"], "reason": reason, "comments": comments, "channel": channel}
    contact.do_not_contact.append({**entry, "channelId": of})
    _tell(standin, contact, channel, before, author, events)


def allow(
    standin: StandIn, contact: Contact, channel: str, author: Author, events: list[Event]
) -> bool:
    """Contact them again; whether anything forbade it."""
    before = _status(contact, channel)
    if before == _CONTACTABLE:
        return False
    _forget(standin, contact, channel)
    _tell(standin, contact, channel, before, author, events)
    return True


def _status(contact: Contact, channel: str) -> str:
    reasons = [e.get("reason") for e in contact.do_not_contact if e["channel"] == channel]
    return _STATUSES.get(reasons[0] or 0, _CONTACTABLE) if reasons else _CONTACTABLE


def _forget(standin: StandIn, contact: Contact, channel: str) -> None:
    kept = [entry for entry in contact.do_not_contact if entry["channel"] != channel]
    contact.do_not_contact = kept
    standin.tables.drop("lead_donotcontact", lead_id=contact.id, channel=channel)


def _tell(
    standin: StandIn,
    contact: Contact,
    channel: str,
    before: str,
    author: Author,
    events: list[Event],
) -> None:
    contact.modified_by = author
    status = {"channel": channel, "old_status": before, "new_status": _status(contact, channel)}
    shown = full(standin, contact)
    events.append(event(standin, "lead_channel_subscription_changed", contact=shown, **status))
    events += saved(standin, contact, was_anonymous=False)
