"""The step "call a webhook" of an automation: forms, pages, deals won and lost.

A body as it travels: ``{"appName": "workflow-action-processor", "attributes": {…}, "contact_id": 1,
"email": …, "params": {…}, "step_id": 5, "workflow_id": 9}``. It says neither what happened nor
when: the settings tell what an automation means, and the moment of arrival counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

import orjson

from .. import proofs
from ..activity import Activity, Item, ProfileChange, Subject
from .values import Unreadable, address, fields
from .workflows import RESULTS, parse_workflows

_SUBJECTS: Mapping[str, str] = {
    "form_submitted": "form",
    "page_viewed": "page",
    "asset_downloaded": "asset",
    "survey_answered": "survey",
}


def read(headers: Mapping[str, str], entry: Mapping[str, Any], workflows: str) -> Sequence[Item]:
    """What the step says of its contact. Raises ``Unreadable``."""
    number, contact = entry["workflow_id"], address(entry)
    if isinstance(number, bool) or not isinstance(number, int):
        raise Unreadable("workflow_id: expected a number")
    at = _arrived(headers)
    told = {"email": contact} | fields(entry.get("attributes"))
    meant = parse_workflows(workflows).get(number)
    if meant is not None and meant.meaning in RESULTS:
        told["outcome"] = meant.meaning
    items: list[Item] = [ProfileChange(contact, at, f"step:{number}", told)]
    if meant is not None and meant.meaning not in RESULTS:
        page = meant.meaning == "page_viewed"
        about = Subject(
            _SUBJECTS[meant.meaning],
            str(number),
            None if page else meant.about,
            url=meant.about if page else None,
        )
        items.insert(0, Activity(_id(entry, at), contact, meant.meaning, at, about))
    return items


def _arrived(headers: Mapping[str, str]) -> datetime:
    given = proofs.header(headers, "Received-At")
    try:
        found = datetime.fromisoformat(given)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise Unreadable("Received-At: expected the moment of arrival; automations tell none")
    return found.astimezone(UTC)


def _id(entry: Mapping[str, Any], at: datetime) -> str:
    """The same for what is delivered again within the hour, as it is when an answer got lost."""
    said = orjson.dumps(entry, option=orjson.OPT_SORT_KEYS)
    digest = blake2b(said, digest_size=10, usedforsecurity=False).hexdigest()
    return f"step:{digest}:{at:%Y%m%d%H}"
