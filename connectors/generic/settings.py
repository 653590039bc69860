"""Settings of a connection to any tool."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from marshmallow import Schema, ValidationError, fields, pre_load, validate, validates_schema

from .. import proofs
from .mapping import MappingSchema
from .samples import TOOLS

AUTH = ("standard", "hmac", "bearer", "basic", "header")
_HEADER = r"\A[A-Za-z][A-Za-z0-9-]{0,60}\Z"


class _Algorithm(fields.String):
    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        if str(value).lower() in ("sha1", "md5"):
            raise ValidationError(
                "This algorithm is broken: whoever watches could sign as well. Choose sha256."
            )
        return super()._deserialize(value, attr, data, **kwargs)


class _Document(fields.Field[Any]):
    """A mapping as an object, or as the text of one."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> dict[str, Any]:
        try:
            given = orjson.loads(value) if isinstance(value, str) else value
        except orjson.JSONDecodeError as error:
            raise ValidationError(f"Expected JSON: line {error.lineno}, {error.msg}.") from None
        if not isinstance(given, dict):
            raise ValidationError("Expected an object, such as one of the samples.")
        try:
            MappingSchema().load(given)
        except ValidationError as error:
            raise ValidationError(list(_lines(error.messages))) from None
        return given


class Settings(Schema):
    """How deliveries prove who sends them, what they mean, and where commands go.

    ``mapping`` counts before ``tool``. Without ``url`` the connection only receives.
    """

    auth = fields.String(load_default="standard", validate=validate.OneOf(AUTH))
    header = fields.String(load_default="X-Signature", validate=validate.Regexp(_HEADER))
    algorithm = _Algorithm(load_default="sha256", validate=validate.OneOf(proofs.ALGORITHMS))
    encoding = fields.String(load_default="hex", validate=validate.OneOf(proofs.ENCODINGS))
    prefix = fields.String(load_default="", validate=validate.Length(max=20))
    user = fields.String(load_default="maturo", validate=validate.Regexp(r"\A[^:\s]{1,60}\Z"))
    tolerance = fields.Integer(load_default=300, validate=validate.Range(10, 3_600))
    tool = fields.String(load_default="maturo", validate=validate.OneOf(TOOLS))
    mapping = _Document(metadata={"document": True})
    url = fields.Url(schemes={"http", "https"}, require_tld=False)
    signing_secret = fields.String(validate=validate.Length(min=24), metadata={"secret": True})
    deduplicates = fields.Boolean(load_default=False)
    private_addresses = fields.Boolean(load_default=False)

    @pre_load
    def drop_blanks(self, data: Mapping[str, Any], **_: Any) -> dict[str, Any]:
        """A form sends what was left out as empty text."""
        return {name: value for name, value in data.items() if value not in ("", None)}

    @validates_schema
    def an_address_we_may_call(self, data: Mapping[str, Any], **_: Any) -> None:
        """Commands are signed, and go through the open only to one's own network."""
        url, private = data.get("url"), data.get("private_addresses", False)
        if url is None:
            return
        if "signing_secret" not in data:
            raise ValidationError("Needed to sign what is sent to the address.", "signing_secret")
        if url.lower().startswith("http:") and not private:
            raise ValidationError("Use https: scores and names of people are sent there.", "url")


def _lines(messages: Any, path: str = "") -> list[str]:
    """What is wrong in a mapping, a sentence for each place."""
    if isinstance(messages, dict):
        return [
            line
            for key, inner in messages.items()
            if key not in ("key", "value") or isinstance(inner, dict)
            for line in _lines(inner, f"{path}.{key}" if path else str(key))
        ] or [f"{path}: {messages}"]
    return [f"{path}: {' '.join(map(str, messages))}"]
