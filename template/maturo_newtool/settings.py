"""Settings of a connection to Newtool."""

from __future__ import annotations

from marshmallow import Schema, fields


class Settings(Schema):
    """``identity`` tells one Newtool from another; ``secret`` is encrypted and never shown."""

    base_url = fields.Url(
        required=True,
        schemes={"http", "https"},
        require_tld=False,
        metadata={"option": "url", "identity": True},
    )
    token = fields.String(required=True, metadata={"secret": True})
