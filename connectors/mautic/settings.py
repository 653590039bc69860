"""Settings of a connection to Mautic."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import httpx
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
    """Loads to ``base_url``, one pair of credentials, and what few need.

    The address is in its one form: no needless port, no slash at its end.
    """

    base_url = fields.Url(
        required=True,
        schemes={"http", "https"},
        require_tld=False,
        validate=_plain,
        metadata={"option": "url", "identity": True},
    )
    client_id = fields.String()
    client_secret = fields.String(metadata={"secret": True})
    user = fields.String()
    password = fields.String(metadata={"secret": True})
    # Mautic cuts aliases of fields at 25 characters; "engagement" takes ten of them.
    field_prefix = fields.String(
        load_default="maturo_",
        metadata={"rare": True},
        validate=validate.Regexp(
            r"\A[a-z][a-z0-9_]{0,14}\Z",
            error="Use at most 15 of a-z, 0-9 and _, starting with a letter.",
        ),
    )

    mirror_points = fields.Boolean(load_default=False, metadata={"rare": True})
    public_only = fields.Boolean(load_default=False, metadata={"rare": True})

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
        """Paths are appended to the address; one address is written in one way."""
        scheme, _, rest = data["base_url"].partition("://")
        return {**data, "base_url": str(httpx.URL(f"{scheme.lower()}://{rest}")).rstrip("/")}
