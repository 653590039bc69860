"""``maturo connections test`` and what else looks after one platform."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import click

from connectors.contract import Check, Session
from plugin.config import PREFIX
from plugin.runtime import Runtime
from plugin.services.connect import Request, connect
from plugin.services.disconnect import disconnect
from plugin.services.prove import prove_round_trip
from plugin.services.watch import note_look
from plugin.storage import connections
from plugin.storage.connections import StoredConnection, UnknownConnection
from plugin.storage.engine import for_reading

from .common import existing, option, setting, show_check, webhook_url

_name = click.argument("name")


@click.command()
@_name
@option("--contact", help="Id of a contact to prove it with: it gets a tag for a moment.")
@setting("public_url")
@click.pass_context
def test(context: click.Context, name: str, contact: str | None, public_url: str | None) -> None:
    """Ask the platform whether all is well; with --contact, prove that deliveries arrive.

    The receiver must be running for the proof.
    """
    with existing(context, public_url=public_url) as runtime, _session(runtime, name) as opened:
        source, session = opened
        checks = list(session.probe().checks)
        accepted = all(check.ok for check in checks)
        if accepted and source.webhook_url is not None:
            webhook = session.check_webhook(source.webhook_url)
            note_look(runtime.engine, source, webhook, runtime.clock())
            checks.append(webhook)
        if accepted and contact is not None:
            url = _delivers_to(runtime, source)
            checks.append(_proof(runtime, source, session, contact, url))
    _end(context, checks)


@click.command()
@_name
@click.pass_context
def reauthenticate(context: click.Context, name: str) -> None:
    """Give new secrets after the platform refused the old ones; nothing else changes."""
    with existing(context) as runtime:
        source = stored_connection(runtime, name)
        connector = runtime.manifest.connector(source.connector)
        hidden = [
            key
            for key, one in connector.settings_schema().fields.items()
            if one.metadata.get("secret") and key in source.settings
        ]
        fresh = {key: _asked(key) for key in hidden}
        request = Request(
            name, source.connector, {**source.settings, **fresh}, None, None, mode=source.mode
        )
        done = connect(runtime.engine, runtime.vault, connector, request, runtime.clock())
    _end(context, done.checks)


@click.command()
@_name
@click.pass_context
def republish(context: click.Context, name: str) -> None:
    """Let the platform deliver again after it switched our webhook off; only you may decide so."""
    with existing(context) as runtime, _session(runtime, name) as opened:
        source, session = opened
        if source.webhook_url is None:
            raise click.ClickException(
                f"maturo did not install the webhook of {name}: switch it on in the platform, or "
                f"run `maturo connect {source.connector} --name {name}` to let maturo install it"
            )
        found = session.publish_webhook(source.webhook_url)
        note_look(runtime.engine, source, found, runtime.clock())
    _end(context, [found])


@click.command()
@_name
@option("--delete-fields", is_flag=True, help="Delete our fields at the platform as well.")
@option("--yes", is_flag=True, help="Do not ask.")
@setting("public_url")
@click.pass_context
def remove(
    context: click.Context, name: str, delete_fields: bool, yes: bool, public_url: str | None
) -> None:
    """Delete its webhook, forget its secrets, stop receiving and writing.

    Histories and scores stay in main.db; connecting again under the same name goes on with them.
    """
    with existing(context, public_url=public_url) as runtime, _session(runtime, name) as opened:
        source, session = opened
        if not yes:
            click.confirm(f"Remove the connection {name}?", abort=True)
        url = _delivers_to(runtime, source)
        engine, now = runtime.engine, runtime.clock()
        done = disconnect(engine, runtime.vault, source, session, url, delete_fields, now)
    unfound = url is None and source.mode != connections.POLL
    checks = [_NO_ADDRESS, *done.checks] if unfound else [*done.checks]
    for check in checks:
        show_check(check)
    click.echo(
        f"Connection {name} is removed; {done.deliveries} write-backs and {done.actions} actions "
        "that waited were dropped. What was learnt stays in main.db, until you delete it; what "
        f"the platform holds of ours {'is deleted' if delete_fields else 'stays there'}."
    )
    if not all(check.ok for check in checks):
        context.exit(1)


_NO_ADDRESS = Check(
    "webhook",
    False,
    "not looked for, because somebody else installed it and our own address is not known",
    "Delete it in the platform by hand.",
)


def _delivers_to(runtime: Runtime, source: StoredConnection) -> str | None:
    """Where we told the platform to deliver, or where somebody was told to let it."""
    return source.webhook_url or webhook_url(runtime.config, source.name)


def _proof(
    runtime: Runtime, source: StoredConnection, session: Session, contact: str, url: str | None
) -> Check:
    if url is None:
        raise click.UsageError(
            "maturo did not install the webhook: give --public-url, the address it delivers to"
        )
    connector = runtime.manifest.connector(source.connector)
    return prove_round_trip(runtime.inbox, connector, session, source, contact, url)


def _asked(secret: str) -> Any:
    """From the environment, or typed unseen; never an option, which others could see."""
    given = os.environ.get(PREFIX + secret.upper())
    return given or click.prompt(secret.replace("_", " "), hide_input=True)


@contextmanager
def _session(runtime: Runtime, name: str) -> Iterator[tuple[StoredConnection, Session]]:
    source = stored_connection(runtime, name)
    session = runtime.manifest.connector(source.connector).open(source.settings)
    try:
        yield source, session
    finally:
        session.close()


def stored_connection(runtime: Runtime, name: str) -> StoredConnection:
    """The connection of that name. Raises ``UnknownConnection``."""
    with for_reading(runtime.engine).begin() as connection:
        source = connections.find(connection, runtime.vault, name)
    if source is None or source.state == connections.REMOVED:
        raise UnknownConnection(f'no connection is named "{name}"; `maturo connections` lists them')
    return source


def _end(context: click.Context, checks: Sequence[Check]) -> None:
    for check in checks:
        show_check(check)
    if not all(check.ok for check in checks):
        context.exit(1)
