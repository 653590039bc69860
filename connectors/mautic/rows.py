"""Rows of Mautic's tables as the same activities that its deliveries are read to. Pure.

What a delivery and a row both tell has one id. A row tells more: when a page was left, by which
program and from which address (its number in Mautic, never the address itself).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from marshmallow import ValidationError

from ..activity import Activity, Item, Subject
from .activities import asset_behind, form_submitted, opened, sent, visited
from .catalogue import Key
from .php_values import elements, unserialize
from .row_schemas import OpenDetail

Loaded = Mapping[str, Any]
Names = Mapping[Key, Mapping[str, Any]]

_DETAIL = OpenDetail()
#: Reasons of a refusal; 3 is a decision of the firm itself, which nobody did.
_LOST = {1: "unsubscribed", 2: "bounced"}


def named_by_hit(row: Loaded) -> Iterator[Key]:
    """What a hit is about."""
    asset = asset_behind(row.get("url"))
    yield from (("email", row.get("email")), ("page", row.get("page")))
    yield "asset", asset and asset["id"]


def hit(row: Loaded, names: Names) -> Iterator[Item]:
    """A page view, or a click on a link of a mail, and the asset behind it."""
    asset = asset_behind(row.get("url"))
    told = {
        "lead": {"id": row["lead"]},
        "page": names.get(("page", row.get("page"))),
        "email": names.get(("email", row.get("email"))),
        "assets": {asset["id"]: names.get(("asset", asset["id"]))} if asset else {},
        "query": unserialize(row.get("query")),
    }
    yield from visited({**row, **told})


def mail(row: Loaded, names: Names) -> Iterator[Item]:
    """A mail that was sent, and each time it was opened."""
    email = names.get(("email", row.get("email")))
    if row.get("hash") and not row["failed"]:
        yield sent(row["lead"], email, row["hash"], row["sent_at"])
    in_browser = False
    for count, detail in enumerate(_details(row), start=1):
        in_browser = in_browser or bool(detail["in_browser"])
        told = {"viewed_in_browser": in_browser, "open_count": count, "email": email}
        yield opened({**row, **detail, **told, "lead": {"id": row["lead"]}})


def download(row: Loaded, names: Names) -> Iterator[Item]:
    """An asset taken on the site, which no delivery tells of."""
    asset = names[("asset", row["asset"])]
    attributes = {"email_id": row.get("email"), "tracking": row.get("tracking")}
    attributes |= {"referer": row.get("referer"), "ip": row.get("ip")}
    yield Activity(
        id=f"download:{row['id']}",
        contact=row["lead"],
        kind="asset_downloaded",
        occurred_at=row["occurred_at"],
        subject=Subject(
            "asset", row["asset"], asset.get("alias") or asset.get("name"), asset.get("category")
        ),
        attributes={name: value for name, value in attributes.items() if value is not None},
    )


def submission(row: Loaded, told: Loaded | None, form: Loaded) -> Iterator[Item]:
    """A submitted form; without answers when nobody has ``told`` them, as of a deleted form."""
    page = {"id": row["page"]} if "page" in row else None
    known = {**row, "page": page, "answers": {}} if told is None else told
    whole = {**known, "form": form, "lead": {"id": row["lead"]}}
    yield from form_submitted({"timestamp": row["submitted"], "submission": whole})


def refusal(row: Loaded) -> Iterator[Item]:
    """Somebody left our mails, or a mail bounced."""
    kind = _LOST.get(row["reason"])
    if kind is None or row["channel"] != "email":
        return
    contact, at, channel = row["lead"], row["occurred_at"], row["channel"]
    id = f"dnc:{contact}/{channel}/{at.isoformat()}"
    yield Activity(id, contact, kind, at, Subject("channel", channel))


def _details(row: Loaded) -> Iterator[Loaded]:
    """Every opening in order; Mautic keeps the first thousand, and always counts them."""
    for entry in elements(unserialize(row.get("opens")))[: row["open_count"]]:
        try:
            yield _DETAIL.load(entry)
        except ValidationError:  # the next ones keep their number
            yield {"opened_at": row.get("read_at") or row["sent_at"], "in_browser": False}
