"""A real Node-RED signs and sends, and receives what we sign: ``nodered.py FOLDER_OF_NODE_RED``."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import requests
from click.testing import CliRunner

from connectors import proofs
from connectors.conformance.server import serving
from plugin.cli import main
from plugin.config import load_config
from plugin.runtime import open_runtime
from plugin.sender import Sender
from plugin.web import create_app
from plugin.worker import score_some

INBOUND = "whsec_" + "d2hhdCBOb2RlLVJFRCBzaWducyBpdHMgcG9zdHMgYnk="
OUTBOUND = "whsec_" + "d2hhdCBNYXR1cm8gc2lnbnMgaXRzIHBvc3RzIGJ5ISE="
FLOW = Path(__file__).with_name("nodered_flow.json")
_PATIENCE = 60


def run(modules: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        data, port = Path(folder) / "data", free_port()
        red = f"http://127.0.0.1:{port}"
        told = maturo(
            data,
            *("connect", "generic", "--name", "red", "--webhook-secret", INBOUND),
            *("--public-url", "https://maturo.example.org", "--private-addresses"),
        )
        print(told.partition("Enter")[0].strip())
        app = create_app(load_config({"MATURO_CONFIG": os.devnull, "MATURO_DATA": str(data)}))
        with serving(app.wsgi_app) as here, node_red(modules, Path(folder) / "red", port, here):
            sends(red)
            maturo(
                data,
                *("connect", "generic", "--name", "red", "--webhook-secret", INBOUND),
                *("--public-url", "https://maturo.example.org", "--private-addresses"),
                *("--url", f"{red}/in", "--signing-secret", OUTBOUND),
            )
            settle(data)
            receives(red)


def sends(red: str) -> None:
    """Node-RED to us."""
    told = {"type": "page_viewed", "data": {"contact": "42", "email": "ada@example.org"}}
    for mode, wanted in (("good", 200), ("wrong", 401), ("stale", 401), ("replay", 200)):
        status = requests.post(f"{red}/tell", json={"mode": mode, "told": told}, timeout=20).json()
        expect(f"sent by Node-RED, {mode}", status["status"], wanted)


def receives(red: str) -> None:
    """Us to Node-RED; the copies are those of somebody who listened."""
    seen = requests.get(f"{red}/seen", timeout=20).json()
    updates = [one for one in seen if one["told"]["type"] == "contact.updated"]
    expect("write-backs that Node-RED believed", len(updates), 1)
    expect("… of the contact", updates[0]["told"]["data"]["contact"], "42")
    body, headers = updates[0]["body"].encode(), updates[0]["headers"]
    now = datetime.now(UTC)
    wrong = proofs.standard_headers("msg_x", body, INBOUND, now)
    stale = proofs.standard_headers("msg_y", body, OUTBOUND, now - timedelta(minutes=10))
    for name, given, wanted in (
        ("replayed", headers, 409),
        ("wrongly signed", wrong, 401),
        ("stale", stale, 401),
    ):
        answer = requests.post(
            f"{red}/in",
            data=body,
            headers={**given, "Content-Type": "application/json"},
            timeout=20,
        )
        expect(f"received by Node-RED, {name}", answer.status_code, wanted)


def settle(data: Path) -> None:
    config = load_config({"MATURO_CONFIG": os.devnull, "MATURO_DATA": str(data)})
    with open_runtime(config) as runtime:
        while score_some(runtime):
            pass
        with runtime.engine.connect() as connection:
            stored = connection.exec_driver_sql("select count(*) from contacts").scalar_one()
        expect("contacts of four deliveries", stored, 1)
        sender = Sender(runtime, lambda: 0.0)
        while sender.send_some():
            pass
        sender.close()
    known = json.loads(maturo(data, "export", "red/42"))
    expect("visits, of which one came twice", len(known["activities"]), 1)


def maturo(data: Path, *given: str) -> str:
    result = CliRunner(env={"MATURO_CONFIG": os.devnull}).invoke(
        main, ["--data", str(data), *given]
    )
    if result.exit_code:
        raise SystemExit(f"maturo {' '.join(given[:2])}: {result.output}")
    return str(result.stdout)


@contextmanager
def node_red(modules: Path, folder: Path, port: int, maturo: str) -> Iterator[None]:
    """A Node-RED with our flow, ready when it answers."""
    folder.mkdir()
    (folder / "settings.js").write_text(
        "module.exports = {functionGlobalContext: {crypto: require('crypto'), "
        f"maturo: {json.dumps(maturo)}, inbound: {json.dumps(INBOUND)}, "
        f"outbound: {json.dumps(OUTBOUND)}}}, logging: {{console: {{level: 'error'}}}}, "
        f"uiHost: '127.0.0.1', uiPort: {port}, flowFile: {json.dumps(str(FLOW))}, "
        "httpAdminRoot: false};"
    )
    command = ["node", str(modules / "node_modules/node-red/red.js"), "--userDir", str(folder)]
    process = subprocess.Popen(command, cwd=folder)
    try:
        wait_for(f"http://127.0.0.1:{port}/seen", process)
        yield
    finally:
        process.terminate()
        process.wait(20)


def wait_for(url: str, process: subprocess.Popen[Any]) -> None:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until and process.poll() is None:
        try:
            if requests.get(url, timeout=2).ok:
                return
        except requests.RequestException:
            time.sleep(0.2)
    raise SystemExit(f"Node-RED did not answer within {_PATIENCE} s")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def expect(what: str, found: Any, wanted: Any) -> None:
    print(f"{'ok    ' if found == wanted else 'FAILED'} {what}: {found}")
    if found != wanted:
        raise SystemExit(f"expected {wanted}")


if __name__ == "__main__":
    run(Path(sys.argv[1]))
