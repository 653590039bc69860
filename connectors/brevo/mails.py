"""What became of campaign mails: https://developers.brevo.com/docs/marketing-webhooks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from hashlib import blake2b
from typing import Any

from ..activity import Activity, Evidence, Item, ProfileChange, Subject
from .values import address, moment, text

_Entry = Mapping[str, Any]


def _mail(entry: _Entry) -> Subject:
    return Subject("email", text(entry.get("camp_id")), text(entry.get("campaign name")))


def _activity(entry: _Entry, kind: str, *id: object, **attributes: Any) -> Activity:
    at = moment(entry, "ts_event", "ts")
    contact = address(entry)
    own = ":".join(map(str, (*id, entry.get("camp_id"), contact, int(at.timestamp()))))
    given = {name: value for name, value in attributes.items() if value is not None}
    return Activity(own[:500], contact, kind, at, _mail(entry), given)


def _known(entry: _Entry, **more: Any) -> ProfileChange:
    """That there is such a contact; whom Brevo mails is known."""
    at, contact = moment(entry, "ts_event", "ts"), address(entry)
    order = f"mail:{text(entry.get('event'))}"
    return ProfileChange(contact, at, order, {"email": contact, **more})


def _sent(entry: _Entry) -> Sequence[Item]:
    """``delivered`` and ``sent`` tell of one sending: it has the moment of the campaign."""
    at, contact = moment(entry, "ts_sent", "ts_event", "ts"), address(entry)
    id = f"sent:{text(entry.get('camp_id'))}:{contact}:{int(at.timestamp())}"
    return Activity(id, contact, "email_sent", at, _mail(entry)), _known(entry)


def _opened(entry: _Entry) -> Sequence[Item]:
    sent_at = moment(entry, "ts_sent").isoformat() if "ts_sent" in entry else None
    return _activity(entry, "email_opened", "open", sent_at=sent_at), _known(entry)


def _proxy_opened(entry: _Entry) -> Sequence[Item]:
    """The proxy of a mail program fetched the picture: nobody may have looked."""
    opening = _activity(entry, "email_opened", "proxy")
    return opening._replace(evidence=Evidence.MACHINE, proof="proxy"), _known(entry)


def _clicked(entry: _Entry) -> Sequence[Item]:
    url = text(entry.get("URL") or entry.get("link"), 2_000)
    digest = blake2b((url or "").encode(), digest_size=6, usedforsecurity=False).hexdigest()
    return _activity(entry, "email_clicked", "click", digest, url=url), _known(entry)


def _bounced(how: str) -> Callable[[_Entry], Sequence[Item]]:
    def read(entry: _Entry) -> Sequence[Item]:
        found = _activity(entry, "bounced", how, bounce=how, reason=text(entry.get("reason")))
        # What comes back for good is not mailed again; a full mailbox is another day's.
        never = {"do_not_contact": ["email"]} if how == "hard" else {}
        return found, _known(entry, **never)

    return read


def _left(how: str) -> Callable[[_Entry], Sequence[Item]]:
    def read(entry: _Entry) -> Sequence[Item]:
        found = _activity(entry, "unsubscribed", how, channel="email", how=how)
        return found, _known(entry, do_not_contact=["email"])

    return read


EVENTS: Mapping[str, Callable[[_Entry], Sequence[Item]]] = {
    "sent": _sent,
    "delivered": _sent,
    "opened": _opened,
    "unique_opened": _opened,
    "proxy_open": _proxy_opened,
    "unique_proxy_open": _proxy_opened,
    "click": _clicked,
    "hard_bounce": _bounced("hard"),
    "soft_bounce": _bounced("soft"),
    "unsubscribe": _left("unsubscribe"),
    "unsubscribed": _left("unsubscribe"),
    "spam": _left("spam"),
}
