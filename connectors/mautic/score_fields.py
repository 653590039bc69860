"""The contact fields that hold our values: made or adopted, and deleted when asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..contract import Check
from ..errors import AuthFailed, Refused
from .answers import entries
from .client import Client
from .edits import FIELD_TYPES

#: More than an instance has, so that there is one page.
_ALL = {"limit": 1000}
_LOOKS, _SECONDS_BETWEEN_LOOKS = 10, 3.0


def prepare_fields(
    client: Client, prefix: str, sleep: Callable[[float], None]
) -> tuple[Check, ...]:
    """Create what is missing of our contact fields; one check for each of them.

    Mautic may leave new columns to its cron, so this waits up to half a minute for them. Raises
    ``ConnectorError`` when the fields cannot even be listed.
    """
    present = _fields(client)
    missing = [name for name in FIELD_TYPES if prefix + name not in present]
    refusals = {name: check for name in missing if (check := _create(client, prefix, name))}
    created = [prefix + name for name in missing if name not in refusals]
    if created:
        present = _awaited(client, created, sleep)
    return tuple(
        refusals.get(name) or _field_check(prefix + name, kind, present.get(prefix + name))
        for name, kind in FIELD_TYPES.items()
    )


def _fields(client: Client) -> dict[str, Mapping[str, Any]]:
    listed = client.call("GET", "/api/fields/contact", params=_ALL).get("fields")
    return {field["alias"]: field for field in entries(listed) if "alias" in field}


def _create(client: Client, prefix: str, name: str) -> Check | None:
    kind = FIELD_TYPES[name]
    field: dict[str, Any] = {
        "label": f"Maturo {name}",
        "alias": prefix + name,
        "type": kind,
        "isPubliclyUpdatable": False,
    }
    if kind == "number":
        field["properties"] = {"roundmode": 4, "scale": 0}
    try:
        client.call("POST", "/api/fields/contact/new", json=field)
    except (AuthFailed, Refused) as error:
        remedy = "Give the role of the API user the right Custom Fields: full, or create it by hand"
        return Check(f"field {prefix}{name}", False, str(error), f"{remedy} (type {kind}).")
    return None


def _awaited(
    client: Client, aliases: list[str], sleep: Callable[[float], None]
) -> dict[str, Mapping[str, Any]]:
    present = _fields(client)
    for _ in range(_LOOKS - 1):
        if all(present.get(alias, {}).get("isPublished") for alias in aliases):
            break
        sleep(_SECONDS_BETWEEN_LOOKS)
        present = _fields(client)
    return present


def _field_check(alias: str, kind: str, field: Mapping[str, Any] | None) -> Check:
    def failed(detail: str, remedy: str) -> Check:
        return Check(f"field {alias}", False, detail, remedy)

    if field is None or not field.get("isPublished"):
        return failed(
            "not there yet, or not published",
            "Publish it, or run Mautic's cron mautic:custom-field:create-column; then test again.",
        )
    if field.get("type") != kind:
        return failed(
            f"exists with type {field.get('type')}, but {kind} is needed",
            "Choose another field prefix for this connection, or rename the other field.",
        )
    # Contacts with the same unique value are merged; Mautic 4 and 5 misspell the key.
    if field.get("isUniqueIdentifier") or field.get("isUniqueIdentifer"):
        return failed(
            "is a unique identifier: Mautic would merge all contacts of one score",
            "Switch Unique Identifier off for this field.",
        )
    if field.get("isPubliclyUpdatable"):
        return failed(
            "is publicly updatable: any visitor could set his own score",
            "Switch Publicly updatable off for this field.",
        )
    return Check(f"field {alias}", True, f"ready, type {kind}")


def remove_fields(client: Client, prefix: str) -> tuple[Check, ...]:
    """Delete our fields with all that they hold; one check for each. Safe to repeat.

    Raises ``ConnectorError`` when the fields cannot even be listed.
    """
    present = _fields(client)
    return tuple(
        _removed(client, prefix + name, present.get(prefix + name)) for name in FIELD_TYPES
    )


def _removed(client: Client, alias: str, field: Mapping[str, Any] | None) -> Check:
    if field is None:
        return Check(f"field {alias}", True, "not there")
    try:
        client.call("DELETE", f"/api/fields/contact/{int(field['id'])}/delete")
    except (AuthFailed, Refused) as error:
        # Mautic keeps a field that a segment or a form uses.
        remedy = "See that no segment, form or campaign uses it, then delete it in Mautic."
        return Check(f"field {alias}", False, str(error), remedy)
    return Check(f"field {alias}", True, "deleted")
