"""P15: how long `import plugin` and `maturo --help` take, in processor time.

python -m benchmarks.startup
"""

from __future__ import annotations

import statistics

from benchmarks.kit import Reached, cpu_of, in_turns


def measure(quick: bool = False) -> list[Reached]:
    """Both together, beside a Python that does nothing."""
    sides = in_turns(
        5 if quick else 11,
        lambda: cpu_of("-c", "import plugin"),
        lambda: cpu_of("-m", "plugin", "--help"),
        lambda: cpu_of("-c", ""),
    )
    module, help_, bare = (statistics.median(side) for side in sides)
    beside = f"import {module:.2f} s, --help {help_:.2f} s; Python alone {bare:.3f} s"
    return [Reached("P15", "import and help", module + help_, 0.4, "s CPU", True, beside)]


if __name__ == "__main__":
    print(*measure(), sep="\n")
