"""``maturo connect CONNECTOR``: its options are the connector's own settings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import click
from marshmallow import fields

from connectors.contract import Connector, can
from connectors.errors import ConnectorError
from plugin.config import Config
from plugin.manifest import Manifest, load_manifest
from plugin.runtime import Runtime
from plugin.services.connect import Connected, Request, SettingsError, connect
from plugin.storage import connections

from .common import (
    Option,
    opened,
    plain_errors,
    print_json,
    read_document,
    setting,
    show_check,
    webhook_url,
)


class _Connectors(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return _manifest().connector_ids

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        manifest = _manifest()
        try:
            return _command(manifest.connector(cmd_name))
        except LookupError as error:
            ours = ", ".join(manifest.connector_ids)
            raise click.UsageError(f"{error} Shipped with maturo: {ours}.") from error


command = _Connectors("connect", help="Connect a platform; the sub-command is the connector.")


def _manifest() -> Manifest:
    with plain_errors():
        return load_manifest()


def _command(connector: Connector) -> click.Command:
    helps = {one["name"]: one["help"]["en"] for one in connector.manifest["settings"]}
    made = click.Command(
        connector.id,
        params=[
            *(_option(name, field, helps[name]) for name, field in _settings(connector).items()),
            Option(
                ["--name"],
                default=connector.id,
                show_default=True,
                callback=_checked_name,
                help="Its name here, part of the webhook's address.",
            ),
            Option(["--webhook-secret"], help="Secret that signs deliveries; made if left out."),
            Option(
                ["--mode"],
                type=click.Choice([connections.BOTH, connections.POLL, connections.WEBHOOK]),
                default=connections.BOTH,
                show_default=True,
                help="How activities come: by webhook and polling, or by one of them.",
            ),
            Option(["--no-install"], is_flag=True, help="Leave the webhook to you."),
            Option(["--moved"], is_flag=True, help="It is the same platform at a new address."),
            Option(["--json", "as_json"], is_flag=True, help="Print JSON for a machine."),
        ],
        callback=click.pass_context(lambda context, **given: _run(context, connector, **given)),
        help=f"{connector.manifest['description']['en']}\n\n{_HELP}",
    )
    return setting("public_url")(made)  # type: ignore[no-any-return]


_HELP = (
    "Nothing is saved before the platform accepted us. Repeating it under the same name replaces "
    "the connection. Give secrets by the environment: others see the options of a running command."
)


def _settings(connector: Connector) -> Mapping[str, fields.Field[Any]]:
    return connector.settings_schema().fields


def _option(name: str, field: fields.Field[Any], help_text: str) -> Option:
    kind = {"is_flag": True} if isinstance(field, fields.Boolean) else {"required": field.required}
    return Option([_flag(name, field), name], help=help_text, **kind)


def _flag(name: str, field: fields.Field[Any]) -> str:
    return f"--{field.metadata.get('option', name).replace('_', '-')}"


def _checked_name(_context: click.Context, _option: click.Parameter, name: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,62}", name):
        raise click.BadParameter("use at most 63 of a-z, 0-9, _ and -, such as crm-fr")
    return name


def _run(
    context: click.Context,
    connector: Connector,
    name: str,
    webhook_secret: str | None,
    mode: str,
    no_install: bool,
    moved: bool,
    as_json: bool,
    public_url: str | None,
    **given: str | None,
) -> None:
    settings = _documents(connector, {k: v for k, v in given.items() if v is not None})
    no_install = no_install or not can(connector, "webhook")
    with opened(context, public_url=public_url) as runtime:
        silent = mode == connections.POLL or "webhook" not in connector.manifest["ingest"]
        hook = None if silent else _hook(runtime.config, name, no_install)
        url = None if no_install else hook
        request = Request(name, connector.id, settings, webhook_secret, url, moved, mode)
        done = _connect(runtime, connector, request)
    by_hand = {"webhook_secret": done.webhook_secret} if no_install and hook and done.saved else {}
    if as_json:
        print_json({"saved": done.saved, "checks": done.checks, "webhook": hook} | by_hand)
    else:
        _show(connector, name, done)
        if by_hand and hook:
            _show_webhook(connector, hook, done.webhook_secret)
    if not (done.saved and all(check.ok for check in done.checks)):
        context.exit(1)


def _hook(config: Config, name: str, no_install: bool) -> str:
    url = webhook_url(config, name)
    if url is None and not no_install:
        raise click.UsageError(
            "the platform must know where to deliver: give --public-url "
            "https://your.host, or --no-install to enter the webhook there yourself, or --mode "
            "poll to do without one"
        )
    return url or f"https://YOUR.HOST/hooks/{name}"


def _documents(connector: Connector, given: Mapping[str, Any]) -> dict[str, Any]:
    """The settings; of a document that is named as @FILE, what is in the file."""
    known = _settings(connector)
    return {
        name: read_document(value) if known[name].metadata.get("document") else value
        for name, value in given.items()
    }


def _connect(runtime: Runtime, connector: Connector, request: Request) -> Connected:
    try:
        return connect(runtime.engine, runtime.vault, connector, request, runtime.clock())
    except SettingsError as error:
        raise click.UsageError(_problems(connector, error)) from error
    except ConnectorError as error:
        raise click.ClickException(
            f"{error}. See that --url is right and answers this machine, then connect again; "
            "what was done already is found and kept"
        ) from error


def _problems(connector: Connector, error: SettingsError) -> str:
    known = _settings(connector)
    return "; ".join(
        f"{_flag(name, known[name])}: {' '.join(said)}" if name in known else " ".join(said)
        for name, said in sorted(error.problems.items())
    )


def _show(connector: Connector, name: str, done: Connected) -> None:
    for check in done.checks:
        show_check(check)
    if done.saved:
        click.echo(f"Connection {name} is saved.")
        if not all(check.ok for check in done.checks):
            click.echo("Mend what FAILED and connect again; what was done already is kept.")
        if can(connector, "history"):
            click.echo(f"`maturo backfill {name}` reads what the platform recorded until now.")
    else:
        click.echo(f"Connection {name} is NOT saved; correct what FAILED and connect again.")


def _show_webhook(connector: Connector, hook: str, secret: str) -> None:
    events = ", ".join(event for event, told in connector.manifest["events"].items() if told)
    click.echo(
        f"Enter this webhook in the platform; its secret is shown only now:\n  URL     {hook}"
    )
    click.echo(f"  secret  {secret}\n  events  {events}")
