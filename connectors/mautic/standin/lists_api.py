"""The lists of what there is: e-mails, forms, pages, files, campaigns, segments, stages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask import Blueprint, Response, request

from .answers import answer, not_found
from .auth import here, require
from .author import ADMIN
from .contacts import listed, signed
from .kept import Kind
from .payloads import company
from .search import conditions, meets
from .state import StandIn

blueprint = Blueprint("lists", __name__, url_prefix="/api")
_PAGE = 30
_DAY = "2026-01-01T00:00:00+00:00"
_WHO = {
    "isPublished": True,
    "dateAdded": _DAY,
    "dateModified": _DAY,
    **signed("createdBy", ADMIN),
    **signed("modifiedBy", ADMIN),
}
_CATEGORY = {"description": None, "color": None, "bundle": "email"}
_ALWAYS = {"publishUp": None, "publishDown": None}
#: Under which key a list comes, and whether as an object keyed by id.
_SHAPES: dict[Kind, tuple[str, bool]] = {
    "emails": ("emails", True),
    "campaigns": ("campaigns", True),
    "segments": ("lists", True),
    "stages": ("stages", False),
    "forms": ("forms", False),
    "pages": ("pages", False),
    "assets": ("assets", False),
    "categories": ("categories", False),
}


@blueprint.get("/<any(emails, campaigns, segments, stages, forms, pages, assets, categories):kind>")
def read_list(kind: Kind) -> Response:
    """A page of them, by id; empty maps are lists, as PHP writes them."""
    standin, args = here(), request.args
    require(standin, f"{kind}:view")
    with standin.lock:
        total, page = _page(standin.library[kind], args)
        shown = [_one(standin, kind, number) for number in page]
    key, keyed = _SHAPES[kind]
    found: Any = {str(one["id"]): one for one in shown} if keyed else shown
    return answer({"total": total, key: found or []})


@blueprint.get("/companies")
def read_companies() -> Response:
    """A page of companies; the total is text."""
    standin = here()
    require(standin, "contacts:view")
    with standin.lock:
        names = {number: name for name, number in standin.companies.items()}
        total, page = _page(names, request.args)
    shown = {str(number): company(number, names[number], _DAY) for number in page}
    return answer({"total": str(total), "companies": shown or []})


@blueprint.get("/tags")
def read_tags() -> Response:
    """Every tag that somebody wears."""
    standin = here()
    require(standin, "tags:view")
    with standin.lock:
        worn = sorted({tag for contact in standin.contacts.values() for tag in contact.tags})
    shown = {
        str(number): {"id": number, "tag": tag, "description": None}
        for number, tag in enumerate(worn, start=1)
    }
    return answer({"total": len(worn), "tags": shown or []})


@blueprint.get("/forms/<int:number>/submissions")
@blueprint.get("/forms/<int:number>/submissions/contact/<int:contact>")
def read_submissions(number: int, contact: int | None = None) -> Response:
    """What was answered in a form; the contact is shown as it is now."""
    standin, args = here(), request.args
    require(standin, "forms:view")
    with standin.lock:
        if number not in standin.library["forms"]:
            raise not_found()
        rows = [
            row
            for row in standin.tables.rows("form_submissions")
            if row["form_id"] == number and row["id"] in standin.submissions
        ]
        theirs = {row["id"]: row for row in rows if contact in (None, row["lead_id"])}
        total, page = _page(theirs, args)
        shown = [_submission(standin, theirs[sent]) for sent in page]
    return answer({"total": str(total), "submissions": shown})


def _page(ids: Iterable[int], args: Mapping[str, str]) -> tuple[int, list[int]]:
    """How many meet the conditions, and those of the page, by id."""
    newest = args.get("orderByDir", "asc").lower() == "desc"
    found = [number for number in sorted(ids, reverse=newest) if _asked(number, args)]
    start, limit = int(args.get("start", 0)), int(args.get("limit", _PAGE))
    return len(found), found[start : start + limit] if limit else found[start:]


def _asked(number: int, args: Mapping[str, str]) -> bool:
    """Conditions on the id, with or without the letter of its table (``s.id``)."""
    wanted = [one for one in conditions(args) if one["col"].rpartition(".")[2] == "id"]
    return all(meets(number, one) for one in wanted)


def _one(standin: StandIn, kind: Kind, number: int) -> dict[str, Any]:
    name = standin.library[kind][number]
    alias = name.casefold().replace(" ", "-")
    extra = standin.details.get((kind, number), {})
    if kind == "categories":
        return {"id": number, "title": name, "alias": alias, **_CATEGORY, **extra}
    called = {"title": name} if kind in ("pages", "assets") else {"name": name}
    return {**_WHO, "id": number, **called, "category": None, **_more(kind, alias, number), **extra}


def _more(kind: Kind, alias: str, number: int) -> dict[str, Any]:
    match kind:
        case "emails":
            return {"subject": "Hello", "language": "fr"}
        case "campaigns":
            return {"description": None}
        case "stages":
            return {"weight": 10 * number, "description": None, **_ALWAYS}
        case "segments":
            known = {"publicName": alias, "alias": alias, "description": None}
            return {**known, "filters": [], "isGlobal": True, "isPreferenceCenter": False}
    return {"alias": alias.replace("-", "_") if kind == "forms" else alias}


def _submission(standin: StandIn, row: dict[str, Any]) -> dict[str, Any]:
    kept = standin.submissions[row["id"]]
    return {
        "id": row["id"],
        "ipAddress": {"ipAddress": kept["ipAddress"]["ipAddress"]},
        "form": kept["form"],
        "lead": listed(standin, standin.contacts[row["lead_id"]]),
        **{key: kept[key] for key in ("trackingId", "dateSubmitted", "referer", "page")},
        "results": kept["results"],
    }
