"""What an identity provider says of who comes: OpenID Connect, by Authlib.

Authorization code with PKCE; Authlib makes and checks state and nonce, and reads the token's
signature and claims. Every call goes through the guard of ``connectors.outbound``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import requests

from connectors.errors import ConnectorError
from connectors.outbound import guarded_session
from plugin.config import Config, ConfigError
from plugin.services.sign_in import Vouched

#: Signed with a key that only the provider has: neither unsigned nor with the shared secret.
_SIGNED = [family + bits for family in ("RS", "PS", "ES") for bits in ("256", "384", "512")]
_LONGEST_NAME = 100
#: The provider's word that the address is theirs; the second name is that of Entra ID.
_VERIFIED = ("email_verified", "xms_edov")
#: Some send it as text.
_YES = (True, "true", "1")
_CODE = re.compile(r"[a-z_]{1,60}")


class Refused(Exception):
    """The provider did not vouch, or not as it must; the message is a code of OAuth or JOSE."""


class Unreachable(Exception):
    """The provider does not answer, or not as one."""


def relying_party(config: Config) -> Any:
    """Authlib's client of the provider; ``None`` while none is set. Asks nobody yet.

    Raises ``ConfigError`` when the library is not installed.
    """
    if not config.oidc_issuer:
        return None
    try:
        from authlib.integrations.flask_client import FlaskIntegration, FlaskOAuth2App
        from authlib.integrations.requests_client import OAuth2Session
    except ModuleNotFoundError as error:
        raise ConfigError(
            "oidc_issuer: signing in by an identity provider needs a library that is not "
            "installed: pip install 'maturo[oidc]'"
        ) from error
    guard = guarded_session(private=config.private_platforms)

    class Guarded(OAuth2Session):
        def __init__(self, *given: Any, **more: Any) -> None:
            super().__init__(*given, **more)
            self.adapters, self.auth = guard.adapters, guard.auth
            self.get_redirect_target = guard.get_redirect_target

        def close(self) -> None:
            """The connections are kept for the next."""

    class Party(FlaskOAuth2App):
        client_cls = Guarded

        def load_server_metadata(self) -> dict[str, Any]:
            found: dict[str, Any] = super().load_server_metadata()
            found["id_token_signing_alg_values_supported"] = _SIGNED
            return found

    return Party(
        FlaskIntegration("provider"),
        "provider",
        client_id=config.oidc_client_id,
        client_secret=config.oidc_client_secret or None,
        server_metadata_url=f"{_base(config.oidc_issuer)}/.well-known/openid-configuration",
        client_kwargs={"scope": "openid email profile", "code_challenge_method": "S256"},
    )


def sent_to(party: Any, back: str) -> Any:
    """The redirect to the provider, which sends the browser ``back``. Raises ``Unreachable``."""
    return _asking(lambda: party.authorize_redirect(back))


def vouched(party: Any, issuer: str) -> Vouched:
    """Who came back, in the request at hand. Raises ``Refused`` or ``Unreachable``."""
    base = _base(issuer)
    expected = {
        "iss": {"essential": True, "values": [base, f"{base}/"]},
        # Without it Authlib takes a token for others that names us as the authorized party.
        "aud": {"essential": True, "value": party.client_id},
        "sub": {"essential": True},
    }
    token = _asking(lambda: party.authorize_access_token(claims_options=expected))
    claims = token.get("userinfo")
    if claims is None:
        raise Refused("no_id_token")
    if "email" not in claims and "userinfo_endpoint" in party.server_metadata:
        told = _asking(lambda: party.userinfo(token=token))
        if told.get("sub") != claims["sub"]:
            raise Refused("other_subject")
        claims = {**told, **claims}
    return _read(base, claims)


def _read(base: str, claims: Mapping[str, Any]) -> Vouched:
    email = claims.get("email")
    known = isinstance(email, str) and any(claims.get(one) in _YES for one in _VERIFIED)
    address = str(email).strip().lower() if known else None
    name = str(claims.get("name") or (address or "").partition("@")[0])[:_LONGEST_NAME]
    return Vouched(f"{base} {claims['sub']}", address, name)


def _asking(call: Any) -> Any:
    from authlib.integrations.base_client import OAuthError
    from joserfc.errors import JoseError

    try:
        return call()
    except (OAuthError, JoseError) as error:
        # A stranger may have put anything into the address.
        code = str(error.error)
        raise Refused(code if _CODE.fullmatch(code) else "odd") from error
    except (ConnectorError, requests.RequestException) as error:
        raise Unreachable(type(error).__name__) from error
    except (AttributeError, KeyError, RuntimeError, TypeError, ValueError) as error:
        # What is no discovery document, no key or no token at all.
        raise Unreachable(type(error).__name__) from error


def _base(issuer: str) -> str:
    return issuer.rstrip("/")
