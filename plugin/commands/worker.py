"""``maturo worker``."""

from __future__ import annotations

from typing import Any

import click

from plugin.ending import asked_to_end
from plugin.worker import run_worker

from .common import configure_logging, opened, setting


@click.command()
@setting("batch")
@setting("retention_days")
@setting("language")
@setting("log_level")
@click.pass_context
def command(context: click.Context, /, **options: Any) -> None:
    """Score what was received and write scores back until Ctrl-C or SIGTERM."""
    with asked_to_end() as stop, opened(context, **options) as runtime:
        configure_logging(runtime.config.log_level)
        run_worker(runtime, stop)
