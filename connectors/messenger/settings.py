"""Settings of a way to tell sales."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, pre_load, validate, validates_schema

CHANNELS = ("slack", "teams", "mail")
_NEEDED: Mapping[str, tuple[str, ...]] = {
    "slack": ("url",),
    "teams": ("url",),
    "mail": ("host", "sender", "recipients"),
}


def _addresses(text: str) -> None:
    for one in text.split(","):
        validate.Email(error=f"{one.strip()[:60]}: expected an address such as a@example.org")(
            one.strip()
        )


class Settings(Schema):
    """``url`` is the incoming webhook of Slack or Teams, a secret; the rest is for mail."""

    channel = fields.String(required=True, validate=validate.OneOf(CHANNELS))
    url = fields.Url(schemes={"http", "https"}, require_tld=False, metadata={"secret": True})
    host = fields.String(validate=validate.Regexp(r"\A[A-Za-z0-9.:-]{1,253}\Z"))
    port = fields.Integer(load_default=587, validate=validate.Range(1, 65_535))
    security = fields.String(
        load_default="starttls", validate=validate.OneOf(("starttls", "tls", "none"))
    )
    user = fields.String()
    password = fields.String(metadata={"secret": True})
    sender = fields.String(validate=validate.Email())
    recipients = fields.String(validate=_addresses)
    private_addresses = fields.Boolean(load_default=False)

    @pre_load
    def drop_blanks(self, data: Mapping[str, Any], **_: Any) -> dict[str, Any]:
        """A form sends what was left out as empty text."""
        return {name: value for name, value in data.items() if value not in ("", None)}

    @validates_schema
    def what_the_channel_needs(self, data: Mapping[str, Any], **_: Any) -> None:
        """Each channel has settings of its own; passwords travel encrypted only."""
        missing = [name for name in _NEEDED.get(data.get("channel", ""), ()) if name not in data]
        if missing:
            raise ValidationError({name: ["Needed for this channel."] for name in missing})
        private = data.get("private_addresses", False)
        if str(data.get("url", "")).lower().startswith("http:") and not private:
            raise ValidationError("Use https: names and scores of people are sent there.", "url")
        if data.get("security") == "none" and ("password" in data or not private):
            raise ValidationError(
                "Only within your own network (private addresses), and without a password.",
                "security",
            )
