"""What the tests of commands share: running one, and data folders to run it on."""

from __future__ import annotations

import json
import os
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path

from click.testing import CliRunner, Result

from connectors.activity import BrokenItem
from plugin.cli import main
from plugin.config import load_config
from plugin.runtime import Runtime, open_runtime
from plugin.storage import connections, dead_letters
from plugin.storage.connections import NewConnection
from plugin.storage.inbox import Receipt
from plugin.worker import score_some
from tests.blank import blank_main

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
SECRET = "capture-secret-123"  # of the recorded webhook
_RECORDED = Path(__file__).parents[2] / "payloads" / "mautic" / "webhooks"


def run(*arguments: object, **environ: str) -> Result:
    """``maturo ARGUMENTS``; of this machine's settings only ``environ`` is seen."""
    ours = {name: None for name in os.environ if name.startswith("MATURO_")}
    seen = {**ours, "MATURO_CONFIG": os.devnull, "COLUMNS": "120", **environ}
    return CliRunner(env=seen).invoke(main, [str(one) for one in arguments])


def done(*arguments: object, **environ: str) -> str:
    """What a command printed that must go well."""
    result = run(*arguments, **environ)
    assert result.exit_code == 0, result.output
    assert result.stderr == ""
    return result.stdout


def refused(*arguments: object, code: int = 1, **environ: str) -> str:
    """The words of a command that must refuse: no traceback, nothing on standard output."""
    result = run(*arguments, **environ)
    assert result.exit_code == code, result.output
    assert isinstance(result.exception, SystemExit), result.exception
    assert result.stdout == ""
    usage, _, words = result.stderr.rpartition("Error: ")
    assert not usage or code == 2
    assert "Traceback" not in words
    return words.strip()


def runtime_of(data: Path) -> AbstractContextManager[Runtime]:
    blank_main(data / "main.db")
    return open_runtime(load_config({"MATURO_CONFIG": os.devnull, "MATURO_DATA": str(data)}))


def connected(data: Path, name: str = "mautic", state: str = connections.READY) -> Path:
    """A data folder with a connection of that name; nothing answers at its address."""
    settings = {"base_url": "http://127.0.0.1:9", "field_prefix": "maturo_", "user": "ada"}
    new = NewConnection(
        name, "mautic", settings, {"password": "hidden-password"}, (SECRET,), "Ada", "6.0.3"
    )
    with runtime_of(data) as runtime, runtime.engine.begin() as connection:
        connections.save(connection, runtime.vault, new, NOW)
        source = connections.find(connection, runtime.vault, name)
        assert source is not None
        connections.set_state(connection, source.id, state)
    return data


def scored(data: Path) -> Path:
    """A data folder in which the recorded visit of contact 38 and more was scored."""
    connected(data)
    with runtime_of(data) as runtime:
        for path in sorted(_RECORDED.glob("page_on_hit__*.json")):
            body = json.loads(path.read_text())["body"].encode()
            runtime.inbox.append(Receipt("mautic", NOW, {}, body))
        while score_some(runtime):
            pass
    return data


def buried(data: Path, reason: str, body: bytes = b"{}", index: int = 0) -> Path:
    """A data folder with one more dead letter, of a receipt with this body."""
    with runtime_of(data) as runtime:
        receipt = runtime.inbox.append(Receipt("mautic", NOW, {}, body))
        with runtime.engine.begin() as connection:
            source = connections.find(connection, runtime.vault, "mautic")
            assert source is not None
            item = BrokenItem("page_on_hit", index, reason, '{"private": "ada@example.test"}')
            dead_letters.bury(connection, source.id, [(receipt, item)], NOW)
    return data
