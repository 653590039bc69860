"""How a sender proves who it is: by a signature over the bytes, or by a word only it knows.

Every comparison takes the same time whatever is wrong; an empty secret never counts; of several
secrets, during a change, each one does.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from .errors import Rejected

#: For signatures in a header. SHA-1 is not among them: it is broken, and whoever can sign by it
#: can sign by SHA-256.
ALGORITHMS = ("sha256", "sha384", "sha512")
ENCODINGS = ("hex", "base64")
_ID, _TIMESTAMP, _SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"


def header(headers: Mapping[str, str], name: str) -> str:
    """The header of that name, in whatever case it is written; empty if there is none."""
    wanted = name.lower()
    return next((value for key, value in headers.items() if key.lower() == wanted), "")


def standard(
    headers: Mapping[str, str],
    body: bytes,
    secrets: Sequence[str],
    tolerance: timedelta,
    now: datetime,
) -> None:
    """Standard Webhooks 1.0: id, moment and body are signed; several signatures may be given.

    A moment further than ``tolerance`` from ``now``, before or after, is a replay or a wrong
    clock. Raises ``Rejected``.
    """
    id, moment, given = (header(headers, name) for name in (_ID, _TIMESTAMP, _SIGNATURE))
    if not (id and moment and given):
        raise Rejected("expected the headers Webhook-Id, Webhook-Timestamp and Webhook-Signature")
    if not (moment.isascii() and moment.isdecimal() and len(moment) <= 12):
        raise Rejected("Webhook-Timestamp: expected whole seconds since 1970")
    signed = _bytes(f"{id}.{moment}.") + body
    signatures = [one.partition(",")[2] for one in given.split(" ") if one.startswith("v1,")]
    made = [_base64(hmac.digest(_key(secret), signed, "sha256")) for secret in secrets if secret]
    if not _matches(made, signatures):
        raise Rejected("Webhook-Signature does not match: the secret of the sender must equal ours")
    if abs(now.timestamp() - int(moment)) > tolerance.total_seconds():
        raise Rejected(
            "Webhook-Timestamp is too far from our time: the delivery is an old one, or one of the "
            "two clocks is wrong"
        )


def standard_headers(id: str, body: bytes, secret: str, now: datetime) -> dict[str, str]:
    """The headers by which a receiver knows that we sent this body."""
    moment = str(int(now.timestamp()))
    signed = _bytes(f"{id}.{moment}.") + body
    signature = f"v1,{_base64(hmac.digest(_key(secret), signed, 'sha256'))}"
    return {"Webhook-Id": id, "Webhook-Timestamp": moment, "Webhook-Signature": signature}


def keyed(
    headers: Mapping[str, str],
    body: bytes,
    secrets: Sequence[str],
    *,
    name: str,
    algorithm: str,
    encoding: str,
    prefix: str = "",
) -> None:
    """HMAC of the body in the header ``name``, after ``prefix``. Raises ``Rejected``."""
    given = header(headers, name).strip()
    if not given:
        raise Rejected(f"no {name} header: the sender does not sign, or in another header")
    made = [_digest(secret, body, algorithm, encoding) for secret in secrets if secret]
    plain = given.removeprefix(prefix)
    if not _matches(made, [plain.lower() if encoding == "hex" else plain]):
        raise Rejected(f"{name} does not match: the secret of the sender must equal ours")


def bearer(headers: Mapping[str, str], secrets: Sequence[str]) -> None:
    """The secret itself, as ``Authorization: Bearer …``. Raises ``Rejected``."""
    scheme, _, given = header(headers, "authorization").strip().partition(" ")
    if scheme.lower() != "bearer" or not _matches([one for one in secrets if one], [given.strip()]):
        raise Rejected("expected Authorization: Bearer with the secret of this connection")


def token(headers: Mapping[str, str], secrets: Sequence[str], *, name: str) -> None:
    """The secret itself, in the header ``name``. Raises ``Rejected``."""
    if not _matches([one for one in secrets if one], [header(headers, name).strip()]):
        raise Rejected(f"expected {name} with the secret of this connection")


def basic(headers: Mapping[str, str], secrets: Sequence[str], *, user: str) -> None:
    """The user and the secret, as ``Authorization: Basic …``. Raises ``Rejected``."""
    scheme, _, given = header(headers, "authorization").strip().partition(" ")
    try:
        said = base64.b64decode(_bytes(given.strip()), validate=True).decode("utf-8", "replace")
    except binascii.Error:
        said = ""
    made = [f"{user}:{secret}" for secret in secrets if secret]
    if scheme.lower() != "basic" or not _matches(made, [said]):
        raise Rejected(f"expected Authorization: Basic with user {user} and our secret")


def _matches(made: Sequence[str], given: Sequence[str]) -> bool:
    # Every pair is compared, so that the time tells nothing.
    found = [hmac.compare_digest(_bytes(one), _bytes(other)) for one in made for other in given]
    return any(found)


def _digest(secret: str, body: bytes, algorithm: str, encoding: str) -> str:
    found = hmac.digest(_bytes(secret), body, getattr(hashlib, algorithm))
    return found.hex() if encoding == "hex" else _base64(found)


def _key(secret: str) -> bytes:
    """Keys are written in base64, often after ``whsec_``; what is none is taken as it is."""
    text = secret.removeprefix("whsec_")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True) or _bytes(secret)
    except ValueError:
        return _bytes(secret)


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
