"""The recorded month of a small firm on a real Mautic 6.0.3, shipped for the demo.

Everybody in it is invented. `tests/payloads/pack_story.py` made the file.
"""

from __future__ import annotations

import lzma
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import IO, Any

import orjson

_FILE = files(__package__) / "story.jsonl.xz"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One webhook delivery as it arrived; ``signature`` is over exactly ``body``."""

    seq: int
    body: bytes
    signature: str


@dataclass(frozen=True, slots=True)
class Story:
    """What is known about the month beside its deliveries. Ids are the platform's, as text.

    ``truth`` says what kind of person each contact really was (``hot``, ``scanner``, …) and
    ``merged`` which contact survived a merge. ``series`` are the nurturing e-mails, ``promo`` the
    promotion, ``case_study`` the asset; ``emails``, ``assets`` and ``forms`` hold ``name``,
    ``alias`` and ``category`` by id.
    """

    start: datetime
    end: datetime
    secret: str
    truth: Mapping[str, str]
    merged: Mapping[str, str]
    series: tuple[str, ...]
    promo: str
    case_study: str
    emails: Mapping[str, Mapping[str, str | None]]
    assets: Mapping[str, Mapping[str, str | None]]
    forms: Mapping[str, Mapping[str, str | None]]

    def deliveries(self) -> Iterator[Delivery]:
        """The 873 deliveries in order of arrival, read from the file while iterating."""
        with _lines() as lines:
            next(lines)
            for line in lines:
                row = orjson.loads(line)
                yield Delivery(row["seq"], row["body"].encode(), row["signature"])


def story() -> Story:
    """The month's header; only its first line is decompressed."""
    with _lines() as lines:
        header: dict[str, Any] = orjson.loads(next(lines))
    moments = {key: datetime.fromisoformat(header[key]) for key in ("start", "end")}
    return Story(**header | moments | {"series": tuple(header["series"])})


@contextmanager
def _lines() -> Iterator[IO[bytes]]:
    with _FILE.open("rb") as packed, lzma.open(packed) as lines:
        yield lines
