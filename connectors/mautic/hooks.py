"""Our webhook in Mautic: made or mended, found again, and deleted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from ..contract import Check
from ..errors import AuthFailed, Refused
from .answers import entries
from .client import Client
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
_NAME = "Maturo"
#: More than an instance has, so that there is one page.
_ALL = {"limit": 1000}


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
    advice = _QUEUE_ADVICE[quirks(client.version).keeps_undelivered]
    if not quirks(client.version).private_webhooks and _looks_private(url):
        advice = f"{PRIVATE_ADDRESSES} {advice}"
    return Check("webhook", True, detail, advice)


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
    hook = next((hook for hook in hooks(client) if hook.get("webhookUrl") == url), None)
    if hook is None:
        answer = client.call(
            "POST", "/api/hooks/new", json={"name": _NAME, "webhookUrl": url, **wanted}
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


def hooks(client: Client) -> list[dict[str, Any]]:
    """Every webhook that there is. Raises ``AuthFailed``, ``Refused`` or ``Transient``."""
    return entries(client.call("GET", "/api/hooks", params=_ALL).get("hooks"))


def other_webhooks(client: Client, url: str) -> tuple[str, ...]:
    """See ``connectors.contract.Session.other_webhooks``; none where we may not look."""
    try:
        found = hooks(client)
    except (AuthFailed, Refused):
        return ()
    return tuple(
        address
        for hook in found
        if (address := str(hook.get("webhookUrl"))) != url
        and (hook.get("name") == _NAME or address.startswith(url.rpartition("/")[0] + "/"))
    )


def remove_webhook(client: Client, url: str) -> Check:
    """Delete the webhook that delivers to ``url``; safe to repeat. Raises ``Transient``."""
    try:
        ours = [hook for hook in hooks(client) if hook.get("webhookUrl") == url]
        for hook in ours:
            client.call("DELETE", f"/api/hooks/{int(hook['id'])}/delete")
    except (AuthFailed, Refused) as error:
        remedy = f"Delete the webhook to {url} in Mautic: Settings, Webhooks."
        return Check("webhook", False, str(error), remedy)
    return Check("webhook", True, "deleted" if ours else "not there")


def why_silent(client: Client, url: str) -> str:
    """See ``connectors.contract.Session.why_silent``."""
    causes = [
        "In queue mode the cron mautic:webhooks:process must run.",
        f"From Mautic's server, {urlsplit(url).netloc} must be reached: look at its firewall and "
        "name server.",
        "Mautic follows no redirect and accepts only a certificate that its server trusts.",
        "Its log of this webhook (Settings, Webhooks) shows what was answered.",
    ]
    if not quirks(client.version).private_webhooks and _looks_private(url):
        causes.insert(0, PRIVATE_ADDRESSES)
    return " ".join(causes)


def _looks_private(url: str) -> bool:
    """By its name alone: what it resolves to is known only where Mautic runs."""
    host = urlsplit(url).hostname or ""
    return "." not in host or bool(
        re.match(r"(10|127|192\.168|169\.254|172\.(1[6-9]|2\d|3[01]))\.", host)
    )
