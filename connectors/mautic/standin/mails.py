"""E-mails to contacts: sent, opened, followed, bounced, and no longer wanted."""

from __future__ import annotations

import re

from . import payloads
from .author import VISITOR
from .browser import PERSON, Browser
from .consent import block
from .happenings import note_download, note_hit, note_open
from .hooks import changing
from .kept import Mail, Open
from .point_actions import earn
from .saving import event, saved
from .state import Contact, StandIn

_ASSET = re.compile(r"/asset/(\d+):")


def send_email(
    standin: StandIn,
    contact: int,
    email: int = 1,
    *,
    name: str = "Nurture 1",
    subject: str = "Hello",
    category: str | None = None,
    source: tuple[str, int] = ("api", 0),
) -> Mail:
    """An e-mail goes out, whoever has unsubscribed; ``source`` is the API or a campaign's event."""
    with changing(standin) as events:
        to = standin.contacts[contact]
        address = to.values.get("email")
        sent = Mail(
            standin.next_id("stat"),
            contact,
            email,
            name,
            subject,
            standin.now(),
            address,
            category,
            source,
        )
        standin.library["emails"][email] = name
        kind = payloads.category(standin, category)
        standin.details["emails", email] = {"subject": subject, "category": kind}
        standin.mails.append(sent)
        earn(standin, to, "email.send", email, events)
        events.append(event(standin, "email_on_send", **payloads.sending(standin, to, sent)))
    return sent


def open_email(
    standin: StandIn, mail: Mail, *, browser: Browser = PERSON, in_browser: bool = False
) -> None:
    """The pictures of the mail are loaded; every time counts and is told."""
    with changing(standin) as events:
        reader = _reader(standin, mail)
        opened = Open(standin.now(), browser.agent, browser.address, in_browser)
        mail.opens.append(opened)
        note_open(standin, mail, opened)
        earn(standin, reader, "email.open", mail.email, events)
        events.append(event(standin, "email_on_open", stat=payloads.stat(standin, reader, mail)))


def click(standin: StandIn, mail: Mail, url: str, *, browser: Browser = PERSON) -> None:
    """A link of the mail: two saves of the contact, then a hit whose source is the e-mail.

    A link to a file gives it to people; gateways stop at the redirect, as recorded.
    """
    with changing(standin) as events:
        reader = _reader(standin, mail)
        reader.last_active = standin.now()
        reader.modified_by = VISITOR
        events += saved(standin, reader, was_anonymous=False) * 2
        seen = payloads.hit(standin, reader, url, mail, userAgent=browser.agent)
        note_hit(standin, seen, browser)
        events.append(event(standin, "page_on_hit", hit=seen))
        if (found := _ASSET.search(url)) and browser.cookies:
            asset = int(found[1])
            note_download(standin, reader.id, asset, mail, browser.address)
            earn(standin, reader, "asset.download", asset, events)


def unsubscribe(standin: StandIn, mail: Mail) -> None:
    """The unsubscribe link; there is no event of its own for it."""
    with changing(standin) as events:
        reader = _reader(standin, mail)
        block(standin, reader, 1, "User unsubscribed.", VISITOR, events, of=mail.email)


def bounce(standin: StandIn, mail: Mail) -> None:
    """The address does not exist: the mail failed, and nobody writes there again."""
    with changing(standin) as events:
        reader = _reader(standin, mail)
        mail.failed = True
        block(standin, reader, 2, "User unknown", VISITOR, events, of=mail.email)


def _reader(standin: StandIn, mail: Mail) -> Contact:
    reader = standin.find(mail.contact)
    if reader is None:
        raise LookupError(f"contact {mail.contact} of mail {mail.stat} was deleted")
    return reader
