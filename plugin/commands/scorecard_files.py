"""Scorecards given as files on the command line."""

from __future__ import annotations

from pathlib import Path

import click

FILE = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)


def text_of(file: Path) -> str:
    """The text of a file; ends the command where it cannot be read or is not UTF-8."""
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise click.ClickException(
            f"{file.name}: byte {error.start} is not UTF-8; save the file as UTF-8"
        ) from error
    except OSError as error:
        raise click.ClickException(f"{file.name} cannot be read: {error.strerror}") from error
