"""Who waits at a terminal sees how far it is, and a program reads nothing of it."""

from __future__ import annotations

import pytest

from plugin.commands.progress import read_then


def _shown(capsys: pytest.CaptureFixture[str], *steps: tuple[int, int]) -> str:
    with read_then("learning from them") as advance:
        for done, total in steps:
            advance(done, total)
    found = capsys.readouterr()
    assert found.out == ""
    return found.err


def test_a_terminal_shows_what_is_read_and_then_what_is_done_with_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setenv("TERM", "xterm")
    half = _shown(capsys, (50, 100))
    assert "50%" in half
    assert "learning from them" not in half
    assert "learning from them" in _shown(capsys, (50, 100), (100, 100))


def test_where_nobody_looks_nothing_is_shown(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TTY_COMPATIBLE", raising=False)
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    assert _shown(capsys, (50, 100), (100, 100)) == ""
