"""The product's manifest, executed: only what it declares is there, and it must be true."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import ModuleType
from typing import Any

import orjson
from jsonschema import Draft202012Validator

import connectors.registry as registry
from connectors.activity import KINDS
from connectors.contract import Connector
from plugin.config import SETTINGS
from plugin.storage.database import head

SCHEMA = "manifest.schema.json"


class ManifestError(Exception):
    """The manifest does not fit its schema or the program; the message lists every difference."""


@dataclass(frozen=True, slots=True)
class Page:
    """An entry of the menu. ``name`` is by language, ``icon`` one of the vendored ones."""

    path: str
    role: str
    icon: str
    name: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Manifest:
    """The checked manifest. ``raw`` is the file as it is."""

    raw: Mapping[str, Any]

    @property
    def version(self) -> str:
        """The product's version; there is no other place that says it."""
        return str(self.raw["version"])

    def connector(self, connector_id: str) -> Connector:
        """The declared connector, or one that another distribution offers.

        Raises ``LookupError`` naming what was looked for.
        """
        return registry.load(connector_id, self._modules.get(connector_id))

    def standin(self, connector_id: str) -> ModuleType:
        """The stand-in platform of a declared connector; raises ``KeyError`` for others."""
        return registry.load_standin(self._modules[connector_id])

    @property
    def connector_ids(self) -> list[str]:
        """The ids of the declared connectors."""
        return sorted(self._modules)

    @property
    def roles(self) -> tuple[str, ...]:
        """What users may be, the lowest first; each may do all that those below it may."""
        return tuple(self.raw["roles"])

    @property
    def pages(self) -> list[Page]:
        """The menu, in its order."""
        return [Page(**one) for one in self.raw["pages"]]

    @property
    def _modules(self) -> dict[str, str]:
        return {one["id"]: one["module"] for one in self.raw["connectors"]}


@cache
def load_manifest() -> Manifest:
    """The manifest shipped with the program. Raises ``ManifestError``."""
    return read_manifest(_file().read_bytes())


def read_manifest(text: bytes) -> Manifest:
    """The manifest in ``text``, if it fits the schema and is true. Raises ``ManifestError``."""
    try:
        raw = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise ManifestError(f"manifest.json, line {error.lineno}: {error.msg}") from None
    schema = orjson.loads(files("plugin").joinpath(SCHEMA).read_bytes())
    problems = [
        f"manifest.json, {error.json_path}: {error.message}"
        for error in Draft202012Validator(schema).iter_errors(raw)
    ] or _untrue(raw)
    if problems:
        raise ManifestError("\n".join(problems))
    return Manifest(raw)


def _file() -> Path:
    # In the wheel it lies in the package; in an editable install at the top of the checkout.
    shipped = Path(__file__).with_name("manifest.json")
    return shipped if shipped.exists() else Path(__file__).parent.with_name("manifest.json")


def _untrue(raw: Mapping[str, Any]) -> list[str]:
    return [
        *_difference("settings", raw["settings"], [setting.name for setting in SETTINGS]),
        *_difference("secrets", raw["secrets"], [one.name for one in SETTINGS if one.secret]),
        *_difference("activities", raw["activities"], KINDS & set(raw["activities"])),
        *_difference("migrations.head", [raw["migrations"]["head"]], [head()]),
    ]


def _difference(what: str, declared: Iterable[str], real: Iterable[str]) -> list[str]:
    said, there = set(declared), set(real)
    return [
        f"manifest.json, {what}: {text}"
        for text in (
            *(f'"{one}" is declared, but the program has no such thing' for one in said - there),
            *(f'"{one}" is in the program, but not declared' for one in there - said),
        )
    ]
