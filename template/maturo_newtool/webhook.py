"""Newtool's deliveries as activities and changes. Pure: bytes in, a reading out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from connectors.activity import Reading
from connectors.errors import Rejected


def verify(headers: Mapping[str, str], body: bytes, secrets: Sequence[str]) -> None:
    """Raise ``Rejected`` unless a secret vouches for the body: see ``connectors.proofs``."""
    raise Rejected("not written yet: say how Newtool vouches for what it sends")


def read_webhook(body: bytes) -> Reading:
    """Everything a delivery says; never raises, whatever the bytes."""
    return Reading()
