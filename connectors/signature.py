"""Signatures over raw bytes, compared in constant time."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence


def sign(body: bytes, secret: str) -> str:
    """Base64 of HMAC-SHA256 over the bytes as they travel; never over re-serialised JSON."""
    return base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256)).decode("ascii")


def is_signed(body: bytes, signature: str, secrets: Sequence[str]) -> bool:
    """Whether one of the secrets made this signature; hostile text is just a wrong signature.

    An empty secret never matches: some platforms sign with an empty key when none is set.
    Every secret is tried, so the time taken does not tell which one matched.
    """
    given = signature.strip().encode("utf-8", "surrogatepass")
    matches = [
        hmac.compare_digest(sign(body, secret).encode("ascii"), given)
        for secret in secrets
        if secret
    ]
    return any(matches)
