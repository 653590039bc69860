"""Use case: the text that somebody chose to begin a draft with."""

from __future__ import annotations

from sqlalchemy import Engine

from plugin.storage.vault import Vault

from .cards import in_force
from .drafts import SHIPPED, shipped
from .import_rules import rules_of, scorecard_text
from .publish import UnknownVersion, version
from .score import Connectors


def beginning(engine: Engine, vault: Vault, connectors: Connectors, chosen: str) -> str:
    """The text of one of ``SHIPPED``, of ``version:3``, or of the rules of ``platform:crm``.

    For any other word it is the scorecard in force. Raises ``UnknownVersion``,
    ``UnknownConnection``, ``NoScorecard``, or the ``ConnectorError`` of the platform.
    """
    kind, _, name = chosen.partition(":")
    if kind == "platform":
        return scorecard_text(rules_of(engine, vault, connectors, name), name)
    if kind == "version":
        if not name.isdecimal():
            raise UnknownVersion(f'"{name}" is the number of no version')
        return version(engine, int(name)).source
    return shipped(chosen) if chosen in SHIPPED else in_force(engine).source
