"""Values that say when: a day or an hour of the past tells nothing of who comes later."""

from __future__ import annotations

import re

#: As platforms, spreadsheets and programs write them: 2026-03-02 09:00, 02/03/2026, 20260302,
#: 09:00, and seconds or milliseconds since 1970.
_MOMENT = re.compile(
    r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}([T ].*)?"
    r"|\d{1,2}[-/.]\d{1,2}[-/.](\d{4}|\d{2})( .*)?"
    r"|(19|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])"
    r"|\d{1,2}:\d{2}(:\d{2})?"
    r"|1\d{9}(\.\d+)?"
    r"|1\d{12}"
)


def is_moment(value: object) -> bool:
    """Whether a value is a date, a time of day, or both."""
    return _MOMENT.fullmatch(str(value).strip()) is not None
