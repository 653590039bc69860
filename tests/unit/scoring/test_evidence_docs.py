"""The pages on evidence and consent name everything there is, and their examples load."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from plugin.scoring.catalogue import catalogue
from plugin.scoring.consent import ConsentSchema
from plugin.scoring.evidence import SIGNATURES
from plugin.scoring.loading import load

DOCS = Path(__file__).parents[3] / "docs"
PROOFS = ("typed", "reading", "return", "hit")
MACHINES = (*SIGNATURES, "trap", "companion")
BANDS = "bands: [{id: cold}]\n"
GROUPS = "groups:\n  - id: g\n    dimension: engagement\n"
RULE = "    rules: [{id: r, kind: activity, points: 1, activity: email_opened}]\n"


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["evidence.md", "evidence.fr.md"])
def test_every_signature_and_proof_has_its_row(name: str) -> None:
    rows = re.findall(r"(?m)^\| `(\w+)` \|", page(name))
    assert rows == [*MACHINES, *PROOFS]


@pytest.mark.parametrize("name", ["consent.md", "consent.fr.md"])
def test_every_key_of_the_consent_is_told(name: str) -> None:
    for key in ConsentSchema().fields:
        assert f"`{key}`" in page(name)


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_every_machine_is_told_in_words(lang: str) -> None:
    assert {f"machine.{proof}" for proof in MACHINES} <= catalogue(lang).keys()


@pytest.mark.parametrize("name", ["evidence.md", "evidence.fr.md", "consent.md", "consent.fr.md"])
def test_the_examples_are_true(name: str) -> None:
    examples = re.findall(r"(?s)```yaml\n(.*?)```", page(name))
    assert examples
    for example in examples:
        if example.startswith("rules:"):
            rest = GROUPS + re.sub("(?m)^", "    ", example)
        else:
            rest = example + GROUPS + RULE
        load(f"name: X\n{rest.rstrip()}\n{BANDS}", name)
