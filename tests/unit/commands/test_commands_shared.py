"""What holds for every command: help, environment, and refusing in plain words."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from command_kit import connected, done, refused, run, runtime_of
from sqlalchemy import text

from plugin.cli import COMMANDS, main
from plugin.commands.common import printable
from plugin.config import SETTINGS

#: Every command and sub-command, as it is typed.
READERS = [
    ("check",),
    ("connections",),
    ("dead", "list"),
    ("dead", "replay"),
    ("explain", "mautic/38"),
    ("scorecard", "export"),
]


def every_command() -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command and sub-command with its path."""

    def walk(
        path: tuple[str, ...], group: click.Group
    ) -> Iterator[tuple[tuple[str, ...], click.Command]]:
        context = click.Context(group)
        for name in group.list_commands(context):
            command = group.get_command(context, name)
            assert command is not None
            yield (*path, name), command
            if isinstance(command, click.Group):
                yield from walk((*path, name), command)

    yield from walk((), main)


ALL = dict(every_command())
OPTIONS = [
    (path, option)
    for path, command in ALL.items()
    for option in command.params
    if isinstance(option, click.Option)
]


def test_the_overview_names_every_command() -> None:
    told = done("--help")
    for name, line in COMMANDS.items():
        assert f"  {name} " in told
        assert line in told
    assert {path[0] for path in ALL} == set(COMMANDS)


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_help_says_what_a_command_does_and_what_every_option_is_for(path: tuple[str, ...]) -> None:
    told = " ".join(done(*path, "--help").split())
    summary = " ".join((ALL[path].help or "").split("\n\n")[0].split())
    assert summary
    assert summary in told


@pytest.mark.parametrize(("path", "option"), OPTIONS, ids=str)
def test_every_option_is_in_the_environment_and_says_so(
    path: tuple[str, ...], option: click.Option
) -> None:
    variable = "MATURO_" + option.opts[0].removeprefix("--").replace("-", "_").upper()
    assert variable in done(*path, "--help", COLUMNS="300")
    assert option.help or option.name == "lang"


def test_the_overview_comes_without_importing_the_commands() -> None:
    program = (
        "import sys; from plugin.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "print(sorted(m for m in ('flask', 'sqlalchemy', 'rich', 'httpx') if m in sys.modules))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert ran.stdout.endswith("[]\n")


def test_help_answers_at_once() -> None:
    def once() -> float:
        started = time.perf_counter()
        subprocess.run([sys.executable, "-m", "plugin", "--help"], check=True, capture_output=True)
        return time.perf_counter() - started

    assert min(once() for _ in range(3)) < 2.0  # 0.2 s on two idle cores


def test_an_unknown_command_is_refused() -> None:
    assert refused("dance", code=2) == "No such command 'dance'."


@pytest.mark.parametrize("command", READERS, ids=" ".join)
def test_looking_at_a_folder_that_is_not_there_does_not_make_it(
    tmp_path: Path, command: tuple[str, ...]
) -> None:
    words = refused("--data", tmp_path / "typo", *command)
    assert words.startswith(f'nothing is installed in the data folder "{tmp_path}/typo": name the')
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", READERS, ids=" ".join)
def test_a_database_that_is_none_is_refused(tmp_path: Path, command: tuple[str, ...]) -> None:
    (tmp_path / "main.db").write_bytes(b"this is no database" * 100)
    words = refused("--data", tmp_path, *command)
    assert words.startswith(f'the data folder "{tmp_path}" cannot be used: file is not a database.')


def test_a_data_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    words = refused("worker", MATURO_DATA=str(file))
    assert words.startswith(f'the data folder "{file}" cannot be used: ')


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_data_folder_that_may_not_be_read_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0)
    try:
        assert "cannot be used: " in refused("--data", tmp_path, "check")
    finally:
        tmp_path.chmod(0o700)


def test_a_database_of_a_newer_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    with runtime_of(tmp_path) as runtime, runtime.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    words = refused("--data", tmp_path, "check")
    assert words.startswith("the database has schema 9999, this version knows up to ")
    assert "Install that version again" in words


def test_a_key_that_is_none_is_refused_without_showing_it(tmp_path: Path) -> None:
    words = refused("--data", tmp_path, "worker", MATURO_KEY="not-a-key")
    assert words.startswith("MATURO_KEY: expected keys of 32 bytes")
    assert "not-a-key" not in words


def test_a_wrong_key_is_refused_saying_what_to_do(tmp_path: Path) -> None:
    connected(tmp_path)
    key = "A" * 43 + "="
    words = refused("--data", tmp_path, "connections", MATURO_KEY=key)
    assert words.startswith("a stored secret does not open with this key: set MATURO_KEY")
    assert key not in words


@pytest.mark.parametrize("command", ["serve", "web"])
def test_a_wrong_setting_is_refused_before_anything_starts(tmp_path: Path, command: str) -> None:
    assert refused("--data", tmp_path / "x", command, MATURO_PORT="http").startswith(
        "environment variable MATURO_PORT: "
    )
    assert refused("--data", tmp_path / "x", command, "--port", "http").startswith("option --port")
    assert list(tmp_path.iterdir()) == []


def test_the_option_beats_the_environment(tmp_path: Path) -> None:
    connected(tmp_path / "a", "first")
    connected(tmp_path / "b", "second")
    environ = {"MATURO_DATA": str(tmp_path / "a")}
    assert "first" in done("connections", **environ)
    assert "second" in done("--data", tmp_path / "b", "connections", **environ)


def test_json_can_be_asked_for_by_the_environment(tmp_path: Path) -> None:
    connected(tmp_path)
    assert done("--data", tmp_path, "connections", MATURO_JSON="1").startswith("[")


def test_the_version_is_the_manifests() -> None:
    assert run("--version").stdout == "maturo, version 0.1.0\n"


def test_what_strangers_typed_cannot_move_the_cursor() -> None:
    assert printable("Ünïcode “9:06\N{NARROW NO-BREAK SPACE}PM” 漢") == (
        "Ünïcode “9:06\N{NARROW NO-BREAK SPACE}PM” 漢"
    )
    assert printable("a\x1b[2Jb\rc\x07\N{RIGHT-TO-LEFT OVERRIDE}d") == "a�[2Jb�c��d"


def test_every_setting_can_be_given_to_some_command_or_is_secret() -> None:
    offered = {option.name for _, option in OPTIONS} | {"data"}
    assert {setting.name for setting in SETTINGS if not setting.secret} <= offered
    assert not {setting.name for setting in SETTINGS if setting.secret} & offered
