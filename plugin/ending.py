"""How a process learns that it shall end."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_ASKING = (signal.SIGINT, signal.SIGTERM)
#: Seconds between two looks whether anybody still wants to know.
_BREATH = 0.2


@contextmanager
def asked_to_end() -> Iterator[threading.Event]:
    """Set once somebody presses Ctrl-C or sends SIGTERM; begun before other threads start."""
    # By a thread and not by a handler: a handler runs in the middle of whatever the main thread
    # does. Where that was waiting for this event, it held the event's lock, and setting it there
    # waited for that lock for good.
    asked, over = threading.Event(), threading.Event()

    def listen() -> None:
        while not (asked.is_set() or over.is_set()):
            if signal.sigtimedwait(_ASKING, _BREATH) is not None:
                asked.set()

    before = signal.pthread_sigmask(signal.SIG_BLOCK, _ASKING)
    listener = threading.Thread(target=listen, name="ending", daemon=True)
    listener.start()
    try:
        yield asked
    finally:
        over.set()
        listener.join()
        # Who is started later inherits what is held back, and would hear nothing.
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
