"""Signing in: Flask-Security on our own table of users."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flask import Flask
from flask_security import RoleMixin, Security, UserDatastore, UserMixin, user_authenticated
from flask_wtf.csrf import CSRFProtect
from sqlalchemy import Engine

from plugin.runtime import Runtime
from plugin.services.users import change_user, find_user, note_login
from plugin.storage.users import StoredUser

from .second_factor import init_second_factor, totp_of
from .sessions import IDLE, begin_session

#: Firms write to addresses in their own networks too.
EMAIL_RULES: Mapping[str, Any] = {"check_deliverability": False, "globally_deliverable": False}
#: Our column behind each attribute that Flask-Security sets.
_COLUMNS = {
    "active": "active",
    "fs_uniquifier": "uniquifier",
    "password": "password",
    "recovery_codes_json": "recovery_codes",
    "tf_totp_secret": "totp",
}


class Role(RoleMixin):
    """A role as Flask-Security sees it; ours are fixed by the manifest."""

    def __init__(self, name: str) -> None:
        self.name = name


class User(UserMixin):
    """Who asks. What Flask-Security changes here is stored by ``Users.put``."""

    #: Flask-Security looks for it on the class.
    fs_uniquifier: str = ""

    def __init__(self, stored: StoredUser) -> None:
        self.id = stored.id
        self.email = stored.email
        self.name = stored.name
        self.role = stored.role
        self.language = stored.language
        self.timezone = stored.timezone
        self.active = stored.active
        self.password = stored.password
        self.fs_uniquifier = stored.uniquifier
        self.roles = [Role(stored.role)]
        self.tf_totp_secret = stored.totp
        self.tf_primary_method = stored.totp and "authenticator"
        self.tf_phone_number = None
        self.totp_counter = stored.totp_counter
        self.mf_recovery_codes: list[str] | None = json.loads(stored.recovery_codes or "[]")
        self.kept = self.columns()

    @property
    def recovery_codes_json(self) -> str | None:
        """The recovery codes as they are stored, each encrypted."""
        return json.dumps(self.mf_recovery_codes) if self.mf_recovery_codes else None

    def columns(self) -> dict[str, Any]:
        """What Flask-Security may change, by our names."""
        return {column: getattr(self, name) for name, column in _COLUMNS.items()}


class Users(UserDatastore):
    """Flask-Security's way to our users."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(User, Role)
        self._engine = engine

    def find_user(self, case_insensitive: bool = False, **given: Any) -> User | None:
        """The user with that value of a unique attribute. Addresses are kept in small letters."""
        [(name, value)] = given.items()
        if name == "email":
            value = str(value).lower()
        stored = find_user(self._engine, _COLUMNS.get(name, name), value)
        return None if stored is None else User(stored)

    def find_role(self, role: str) -> Role | None:
        """The role, which always exists: the manifest is checked."""
        return Role(role)

    def put(self, model: User) -> User:
        """Store what was changed of a user, and nothing else: a stale copy undoes nothing."""
        columns = model.columns()
        changed = {name: columns[name] for name in columns if columns[name] != model.kept[name]}
        if changed:
            change_user(self._engine, model.id, changed)
        model.kept = columns
        return model

    def commit(self) -> None:
        """Nothing waits: ``put`` has stored it."""


def init_users(app: Flask, runtime: Runtime) -> None:
    """Add login, logout and change of password under ``/admin/``."""
    secure = runtime.config.public_url.startswith("https:")
    newest, *older = runtime.vault.derived("sessions")
    app.config.update(
        SECRET_KEY=newest,
        SECRET_KEY_FALLBACKS=older,
        SESSION_COOKIE_NAME="maturo",
        SESSION_COOKIE_PATH="/",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=secure,
        PERMANENT_SESSION_LIFETIME=IDLE,
        # The guard asks for the token, of every request that changes something.
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_TIME_LIMIT=None,
        SECURITY_URL_PREFIX="/admin",
        SECURITY_STATIC_FOLDER=None,
        SECURITY_CACHE_CONTROL=None,
        SECURITY_PASSWORD_HASH="argon2",  # noqa: S106 - the name of the scheme
        SECURITY_PASSWORD_SCHEMES=["argon2"],
        SECURITY_PASSWORD_SINGLE_HASH={"argon2"},
        SECURITY_PASSWORD_LENGTH_MIN=12,
        SECURITY_RETURN_GENERIC_RESPONSES=True,
        SECURITY_CHANGEABLE=True,
        SECURITY_CHANGE_URL="/password",
        SECURITY_SEND_PASSWORD_CHANGE_EMAIL=False,
        SECURITY_EMAIL_VALIDATOR_ARGS=EMAIL_RULES,
        SECURITY_POST_LOGIN_VIEW="/admin/",
        SECURITY_POST_LOGOUT_VIEW="/admin/login",
        SECURITY_POST_CHANGE_VIEW="/admin/account",
    )
    init_second_factor(app, runtime.vault)
    CSRFProtect(app)
    Security(app, Users(runtime.engine), totp_cls=totp_of(runtime.engine))

    def signed_in(_app: Flask, user: User, **_: Any) -> None:
        note_login(runtime.engine, user.id, runtime.clock())
        begin_session(runtime.clock())

    user_authenticated.connect(signed_in, app, weak=False)
