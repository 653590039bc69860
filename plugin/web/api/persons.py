"""The person behind a contact: everything that is kept of them, or nothing any more."""

from __future__ import annotations

from typing import Any

from flask import Response
from marshmallow import INCLUDE, Schema, fields

from plugin.runtime import Runtime
from plugin.services.forget import ask_forgetting, forgetting_of
from plugin.services.person import export_person
from plugin.web.admin.access import needs, who
from plugin.web.admin.saved import as_json_file

from .runs import RunSchema, as_told
from .shapes import Blueprint, Problem

persons = Blueprint("persons_api", __name__, description="Everything of a person, or nothing.")


class ExportSchema(Schema):
    """All that is kept, table by table; ``joined`` is the same person in other connections."""

    class Meta:
        """Tables of the person, each a list of rows."""

        unknown = INCLUDE

    connection = fields.String()
    contact_ids = fields.List(fields.String())
    activities, facts, receipts, joined = (fields.List(fields.Dict()) for _ in range(4))
    points = fields.String()


class ForgottenSchema(Schema):
    """How many contacts it was and receipts that are deleted; where some that name the person
    still wait to be scored, ask once more when the worker has caught up."""

    contacts, receipts, waiting = (fields.Integer() for _ in range(3))


class ForgettingSchema(RunSchema):
    """How far the worker is in looking through the receipts; it does not say who is meant."""

    id = fields.Integer()
    result = fields.Nested(ForgottenSchema, allow_none=True)


@persons.route("/contacts/<connection>/<contact>/export")
@persons.response(200, ExportSchema)
@persons.alt_response(404, schema=Problem, description="Nothing is known of the contact.")
@needs("marketer")
def export(runtime: Runtime, connection: str, contact: str) -> Response:
    """Everything that is kept of the person, for the person."""
    kept = (runtime.inbox, runtime.engine, runtime.vault, runtime.manifest.connector)
    told = export_person(*kept, f"{connection}/{contact}")
    return as_json_file(told, f"{connection}-{contact}.json")


@persons.route("/contacts/<connection>/<contact>", methods=["DELETE"])
@persons.response(202, ForgettingSchema)
@needs("admin")
def forget(runtime: Runtime, connection: str, contact: str) -> dict[str, Any]:
    """Let the worker erase the person here, in every connection, for good.

    Erase them in the platform first, or it goes on telling us of them. Of whom nothing is known
    the worker says so: the error is ``unknown``.
    """
    address, now = f"{connection}/{contact}", runtime.clock()
    number = ask_forgetting(runtime.engine, address, who(), now)
    return as_told(forgetting_of(runtime.engine, number))


@persons.route("/forgetting/<int:number>")
@persons.response(200, ForgettingSchema)
@persons.alt_response(404, schema=Problem, description="Nobody asked for it.")
@needs("admin")
def progress(runtime: Runtime, number: int) -> dict[str, Any]:
    """How far a forgetting is, by the ``id`` that asking for it answered."""
    return as_told(forgetting_of(runtime.engine, number))
