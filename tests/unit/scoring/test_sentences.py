"""A rule is told in sentences while it is written, in both languages."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import pytest

from plugin.scoring.document import read_document
from plugin.scoring.kinds import KINDS
from plugin.scoring.sentences import action_text, sentences

PRICING = {
    "id": "pricing",
    "kind": "activity",
    "points": 6,
    "activity": "page_viewed",
    "url": ["*/pricing*", "*/tarifs*"],
    "limit": {"times": 1, "per": "day"},
    "decay": {"half_life": "30d"},
}


def plain(texts: tuple[str, ...]) -> list[str]:
    return [text.replace("\u00a0", " ").replace("\u202f", " ") for text in texts]


def test_what_it_gives_when_how_often_and_how_it_fades() -> None:
    assert plain(sentences(PRICING, "en")) == [
        "+6 for each activity of this kind: page viewed.",
        "Only where the address is like: */pricing* or */tarifs*.",
        "Once a day at most.",
        "Halves every 30 days.",
    ]
    assert plain(sentences(PRICING, "fr")) == [
        "+6 pour chaque activité de ce genre : page consultée.",
        "Seulement si l’adresse ressemble à : */pricing* ou */tarifs*.",
        "Une fois par jour au plus.",
        "Diminue de moitié tous les 30 jours.",
    ]


def test_conditions_within_conditions_are_told() -> None:
    tree = {"any": [{"field": "phone", "present": True}, {"not": {"field": "nps", "at_most": 6}}]}
    [told] = sentences({"kind": "field", "points": -2.5, "if": tree}, "en")
    assert told == "-2.5 as long as this is true: one of (phone is known; not (nps is 6 or less))."


def test_what_else_it_asks_for_and_what_is_special_is_told() -> None:
    rule = PRICING | {
        "on": False,
        "sensitive": True,
        "evidence": "human",
        "valid_from": "2026-03-01",
        "actions": [{"send_email": 5}, {"call": {"within": "1d"}}],
    }
    told = " ".join(sentences(rule, "en"))
    assert "The rule is off" in told
    assert "Counts from March 1, 2026 on." in told
    assert "a human did it for sure" in told
    assert "send the e-mail 5 and ask for a call within 1d" in told
    assert "sensitive data" in told


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_what_is_not_finished_is_told_as_far_as_it_goes(lang: str) -> None:
    for kind in KINDS:
        for rule in ({"kind": kind}, {"kind": kind, "points": "x", "limit": 3, "if": [], "no": {}}):
            assert "…" in sentences(rule, lang)[0]
    assert sentences({}, lang)


@pytest.mark.parametrize("lang", ["en", "fr"])
@pytest.mark.parametrize("name", ["b2b", "b2c", "demo", "minimal"])
def test_every_shipped_rule_is_told_whole(name: str, lang: str) -> None:
    text = files("plugin").joinpath(f"scorecards/{name}.yaml").read_text(encoding="utf-8")
    rules: list[Any] = [
        rule for group in read_document(text, name).data["groups"] for rule in group["rules"]
    ]
    for rule in rules:
        told = " ".join(sentences(rule, lang))
        assert "…" not in told, rule
        assert "{" not in told, rule


def test_actions_are_named() -> None:
    assert action_text({"add_tag": "hot"}, "fr") == "ajouter le tag hot"
    assert action_text({"call": {"within": "2d"}}, "en") == "ask for a call within 2d"
