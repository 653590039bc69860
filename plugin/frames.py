"""Where an error came from, without its words: they may hold what a contact typed, or a secret."""

from __future__ import annotations

from traceback import extract_tb


def frames(error: BaseException) -> list[str]:
    """``file:line function`` of every frame, the deepest last."""
    return [f"{one.filename}:{one.lineno} {one.name}" for one in extract_tb(error.__traceback__)]
