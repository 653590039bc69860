"""Who may do what: every address has a role, or is named here as open to everybody."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import Flask, Response, abort, current_app, g, redirect, request, url_for
from flask_login import current_user
from flask_wtf.csrf import CSRFProtect
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized
from werkzeug.wrappers import Response as AnyResponse

from plugin.manifest import Manifest, ManifestError
from plugin.services.api_keys import SCOPES
from plugin.storage.api_keys import ApiKey

View = TypeVar("View", bound=Callable[..., Any])

#: Open to everybody: what supervisors and platforms ask for, and the way in.
PUBLIC = frozenset(
    {
        "health.alive",
        "health.figures",
        "health.ready",
        "joining.join",
        "judging.show",
        "judging.say",
        "languages.choose",
        "probes.probe",
        # To the identity provider and back.
        "provider.arrive",
        "provider.leave",
        "security.login",
        # Between password and code; without the password they send back to the login.
        "security.mf_recovery",
        "security.tf_select",
        "security.two_factor_rescue",
        "security.two_factor_token_validation",
    }
)
#: The views of Flask-Security, which know nothing of ours.
_LIBRARY = {
    "security.change_password": "viewer",
    "security.logout": "viewer",
    "security.mf_recovery_codes": "viewer",
    "security.two_factor_setup": "viewer",
    "security.two_factor_setup_validate": "viewer",
    "security.verify": "viewer",
}
_API = "/api/"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks: a person by their address, or a key by its name."""

    name: str = field(repr=False)
    role: str


class Unguarded(Exception):
    """An address has no role; the message names it."""


def needs(role: str) -> Callable[[View], View]:
    """The role that a view asks for; those above may do the same."""

    def mark(view: View) -> View:
        view.role = role  # type: ignore[attr-defined]
        return view

    return mark


def role_of(app: Flask, endpoint: str) -> str | None:
    """The role that an endpoint asks for; ``None`` when it is open to everybody.

    Raises ``Unguarded``.
    """
    if endpoint in PUBLIC:
        return None
    role = _LIBRARY.get(endpoint) or getattr(app.view_functions[endpoint], "role", None)
    if role is None:
        raise Unguarded(f'the endpoint "{endpoint}" needs a role: @needs("viewer")')
    return str(role)


def actor() -> Actor | None:
    """Who asks; ``None`` for a stranger."""
    if "actor" not in g:
        g.actor = _key_actor() if _by_key() else _user_actor()
    found: Actor | None = g.actor
    return found


def who() -> str:
    """The name of who asks, for the audit."""
    found = actor()
    return found.name if found else ""


def may(role: str) -> bool:
    """Whether who asks has this role or a higher one."""
    roles: tuple[str, ...] = current_app.extensions["maturo_roles"]
    found = actor()
    return found is not None and roles.index(found.role) >= roles.index(role)


def init_access(
    app: Flask, manifest: Manifest, key_of: Callable[[str], ApiKey | None] = lambda _: None
) -> None:
    """Guard every address. Raises ``Unguarded`` or ``ManifestError``; call it last.

    ``key_of`` finds the key of a program that counts.
    """
    app.extensions.update(maturo_roles=manifest.roles, maturo_key_of=key_of)
    app.jinja_env.globals["may"] = may
    for rule in app.url_map.iter_rules():
        role = role_of(app, rule.endpoint)
        if role is not None and role not in manifest.roles:
            raise ManifestError(f'manifest.json, roles: "{role}" of {rule.rule} is not declared')
    _check_menu(app, manifest)
    csrf: CSRFProtect = app.extensions["csrf"]

    def guard() -> AnyResponse | None:
        if request.endpoint is None:
            return None
        role = role_of(app, request.endpoint)
        if role is not None and actor() is None:
            return _refused()
        if role is not None and not may(role):
            abort(403)
        # A page of somebody else cannot make a browser send a key.
        if request.method not in _SAFE and not _by_key():
            csrf.protect()
        return None

    app.before_request(guard)


def _by_key() -> bool:
    return request.path.startswith(_API) and "Authorization" in request.headers


def _key_actor() -> Actor | None:
    scheme, _, token = request.headers["Authorization"].partition(" ")
    if scheme.lower() != "bearer":
        return None
    found: ApiKey | None = current_app.extensions["maturo_key_of"](token.strip())
    return None if found is None else Actor(f"key {found.name}", SCOPES[found.scope])


def _user_actor() -> Actor | None:
    return Actor(current_user.email, current_user.role) if current_user.is_authenticated else None


def _refused() -> AnyResponse:
    if request.path.startswith(_API):
        raise Unauthorized(
            "send the header Authorization: Bearer with a key that counts",
            www_authenticate=WWWAuthenticate("bearer"),
        )
    here = request.full_path.rstrip("?") if request.method == "GET" else url_for("overview.show")
    address = f"{url_for('security.login')}?{urlencode({'next': here})}"
    if "HX-Request" in request.headers:
        # htmx would put the login page into a corner of this one.
        address = url_for("security.login")
        return Response(status=401, headers={"HX-Redirect": address})
    return redirect(address)


def _check_menu(app: Flask, manifest: Manifest) -> None:
    """The menu leads to pages that are there, each with the role that it has."""
    adapter = app.url_map.bind("")
    for page in manifest.pages:
        if not adapter.test(page.path, "GET"):
            raise ManifestError(f'manifest.json, pages: there is no page at "{page.path}"')
        endpoint, _ = adapter.match(page.path, "GET")
        if (real := role_of(app, endpoint)) != page.role:
            raise ManifestError(f'manifest.json, pages: "{page.path}" needs the role "{real}"')
