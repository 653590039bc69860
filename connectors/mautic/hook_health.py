"""Whether Mautic still delivers: it gives a webhook up without telling anybody but its owner."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..contract import Check
from ..errors import AuthFailed, Refused, Unsupported
from .client import Client
from .hooks import hooks
from .tables import Row, newest_rows

#: Each failure of an immediate delivery leaves two rows, so this is three of them.
_LOOKED_AT = 6


def check_webhook(client: Client, url: str) -> Check:
    """See ``connectors.contract.Session.check_webhook``. Raises ``Transient``."""
    try:
        hook = _ours(client, url)
        if hook is None:
            return _failed("not there any more", "Connect again: that makes it anew.")
        if not hook.get("isPublished"):
            return _failed("switched off in Mautic", _OFF)
        log = newest_rows(
            client, "webhook_logs", [("webhook_id", "eq", str(hook["id"]))], _LOOKED_AT
        )
    except Unsupported:
        log = ()
    except (AuthFailed, Refused) as error:
        return _failed(str(error), "Give the role of the API user the right Webhooks: full.")
    return _judged(log)


def publish_webhook(client: Client, url: str) -> Check:
    """See ``connectors.contract.Session.publish_webhook``. Raises ``Transient``.

    Mautic gives it up again at the first failure: publishing does not count as an edit.
    """
    try:
        hook = _ours(client, url)
        if hook is None:
            return _failed("not there any more", "Connect again: that makes it anew.")
        path = f"/api/hooks/{int(hook['id'])}/edit"
        changed = client.call("PATCH", path, json={"isPublished": True}).get("hook") or {}
    except (AuthFailed, Refused) as error:
        return _failed(str(error), "Give the role of the API user the right Webhooks: full.")
    if not changed.get("isPublished"):
        return _failed("Mautic left it switched off", "Publish it in Mautic: Settings, Webhooks.")
    return Check("webhook", True, "switched on again")


_OFF = (
    "Mautic does so after many failures, or somebody did. See in its log (Settings, Webhooks) what "
    "was answered, mend that, then publish it again."
)
_UNANSWERED = (
    "See that `maturo serve` runs and is reached from Mautic's server: it gives the webhook up "
    "after some fifty failures, and what it could not deliver is lost. Polling finds it again."
)


def _ours(client: Client, url: str) -> Mapping[str, Any] | None:
    return next((hook for hook in hooks(client) if hook.get("webhookUrl") == url), None)


def _judged(log: tuple[Row, ...]) -> Check:
    answered = [str(row.get("status_code") or "nothing") for row in log]
    if answered and not any(status.startswith("2") for status in answered):
        told = ", ".join(dict.fromkeys(answered))
        return _failed(f"its last {len(answered)} log rows say {told}", _UNANSWERED)
    last = f"; the last delivery was dated {log[0].get('date_added')} UTC" if log else ""
    return Check("webhook", True, f"published{last}")


def _failed(detail: str, remedy: str) -> Check:
    return Check("webhook", False, detail, remedy)
