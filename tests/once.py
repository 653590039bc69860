"""What is costly to make and only read is made by one of xdist's workers for all of them."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Callable
from typing import Any

import pytest


def once(request: pytest.FixtureRequest, name: str, make: Callable[[], Any]) -> Any:
    """What ``make`` answered in this run of pytest, read back from JSON; ``name`` is its file."""
    folder = request.getfixturevalue("tmp_path_factory").getbasetemp()
    if hasattr(request.config, "workerinput"):
        folder = folder.parent
    kept = folder / f"{name}.json"
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            kept.write_text(json.dumps(make()))
        return json.loads(kept.read_text())
