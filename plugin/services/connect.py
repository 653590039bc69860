"""Use case: connect a platform. Nothing is saved before the platform answered."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import httpx
from marshmallow import ValidationError, fields
from sqlalchemy import Connection, Engine

from connectors.contract import Check, Connector, Session
from plugin.storage import connections, scores
from plugin.storage.connections import KnownConnection, NewConnection
from plugin.storage.engine import for_reading
from plugin.storage.vault import Vault, VaultError

from .mix_ups import mixed_up, other_webhooks


class SettingsError(Exception):
    """Settings of a connection do not fit; ``problems`` maps each field to what is wrong."""

    def __init__(self, problems: Mapping[str, Any]) -> None:
        text = "; ".join(f"{name}: {_flat(found)}" for name, found in sorted(problems.items()))
        super().__init__(text)
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody asks to connect. ``webhook_url`` None: the webhook is not installed.

    ``moved``: a connection of that name has a new address and is the same platform all the same.
    ``mode`` says how activities reach us: ``BOTH``, ``POLL`` or ``WEBHOOK`` of ``connections``.
    """

    name: str
    connector: str
    settings: Mapping[str, Any] = field(repr=False)
    webhook_secret: str | None = field(repr=False)
    webhook_url: str | None
    moved: bool = False
    mode: str = connections.BOTH


@dataclass(frozen=True, slots=True)
class Connected:
    """What was found and done. ``saved`` is false when the first checks failed."""

    checks: tuple[Check, ...]
    saved: bool
    webhook_secret: str = field(repr=False)


def connect(
    engine: Engine,
    vault: Vault,
    connector: Connector,
    request: Request,
    now: datetime,
    transport: httpx.BaseTransport | None = None,
) -> Connected:
    """Test, save, create the score fields, install the webhook; every step can be repeated.

    A webhook that was installed before and is not wanted any more, or not there, is deleted.
    Under the name of a connection it gives that one new credentials, or brings it back after it
    was removed. Raises ``SettingsError`` and, when the platform cannot be asked,
    ``ConnectorError``.
    """
    settings = _checked(connector, request.settings)
    _refuse_mix_ups(engine, connector, request, settings)
    known = _known_secrets(engine, vault, request.name)
    # The platform signs with the known one until it is told another, perhaps by a person.
    secret = request.webhook_secret or next(iter(known), None) or secrets.token_hex(32)
    valid = tuple(dict.fromkeys((secret, *known)))[:2]
    session = connector.open(settings, transport=transport)
    try:
        return _connect(engine, vault, connector, session, request, settings, valid, now)
    finally:
        session.close()


def _connect(
    engine: Engine,
    vault: Vault,
    connector: Connector,
    session: Session,
    request: Request,
    settings: Mapping[str, Any],
    webhook_secrets: tuple[str, ...],
    now: datetime,
) -> Connected:
    secret, url = webhook_secrets[0], request.webhook_url
    probe = session.probe()
    checks = probe.checks
    stale = _stale_webhook(engine, request)
    if probe.ok and url is not None:
        found = [one for one in session.other_webhooks(url) if one != stale]
        checks += tuple(other_webhooks(found, url))
    if not all(check.ok for check in checks):
        return Connected(checks, saved=False, webhook_secret=secret)
    if stale is not None:
        # Before it is forgotten here: what fails now is tried again by connecting again.
        checks += (replace(session.remove_webhook(stale), name="former webhook"),)
    new = _new_connection(connector, request, settings, webhook_secrets)
    with engine.begin() as connection:
        _save(connection, vault, new(author=probe.author, version=probe.version), now)
    checks += session.prepare_fields()
    if url is not None:
        checks += (session.install_webhook(url, secret),)
    return Connected(checks, saved=True, webhook_secret=secret)


def _save(connection: Connection, vault: Vault, new: NewConnection, now: datetime) -> None:
    before = _named(connection, new.name)
    connections.save(connection, vault, new, now)
    if before is not None and before.state == connections.REMOVED:
        # Its fields may have been deleted meanwhile, with all that they held.
        scores.write_again(connection, before.id, now)


def _named(connection: Connection, name: str) -> KnownConnection | None:
    return next((one for one in connections.known(connection) if one.name == name), None)


def _stale_webhook(engine: Engine, request: Request) -> str | None:
    """The address of a webhook that we installed and that nobody is to deliver to any more."""
    with for_reading(engine).begin() as connection:
        before = _named(connection, request.name)
    known = before.webhook_url if before else None
    kept = request.webhook_url is None and request.mode != connections.POLL
    return None if kept or known == request.webhook_url else known


def _refuse_mix_ups(
    engine: Engine, connector: Connector, request: Request, settings: Mapping[str, Any]
) -> None:
    marks = [name for name, one in _fields(connector).items() if one.metadata.get("identity")]
    identity = {name: settings[name] for name in marks}
    with for_reading(engine).begin() as connection:
        known = connections.known(connection)
    problem = mixed_up(known, request.name, request.connector, identity, request.moved)
    if problem is not None:
        raise SettingsError({name: [problem] for name in marks})


def _fields(connector: Connector) -> Mapping[str, fields.Field[Any]]:
    return connector.settings_schema().fields


def _checked(connector: Connector, given: Mapping[str, Any]) -> dict[str, Any]:
    try:
        loaded: dict[str, Any] = connector.settings_schema().load(given)
    except ValidationError as error:
        raise SettingsError(error.messages_dict) from None
    return loaded


def _known_secrets(engine: Engine, vault: Vault, name: str) -> tuple[str, ...]:
    with for_reading(engine).begin() as connection:
        try:
            found = connections.find_inbound(connection, vault, name)
        except VaultError:
            return ()  # The key was lost: connecting again is what mends it.
    return () if found is None else found[1]


def _new_connection(
    connector: Connector,
    request: Request,
    settings: Mapping[str, Any],
    webhook_secrets: tuple[str, ...],
) -> Callable[..., NewConnection]:
    hidden = {name for name, one in _fields(connector).items() if one.metadata.get("secret")}

    def build(author: str | None, version: str | None) -> NewConnection:
        return NewConnection(
            name=request.name,
            connector=request.connector,
            settings={name: value for name, value in settings.items() if name not in hidden},
            secrets={name: value for name, value in settings.items() if name in hidden},
            webhook_secrets=webhook_secrets,
            author=author,
            version=version,
            mode=request.mode,
            webhook_url=request.webhook_url,
        )

    return build


def _flat(found: Any) -> str:
    return " ".join(map(str, found)) if isinstance(found, list) else str(found)
