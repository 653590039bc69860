"""A small identity provider on a real socket: OpenID Connect with code and PKCE."""

from __future__ import annotations

import base64
import json
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from flask import Flask, abort, jsonify, redirect, request
from joserfc import jwt
from joserfc.jwk import ECKey

from connectors.conformance.server import serving

CLIENT_ID, CLIENT_SECRET = "maturo-at-acme", "a secret of provider and us"


@dataclass
class Provider:
    """``person`` signs in without a question; ``odd`` replaces claims of the token by others."""

    person: dict[str, Any]
    issuer: str = ""
    odd: dict[str, Any] = field(default_factory=dict)
    #: Told at the end point for it instead of in the token.
    userinfo: dict[str, Any] = field(default_factory=dict)
    signed: bool = True
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256"))
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def token(self, nonce: str) -> str:
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 60, "nonce": nonce}
        told = {**claims, **self.person, **self.odd}
        if self.signed:
            return jwt.encode({"alg": "ES256"}, told, self.key)
        parts = ({"alg": "none", "typ": "JWT"}, told)
        return ".".join(_encoded(json.dumps(part).encode()) for part in parts) + "."


@contextmanager
def provider(**person: Any) -> Iterator[Provider]:
    """Who vouches for ``person`` while inside."""
    made = Provider(person)
    with serving(_application(made)) as address:
        made.issuer = address
        yield made


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _application(made: Provider) -> Flask:
    app = Flask(__name__)

    @app.get("/.well-known/openid-configuration")
    def discovery() -> Any:
        paths = ("authorization", "token", "userinfo")
        places = {f"{one}_endpoint": f"{made.issuer}/{one}" for one in paths}
        keys = {"jwks_uri": f"{made.issuer}/keys"}
        # Some list what must never be taken.
        signed = {"id_token_signing_alg_values_supported": ["ES256", "HS256", "none"]}
        return jsonify(issuer=made.issuer, **places, **keys, **signed)

    @app.get("/authorization")
    def ask() -> Any:
        code = secrets.token_hex(8)
        made.codes[code] = request.args.to_dict()
        back = {"code": code, "state": request.args["state"]}
        return redirect(f"{request.args['redirect_uri']}?{urlencode(back)}")

    @app.post("/token")
    def exchange() -> Any:
        asked = made.codes.pop(request.form["code"])
        digest = sha256(request.form["code_verifier"].encode()).digest()
        challenge = _encoded(digest)
        known = request.authorization
        if known is None or (known.username, known.password) != (CLIENT_ID, CLIENT_SECRET):
            return jsonify(error="invalid_client"), 401
        if (asked["code_challenge_method"], asked["code_challenge"]) != ("S256", challenge):
            return jsonify(error="invalid_grant"), 400
        if asked["redirect_uri"] != request.form["redirect_uri"]:
            return jsonify(error="invalid_grant"), 400
        token = made.token(asked["nonce"])
        return jsonify(access_token="a", token_type="Bearer", id_token=token)

    @app.get("/keys")
    def keys() -> Any:
        return jsonify(keys=[made.key.as_dict(private=False)])

    @app.get("/userinfo")
    def userinfo() -> Any:
        if request.headers["Authorization"] != "Bearer a":
            abort(401)
        return jsonify({"sub": made.person["sub"], **made.userinfo})

    return app
