"""Settings of a connection to Mautic."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from marshmallow import (
    Schema,
    ValidationError,
    fields,
    post_load,
    pre_load,
    validate,
    validates_schema,
)

_PAIRS = (("client_id", "client_secret"), ("user", "password"))


def _plain(address: str) -> None:
    if re.search(r"[@?#]", address):
        raise ValidationError("Give only the address, without name, password, ? or #.")


class Settings(Schema):
    """Loads to ``base_url`` (no trailing slash), one pair of credentials and ``field_prefix``."""

    base_url = fields.Url(
        required=True,
        schemes={"http", "https"},
        require_tld=False,
        validate=_plain,
        metadata={"option": "url"},
    )
    client_id = fields.String()
    client_secret = fields.String(metadata={"secret": True})
    user = fields.String()
    password = fields.String(metadata={"secret": True})
    # Mautic cuts aliases of fields at 25 characters; "engagement" takes ten of them.
    field_prefix = fields.String(
        load_default="maturo_",
        validate=validate.Regexp(
            r"\A[a-z][a-z0-9_]{0,14}\Z",
            error="Use at most 15 of a-z, 0-9 and _, starting with a letter.",
        ),
    )

    @pre_load
    def drop_blanks(self, data: Mapping[str, Any], **_: Any) -> dict[str, Any]:
        """A form sends the pair that was left out as empty text."""
        return {name: value for name, value in data.items() if value != ""}

    @validates_schema
    def exactly_one_pair(self, data: Mapping[str, Any], **_: Any) -> None:
        """OAuth2 client credentials or Basic, complete and not both."""
        given = {name for pair in _PAIRS for name in pair if name in data}
        if given not in [set(pair) for pair in _PAIRS]:
            raise ValidationError(
                "Give either client_id and client_secret (OAuth2), or user and password (Basic)."
            )

    @post_load
    def without_slash(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Paths are appended to the address."""
        return {**data, "base_url": data["base_url"].rstrip("/")}
