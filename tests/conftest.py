"""What all tests share: a clock that stands still, an installation, a platform beside it."""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from connectors.mautic.standin import Running, StandIn, serve
from hatch_build import compile_translations
from plugin.config import load_config
from plugin.runtime import Runtime, open_runtime
from plugin.services.publish import publish
from tests import postgres
from tests.installation import CARD, Clock, Installation
from tests.torture import Account, account_of, summary

settings.register_profile(
    "maturo",
    max_examples=int(os.environ.get("MATURO_EXAMPLES", "25")),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
settings.load_profile("maturo")

_started = pytest.StashKey[postgres.Server | None]()


def pytest_configure(config: pytest.Config) -> None:
    # The workers of xdist inherit what the first process found.
    if not hasattr(config, "workerinput"):
        config.stash[_started] = postgres.provide()
        compile_translations()


def pytest_collection_finish() -> None:
    # What is imported by now stays to the end: looking through it for garbage again and again,
    # and for cycles after every few hundred objects, would be a fifth of the work of page tests.
    gc.freeze()
    gc.set_threshold(20_000)


def pytest_unconfigure(config: pytest.Config) -> None:
    if (server := config.stash.get(_started, None)) is not None:
        server.remove()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if postgres.server_url() is None:
        terminalreporter.write_line(postgres.MISSING, red=True, bold=True)
    ended = [*terminalreporter.stats.get("passed", []), *terminalreporter.stats.get("failed", [])]
    if lines := summary([report for report in ended if report.when == "call"]):
        terminalreporter.section("promises kept under faults")
        for line in lines:
            terminalreporter.write_line(line)


@pytest.fixture
def account(request: pytest.FixtureRequest) -> Account:
    """Tells the table at the end of the run what this test did and saw."""
    return account_of(request)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if metafunc.definition.get_closest_marker("engines") and "store" in metafunc.fixturenames:
        missing = pytest.mark.skipif(postgres.server_url() is None, reason=postgres.MISSING)
        engines = ["sqlite", pytest.param("postgresql", marks=missing)]
        metafunc.parametrize("store", engines, indirect=True)


@pytest.fixture
def store(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    """The settings that say where everything is kept; both kinds under the mark ``engines``."""
    kept = {"data": str(tmp_path / "data")}
    return kept | (postgres.options() if getattr(request, "param", "") == "postgresql" else {})


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with ``CARD`` in force. A copy of it costs a quarter of making it anew."""
    data = tmp_path_factory.mktemp("prepared") / "data"
    _publish_card({"data": str(data)}, Clock())
    return data


@pytest.fixture
def runtime(store: dict[str, str], clock: Clock, prepared: Path) -> Iterator[Runtime]:
    if "database_url" in store:
        _publish_card(store, clock)
    else:
        shutil.copytree(prepared, store["data"])
    with open_runtime(load_config({}, store), clock) as opened:
        yield opened


def _publish_card(store: dict[str, str], clock: Clock) -> None:
    with open_runtime(load_config({}, store), clock) as opened:
        publish(opened.engine, CARD, "card", clock())


@pytest.fixture
def standin(clock: Clock) -> Iterator[Running]:
    with serve(StandIn(clock=clock, queued=True)) as running:
        yield running


@pytest.fixture
def installation(runtime: Runtime, standin: Running, clock: Clock) -> Iterator[Installation]:
    """Nothing is connected yet."""
    made = Installation(runtime, standin, clock)
    yield made
    made.close()


@pytest.fixture
def connected(installation: Installation) -> Installation:
    installation.connect()
    return installation
