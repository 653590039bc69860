"""Settings of a connection to Brevo."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, pre_load, validate

from .workflows import parse_workflows


def _workflows(text: str) -> None:
    try:
        parse_workflows(text)
    except ValueError as error:
        raise ValidationError(str(error)) from None


class Settings(Schema):
    """Loads to the key, how Brevo vouches for its deliveries, and what its automations mean.

    ``account`` tells two accounts apart: what people call it, if there are several.
    """

    api_key = fields.String(
        required=True, validate=validate.Length(min=10), metadata={"secret": True}
    )
    account = fields.String(load_default="", metadata={"identity": True})
    base_url = fields.Url(
        load_default="https://api.brevo.com/v3",
        schemes={"http", "https"},
        require_tld=False,
        metadata={"option": "url", "identity": True},
    )
    auth = fields.String(
        load_default="bearer", validate=validate.OneOf(("bearer", "basic", "header"))
    )
    user = fields.String(
        load_default="maturo", validate=validate.Regexp(re.compile(r"\A[A-Za-z0-9_.-]{1,60}\Z"))
    )
    header = fields.String(
        load_default="X-Maturo-Token",
        validate=validate.Regexp(re.compile(r"\A[A-Za-z][A-Za-z0-9-]{0,60}\Z")),
    )
    prefix = fields.String(
        load_default="MATURO_",
        validate=validate.Regexp(
            re.compile(r"\A[A-Z][A-Z0-9_]{0,14}\Z"),
            error="Use at most 15 of A-Z, 0-9 and _, starting with a letter.",
        ),
    )
    workflows = fields.String(load_default="", validate=_workflows)
    public_only = fields.Boolean(load_default=False, metadata={"rare": True})

    @pre_load
    def drop_blanks(self, data: Mapping[str, Any], **_: Any) -> dict[str, Any]:
        """A form sends what was left out as empty text."""
        return {name: value for name, value in data.items() if value != ""}

    @post_load
    def without_slash(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Paths are appended to the address."""
        return {**data, "base_url": data["base_url"].rstrip("/")}
