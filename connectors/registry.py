"""Finding connectors: ours by folder, others' by the entry point ``maturo.connectors``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from importlib.resources import files
from types import ModuleType
from typing import Any

from .contract import Connector

ENTRY_POINT = "maturo.connectors"


@cache
def load(connector_id: str, module: str | None = None) -> Connector:
    """The connector of that id; ``module`` (from the product's manifest) wins over entry points.

    A connector's module offers it as ``CONNECTOR``. Raises ``LookupError`` naming what was tried.
    """
    if module is not None:
        found: Connector = import_module(module).CONNECTOR
        return found
    offered = {entry.name: entry for entry in entry_points(group=ENTRY_POINT)}
    if connector_id not in offered:
        known = ", ".join(sorted(offered)) or "none installed"
        raise LookupError(
            f'no connector "{connector_id}"; entry points of {ENTRY_POINT}: {known}. '
            "Install its distribution beside maturo, or correct the name."
        )
    loaded: Connector = offered[connector_id].load()
    return loaded


def load_standin(module: str) -> ModuleType:
    """The stand-in platform that a connector ships beside its code, for demos and tests."""
    return import_module(f"{module}.standin")


def strings(connector: Connector, language: str) -> Mapping[str, Any]:
    """What the connector shows to people: ``strings/<language>.json`` beside its code.

    ``settings`` has ``name`` and ``help`` (and ``choices``) of each field, ``checks`` and
    ``actions`` their names, ``said`` what it says, for each English sentence. Nothing where it has
    no such file.
    """
    return _strings(connector.manifest["module"], language)


@cache
def _strings(module: str, language: str) -> Mapping[str, Any]:
    path = files(module).joinpath("strings", f"{language}.json")
    found: dict[str, Any] = json.loads(path.read_bytes()) if path.is_file() else {}
    return found
