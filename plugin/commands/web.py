"""``maturo web``."""

from __future__ import annotations

from typing import Any

import click

from .common import configure, configure_logging, setting


@click.command()
@setting("host")
@setting("port")
@setting("threads")
@setting("body_limit")
@setting("backlog_limit")
@setting("log_level")
@click.pass_context
def command(context: click.Context, /, **options: Any) -> None:
    """Receive webhooks and keep them; scoring is `maturo worker`'s."""
    from plugin.web.server import run

    config = configure(context, **options)
    configure_logging(config.log_level)
    run(config)
