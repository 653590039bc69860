"""The webhooks of the REST API."""

from __future__ import annotations

from secrets import token_hex
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, g

from .answers import answer, invalid, not_found
from .api import body
from .auth import here, require
from .catalogue import catalogue
from .contacts import signed
from .state import Hook

blueprint = Blueprint("hooks", __name__, url_prefix="/api/hooks")


@blueprint.get("/triggers")
def list_triggers() -> Response:
    """Every event a webhook can ask for."""
    require(here(), "hooks:view")
    return answer({"triggers": catalogue()["triggers"]})


@blueprint.get("")
def list_hooks() -> Response:
    """All webhooks, keyed by id, with their secrets."""
    standin = here()
    require(standin, "hooks:view")
    with standin.lock:
        listed = {str(hook.id): _hook(hook) for hook in standin.hooks.values()}
    return answer({"total": len(listed), "hooks": listed})


@blueprint.post("/new")
def create_hook() -> Response:
    """A new webhook; Mautic makes the secret when none is given."""
    standin, data = here(), body()
    require(standin, "hooks:create")
    _check_hook(data)
    with standin.lock:
        hook = Hook(
            id=standin.next_id("hook"),
            name=data["name"],
            url=data["webhookUrl"],
            secret=data.get("secret") or token_hex(32),
            triggers=list(data.get("triggers", [])),
            author=g.author,
            modified_by=g.author,
            added=standin.now(),
            description=data.get("description"),
            order=data.get("eventsOrderbyDir"),
            published=bool(data.get("isPublished", True)),
        )
        standin.hooks[hook.id] = hook
    return answer({"hook": _hook(hook)}, 201, headers={"Location": f"/api/hooks/{hook.id}"})


@blueprint.get("/<int:hook_id>")
def get_hook(hook_id: int) -> Response:
    """One webhook."""
    require(here(), "hooks:view")
    return answer({"hook": _hook(_wanted(hook_id))})


@blueprint.patch("/<int:hook_id>/edit")
def edit_hook(hook_id: int) -> Response:
    """Change a webhook; triggers are only ever added. Publishing does not touch its date."""
    standin, data = here(), body()
    hook = _wanted(hook_id)
    require(standin, "hooks:edit")
    _check_hook({"name": hook.name, "webhookUrl": hook.url, **data})
    with standin.lock:
        hook.name = data.get("name", hook.name)
        hook.url = data.get("webhookUrl", hook.url)
        hook.secret = data.get("secret", hook.secret)
        hook.description = data.get("description", hook.description)
        hook.order = data.get("eventsOrderbyDir", hook.order)
        hook.published = bool(data.get("isPublished", hook.published))
        hook.triggers += [key for key in data.get("triggers", []) if key not in hook.triggers]
        hook.modified_by = g.author
        if data.keys() - {"isPublished"}:
            hook.modified = standin.now()
    return answer({"hook": _hook(hook)})


@blueprint.delete("/<int:hook_id>/delete")
def delete_hook(hook_id: int) -> Response:
    """Remove a webhook; the answer shows it, its id already null."""
    standin = here()
    hook = _wanted(hook_id)
    require(standin, "hooks:delete")
    with standin.lock:
        del standin.hooks[hook_id]
    return answer({"hook": {**_hook(hook), "id": None}})


def _wanted(hook_id: int) -> Hook:
    hook = here().hooks.get(hook_id)
    if hook is None:
        raise not_found()
    return hook


def _check_hook(data: dict[str, Any]) -> None:
    if not data.get("name"):
        raise invalid("name", "A name is required.")
    url = urlsplit(str(data.get("webhookUrl", "")))
    if url.scheme not in ("http", "https") or not url.netloc:
        raise invalid("webhookUrl", "A valid URL is required.")


def _hook(hook: Hook) -> dict[str, Any]:
    return {
        "isPublished": hook.published,
        "dateAdded": hook.added,
        "dateModified": hook.modified or hook.added,
        **signed("createdBy", hook.author),
        **signed("modifiedBy", hook.modified_by),
        "id": hook.id,
        "name": hook.name,
        "description": hook.description,
        "webhookUrl": hook.url,
        "secret": hook.secret,
        "eventsOrderbyDir": hook.order,
        "category": None,
        "triggers": list(hook.triggers),
    }
