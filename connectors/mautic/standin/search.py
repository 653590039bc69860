"""The list of contacts: search words, ``where`` conditions, order and pages."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

from .answers import crashed
from .state import Contact, StandIn, stored

_PAGE = 30
_SEARCHED = ("firstname", "lastname", "email", "company")
_WORD = re.compile(r'(?:[^\s"]|"[^"]*")+')
_WHERE = re.compile(r"where\[(\d+)\]\[(col|expr|val)\]")
_EXPRESSIONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "neq": operator.ne,
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
    "in": lambda value, listed: value in listed,
}


def find(standin: StandIn, args: Mapping[str, str]) -> tuple[int, list[Contact]]:
    """How many contacts match, and those of the asked page (``limit=0`` gives every one)."""
    found = [contact for contact in standin.contacts.values() if _matches(contact, args)]
    _sort(standin, found, args)
    start, limit = int(args.get("start", 0)), int(args.get("limit", _PAGE))
    page = found[start : start + limit] if limit else found[start:]
    return len(found), page


def _matches(contact: Contact, args: Mapping[str, str]) -> bool:
    words = [word.replace('"', "") for word in _WORD.findall(args.get("search", ""))]
    return all(_has(contact, word) for word in words) and all(
        meets(_column(contact, condition["col"]), condition) for condition in conditions(args)
    )


def _has(contact: Contact, word: str) -> bool:
    if word.endswith("is:anonymous"):
        return contact.anonymous != word.startswith("!")
    command, _, wanted = word.partition(":")
    match command:
        case "email":
            return str(contact.values.get("email") or "").casefold() == wanted.casefold()
        case "ids":
            return str(contact.id) in wanted.split(",")
        case "tag":
            return wanted in contact.tags
    # an unknown command is looked for as text: id:7 finds nobody
    shown = (str(contact.values.get(alias) or "").casefold() for alias in _SEARCHED)
    return any(word.casefold() in text for text in shown)


def conditions(args: Mapping[str, str]) -> list[dict[str, str]]:
    """The ``where`` of a request: ``col``, ``expr`` and ``val`` of each."""
    numbered: dict[str, dict[str, str]] = {}
    for key, value in args.items():
        if found := _WHERE.fullmatch(key):
            numbered.setdefault(found[1], {})[found[2]] = value
    return list(numbered.values())


def meets(value: Any, condition: Mapping[str, str]) -> bool:
    """Whether the value of the column meets the condition; null meets none."""
    if value is None:
        return False
    wanted = condition["val"]
    listed = [type(value)(item) for item in wanted.split(",")]
    expression = condition["expr"]
    return _EXPRESSIONS[expression](value, listed if expression == "in" else listed[0])


def _sort(standin: StandIn, found: list[Contact], args: Mapping[str, str]) -> None:
    """Without ``orderBy`` the last active come first."""
    column = args.get("orderBy", "last_active")
    if column not in ("id", "last_active", "date_modified", "date_added") and not standin.field(
        column
    ):
        raise crashed()
    newest = args.get("orderByDir", "desc" if "orderBy" not in args else "asc").lower() == "desc"
    found.sort(key=lambda contact: contact.id)
    found.sort(key=lambda contact: _sortable(_column(contact, column)), reverse=newest)


def _column(contact: Contact, name: str) -> Any:
    if name == "id":
        return contact.id
    if name in ("date_added", "date_modified"):
        return stored(contact.added if name == "date_added" else contact.modified)
    return contact.value(name)


def _sortable(value: Any) -> tuple[bool, bool, Any]:
    number = isinstance(value, int | float)
    return (value is not None, number, value if number else str(value or ""))
