"""Use case: connect a platform. Nothing is saved before the platform answered."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import httpx
from marshmallow import ValidationError, fields
from sqlalchemy import Connection, Engine

from connectors.contract import Check, Connector, Probe, Session, can
from plugin.storage import connections, scores
from plugin.storage.connections import KnownConnection, NewConnection
from plugin.storage.engine import for_reading
from plugin.storage.vault import Vault, VaultError

from . import audit
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
    ``mode`` says how activities reach us: ``BOTH``, ``POLL`` or ``WEBHOOK`` of ``connections``;
    ``who`` asks, for the audit.
    """

    name: str
    connector: str
    settings: Mapping[str, Any] = field(repr=False)
    webhook_secret: str | None = field(repr=False)
    webhook_url: str | None
    moved: bool = False
    mode: str = connections.BOTH
    who: str = audit.COMMAND_LINE


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
    with _talk(engine, vault, connector, request, transport) as talk:
        probe, checks = _tested(engine, talk)
        secret, url = talk.webhook_secrets[0], talk.request.webhook_url
        if not all(check.ok for check in checks):
            return Connected(checks, saved=False, webhook_secret=secret)
        stale = _stale_webhook(engine, talk.request)
        if stale is not None:
            # Before it is forgotten here: what fails now is tried again by connecting again.
            checks += (replace(talk.session.remove_webhook(stale), name="former webhook"),)
        _save(engine, vault, talk, _new_connection(talk, probe, connections.READY), now)
        if can(connector, "fields"):
            checks += talk.session.prepare_fields()
        if url is not None:
            checks += (talk.session.install_webhook(url, secret),)
        return Connected(checks, saved=True, webhook_secret=secret)


def try_out(
    engine: Engine,
    vault: Vault,
    connector: Connector,
    request: Request,
    now: datetime,
    transport: httpx.BaseTransport | None = None,
) -> Connected:
    """Test, and save what is accepted for ``connect`` to go on with; the platform is only asked.

    Until then it is ``SETTING_UP``, unless it was connected before. Raises as ``connect``.
    """
    with _talk(engine, vault, connector, request, transport) as talk:
        probe, checks = _tested(engine, talk)
        ok = all(check.ok for check in checks)
        if ok:
            before = _known(engine, request.name)
            anew = before is None or before.state in (connections.SETTING_UP, connections.REMOVED)
            state = connections.SETTING_UP if anew else connections.READY
            _save(engine, vault, talk, _new_connection(talk, probe, state), now)
        return Connected(checks, saved=ok, webhook_secret=talk.webhook_secrets[0])


@dataclass(frozen=True, slots=True)
class _Talk:
    """An open session, with what was asked for, checked and made complete."""

    connector: Connector
    session: Session
    request: Request
    settings: Mapping[str, Any] = field(repr=False)
    webhook_secrets: tuple[str, ...] = field(repr=False)


@contextmanager
def _talk(
    engine: Engine,
    vault: Vault,
    connector: Connector,
    request: Request,
    transport: httpx.BaseTransport | None,
) -> Iterator[_Talk]:
    settings = checked_settings(connector, request.settings)
    request = _possible(connector, request)
    _refuse_mix_ups(engine, connector, request, settings)
    known = _known_secrets(engine, vault, request.name)
    # The platform signs with the known one until it is told another, perhaps by a person.
    secret = request.webhook_secret or next(iter(known), None) or secrets.token_hex(32)
    valid = tuple(dict.fromkeys((secret, *known)))[:2]
    session = connector.open(settings, transport=transport)
    try:
        yield _Talk(connector, session, request, settings, valid)
    finally:
        session.close()


def _tested(engine: Engine, talk: _Talk) -> tuple[Probe, tuple[Check, ...]]:
    """What the platform says of us, and whether it delivers to us already."""
    probe, url = talk.session.probe(), talk.request.webhook_url
    if not probe.ok or url is None:
        return probe, probe.checks
    stale = _stale_webhook(engine, talk.request)
    found = [one for one in talk.session.other_webhooks(url) if one != stale]
    return probe, (*probe.checks, *other_webhooks(found, url))


def _possible(connector: Connector, request: Request) -> Request:
    """The request without what the connector cannot do at its platform.

    Raises ``SettingsError`` when nothing could come in by the wished mode.
    """
    if not can(connector, "webhook"):
        request = replace(request, webhook_url=None)
    ways = connector.manifest["ingest"]
    if request.mode == connections.BOTH and len(ways) == 1:
        return replace(request, mode=ways[0])
    if ways and request.mode not in (connections.BOTH, *ways):
        only = " or ".join(ways)
        raise SettingsError({"mode": [f"this connector hears of activities by {only} only."]})
    return request


def _save(engine: Engine, vault: Vault, talk: _Talk, new: NewConnection, now: datetime) -> None:
    with engine.begin() as connection:
        before = _named(connection, new.name)
        connections.save(connection, vault, new, now)
        was = None if before is None else before.state
        audit.record(
            connection, talk.request.who, "connection.saved", new.name, was, new.state, now
        )
        if before is not None and before.state in (connections.REMOVED, connections.SETTING_UP):
            # Its fields may have been deleted meanwhile, with all that they held.
            scores.write_again(connection, before.id, now)


def _known(engine: Engine, name: str) -> KnownConnection | None:
    with for_reading(engine).begin() as connection:
        return _named(connection, name)


def _named(connection: Connection, name: str) -> KnownConnection | None:
    return next((one for one in connections.known(connection) if one.name == name), None)


def _stale_webhook(engine: Engine, request: Request) -> str | None:
    """The address of a webhook that we installed and that nobody is to deliver to any more."""
    before = _known(engine, request.name)
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
        raise SettingsError({name: [problem] for name in marks or ["name"]})


def _fields(connector: Connector) -> Mapping[str, fields.Field[Any]]:
    return connector.settings_schema().fields


def checked_settings(connector: Connector, given: Mapping[str, Any]) -> dict[str, Any]:
    """The settings as the connector loads them. Raises ``SettingsError``."""
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
    return () if found is None else found.webhook_secrets


def _new_connection(talk: _Talk, probe: Probe, state: str) -> NewConnection:
    fields, settings = _fields(talk.connector), talk.settings
    hidden = {name for name, one in fields.items() if one.metadata.get("secret")}
    return NewConnection(
        name=talk.request.name,
        connector=talk.request.connector,
        settings={name: value for name, value in settings.items() if name not in hidden},
        secrets={name: value for name, value in settings.items() if name in hidden},
        webhook_secrets=talk.webhook_secrets,
        author=probe.author,
        version=probe.version,
        mode=talk.request.mode,
        webhook_url=talk.request.webhook_url,
        state=state,
    )


def _flat(found: Any) -> str:
    return " ".join(map(str, found)) if isinstance(found, list) else str(found)
