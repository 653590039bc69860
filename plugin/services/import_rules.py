"""Use case: the rules by which a platform gives points itself, as the text of a scorecard."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import orjson
from sqlalchemy import Engine

from connectors.activity import KINDS, Evidence
from connectors.contract import Connector, PlatformRule, PlatformRules, PlatformThreshold
from plugin.storage import connections
from plugin.storage.engine import for_reading
from plugin.storage.vault import Vault

from .score import Connectors

#: Ours, and harmless without quotes; a word such as "on" would be read as true.
_WORDS = frozenset({*KINDS, *Evidence, "activity", "repeat", "ever"})
#: The platform does it once for each contact and never again: a hundred years, in our words.
_NEVER_AGAIN = "36500d"


def platforms(engine: Engine, vault: Vault) -> list[str]:
    """Names of the connections that can be asked."""
    with for_reading(engine).begin() as connection:
        return [one.name for one in connections.all_connections(connection, vault)]


def rules_of(engine: Engine, vault: Vault, connectors: Connectors, name: str) -> PlatformRules:
    """Ask the platform of connection ``name`` for its rules.

    Raises ``UnknownConnection``, or the ``ConnectorError`` of the platform.
    """
    with for_reading(engine).begin() as connection:
        source = connections.find(connection, vault, name)
    if source is None:
        raise connections.UnknownConnection(f'no connection "{name}": see `maturo connections`')
    connector: Connector = connectors(source.connector)
    session = connector.open(source.settings)
    try:
        return session.present_rules()
    finally:
        session.close()


def scorecard_text(found: PlatformRules, title: str) -> str:
    """The scorecard that gives what the platform gives; what it cannot say stands in comments."""
    thresholds = sorted(found.thresholds, key=lambda one: one.points)
    lines = [
        f"# The points that {title} gives by its own rules.",
        "# What a person, a form or a campaign changes there by hand is in no rule.",
        *(f"# Not imported: {_line(left)}" for left in found.left_out),
        f"name: {_quoted(title)}",
        "groups:",
        "  - id: imported",
        "    dimension: engagement",
        "    label: {en: Imported rules, fr: Règles importées}",
        "    rules:" if found.rules else "    # No rule was found.",
        *(line for rule in found.rules for line in _rule(rule)),
        "bands:",
        "  - {id: below, label: {en: Below every threshold, fr: Sous tous les seuils}}",
        *(line for threshold in _distinct(thresholds) for line in _band(threshold)),
    ]
    return "\n".join(lines) + "\n"


def _rule(rule: PlatformRule) -> Iterator[str]:
    keys: dict[str, Any] = {
        "kind": "repeat" if rule.nth else "activity",
        "label": rule.name,
        "points": rule.points,
    }
    if not rule.on:
        keys["on"] = False
    keys["activity"] = list(rule.activity)
    if rule.subject:
        keys[rule.subject[0]] = list(rule.subject[1])
    if rule.attributes:
        keys["attributes"] = {name: list(texts) for name, texts in rule.attributes.items()}
    if rule.nth:
        keys |= {"nth": rule.nth, "by": "activity"}
    elif rule.once:
        keys["limit"] = {"times": 1, "per": "ever"}
    if rule.machines:
        keys["evidence"] = ["human", "unknown", "machine"]
    days = {"valid_from": rule.valid_from, "valid_to": rule.valid_to}
    keys |= {name: day.isoformat() for name, day in days.items() if day}
    yield f"      - id: rule-{rule.id}"
    yield from (f"        {name}: {_value(value)}" for name, value in keys.items())


def _band(threshold: PlatformThreshold) -> Iterator[str]:
    yield f"  - id: threshold-{threshold.id}"
    yield f"    label: {_quoted(threshold.name)}"
    yield f"    enter: {threshold.points}"
    if threshold.tag:
        yield f"    tag: {_quoted(threshold.tag)}"
    if threshold.actions:
        yield f"    rearm: {_NEVER_AGAIN}"
        yield "    on_rise:"
        yield from (f"      - {name}: {_quoted(object)}" for name, object in threshold.actions)


def _distinct(thresholds: Sequence[PlatformThreshold]) -> Iterator[PlatformThreshold]:
    """Bands need rising thresholds and tags of their own: those at the same points are one."""
    worn: set[str | None] = set()
    for points in dict.fromkeys(one.points for one in thresholds):
        same = [one for one in thresholds if one.points == points]
        actions = tuple(action for one in same for action in one.actions)
        tag = next((one.tag for one in same if one.tag and one.tag not in worn), None)
        worn.add(tag)
        names = ", ".join(one.name for one in same)
        yield PlatformThreshold(same[0].id, names, points, tag, actions)


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_value(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, str) and value in _WORDS:
        return str(value)
    return _quoted(value)


def _quoted(value: Any) -> str:
    """JSON's texts and numbers are YAML's as well, and nothing in a text can end it."""
    return orjson.dumps(_line(value) if isinstance(value, str) else value).decode()


def _line(text: str) -> str:
    return " ".join(text.split())[:200]
