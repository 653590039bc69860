"""``maturo serve``: the receiver and the worker, each in a process of its own."""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from plugin.port import check_port
from plugin.together import run_together

from .common import opened, setting


@click.command()
@setting("host")
@setting("port")
@setting("language")
@setting("private_platforms")
@setting("oidc_issuer")
@setting("oidc_client_id")
@setting("log_level")
@click.pass_context
def command(context: click.Context, /, **options: Any) -> None:
    """Receive, score and write back until Ctrl-C or SIGTERM; nothing else has to run.

    Receiver and worker are processes of their own, so that heavy scoring never slows receiving.
    When one ends by itself, the other is stopped and the exit code is 1: a supervisor such as
    systemd starts both anew.
    """
    # What is wrong is said here, before anything starts.
    with opened(context, **options) as runtime:
        config = runtime.config
        check_port(config.host, config.port)
    click.echo(f"Receiving on http://{config.host}:{config.port}/hooks/CONNECTION", err=True)
    # -P: a folder named plugin where we were started is not ours.
    commands = [[sys.executable, "-P", "-m", "plugin", name] for name in ("web", "worker")]
    context.exit(run_together(commands, config.environ(os.environ)))
