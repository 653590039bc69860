"""Notes about contacts; Mautic has no tasks, so a call to make is a note too."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, request

from .answers import answer, crashed, not_found
from .api import body
from .auth import here, require
from .contacts import short
from .kept import Note
from .state import StandIn

blueprint = Blueprint("notes", __name__, url_prefix="/api")


@blueprint.post("/notes/new")
def create_note() -> Response:
    """A new note; its HTML is kept."""
    standin, data = here(), body()
    require(standin, "contacts:edit")
    with standin.lock:
        contact = standin.find(int(data.get("lead") or 0))
        if contact is None:
            raise not_found()
        note = Note(
            id=standin.next_id("note"),
            contact=contact.id,
            text=str(data.get("text", "")),
            type=str(data.get("type", "general")),
            due=_moment(data.get("dateTime")),
        )
        standin.notes.append(note)
        shown = {**_note(note), "lead": short(standin, contact)}
    return answer({"note": shown}, 201, headers={"Location": f"/api/notes/{note.id}"})


@blueprint.get("/notes")
def list_notes() -> Response:
    """Every note, its contact without fields."""
    standin = here()
    with standin.lock:
        listed = [
            {**_note(note), "lead": {**_lead(standin, note), "fields": []}}
            for note in standin.notes
        ]
    return answer({"total": len(listed), "notes": listed})


@blueprint.get("/contacts/<int:contact_id>/notes")
def list_notes_of(contact_id: int) -> Response:
    """The notes about one contact, the newest first, thirty unless asked for more."""
    standin = here()
    limit = request.args.get("limit", 30, type=int)
    with standin.lock:
        contact = standin.find(contact_id)
        if contact is None:
            raise not_found()
        theirs = [note for note in reversed(standin.notes) if note.contact == contact.id]
    if standin.has("searches_notes"):
        theirs = [note for note in theirs if request.args.get("search", "") in note.text]
    shown = [{**_note(note), "lead": {}} for note in theirs[:limit]]
    return answer({"total": len(theirs), "notes": shown})


def _note(note: Note) -> dict[str, Any]:
    return {"id": note.id, "text": note.text, "type": note.type, "dateTime": note.due}


def _lead(standin: StandIn, note: Note) -> dict[str, Any]:
    contact = standin.contacts[note.contact]
    return {"id": contact.id, "points": contact.points, "color": None}


def _moment(text: str | None) -> str | None:
    """UTC, as a contact of Mautic's default time zone has it."""
    try:
        return None if text is None else f"{datetime.fromisoformat(text):%Y-%m-%dT%H:%M:%S}+00:00"
    except ValueError:
        raise crashed() from None
