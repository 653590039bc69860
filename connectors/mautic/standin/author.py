"""Who saves something in the stand-in."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Author:
    """Client credentials have a name but no id; visitors have a blank for a name."""

    id: int | None
    name: str


VISITOR = Author(None, " ")
ADMIN = Author(1, "Admin Live")
