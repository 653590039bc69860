"""What the pages about platforms share: finding one, speaking with it, and in whose language."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

import httpx
from flask import abort
from flask_babel import gettext
from marshmallow import Schema, fields, validate

from connectors import registry
from connectors.contract import Check, Connector, Session
from connectors.errors import ConnectorError, Unsupported
from connectors.outbound import way_out
from plugin.config import Config
from plugin.runtime import Runtime
from plugin.services.connect import Connected, Request, connect
from plugin.services.disconnect import Disconnected, disconnect
from plugin.services.watch import note_look
from plugin.storage import connections
from plugin.storage.connections import StoredConnection
from plugin.storage.engine import for_reading
from plugin.web.forms import Words
from plugin.web.said import sayer

from .access import who
from .languages import language
from .sentences import SENTENCES

#: Who makes the webhook.
WE, YOU, NOBODY = "we", "you", "nobody"


class Named(Schema):
    """What a connection is called here."""

    name = fields.String(
        required=True,
        validate=validate.Regexp(
            r"\A[a-z0-9][a-z0-9_-]{0,62}\Z",
            error="Use at most 63 of a-z, 0-9, _ and -, such as crm-fr.",
        ),
    )


def stored(runtime: Runtime, name: str) -> StoredConnection:
    """The connection of that name; not found where there is none, or it was removed."""
    return known(runtime, name) or abort(404)


def known(runtime: Runtime, name: str) -> StoredConnection | None:
    """The connection of that name, if there is one that was not removed."""
    with for_reading(runtime.engine).begin() as connection:
        found = connections.find(connection, runtime.vault, name)
    return None if found is None or found.state == connections.REMOVED else found


def connector_named(runtime: Runtime, connector_id: str) -> Connector:
    """The connector of that id; not found where there is none."""
    try:
        return runtime.manifest.connector(connector_id)
    except LookupError:
        abort(404)


def outlet(config: Config) -> httpx.BaseTransport | None:
    """The way out to an address that was typed into a page: not into our own network."""
    return way_out(private=config.private_platforms)


def bounded(
    config: Config, typed: Mapping[str, Any], connector: Connector, before: Mapping[str, Any]
) -> dict[str, Any]:
    """Settings as they were typed, but no way into our own network that was not there ``before``.

    What is kept with the connection holds whenever it is called, also when its name leads
    elsewhere later.
    """
    if config.private_platforms:
        return {**typed}
    known = connector.settings_schema().fields
    narrow = {"public_only": True, "private_addresses": False}
    return {**typed, **{one: before.get(one, narrow[one]) for one in narrow if one in known}}


@contextmanager
def talk(runtime: Runtime, source: StoredConnection) -> Iterator[Session]:
    """A session with the platform for as long as the page needs it."""
    connector = connector_named(runtime, source.connector)
    session = connector.open(source.settings)
    try:
        yield session
    finally:
        session.close()


@contextmanager
def answering(runtime: Runtime, source: StoredConnection) -> Iterator[tuple[Session, list[Check]]]:
    """A session, and a list of checks; that the platform does not answer is a failed one."""
    found: list[Check] = []
    try:
        with talk(runtime, source) as session:
            yield session, found
    except ConnectorError as error:
        found.append(Check("platform", False, str(error)))


def examine(runtime: Runtime, source: StoredConnection) -> tuple[Check, ...]:
    """Whether the platform accepts us, and still delivers to us."""
    with answering(runtime, source) as (session, found):
        found += session.probe().checks
        if source.webhook_url is not None and all(check.ok for check in found):
            with suppress(Unsupported):
                webhook = session.check_webhook(source.webhook_url)
                note_look(runtime.engine, source, webhook, runtime.clock())
                found.append(webhook)
    return tuple(found)


def carry_out(
    runtime: Runtime, wanted: Request, way: httpx.BaseTransport | None = None
) -> Connected:
    """Connect as wished; raises as ``connect``. ``way`` is the ``outlet`` to a new address."""
    connector = connector_named(runtime, wanted.connector)
    return connect(runtime.engine, runtime.vault, connector, wanted, runtime.clock(), way)


def republished(runtime: Runtime, source: StoredConnection) -> tuple[Check, ...]:
    """The webhook, put anew where the platform may have switched it off or lost it."""
    with answering(runtime, source) as (session, found):
        webhook = session.publish_webhook(source.webhook_url or "")
        note_look(runtime.engine, source, webhook, runtime.clock())
        found.append(webhook)
    return tuple(found)


def rotated(runtime: Runtime, source: StoredConnection) -> Connected:
    """A new secret that signs deliveries; the one before stays valid for what is on its way.

    Raises ``ConnectorError`` or ``SettingsError``.
    """
    wanted = Request(
        source.name,
        source.connector,
        source.settings,
        secrets.token_hex(32),
        source.webhook_url,
        mode=source.mode,
        who=who(),
    )
    return carry_out(runtime, wanted)


def removed(runtime: Runtime, source: StoredConnection, delete_fields: bool) -> Disconnected:
    """The connection, removed there and here; its score fields as well if so wished."""
    here = (runtime.engine, runtime.vault, source)
    with talk(runtime, source) as session:
        url, now = source.webhook_url, runtime.clock()
        return disconnect(*here, session, url, delete_fields, now, who())


def way_in(webhook: str, address: str, name: str) -> tuple[str | None, str]:
    """The address of the webhook that is to be made, if any, and the mode; ``webhook`` is who
    makes it, ``address`` where the platform reaches us."""
    url = f"{address.rstrip('/')}/hooks/{name}" if webhook == WE else None
    return url, connections.POLL if webhook == NOBODY else connections.BOTH


def same_place(connector: Connector, settings: Mapping[str, Any], source: StoredConnection) -> bool:
    """Whether these settings lead where the connection leads, which was decided before."""
    known = connector.settings_schema().fields
    marks = [name for name, one in known.items() if one.metadata.get("identity")]
    return all(settings.get(name) == source.settings.get(name) for name in marks)


def words(connector: Connector) -> Words:
    """Names and help of the connector's settings, in the reader's language."""
    found: Words = registry.strings(connector, language()).get("settings", {})
    return found


def say(*connectors: Connector) -> Callable[[str], str]:
    """Puts what services and these connectors say into the reader's language."""
    if language() == "en":
        return str
    said = {english: gettext(english) for english in SENTENCES}
    for connector in connectors:
        said |= registry.strings(connector, language()).get("said", {})
    return sayer(said)


def says(runtime: Runtime) -> Callable[[str], str]:
    """Puts what services and the connectors in use say into the reader's language."""
    with for_reading(runtime.engine).begin() as connection:
        used = {one.connector for one in connections.known(connection)}
    return say(*(connector_named(runtime, one) for one in sorted(used)))


def checks(connector: Connector, found: tuple[Check, ...]) -> list[dict[str, Any]]:
    """Checks as they are shown: ``name``, ``ok``, ``detail`` and ``remedy`` in words."""
    speak = say(connector)
    names: Mapping[str, str] = registry.strings(connector, language()).get("checks", {})
    return [
        {
            "name": _check_name(one.name, names, speak),
            "ok": one.ok,
            "detail": speak(one.detail),
            "remedy": speak(one.remedy),
        }
        for one in found
    ]


def _check_name(name: str, names: Mapping[str, str], speak: Callable[[str], str]) -> str:
    """The kind of a check is its first word; what it was about follows."""
    kind, _, about = name.partition(" ")
    if kind in names and about:
        return str(gettext("%(kind)s: %(about)s", kind=names[kind], about=speak(about)))
    return names.get(name) or speak(name)
