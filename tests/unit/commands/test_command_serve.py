"""``maturo serve`` and ``maturo web`` where they cannot listen."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from command_kit import refused


@pytest.mark.parametrize("command", ["serve", "web"])
def test_a_port_that_is_taken_is_said_before_anything_starts(command: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        words = refused("--data", tmp_path / "data", command, "--port", port)
    assert words.startswith(f"cannot listen on port {port} of 127.0.0.1: Address already in use")
    assert words.endswith("name another by --port or MATURO_PORT")


@pytest.mark.skipif(not hasattr(socket, "SO_REUSEPORT"), reason="ports cannot be shared here")
def test_a_port_that_another_maturo_would_share_is_taken_too(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert "a Maturo that still runs" in refused(
            "--data", tmp_path / "data", "web", "--port", port
        )


def test_an_address_of_another_machine_is_refused_with_words(tmp_path: Path) -> None:
    words = refused("--data", tmp_path / "data", "web", "--host", "192.0.2.1", "--port", 8080)
    assert words.startswith("cannot listen on port 8080 of 192.0.2.1: ")
