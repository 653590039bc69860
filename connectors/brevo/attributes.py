"""The attributes that hold our values: https://developers.brevo.com/reference/create-attribute."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..contract import Check
from ..errors import Missing
from .client import Client

#: Each of our values and the type of its attribute.
TYPES: Mapping[str, str] = {
    "SCORE": "float",
    "FIT": "float",
    "ENGAGEMENT": "float",
    "GRADE": "text",
    "BAND": "text",
}
_FIELD = "field"


def prepare_fields(client: Client, prefix: str) -> tuple[Check, ...]:
    """See ``connectors.contract.Session.prepare_fields``."""
    known = {
        str(one.get("name")): one
        for one in client.call("GET", "/contacts/attributes").get("attributes") or ()
    }
    return tuple(_prepare(client, prefix + name, kind, known) for name, kind in TYPES.items())


def _prepare(client: Client, name: str, kind: str, known: Mapping[str, Any]) -> Check:
    if name not in known:
        client.call("POST", _path(name), json={"type": kind})
        return Check(_FIELD, True, f"{name} was made")
    found = known[name].get("type")
    if found != kind:
        remedy = f"Delete {name} in Brevo (Contacts, Settings), or choose another prefix."
        return Check(_FIELD, False, f"{name} is there as {found}, not {kind}", remedy)
    return Check(_FIELD, True, f"{name} is there")


def remove_fields(client: Client, prefix: str) -> tuple[Check, ...]:
    """See ``connectors.contract.Session.remove_fields``."""
    return tuple(_remove(client, prefix + name) for name in TYPES)


def _remove(client: Client, name: str) -> Check:
    try:
        client.call("DELETE", _path(name))
    except Missing:
        return Check(_FIELD, True, f"{name} was not there")
    return Check(_FIELD, True, f"{name} was deleted")


def _path(name: str) -> str:
    return f"/contacts/attributes/normal/{name}"
