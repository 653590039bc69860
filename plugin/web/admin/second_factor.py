"""Codes of an authenticator app, encrypted with our keys, each good for one login."""

from __future__ import annotations

import base64
from hashlib import sha256
from typing import Any

from flask import Flask
from flask_security import Totp
from passlib.totp import TOTP, AppWallet
from sqlalchemy import Engine

from plugin.services.users import change_user
from plugin.storage.vault import Vault


def init_second_factor(app: Flask, vault: Vault) -> None:
    """The settings of Flask-Security for it."""
    keys = vault.derived("second factor")
    app.config.update(
        SECURITY_TWO_FACTOR=True,
        SECURITY_TWO_FACTOR_ENABLED_METHODS=["authenticator"],
        SECURITY_TWO_FACTOR_ALWAYS_VALIDATE=True,
        SECURITY_TWO_FACTOR_RESCUE_EMAIL=False,
        SECURITY_TWO_FACTOR_SETUP_URL="/second-factor",
        SECURITY_TWO_FACTOR_TOKEN_VALIDATION_URL="/second-factor/code",  # noqa: S106
        SECURITY_TWO_FACTOR_RESCUE_URL="/second-factor/rescue",
        SECURITY_TWO_FACTOR_SELECT_URL="/second-factor/select",
        SECURITY_TWO_FACTOR_POST_SETUP_VIEW="/admin/recovery-codes",
        SECURITY_TOTP_ISSUER="Maturo",
        # The newest first; found again by their names after another was put before them.
        SECURITY_TOTP_SECRETS={sha256(key.encode()).hexdigest()[:12]: key for key in keys},
        SECURITY_MULTI_FACTOR_RECOVERY_CODES=True,
        SECURITY_MULTI_FACTOR_RECOVERY_CODES_N=8,
        SECURITY_MULTI_FACTOR_RECOVERY_CODES_URL="/recovery-codes",
        SECURITY_MULTI_FACTOR_RECOVERY_URL="/second-factor/recovery",
        SECURITY_MULTI_FACTOR_RECOVERY_CODES_KEYS=[
            base64.urlsafe_b64encode(bytes.fromhex(key)) for key in keys
        ],
    )


def totp_of(engine: Engine) -> type[Totp]:
    """Flask-Security's codes, but none is taken twice."""

    class Once(Totp):
        """``secrets`` has the newest first."""

        def __init__(self, secrets: dict[str, str], issuer: str) -> None:
            wallet = AppWallet(secrets, default_tag=next(iter(secrets)))
            self._totp = TOTP.using(issuer=issuer, wallet=wallet)

        def get_last_counter(self, user: Any) -> Any:
            """The number of the last code that was taken."""
            return user.totp_counter

        def set_last_counter(self, user: Any, tmatch: Any) -> None:
            """Remember it: who looked over a shoulder comes too late."""
            user.totp_counter = tmatch.counter
            change_user(engine, user.id, {"totp_counter": tmatch.counter})

    return Once
