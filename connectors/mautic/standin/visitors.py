"""What people do: visits, forms, downloads, and what becomes of their mails.

Each fires the webhooks the real platform fires, and leaves its rows in the statistics. Somebody
is known by the contact id they were last seen as; ``None`` is a new browser, without cookies.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import payloads
from .author import VISITOR
from .browser import PERSON, Browser
from .contacts import joined, short
from .happenings import note_download, note_hit, note_submission
from .hooks import changing
from .mails import bounce, click, open_email, send_email, unsubscribe
from .merging import merge
from .point_actions import earn
from .saving import create, deleted, event, save
from .state import Contact, Event, StandIn

__all__ = [
    "bounce",
    "click",
    "delete_contact",
    "download",
    "open_email",
    "send_email",
    "submit_form",
    "unsubscribe",
    "visit",
]

_FORM = {"id": 1, "name": "Demo form", "alias": "demo_form"}


def visit(
    standin: StandIn, contact: int | None, url: str, *, browser: Browser = PERSON, **hit: Any
) -> int:
    """A page view; ``hit`` overrides keys of the hit. Gives the contact id of the browser."""
    with changing(standin) as events:
        visitor = _visitor(standin, contact)
        visitor.last_active = standin.now()
        seen = payloads.hit(standin, visitor, url, None, **{"userAgent": browser.agent, **hit})
        note_hit(standin, seen, browser)
        if seen["page"]:
            earn(standin, visitor, "page.hit", seen["page"]["id"], events)
        earn(standin, visitor, "url.hit", url, events)
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

    From a browser not known, the e-mail of a known contact merges the two: its id may change.
    """
    with changing(standin) as events:
        visitor = _visitor(standin, contact)
        known = standin.by_email(results.get("email"))
        profile = {k: v for k, v in results.items() if v != "" and standin.field(k)}
        if known and known is not visitor and visitor.anonymous:
            visitor, lead = merge(standin, known, visitor, profile, events)
            if results.get("company"):
                events += _joined(standin, visitor)
        else:
            visitor = _filled(standin, visitor, known, profile, events)
            lead = short(standin, visitor)
        visitor.fresh = False
        shown = {**_FORM, **(form or {})}
        standin.library["forms"][shown["id"]] = shown["name"]
        sent = payloads.submission(standin, lead, shown, results, referer)
        note_submission(standin, sent, visitor.id)
        earn(standin, visitor, "form.submit", shown["id"], events)
        events.append(event(standin, "form_on_submit", submission=sent))
    return visitor.id


def download(
    standin: StandIn, contact: int | None, asset: int, *, browser: Browser = PERSON
) -> int:
    """A file taken on the site. No webhook tells; only the statistics do."""
    with changing(standin) as events:
        visitor = _visitor(standin, contact)
        note_download(standin, visitor.id, asset, None, browser.address)
        earn(standin, visitor, "asset.download", asset, events)
    return visitor.id


def delete_contact(standin: StandIn, contact: int) -> None:
    """Somebody deletes the contact in the platform."""
    with changing(standin) as events:
        events.append(deleted(standin, standin.contacts[contact]))
        standin.remove(contact)


def _visitor(standin: StandIn, contact: int | None) -> Contact:
    if contact is not None and (known := standin.find(contact)):
        return known
    visitor = standin.create()
    visitor.picture = "gravatar"
    return visitor


def _filled(
    standin: StandIn,
    visitor: Contact,
    known: Contact | None,
    profile: Mapping[str, Any],
    events: list[Event],
) -> Contact:
    """Whose submission it is: the visitor's, or of who has that e-mail, known or new."""
    if known is None and profile.get("email") and visitor.values.get("email"):
        before, contact = None, create(standin, profile, VISITOR, events)
    else:
        contact = known or visitor
        before = contact.values.get("company")
        save(standin, contact, profile, VISITOR, events)
    if contact.values.get("company") != before:
        events += _joined(standin, contact)
    return contact


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
