"""What people do: visits, forms, e-mails. Each fires the webhooks the real platform fires.

A browser is known by the contact id it was last seen as; ``None`` is a new one, without cookies.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import payloads
from .author import VISITOR
from .contacts import full, joined, short
from .hooks import changing
from .kept import Mail
from .saving import create, deleted, event, points_changed, save, saved
from .state import Contact, Event, StandIn

_FORM = {"id": 1, "name": "Demo form", "alias": "demo_form"}
_UNSUBSCRIBED = {"reason": 1, "comments": "User unsubscribed.", "channel": "email"}


def visit(standin: StandIn, contact: int | None, url: str, **hit: Any) -> int:
    """A page view; ``hit`` overrides keys of the hit. Gives the contact id of the browser."""
    with changing(standin) as events:
        visitor = _browser(standin, contact)
        visitor.last_active = standin.now()
        seen = payloads.hit(standin, visitor, url, None, **hit)
        events.append(event(standin, "page_on_hit", hit=seen))
    return visitor.id


def submit_form(
    standin: StandIn,
    contact: int | None,
    results: Mapping[str, Any],
    *,
    form: Mapping[str, Any] | None = None,
    referer: str = "https://www.shop.example/demo",
) -> int:
    """A form sent; results named like contact fields fill them. Gives the contact it went to.

    From a browser not known, the e-mail of a known contact merges that contact into the visitor:
    its id changes, and the submission shows the visitor half-stale, as recorded.
    """
    with changing(standin) as events:
        visitor = _browser(standin, contact)
        known = standin.by_email(results.get("email"))
        lead = None
        if known and known is not visitor and visitor.anonymous:
            lead = _merge(standin, known, visitor, results, events)
        else:
            visitor = _filled(standin, visitor, known, results, events)
        lead = lead or short(standin, visitor)
        visitor.fresh = False
        sent = payloads.submission(standin, lead, {**_FORM, **(form or {})}, results, referer)
        events.append(event(standin, "form_on_submit", submission=sent))
    return visitor.id


def send_email(
    standin: StandIn,
    contact: int,
    email: int = 1,
    *,
    name: str = "Nurture 1",
    subject: str = "Hello",
    category: str | None = None,
) -> Mail:
    """An e-mail goes out; Mautic's API sends it also to who has unsubscribed."""
    with changing(standin) as events:
        to = standin.contacts[contact]
        mail = Mail(standin.next_id("stat"), contact, email, name, subject, standin.now(), category)
        standin.mails.append(mail)
        events.append(event(standin, "email_on_send", **payloads.sending(standin, to, mail)))
    return mail


def open_email(standin: StandIn, mail: Mail) -> None:
    """The pictures of the mail are loaded; every time counts and is told."""
    with changing(standin) as events:
        reader = _reader(standin, mail)
        mail.opens.append(standin.now())
        events.append(event(standin, "email_on_open", stat=payloads.stat(standin, reader, mail)))


def click(standin: StandIn, mail: Mail, url: str) -> None:
    """A link of the mail: two saves of the contact, then a hit whose source is the e-mail."""
    with changing(standin) as events:
        reader = _reader(standin, mail)
        reader.last_active = standin.now()
        reader.modified_by = VISITOR
        events += saved(standin, reader, was_anonymous=False) * 2
        events.append(event(standin, "page_on_hit", hit=payloads.hit(standin, reader, url, mail)))


def unsubscribe(standin: StandIn, mail: Mail) -> None:
    """The unsubscribe link; there is no event of its own for it."""
    with changing(standin) as events:
        reader = _reader(standin, mail)
        number = standin.next_id("do_not_contact")
        entry = {"id": number, **_UNSUBSCRIBED, "channelId": mail.email}
        reader.do_not_contact, reader.modified_by = [entry], VISITOR
        status = {
            "channel": "email",
            "old_status": "contactable",
            "new_status": "unsubscribed",
        }
        shown = full(standin, reader)
        events.append(event(standin, "lead_channel_subscription_changed", contact=shown, **status))
        events += saved(standin, reader, was_anonymous=False)


def delete_contact(standin: StandIn, contact: int) -> None:
    """Somebody deletes the contact in the platform."""
    with changing(standin) as events:
        events.append(deleted(standin, standin.contacts[contact]))
        standin.remove(contact)


def _browser(standin: StandIn, contact: int | None) -> Contact:
    if contact is not None and (known := standin.find(contact)):
        return known
    visitor = standin.create()
    visitor.picture = "gravatar"
    return visitor


def _reader(standin: StandIn, mail: Mail) -> Contact:
    reader = standin.find(mail.contact)
    if reader is None:
        raise LookupError(f"contact {mail.contact} of mail {mail.stat} was deleted")
    return reader


def _filled(
    standin: StandIn,
    visitor: Contact,
    known: Contact | None,
    results: Mapping[str, Any],
    events: list[Event],
) -> Contact:
    """Whose submission it is: the visitor's, or of who has that e-mail, known or new."""
    profile = _profile(standin, results)
    if known is None and results.get("email") and visitor.values.get("email"):
        before, contact = None, create(standin, profile, VISITOR, events)
    else:
        contact = known or visitor
        before = contact.values.get("company")
        save(standin, contact, profile, VISITOR, events)
    if contact.values.get("company") != before:
        events += _joined(standin, contact)
    return contact


def _merge(
    standin: StandIn,
    loser: Contact,
    visitor: Contact,
    results: Mapping[str, Any],
    events: list[Event],
) -> dict[str, Any]:
    """Merge, and give the visitor as it still stood: most of the events show only that."""
    visitor.modified_by = VISITOR
    visitor.identified = loser.identified
    stale = {"contact": full(standin, visitor)}
    lead = short(standin, visitor)
    if loser.points:
        total = visitor.points + loser.points
        events.append(points_changed(standin, visitor, visitor.points, total))
    events.append(event(standin, "lead_post_save_new", **stale))
    events.append(deleted(standin, loser))
    events.append(event(standin, "lead_post_save_update", **stale))
    visitor.points += loser.points
    known = {alias: value for alias, value in visitor.values.items() if value is not None}
    visitor.values = {**loser.values, **known}
    visitor.tags = [*loser.tags, *(tag for tag in visitor.tags if tag not in loser.tags)]
    visitor.owner, visitor.stage = loser.owner, loser.stage
    visitor.do_not_contact = loser.do_not_contact
    standin.merge(loser.id, visitor)
    save(standin, visitor, _profile(standin, results), VISITOR, [])
    if results.get("company"):
        events += _joined(standin, visitor)
    return lead


def _profile(standin: StandIn, results: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in results.items() if value != "" and standin.field(key)}


def _joined(standin: StandIn, contact: Contact) -> list[Event]:
    """The events of a company named in a form."""
    name = str(contact.values["company"])
    number = standin.companies.setdefault(name, len(standin.companies) + 1)
    shown = payloads.company(number, name, standin.now())
    who = joined(standin, contact)
    return [
        event(standin, "lead_company_change", added=True, contact=who, company=shown),
        event(standin, "company_post_save", company=shown),
    ]
