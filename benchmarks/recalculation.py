"""A recalculation under a new scorecard, end to end: read, fold, compare with the ledger, write.

Prints processor seconds, and what they come to for ten million activities (200,000 contacts of 50)
on one core. First under the same text, where no line changes, then with points that differ.

    python -m benchmarks.recalculation [--contacts 20000] [--batch 256]
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from benchmarks.crowd import NOW, PAST, SCORECARD, crowd
from plugin.runtime import Runtime
from plugin.services.publish import publish
from plugin.services.recalculate import recalculate_batch
from plugin.worker import rare_collections

_WHOLE = 10_000_000


def recalculate(runtime: Runtime, source: str, batch: int) -> float:
    """Processor seconds from the publication until every contact has a score by it."""
    publish(runtime.engine, source, "benchmark", NOW)
    started = time.process_time()
    while recalculate_batch(runtime.engine, batch, NOW):
        pass
    return time.process_time() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contacts", type=int, default=20_000)
    parser.add_argument("--batch", type=int, default=256)
    given = parser.parse_args()
    text = SCORECARD.read_text()
    changed = text.replace("points: 6\n", "points: 7\n")
    assert changed != text
    with (
        tempfile.TemporaryDirectory() as folder,
        crowd(Path(folder), given.contacts) as runtime,
        rare_collections(),
    ):
        for name, source in (("no line changes", text), ("other points", changed)):
            seconds = recalculate(runtime, source, given.batch)
            activities = given.contacts * PAST
            print(
                f"{name}: {activities:,} activities in {seconds:.1f} s of one core, "
                f"{activities / seconds:,.0f} a second; "
                f"ten million would take {seconds * _WHOLE / activities:,.0f} s",
                flush=True,
            )


if __name__ == "__main__":
    main()
