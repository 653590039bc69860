"""Signing in by the firm's identity provider, where one is set."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import structlog
from flask import (
    Blueprint,
    Flask,
    abort,
    current_app,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_security import login_user
from flask_security.utils import validate_redirect_url
from werkzeug.wrappers import Response

from plugin.config import Config
from plugin.runtime import Runtime
from plugin.services.sign_in import LetOut, NotInvited, OtherAccount, Unverified, sign_in

from .running import running
from .users import Users
from .vouching import Refused, Unreachable, relying_party, sent_to, vouched

_log = structlog.get_logger()
_NEXT, _PARTY = "after_provider", "maturo_party"
_REMEDIES = {
    LetOut: _l("An administrator of Maturo let this account out. Ask them to let you in again."),
    NotInvited: _l(
        "Nobody gets an account here without an invitation, or it ended. Ask an administrator of "
        "Maturo to invite the address by which your provider knows you, then sign in again."
    ),
    OtherAccount: _l(
        "This address came in before by another account at the provider. Ask an administrator of "
        "Maturo for a link to a new password; after it your new account will be taken."
    ),
    Unverified: _l(
        "Your provider does not vouch for your e-mail address, so nobody can tell who invited "
        "you. Have the address verified there, then sign in again."
    ),
}


blueprint = Blueprint("provider", __name__, url_prefix="/admin/provider")


def init_provider(app: Flask, config: Config) -> None:
    """Sign in by the provider that is set, if one is."""
    app.extensions[_PARTY] = relying_party(config)
    name = urlsplit(config.oidc_issuer).hostname or ""
    app.add_template_global(lambda: name, "provider_name")


@blueprint.get("")
def leave() -> Any:
    party, config = _party(), running().config
    asked = request.args.get("next", "")
    session[_NEXT] = asked if validate_redirect_url(asked) else url_for("overview.show")
    base = config.public_url.rstrip("/") or request.host_url.rstrip("/")
    try:
        return sent_to(party, base + url_for("provider.arrive"))
    except (Refused, Unreachable) as error:
        return _failed(error)


@blueprint.get("/callback")
def arrive() -> Any:
    party, here = _party(), running()
    try:
        number = sign_in(here.engine, vouched(party, here.config.oidc_issuer), here.clock())
    except (Refused, Unreachable) as error:
        return _failed(error)
    except (LetOut, NotInvited, OtherAccount, Unverified) as error:
        return _told(_("You cannot come in"), _REMEDIES[type(error)], 403)
    return _entered(here, number)


def _party() -> Any:
    """The client of the provider; not found where none is set."""
    return current_app.extensions[_PARTY] or abort(404)


def _entered(runtime: Runtime, number: int) -> Response:
    user = Users(runtime.engine).find_user(id=number)
    if user is not None:
        # The provider's word stands for password and second factor.
        login_user(user, authn_via=["provider"])
    return redirect(session.pop(_NEXT, url_for("overview.show")))


def _failed(error: Refused | Unreachable) -> tuple[str, int]:
    _log.warning("provider_failed", kind=type(error).__name__, reason=str(error))
    if isinstance(error, Unreachable):
        remedy = _("Try again in a minute, or sign in with your password if you have one.")
        return _told(_("The identity provider does not answer"), remedy, 502)
    remedy = _("Sign in once more. If it stays, tell an administrator: the log says what is wrong.")
    return _told(_("The identity provider did not vouch for you"), remedy, 403)


def _told(headline: str, remedy: Any, status: int) -> tuple[str, int]:
    return render_template("error.html", headline=headline, remedy=remedy), status
