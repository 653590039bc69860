"""How a process learns that it shall end."""

from __future__ import annotations

import signal
import threading

_ASKING = (signal.SIGINT, signal.SIGTERM)


def asked_to_end() -> threading.Event:
    """Set once somebody presses Ctrl-C or sends SIGTERM; called before other threads start."""
    # By a thread and not by a handler: a handler runs in the middle of whatever the main thread
    # does. Where that was waiting for this event, it held the event's lock, and setting it there
    # waited for that lock for good.
    asked = threading.Event()
    signal.pthread_sigmask(signal.SIG_BLOCK, _ASKING)

    def listen() -> None:
        signal.sigwait(_ASKING)
        asked.set()

    threading.Thread(target=listen, name="ending", daemon=True).start()
    return asked
