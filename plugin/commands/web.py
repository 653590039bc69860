"""``maturo web``."""

from __future__ import annotations

from typing import Any

import click

from plugin.config import Config
from plugin.port import check_port

from .common import configure, configure_logging, plain_errors, setting


@click.command()
@setting("host")
@setting("port")
@setting("threads")
@setting("body_limit")
@setting("backlog_limit")
@setting("private_platforms")
@setting("oidc_issuer")
@setting("oidc_client_id")
@setting("log_level")
@click.pass_context
def command(context: click.Context, /, **options: Any) -> None:
    """Receive webhooks and keep them, and show the pages; scoring is `maturo worker`'s.

    While there is no user, a link to the first administrator is printed: it works once, within an
    hour.
    """
    from plugin.web.server import run

    config = configure(context, **options)
    configure_logging(config.log_level)
    with plain_errors(config):
        check_port(config.host, config.port)
    _invite_first(config)
    run(config)


def _invite_first(config: Config) -> None:
    from plugin.manifest import load_manifest
    from plugin.runtime import utc_now
    from plugin.services.invitations import first_link
    from plugin.stores import open_database
    from plugin.web.admin.vouching import relying_party

    with plain_errors(config):
        # Said here, where somebody reads it, and not by a process that is started anew for ever.
        relying_party(config)
        engine = open_database(config)
        try:
            token = first_link(engine, load_manifest().roles, utc_now())
        finally:
            engine.dispose()
    base = config.public_url.rstrip("/") or f"http://{config.host}:{config.port}"
    pages = f"{base}/admin/"
    told = pages if token is None else f"{pages}join/{token} (makes you the administrator)"
    click.echo(f"Pages: {told}", err=True)
