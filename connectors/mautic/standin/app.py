"""The Flask app of the stand-in: Mautic's API, and one page that shows what it holds."""

from __future__ import annotations

from flask import Flask, Response, g, redirect, render_template, request
from werkzeug.exceptions import HTTPException
from werkzeug.http import http_date
from werkzeug.wrappers import Response as AnyResponse

from . import (
    about_api,
    actions_api,
    api,
    auth,
    batch,
    fields_api,
    forms_api,
    hooks_api,
    lists_api,
    notes_api,
    points_api,
)
from .answers import Refusal, answer, crashed, invalid, said_by_framework, too_many
from .auth import authenticate, here
from .faults import kind_of
from .fields import Invalid
from .saving import Overflow
from .state import Call, Contact, StandIn

_MODULES = (
    auth,
    batch,
    api,
    actions_api,
    notes_api,
    fields_api,
    forms_api,
    lists_api,
    points_api,
    hooks_api,
    about_api,
)


def create_app(standin: StandIn) -> Flask:
    """An app that answers for this stand-in."""
    app = Flask(__name__)
    app.extensions["standin"] = standin
    for module in _MODULES:
        app.register_blueprint(module.blueprint)
    app.add_url_rule("/", view_func=_home)
    app.add_url_rule("/s/contacts", view_func=_contacts)
    app.before_request(_admit)
    app.after_request(_limits)
    app.after_request(_date)
    app.after_request(_spoil)
    app.register_error_handler(Refusal, _refused)
    app.register_error_handler(Invalid, lambda e: _refused(invalid(e.alias, e.message)))
    app.register_error_handler(Overflow, lambda _: _refused(crashed()))
    app.register_error_handler(404, _no_route)
    app.register_error_handler(405, _no_route)
    return app


def _admit() -> Response | None:
    if not request.path.startswith(("/api", "/oauth")):
        return None
    standin = here()
    with standin.lock:
        standin.requests.append(Call(request.method, request.path, request.get_json(silent=True)))
    fault = g.fault = standin.faults.take(kind_of(request.path))
    if fault and fault.effect == "refuse":
        return fault.response()
    if request.path.startswith("/api") and request.routing_exception is None:
        g.author = authenticate(standin)
        _count(standin)
    return None


def _count(standin: StandIn) -> None:
    """The limiter counts calls per hour; ours starts anew only with a new stand-in."""
    if standin.rate_limit is None or not standin.has("rate_limiter"):
        return
    with standin.lock:
        g.used = standin.next_id("call")
    if g.used > standin.rate_limit:
        raise too_many(standin.rate_limit)


def _limits(response: Response) -> Response:
    limit = here().rate_limit
    if limit is not None and "used" in g:
        reset = int(here().clock().timestamp()) + 3600
        response.headers["X-RateLimit-Limit"] = str(limit)
        response.headers["X-RateLimit-Remaining"] = str(max(0, limit - g.used))
        response.headers["X-RateLimit-Reset"] = str(reset)
    return response


def _date(response: Response) -> Response:
    """The platform's own clock, by which it dates what it keeps."""
    response.headers["Date"] = http_date(here().clock())
    return response


def _spoil(response: Response) -> Response:
    fault = g.get("fault")
    return here().faults.spoil(fault, response) if fault else response


def _refused(refusal: Refusal) -> Response:
    return answer(
        refusal.body, refusal.status, versioned=refusal.versioned, headers=refusal.headers
    )


def _no_route(_: HTTPException) -> Response:
    """Also for a wrong method: Mautic knows no 405."""
    path = request.full_path if request.query_string else request.path
    return _refused(said_by_framework(404, f"Requested URL not found: {path}"))


def _home() -> AnyResponse:
    return redirect("/s/contacts")


def _contacts() -> str:
    """Identified contacts, best score first, with the fields that came through the API."""
    standin = here()
    with standin.lock:
        ours = [field for field in standin.fields if field.added]
        score = next((f.alias for f in ours if f.alias.endswith("score")), None)
        known = [contact for contact in standin.contacts.values() if not contact.anonymous]
        known.sort(key=lambda contact: (-_score(contact, score), contact.id))
        done = {contact.id: _done_to(standin, contact) for contact in known}
        return render_template("contacts.html", contacts=known, ours=ours, done=done)


def _done_to(standin: StandIn, contact: Contact) -> list[str]:
    """What the platform was made to do, for the eye: e-mails, notes, campaigns, stage, owner."""
    mails = [f"✉ {mail.name}" for mail in standin.mails if mail.contact == contact.id]
    notes = [f"{note.type}: {note.text}" for note in standin.notes if note.contact == contact.id]
    inside = [
        f"{one.kind}: {standin.library[one.kind][one.id]}"
        for one in standin.memberships
        if one.contact == contact.id
    ]
    stage = [f"stage: {contact.stage['name']}"] if contact.stage and "name" in contact.stage else []
    owner = [f"owner: {contact.owner['username']}"] if contact.owner else []
    return [*stage, *owner, *inside, *mails, *notes]


def _score(contact: Contact, alias: str | None) -> float:
    value = contact.values.get(alias) if alias else contact.points
    return float(value) if isinstance(value, int | float) else float("-inf")
