"""All benchmarks, one after the other, and the table of what was reached beside every bar.

    python -m benchmarks [--quick] [receiver worker …]

Each runs in a process of its own. What was measured goes with the facts of the machine into
`benchmarks/results/`, as JSON and, where matplotlib is installed, as a picture.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from dataclasses import asdict
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.kit import Missing, Reached

MODULES = (
    *("receiver", "latency", "worker", "peers", "sending", "recalculation"),
    *("rehearsal", "postgresql", "memory", "pages", "startup"),
)
RESULTS = Path(__file__).parent / "results"
#: Seconds after which one of them is given up.
_LONGEST = 600


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes: two minutes in all")
    parser.add_argument("--alone", help=argparse.SUPPRESS)
    parser.add_argument("modules", nargs="*", metavar="module", help=", ".join(MODULES))
    given = parser.parse_args()
    if given.alone:
        print(json.dumps(_measured(given.alone, given.quick)))
        return
    found: list[Reached] = []
    without: dict[str, str] = {}
    for module in given.modules or MODULES:
        started = time.monotonic()
        told = _alone(module, given.quick)
        found += [Reached(**line) for line in told.get("reached", [])]
        if "missing" in told:
            without[module] = told["missing"]
        print(f"… {module}: {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
    print(*_table(found), sep="\n")
    for module, why in without.items():
        print(f"not measured: {module}: {why}")
    _keep(found, without, given.quick)


def _measured(module: str, quick: bool) -> dict[str, Any]:
    try:
        reached = import_module(f"benchmarks.{module}").measure(quick)
    except Missing as missing:
        return {"missing": str(missing)}
    return {"reached": [asdict(one) for one in reached]}


def _alone(module: str, quick: bool) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks", "--alone", module]
    try:
        done = subprocess.run(
            [*command, "--quick"] if quick else command,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
            timeout=_LONGEST,
        )
    except subprocess.SubprocessError as error:
        return {"missing": f"it failed: {type(error).__name__}"}
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def _table(found: list[Reached]) -> list[str]:
    rows = [("", "what", "reached", "bar", "", "beside")]
    rows += [
        (
            one.number,
            one.what,
            f"{one.reached:,.3g} {one.unit}",
            f"{'≤' if one.at_most else '≥'} {one.bar:g}",
            "ok" if one.ok else "MISSED",
            one.beside,
        )
        for one in sorted(found, key=lambda one: int(one.number[1:]))
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _keep(found: list[Reached], without: dict[str, str], quick: bool) -> None:
    now = datetime.now(UTC)
    RESULTS.mkdir(exist_ok=True)
    kept = {
        "at": now.isoformat(timespec="seconds"),
        "quick": quick,
        "machine": {
            "system": platform.platform(),
            "cpus": os.cpu_count(),
            "load": os.getloadavg(),
            "python": platform.python_version(),
        },
        "reached": [asdict(one) | {"ok": one.ok} for one in found],
        "not measured": without,
    }
    path = RESULTS / f"{now:%Y%m%d-%H%M%S}.json"
    path.write_text(json.dumps(kept, indent=1, ensure_ascii=False))
    print(f"kept in {path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path}")
    _draw(found, path.with_suffix(".png"))


def _draw(found: list[Reached], path: Path) -> None:
    """How far each is from its bar, on a scale of powers of ten: right of one it holds."""
    try:
        from matplotlib.figure import Figure
    except ModuleNotFoundError:
        return
    shown = [one for one in reversed(found) if one.reached > 0 and one.bar > 0]
    shares = [one.bar / one.reached if one.at_most else one.reached / one.bar for one in shown]
    figure = Figure(figsize=(9, 0.4 * len(shown) + 1), layout="constrained")
    axes = figure.subplots()
    colours = ["tab:green" if one.ok else "tab:red" for one in shown]
    axes.barh([f"{one.number} {one.what}" for one in shown], shares, color=colours)
    axes.set_xscale("log")
    axes.axvline(1, color="black")
    axes.set_xlabel("reached / bar")
    figure.savefig(path)


if __name__ == "__main__":
    main()
