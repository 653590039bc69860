"""What acceptance tests stand on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from firm_kit import Firm, opened


@pytest.fixture
def firm(tmp_path: Path) -> Iterator[Firm]:
    with opened(tmp_path / "data") as firm:
        yield firm


@pytest.fixture
def french_firm(tmp_path: Path) -> Iterator[Firm]:
    with opened(tmp_path / "data", language="fr") as firm:
        yield firm
