"""The contract as checks: a connector that passes them all fits into Maturo.

@pytest.mark.parametrize("check", checks(EXAMPLE), ids=str)
def test_it_keeps_the_contract(check):
    check()
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from . import declared, inbound, outbound
from .example import Example, Platform
from .recorded import record

__all__ = ["Check", "Example", "Platform", "checks", "record"]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to keep. Calling it raises ``AssertionError`` that says what is amiss."""

    example: Example
    check: Callable[[Example], None]

    def __str__(self) -> str:
        return self.check.__name__

    def __call__(self) -> None:
        self.check(self.example)


def checks(example: Example) -> list[Check]:
    """Every check that applies to the connector, by what its manifest declares."""
    manifest = example.connector.manifest
    found = [*declared.CHECKS]
    if "webhook" in manifest.get("ingest", ()):
        found += inbound.CHECKS
    found += outbound.CHECKS
    if "update_contact" in manifest.get("actions", ()):
        found += outbound.WRITING
    return [Check(example, one) for one in found]
