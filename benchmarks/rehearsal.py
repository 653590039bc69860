"""P10: how long a first answer takes what a draft would change, for a sample of the contacts.

python -m benchmarks.rehearsal
"""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path

from benchmarks.crowd import NOW, SCORECARD, crowd
from benchmarks.kit import Reached, cpu_seconds
from plugin.services.rehearse import rehearse


def measure(quick: bool = False) -> list[Reached]:
    """Processor seconds for 5,000 contacts of 50 activities; ``quick`` asks for 200 of them."""
    sample, whole = (200 if quick else 5_000), 5_000
    draft = SCORECARD.read_text().replace("points: 6\n", "points: 7\n")

    def answer() -> None:
        for _ in rehearse(runtime.engine, draft, "draft", NOW, sample=sample):
            pass

    with tempfile.TemporaryDirectory() as folder, crowd(Path(folder), whole) as runtime:
        answer()
        seconds = statistics.median(cpu_seconds(answer) for _ in range(3))
    each = seconds / sample
    beside = f"{sample:,} rehearsed in {seconds:.1f} s, {1e6 * each:,.0f} µs each"
    return [Reached("P10", "rehearsal of 5,000", each * whole, 1.0, "s CPU", True, beside)]


if __name__ == "__main__":
    print(*measure(), sep="\n")
