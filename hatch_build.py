"""What the build adds to the sources: compiled translations, compressed static files."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).parent
_COMPRESSED = {".css", ".js", ".svg"}


class CustomBuildHook(BuildHookInterface[Any]):
    """Run by hatchling for wheels and editable installs."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Make what is missing or older than its source."""
        compile_translations()
        # Who edits a style sheet must not be shown the compressed one of before.
        if version != "editable":
            compress_statics()


def compile_translations(root: Path = ROOT) -> None:
    """Each ``messages.po`` into the ``messages.mo`` beside it."""
    for source in (root / "plugin" / "locale").rglob("messages.po"):
        target = source.with_suffix(".mo")
        if _fresh(target, source):
            continue
        with source.open("rb") as file:
            catalogue = read_po(file, locale=source.parts[-3])
        part = target.with_suffix(".part")
        with part.open("wb") as file:
            write_mo(file, catalogue)
        # Whole or not at all: tests in other processes read it.
        part.replace(target)


def compress_statics(root: Path = ROOT) -> None:
    """Each style sheet, script and picture also as the ``.gz`` that WhiteNoise sends."""
    for source in (root / "plugin" / "web" / "static").rglob("*"):
        if source.suffix in _COMPRESSED:
            target = source.with_name(f"{source.name}.gz")
            if not _fresh(target, source):
                part = target.with_suffix(".part")
                part.write_bytes(gzip.compress(source.read_bytes(), 9, mtime=0))
                part.replace(target)


def _fresh(target: Path, source: Path) -> bool:
    return target.exists() and target.stat().st_mtime >= source.stat().st_mtime


if __name__ == "__main__":
    compile_translations()
