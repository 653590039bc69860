from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine

from tests import postgres
from tests.contract.storage_kit import ENGINES, database


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    if request.param == "postgresql" and postgres.server_url() is None:
        pytest.skip(postgres.MISSING)
    with database(request.param, tmp_path) as opened:
        yield opened


@pytest.fixture
def db(engine: Engine) -> Iterator[Connection]:
    with engine.begin() as connection:
        yield connection
