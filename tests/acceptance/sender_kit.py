"""A sender in a process of its own; little is imported, since each that is killed is begun anew."""

from __future__ import annotations

import os
import random
import time
from datetime import datetime
from pathlib import Path

from plugin.config import load_config
from plugin.lines import Limiters
from plugin.runtime import open_runtime
from plugin.sender import Sender


def send_on(data: Path, now: datetime, ready: Path) -> None:
    """Send what is due at ``now`` until somebody kills it; ``ready`` is there once it begins."""
    config = load_config({"MATURO_CONFIG": os.devnull}, {"data": str(data)})
    with open_runtime(config, lambda: now) as runtime:
        sender = Sender(runtime, random.random, Limiters(sleep=lambda _: None))
        ready.touch()
        while True:
            # For the processor's sake alone.
            sender.send_some() or time.sleep(0.01)
