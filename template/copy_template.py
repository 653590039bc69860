"""Copies this folder under another name: ``copy_template.py NAME WHERE``."""

from __future__ import annotations

import re
import sys
from pathlib import Path

_HERE = Path(__file__).parent
_NOT_COPIED = {"copy_template.py", "__pycache__"}


def copy(name: str, where: Path) -> Path:
    """The new folder ``maturo-NAME``; ``SystemExit`` says what is wrong."""
    if not re.fullmatch(r"[a-z][a-z0-9]*", name) or name == "newtool":
        raise SystemExit(f'NAME="{name}": expected a name of a-z and 0-9, such as NAME=acme')
    target = where / f"maturo-{name}"
    if target.exists():
        raise SystemExit(f"{target} is there already: remove it, or choose another NAME")
    for path in sorted(_HERE.rglob("*")):
        if path.is_file() and _NOT_COPIED.isdisjoint(path.parts):
            new = target / _named(str(path.relative_to(_HERE)), name)
            new.parent.mkdir(parents=True, exist_ok=True)
            new.write_text(_named(path.read_text(encoding="utf-8"), name), encoding="utf-8")
    return target


def _named(text: str, name: str) -> str:
    return text.replace("newtool", name).replace("Newtool", name.capitalize())


if __name__ == "__main__":
    made = copy(sys.argv[1], Path(sys.argv[2]))
    print(f"{made}: fill it in as docs/connectors.md says; pytest there tells what is missing")
