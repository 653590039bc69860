"""Values of Brevo's deliveries, or what is wrong with them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any


class Unreadable(ValueError):
    """An event cannot be read; the message says what was expected, without what people typed."""


#: Of the same meaning under the names that a new account has in English and in French.
_NAMES: Mapping[str, str] = {
    "prenom": "firstname",
    "nom": "lastname",
    "sms": "mobile",
    "entreprise": "company",
    "company_name": "company",
    "job_title": "position",
}


def address(entry: Mapping[str, Any]) -> str:
    """The e-mail address, by which Brevo's deliveries know a contact, in small letters."""
    return _address(entry.get("email"))


def addresses(entry: Mapping[str, Any]) -> list[str]:
    """The same where there may be several."""
    given = entry.get("email")
    return [_address(one) for one in (given if isinstance(given, list) else [given])]


def _address(given: Any) -> str:
    if not isinstance(given, str) or not 3 <= len(given.strip()) <= 320 or "@" not in given:
        raise Unreadable("email: expected an address")
    return given.strip().lower()


def moment(entry: Mapping[str, Any], *names: str) -> datetime:
    """The first of these that is there, in seconds since 1970.

    ``ts_event`` and ``ts_sent`` are in UTC. ``ts`` is an hour or two ahead of them in Brevo's own
    samples, so it counts only where an event has no other.
    """
    for name in names:
        given = entry.get(name)
        if isinstance(given, int | float) and not isinstance(given, bool) and 0 < given < 10**11:
            return datetime.fromtimestamp(given, UTC)
    raise Unreadable(f"{names[0]}: expected seconds since 1970")


def text(given: Any, longest: int = 500) -> str | None:
    """A text or number as text; ``None`` for anything else, and for what is empty."""
    if isinstance(given, bool) or not isinstance(given, str | int | float):
        return None
    return str(given).replace("\x00", "").strip()[:longest] or None


def fields(attributes: Any) -> dict[str, Any]:
    """Attributes as profile fields: small letters, and the usual ones under the usual names."""
    pairs = attributes.items() if isinstance(attributes, dict) else ()
    return {
        _NAMES.get(str(name).lower(), str(name).lower()): _field(value)
        for name, value in pairs
        if value is None or isinstance(value, str | int | float | bool | list)
    }


def _field(value: Any) -> Any:
    if isinstance(value, list):
        return [said for one in value if (said := text(one)) is not None]
    return value[:5_000].replace("\x00", "") if isinstance(value, str) else value
