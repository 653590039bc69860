"""What long work that somebody asked for has in common."""

from __future__ import annotations

from typing import Any

import orjson
from marshmallow import Schema, fields
from werkzeug.exceptions import NotFound

from plugin.services.runs import result_of
from plugin.storage.runs import DONE, FAILED, RUNNING, STOPPED, WAITING, Run

from .shapes import Moment


class RunSchema(Schema):
    """``done`` of ``total`` is how far it is; ``error`` is why nothing came of it."""

    state = fields.String(metadata={"enum": [WAITING, RUNNING, DONE, FAILED, STOPPED]})
    done, total = fields.Integer(), fields.Integer()
    error = fields.String(allow_none=True)
    who = fields.String()
    asked_at, ended_at = Moment(), Moment(allow_none=True)


def as_told(run: Run | None) -> dict[str, Any]:
    """A run, what was asked of it and what came of it, as ``result``; 404 where there is none."""
    if run is None:
        raise NotFound("nobody has asked for it yet: do so by POST")
    own = {name: getattr(run, name) for name in ("id", *RunSchema().fields)}
    return {**orjson.loads(run.asked), **own, "result": result_of(run)}
