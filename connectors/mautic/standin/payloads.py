"""What visitors and e-mails look like in webhooks, in the recorded shapes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from .author import ADMIN
from .browser import PERSON
from .contacts import profile, short, signed
from .fields import standard
from .kept import Mail
from .state import Contact, StandIn

_PLACE = ("country", "region", "city", "isp", "organization")
_NOWHERE = dict.fromkeys(("zipcode", "latitude", "longitude", "timezone", "extra", *_PLACE), "")
_COMPANY_COLUMNS = (
    "email",
    "address1",
    "address2",
    "phone",
    "city",
    "state",
    "zipcode",
    "country",
    "website",
    "industry",
    "description",
)


def hit(standin: StandIn, contact: Contact, url: str, mail: Mail | None, **more: Any) -> Any:
    """The item of ``page_on_hit``; ``mail`` makes it a click."""
    now = standin.now()
    query: dict[str, Any] = dict(parse_qsl(urlsplit(url).query))
    if mail:
        query["ct"] = _clickthrough(mail)
    return {
        "id": standin.next_id("hit"),
        "dateHit": now,
        "dateLeft": None,
        "page": None,
        # the redirect of a click is serialised without its groups: nothing is left of it
        "redirect": [] if mail else None,
        "email": email(mail) if mail else None,
        "lead": short(standin, contact),
        "ipAddress": [],
        **dict.fromkeys(_PLACE, ""),
        "code": 200,
        "referer": None,
        "url": url,
        "urlTitle": None,
        "userAgent": PERSON.agent,
        "remoteHost": None,
        "pageLanguage": None,
        "browserLanguages": ["fr-FR", "fr;q=0.9"],
        "trackingId": f"device{contact.id}",
        "source": "email" if mail else None,
        "sourceId": mail.email if mail else None,
        "query": {**query, "page_url": url},
        **more,
    }


def submission(
    standin: StandIn,
    lead: Mapping[str, Any],
    form: Mapping[str, Any],
    results: Mapping[str, Any],
    referer: str,
) -> dict[str, Any]:
    """The item of ``form_on_submit``; the contact in it may be half-stale after a merge."""
    return {
        "id": standin.next_id("submission"),
        "ipAddress": {"ipAddress": PERSON.address, "id": 2, "ipDetails": _NOWHERE},
        "form": {"category": None, **form},
        "lead": lead,
        "trackingId": f"device{lead['id']}",
        "dateSubmitted": standin.now(),
        "referer": referer,
        "page": None,
        "results": dict(results),
    }


def stat(standin: StandIn, contact: Contact, mail: Mail) -> dict[str, Any]:
    """The item of ``email_on_open``: which mail, and how often it was opened by now."""
    return {
        "id": mail.stat,
        "emailAddress": contact.values.get("email"),
        "ipAddress": [],
        "dateSent": mail.sent,
        "isRead": True,
        "isFailed": False,
        "dateRead": mail.opens[0].at,
        "retryCount": 0,
        "source": mail.source[0],
        "openCount": len(mail.opens),
        "lastOpened": mail.opens[-1].at,
        "sourceId": mail.source[1],
        "trackingHash": mail.hash,
        "viewedInBrowser": any(opened.in_browser for opened in mail.opens),
        "lead": short(standin, contact),
        "email": email(mail),
    }


def sending(standin: StandIn, contact: Contact, mail: Mail) -> dict[str, Any]:
    """The keys of ``email_on_send``; the subject and content keep their tokens unreplaced."""
    about = {"isPublished": True, "dateAdded": mail.sent, "dateModified": mail.sent}
    return {
        "email": {
            **about,
            **signed("createdBy", ADMIN),
            **signed("modifiedBy", ADMIN),
            **email(mail),
            "category": category(standin, mail.category),
        },
        "contact": profile(standin, contact),
        "contentHash": f"{mail.email:032x}",
        "idHash": mail.hash,
        "subject": mail.subject,
        "source": list(mail.source),
        "headers": [],
        "content": "<html></html>",
        "tokens": {"{subject}": mail.subject},
    }


def category(standin: StandIn, title: str | None) -> dict[str, Any] | None:
    """Only the sending names the category of a mail; opens and clicks show an empty list."""
    if title is None:
        return None
    known = {name: number for number, name in standin.library["categories"].items()}
    number = known.get(title) or max(known.values(), default=0) + 1
    standin.library["categories"][number] = title
    alias = title.casefold().replace(" ", "-")
    return {"id": number, "title": title, "alias": alias, "bundle": "email"}


def email(mail: Mail) -> dict[str, Any]:
    """The e-mail inside an open or a click."""
    return {
        "id": mail.email,
        "name": mail.name,
        "subject": mail.subject,
        "language": "fr",
        "category": [],
        **_none("fromAddress fromName replyToAddress bccAddress useOwnerAsMailer"),
        "utmTags": {},
        "preheaderText": None,
        "customHtml": "<html></html>",
        **_none("plainText template"),
        "emailType": "template",
        **_none("publishUp publishDown"),
        "publicPreview": False,
        "readCount": 0,
        "sentCount": 1,
        "revision": 1,
        "assetAttachments": [],
        "variantStartDate": None,
        "variantSentCount": 0,
        "variantReadCount": 0,
        "variantParent": None,
        "variantChildren": [],
        "translationParent": None,
        "translationChildren": [],
        "unsubscribeForm": None,
        "dynamicContent": [],
        "lists": [],
        "headers": [],
    }


def company(number: int, name: str, added: str) -> dict[str, Any]:
    """A company as webhooks show it; only its name is known."""
    values = {"companyname": name}
    groups: dict[str, Any] = {"core": {}, "professional": {}, "other": []}
    for field in standard("company"):
        groups[field.group][field.alias] = field.loaded(values.get(field.alias))
    return {
        "isPublished": True,
        "dateAdded": added,
        "dateModified": added,
        **signed("createdBy", ADMIN),
        **signed("modifiedBy", ADMIN),
        "id": number,
        "name": name,
        **dict.fromkeys(_COMPANY_COLUMNS),
        "score": 0,
        "fields": groups,
    }


def _clickthrough(mail: Mail) -> dict[str, Any]:
    return {
        "source": [mail.source[0], str(mail.source[1])],
        "email": str(mail.email),
        "stat": mail.hash,
        "lead": str(mail.contact),
        "channel": {"email": str(mail.email)},
    }


def _none(keys: str) -> dict[str, None]:
    return dict.fromkeys(keys.split())
