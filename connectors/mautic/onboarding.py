"""Setting a connection up, each step safe to repeat: who we are, our fields, our webhook."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..contract import Check, Probe
from ..errors import AuthFailed, Refused
from .answers import read_answer
from .client import Client
from .edits import FIELD_TYPES
from .versions import quirks

#: Not lead_points_change: it shows the old profile and comes for every write of anybody.
TRIGGERS = (
    "mautic.form_on_submit",
    "mautic.page_on_hit",
    "mautic.email_on_open",
    "mautic.lead_post_save_new",
    "mautic.lead_post_save_update",
    "mautic.lead_post_delete",
    "mautic.email_on_send",
    "mautic.lead_channel_subscription_changed",
    "mautic.lead_company_change",
    "mautic.company_post_save",
    "mautic.company_post_delete",
)
#: Without these there is nothing to score; Mautic 4 has fewer of the others.
_ESSENTIAL = frozenset(TRIGGERS[:6])
#: More than an instance has, so that there is one page.
_ALL = {"limit": 1000}
_LOOKS, _SECONDS_BETWEEN_LOOKS = 10, 3.0


def probe(client: Client, *, basic: bool) -> Probe:
    """Version, our own name there and advice; refused credentials or rights are a failed check.

    Raises ``Transient`` or ``Refused`` when no Mautic answers at this address.
    """
    try:
        response = client.send("GET", "/api/contacts", params={"limit": 1, "minimal": 1})
        if "contacts" not in read_answer(response):
            raise Refused("GET /api/contacts: this address answers, but not as Mautic does")
        author = _author(client.call("GET", "/api/users/self"))
    except AuthFailed as error:
        return Probe("", None, (Check("credentials", False, str(error), _AUTH_REMEDY),))
    version = response.headers.get("Mautic-Version", "")
    address = Check("address", True, f"Mautic {version or 'of untold version'} answers")
    return Probe(version, author, (address, _credentials_check(basic), _author_check(author)))


_AUTH_REMEDY = "Correct what the message names, then test again."


def _author(user: Mapping[str, Any]) -> str | None:
    """As in ``modifiedByUser``: "Ada Roe" for a user, "name [id]" for client credentials."""
    names = (user.get("firstName") or "", user.get("lastName") or "")
    return " ".join(names).strip() or None


def _credentials_check(basic: bool) -> Check:
    if not basic:
        return Check("credentials", True, "OAuth2 client credentials accepted")
    return Check(
        "credentials",
        True,
        "user and password accepted",
        "OAuth2 client credentials are about eight times faster: Mautic computes a slow "
        "password hash for every call with Basic.",
    )


def _author_check(author: str | None) -> Check:
    if author:
        return Check("author", True, f'our own changes are signed "{author}"')
    return Check(
        "author",
        True,
        "Mautic does not tell our name",
        "Give the API user a first and last name, so that our own changes are recognised.",
    )


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
    return {field["alias"]: field for field in _values(listed) if "alias" in field}


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


def install_webhook(client: Client, url: str, secret: str) -> Check:
    """Make Mautic deliver to ``url``, signed with ``secret``; writes only what differs.

    Triggers that somebody added are left: PATCH cannot remove any, and we ignore what they bring.
    Raises ``Transient`` when Mautic cannot do it now.
    """
    try:
        offered = client.call("GET", "/api/hooks/triggers").get("triggers") or {}
        hook = _written(client, url, secret, [name for name in TRIGGERS if name in offered])
    except (AuthFailed, Refused) as error:
        return Check("webhook", False, str(error), _hook_remedy(client))
    lacking = [name for name in TRIGGERS if name not in (hook.get("triggers") or ())]
    if not hook.get("isPublished") or _ESSENTIAL.intersection(lacking):
        return Check(
            "webhook", False, f"unpublished, or without {', '.join(lacking)}", _hook_remedy(client)
        )
    note = f", without {', '.join(lacking)}: this Mautic has no such event" if lacking else ""
    detail = f"Mautic delivers through its webhook {hook.get('id')}{note}"
    return Check("webhook", True, detail, _QUEUE_ADVICE[quirks(client.version).keeps_undelivered])


_QUEUE_ADVICE = {
    False: "Choose the queue in Mautic (Configuration, Webhook settings) with its cron every "
    "minute, so that no visitor waits for Maturo; what nobody receives may still be lost.",
    True: "Choose the queue in Mautic (Configuration, Webhook settings) with its cron every "
    "minute: this version then keeps what could not be delivered.",
}


def _hook_remedy(client: Client) -> str:
    remedy = "Give the role of the API user the right Webhooks: full."
    if quirks(client.version).private_webhooks:
        return remedy
    return f"{remedy} {PRIVATE_ADDRESSES}"


#: Said wherever a webhook does not come and this may be why.
PRIVATE_ADDRESSES = (
    "This Mautic refuses a private address unless it is listed in "
    "webhook_allowed_private_addresses of its local configuration."
)


def _written(client: Client, url: str, secret: str, triggers: list[str]) -> Mapping[str, Any]:
    wanted = {
        "secret": secret,
        "eventsOrderbyDir": "ASC",
        "isPublished": True,
        "triggers": triggers,
    }
    hooks = _values(client.call("GET", "/api/hooks", params=_ALL).get("hooks"))
    hook = next((hook for hook in hooks if hook.get("webhookUrl") == url), None)
    if hook is None:
        answer = client.call(
            "POST", "/api/hooks/new", json={"name": "Maturo", "webhookUrl": url, **wanted}
        )
        return _hook_in(answer)
    change = {key: value for key, value in wanted.items() if not _agrees(hook.get(key), value)}
    if not change:
        return hook
    return _hook_in(client.call("PATCH", f"/api/hooks/{hook['id']}/edit", json=change))


def _agrees(held: Any, wanted: Any) -> bool:
    return set(wanted) <= set(held or ()) if isinstance(wanted, list) else bool(held == wanted)


def _hook_in(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    hook = answer.get("hook")
    return hook if isinstance(hook, dict) else {}


def _values(listed: Any) -> list[dict[str, Any]]:
    """Entries of what Mautic writes as an object by id, or as a list, above all when empty."""
    entries = listed.values() if isinstance(listed, dict) else listed or ()
    return [entry for entry in entries if isinstance(entry, dict)]
