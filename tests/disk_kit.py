"""A disk that fails on request: the library of ``shims/disk.c``, compiled once for a run."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

_SOURCE = Path(__file__).parent / "shims" / "disk.c"
MISSING = "the failing disk needs Linux and a C compiler: install Debian's package gcc"


def compiled(folder: Path) -> Path:
    """The library, made in that folder; skips the test with words where it cannot be made."""
    compiler = shutil.which("cc")
    if compiler is None or sys.platform != "linux":
        pytest.skip(MISSING)
    library = folder / "disk.so"
    flags = ["-shared", "-fPIC", "-O2", "-Wall", "-Wextra"]
    subprocess.run([compiler, *flags, "-o", library, _SOURCE, "-ldl", "-lpthread"], check=True)
    return library


def failing(library: Path, files: Path, **how: object) -> dict[str, str]:
    """The environment of a process for which the files of that name have such a disk.

    ``files`` is the beginning of their paths; ``how`` is what ``disk.c`` tells: kept, stray,
    fsync_ms, full, failing.
    """
    told = {f"DISK_{name.upper()}": str(value) for name, value in how.items()}
    return {"LD_PRELOAD": str(library), "DISK_FILES": str(files)} | told
