"""What the automations of an account mean: Brevo's "call a webhook" step names only a number."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

#: What an automation can stand for, beside won and lost.
ACTIVITIES = ("form_submitted", "page_viewed", "asset_downloaded", "survey_answered")
RESULTS = ("won", "lost")
_ENTRY = re.compile(r"\s*(\d{1,12})\s*=\s*(\w+)(?:\s+(.+?))?\s*")


@dataclass(frozen=True, slots=True)
class Workflow:
    """``meaning`` is one of ``ACTIVITIES`` or ``RESULTS``; ``about`` its form, page or asset."""

    meaning: str
    about: str | None


@lru_cache(maxsize=32)
def parse_workflows(text: str) -> Mapping[int, Workflow]:
    """From ``12=form_submitted Demo form; 15=page_viewed https://…; 20=won``.

    Raises ``ValueError`` saying which part cannot be read.
    """
    found: dict[int, Workflow] = {}
    for part in filter(str.strip, text.split(";")):
        match = _ENTRY.fullmatch(part)
        if match is None or match[2] not in (*ACTIVITIES, *RESULTS):
            meanings = ", ".join((*ACTIVITIES, *RESULTS))
            raise ValueError(
                f'"{part.strip()}": expected a number, = and one of {meanings}, such as '
                "12=form_submitted Demo form; separate several by ;"
            )
        if match[2] in ACTIVITIES and match[3] is None:
            raise ValueError(f'"{part.strip()}": say which form, page or asset it is')
        found[int(match[1])] = Workflow(match[2], match[3])
    return found
