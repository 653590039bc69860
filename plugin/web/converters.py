"""Numbers in addresses: no larger than a database counts."""

from __future__ import annotations

from typing import Any

from werkzeug.routing import IntegerConverter

#: The largest number of a row.
LARGEST = 2**63 - 1


class RowNumber(IntegerConverter):
    """``<int:…>`` of every address: beyond what a database can count nothing is found."""

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **({"max": LARGEST} | given))
