"""The recorded month of a real Mautic, lived by the firm of the acceptance tests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import requests
from firm_kit import Firm, opened

from connectors.mautic import standin
from plugin.demo.story import story
from tests.deadlines import DEADLINE


@contextmanager
def lived_month(folder: Path, card: str) -> Iterator[Firm]:
    """A firm that lived the month under this scorecard, everything settled at its end."""
    told = story()
    with opened(folder / "data", told.secret) as firm, requests.Session() as web:
        firm.now = told.end
        firm.scorecard(card)

        def post(body: bytes, headers: Mapping[str, str]) -> int:
            return web.post(firm.hook, data=body, headers=headers, timeout=DEADLINE).status_code

        statuses = standin.play(firm.standin, told.deliveries(), post, merged=told.merged)
        assert set(statuses) == {200}
        firm.settle()
        yield firm
