"""What tests of the generic connector share: settings, and every way to vouch for a body."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from standardwebhooks import Webhook

from connectors.generic.settings import Settings

PAYLOADS = Path(__file__).parents[2] / "payloads" / "generic"
SECRET = "whsec_" + base64.b64encode(b"a secret of thirty-two bytes, yes").decode()
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)

#: Settings of each way, by its name.
WAYS: Mapping[str, Mapping[str, Any]] = {
    "standard": {},
    "hmac-hex": {"auth": "hmac", "header": "X-Hub-Signature-256", "prefix": "sha256="},
    "hmac-base64": {"auth": "hmac", "encoding": "base64", "algorithm": "sha512"},
    "bearer": {"auth": "bearer"},
    "basic": {"auth": "basic", "user": "posthog"},
    "header": {"auth": "header", "header": "X-Token"},
}


def settings(**given: Any) -> dict[str, Any]:
    return Settings().load(given)


def vouched(way: str, body: bytes, secret: str = SECRET, now: datetime = NOW) -> dict[str, str]:
    """The headers that a sender of that way makes, by other code than ours."""
    key = secret.encode()
    match way:
        case "standard":
            if not secret:  # the library refuses it, a hostile sender does not
                signed = b"msg_1." + str(int(now.timestamp())).encode() + b"." + body
                mac = base64.b64encode(hmac.digest(b"", signed, "sha256")).decode()
                return _standard(now, f"v1,{mac}")
            return _standard(now, Webhook(secret).sign("msg_1", now, body.decode()))
        case "hmac-hex":
            return {"X-Hub-Signature-256": f"sha256={hmac.new(key, body, 'sha256').hexdigest()}"}
        case "hmac-base64":
            mac = base64.b64encode(hmac.new(key, body, hashlib.sha512).digest()).decode()
            return {"X-Signature": mac}
        case "bearer":
            return {"Authorization": f"Bearer {secret}"}
        case "basic":
            pair = base64.b64encode(f"posthog:{secret}".encode()).decode()
            return {"Authorization": f"Basic {pair}"}
    return {"X-Token": secret}


def _standard(now: datetime, signature: str) -> dict[str, str]:
    moment = str(int(now.timestamp()))
    return {
        "Webhook-Id": "msg_1",
        "Webhook-Timestamp": moment,
        "Webhook-Signature": signature,
    }
