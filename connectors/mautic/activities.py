"""Mautic's behaviour events as activities, with what they show of the contact in passing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from ..activity import Activity, Item, Subject
from .payload_fields import clean
from .profiles import Rank, light_change

#: Answers under these aliases are the contact's own fields: of the two the answer is the truth,
#: `submission.lead` being half-stale after a merge (observed on 6.0.3).
_TRUSTED_ANSWERS = (
    "email",
    "phone",
    "mobile",
    "firstname",
    "lastname",
    "company",
    "position",
    "city",
    "state",
    "zipcode",
    "country",
    "website",
)
#: Where a visit came from: campaign tags, and the click ids of advertising platforms.
_MARKS = frozenset(
    {
        *("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content"),
        *("gclid", "gbraid", "wbraid", "dclid", "fbclid", "msclkid", "ttclid", "twclid", "yclid"),
    }
)
#: Who comes back later than this had left before: then the leave is not known.
_VISIT = timedelta(minutes=30)
_ASSET = re.compile(r"/asset/(?P<id>[0-9]{1,20}):(?P<alias>[^/?#]+)(?:[?#]|$)")


def form_submitted(item: Mapping[str, Any]) -> Iterator[Item]:
    """A submitted form, and the contact fields the person filled in."""
    submission = item["submission"]
    form, contact, answers = submission["form"], submission["lead"]["id"], submission["answers"]
    yield Activity(
        id=f"submission:{submission['id']}",
        contact=contact,
        kind="form_submitted",
        occurred_at=submission["submitted"],
        subject=_subject("form", form, form.get("name")),
        attributes=_given(
            answers=answers,
            alias=form.get("alias"),
            referer=submission.get("referer"),
            page_id=(submission.get("page") or {}).get("id"),
            tracking=submission.get("tracking"),
        ),
    )
    own = {alias: answers[alias] for alias in _TRUSTED_ANSWERS if alias in answers}
    yield from light_change(contact, item["timestamp"], own, Rank.ANSWERS)


def page_hit(item: Mapping[str, Any]) -> Iterator[Item]:
    """A page view or a clicked link of an e-mail, and the asset behind the link."""
    hit = item["hit"]
    yield from visited(hit)
    yield from light_change(hit["lead"]["id"], item["timestamp"], hit["lead"]["profile"])


def visited(hit: Mapping[str, Any]) -> Iterator[Activity]:
    """The activities of a hit, whether delivered or read from the table of hits."""
    yield _click(hit) if _is_click(hit) else _view(hit)
    yield from _followed_to_asset(hit)


def email_opened(item: Mapping[str, Any]) -> Iterator[Item]:
    """One opening of an e-mail, with what it shows of the contact."""
    stat = item["stat"]
    at = stat.get("opened_at") or stat.get("read_at") or item["timestamp"]
    yield opened(stat | {"opened_at": at})
    yield from light_change(stat["lead"]["id"], item["timestamp"], stat["lead"]["profile"])


def opened(stat: Mapping[str, Any]) -> Activity:
    """An opening of a mail: the first, second, … are activities of their own."""
    sent_at = stat.get("sent_at")
    return Activity(
        id=f"stat:{stat['id']}/{stat['open_count']}",
        contact=stat["lead"]["id"],
        kind="email_opened",
        occurred_at=stat["opened_at"],
        subject=_email(stat.get("email"), None),
        attributes=_given(
            sent_at=sent_at and sent_at.isoformat(),
            open_count=stat["open_count"],
            viewed_in_browser=bool(stat.get("viewed_in_browser")),
            stat=stat.get("hash"),
            user_agent=stat.get("user_agent"),
        ),
    )


def email_sent(item: Mapping[str, Any]) -> Iterator[Item]:
    """An e-mail that left for a contact, with what it shows of the contact."""
    contact = dict(item["contact"])
    contact_id = contact.pop("id")
    yield sent(contact_id, item["email"], item["hash"], item["timestamp"])
    scalars = {
        clean(alias): clean(value) if isinstance(value, str) else value
        for alias, value in contact.items()
        if isinstance(value, str | int | float)
    }
    yield from light_change(contact_id, item["timestamp"], scalars)


def sent(contact: str, email: Mapping[str, Any] | None, hash: str, at: datetime) -> Activity:
    """A mail that left for a contact; ``hash`` is what Mautic names this very sending by."""
    subject = _email(email, None)
    return Activity(f"send:{hash}", contact, "email_sent", at, subject, {"stat": hash})


def asset_behind(url: str | None) -> re.Match[str] | None:
    """The ``id`` and ``alias`` of the asset that Mautic serves under this address."""
    return _ASSET.search(url or "")


def _is_click(hit: Mapping[str, Any]) -> bool:
    # Mautic 6.0.3 serialises the redirect of a click as `[]`: there, but without its id. The
    # view of the target that follows has the same source and no redirect.
    return hit.get("redirect") is not None and hit.get("source") == "email"


def _click(hit: Mapping[str, Any]) -> Activity:
    return Activity(
        id=f"hit:{hit['id']}",
        contact=hit["lead"]["id"],
        kind="email_clicked",
        occurred_at=hit["occurred_at"],
        subject=_email(hit.get("email"), hit.get("source_id")),
        attributes=_given(**_circumstances(hit)),
    )


def _view(hit: Mapping[str, Any]) -> Activity:
    page = hit.get("page") or {}
    url = hit.get("url")
    title = hit.get("title") or page.get("title")
    return Activity(
        id=f"hit:{hit['id']}",
        contact=hit["lead"]["id"],
        kind="page_viewed",
        occurred_at=hit["occurred_at"],
        subject=_subject("page", page, title, url and re.split(r"[?#]", url, maxsplit=1)[0]),
        attributes=_given(
            title=title,
            page_id=page.get("id"),
            referer=hit.get("referer"),
            email_id=_email_id(hit),
            seconds=_stay(hit),
            **_circumstances(hit),
        ),
    )


def _followed_to_asset(hit: Mapping[str, Any]) -> Iterator[Activity]:
    # No event exists for a download. Through a mail it shows as a hit on the asset's address.
    asset = asset_behind(hit.get("url"))
    if asset is None or (hit.get("code") or 200) >= 400:
        return
    known = (hit.get("assets") or {}).get(asset["id"]) or {}
    yield Activity(
        id=f"hit:{hit['id']}/asset:{asset['id']}",
        contact=hit["lead"]["id"],
        kind="asset_downloaded",
        occurred_at=hit["occurred_at"],
        subject=_subject("asset", known | {"id": asset["id"]}, asset["alias"]),
        attributes=_given(email_id=_email_id(hit)),
    )


def _circumstances(hit: Mapping[str, Any]) -> dict[str, Any]:
    query = hit["query"] if isinstance(hit.get("query"), dict) else {}
    token = query["ct"] if isinstance(query.get("ct"), dict) else {}
    marks = {key: _text(value) for key, value in query.items() if key in _MARKS}
    return marks | {
        "url": _without_token(hit.get("url")),
        "code": hit.get("code"),
        "tracking": hit.get("tracking"),
        "user_agent": hit.get("user_agent"),
        "stat": _text(token.get("stat")),
        "ip": hit.get("ip"),
    }


def _stay(hit: Mapping[str, Any]) -> int | None:
    # A webhook never tells it: it comes before anybody could have left. The table dates the leave
    # by the next hit of the device, be that weeks later (24 days in the recorded month).
    left: datetime | None = hit.get("left_at")
    stay = left and left - hit["occurred_at"]
    return int(stay.total_seconds()) if stay and timedelta(0) <= stay <= _VISIT else None


def _without_token(url: str | None) -> str | None:
    """Mautic's `ct` says who clicks: it makes every address unique and identifies a person."""
    if url is None or "ct=" not in url:
        return url
    address, mark, fragment = url.partition("#")
    path, _, query = address.partition("?")
    kept = "&".join(part for part in query.split("&") if not part.startswith("ct="))
    return path + (f"?{kept}" if kept else "") + mark + fragment


def _email(email: Mapping[str, Any] | None, source_id: str | None) -> Subject:
    return _subject("email", {"id": source_id} | dict(email or {}), (email or {}).get("name"))


def _email_id(hit: Mapping[str, Any]) -> str | None:
    return hit.get("source_id") if hit.get("source") == "email" else None


def _subject(
    kind: str, row: Mapping[str, Any], name: str | None, url: str | None = None
) -> Subject:
    return Subject(kind, row.get("id"), name, row.get("category"), url)


def _text(value: Any) -> str | None:
    return (clean(value) or None) if isinstance(value, str) else None


def _given(**attributes: Any) -> dict[str, Any]:
    return {name: value for name, value in attributes.items() if value is not None}
