"""What a signature or a proof says of one activity."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from connectors.activity import Evidence

_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Verdict(NamedTuple):
    """Who did it, by which proof, and the figures that prove it (``links``, ``seconds`` …)."""

    evidence: Evidence
    proof: str
    params: Mapping[str, Any] = _NOTHING


def machine(proof: str, **params: Any) -> Verdict:
    """The verdict that a machine did it."""
    return Verdict(Evidence.MACHINE, proof, params)


def human(proof: str) -> Verdict:
    """The verdict that a human did it."""
    return Verdict(Evidence.HUMAN, proof)
