"""What people pick from lists: mails, forms, pages, segments, campaigns, stages, fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..contract import Choice
from ..errors import Transient, Unsupported
from .answers import entries
from .client import Client

#: Path, the key of the list in the answer, and where an entry has its id and its name.
_LISTS: Mapping[str, tuple[str, str, str, str]] = {
    "form": ("forms", "forms", "id", "name"),
    "email": ("emails", "emails", "id", "name"),
    "page": ("pages", "pages", "id", "title"),
    "asset": ("assets", "assets", "id", "title"),
    "segment": ("segments", "lists", "id", "name"),
    "campaign": ("campaigns", "campaigns", "id", "name"),
    "stage": ("stages", "stages", "id", "name"),
    "tag": ("tags", "tags", "tag", "tag"),
    "field": ("fields/contact", "fields", "alias", "label"),
}
#: More than an instance has; ``minimal`` leaves out the HTML of mails and pages.
_ALL = {"limit": 1000, "minimal": 1}


def choices(client: Client, kind: str) -> tuple[Choice, ...]:
    """See ``connectors.contract.Session.choices``. Raises as ``Client.call``."""
    if kind not in _LISTS:
        raise Unsupported(f"choices of {kind}")
    path, key, id_key, name_key = _LISTS[kind]
    answer = client.call("GET", f"/api/{path}", params=_ALL)
    if key not in answer:
        raise Transient(f"GET /api/{path}: the answer shows no {key}")
    found = (_choice(row, id_key, name_key) for row in entries(answer[key]))
    return tuple(sorted(found, key=lambda one: (one.name.casefold(), one.id)))


def _choice(row: Mapping[str, Any], id_key: str, name_key: str) -> Choice:
    number = str(row.get(id_key) or "")
    return Choice(number, str(row.get(name_key) or number))
