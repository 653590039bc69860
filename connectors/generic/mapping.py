"""Where in a tool's JSON the things are that Maturo reads; a mapping is data, typed by a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import jsonpath
import orjson
from marshmallow import Schema, ValidationError, fields, post_load, validate

from ..activity import KINDS

#: Nothing is longer than this in a text that is kept.
LONGEST = 5_000
_SUBJECT = ("type", "id", "name", "category", "url")


class Places(fields.Field[Any]):
    """One place or several, of which the first that is there counts.

    A text that begins with ``$`` is a JSONPath; any other stands for itself. As a moment,
    ``received`` stands for that of the arrival: for tools that tell none.
    """

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> list[str]:
        places = value if isinstance(value, list) else [value]
        if not places or not all(isinstance(one, str) and one for one in places):
            raise ValidationError("Expected a JSONPath such as $.data.email, or several in a list.")
        for one in places:
            _compiled(one)
        return places


def _known_kind(value: str) -> None:
    if value not in KINDS and not value.startswith("custom."):
        known = ", ".join(sorted(KINDS))
        raise ValidationError(f"Expected one of {known}, or custom. and a word of yours.")


class EventSchema(Schema):
    """What one event of the tool means: an activity, a removal, or news of the profile alone."""

    activity = fields.String(validate=_known_kind)
    removal = fields.Boolean(load_default=False)
    subject = fields.Dict(keys=fields.String(validate=validate.OneOf(_SUBJECT)), values=Places())
    attributes = fields.Dict(keys=fields.String(), values=Places())


class MappingSchema(Schema):
    """Where the events of a body are, and in each of them the event's name, contact and moment."""

    items = fields.String(load_default="$")
    event = Places(load_default=["event"])
    contact = Places(required=True)
    id = Places()
    at = Places()
    profile = fields.Dict(keys=fields.String(), values=Places(), load_default=dict)
    events = fields.Dict(keys=fields.String(), values=fields.Nested(EventSchema), load_default=dict)

    @post_load
    def is_a_path(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Items are found by a path alone."""
        _compiled(data["items"])
        return data


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value is, or the text itself."""

    texts: tuple[str, ...]

    def find(self, item: Any) -> Any:
        """The first value that is there; ``None`` if there is none."""
        for text in self.texts:
            path = _compiled(text)
            if path is None:
                return text
            match = path.match(item)
            # An empty text is how many tools say that they know nothing.
            if match is not None and match.obj not in (None, ""):
                return match.obj
        return None

    def __str__(self) -> str:
        return " or ".join(self.texts)


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an event means. Neither activity nor removal: only the profile is read."""

    activity: str | None
    removal: bool
    subject: Mapping[str, Place]
    attributes: Mapping[str, Place]


@dataclass(frozen=True, slots=True)
class Reader:
    """A mapping, ready to be used."""

    items: str
    event: Place
    contact: Place
    id: Place | None
    at: Place | None
    profile: Mapping[str, Place]
    events: Mapping[str, Meaning]

    def found(self, body: Any) -> list[Any]:
        """The events of a body. Raises ``JSONPathError`` or ``RecursionError``."""
        path = _compiled(self.items)
        return [body] if path is None else path.findall(body)

    def meaning(self, event: str) -> Meaning | None:
        """What an event means; ``None`` for one that means nothing here."""
        return self.events.get(event) or self.events.get("*")


def reader(mapping: Mapping[str, Any]) -> Reader:
    """A loaded mapping as a reader; the same one for the same mapping."""
    return _reader(orjson.dumps(mapping, option=orjson.OPT_SORT_KEYS))


@lru_cache(maxsize=64)
def _reader(text: bytes) -> Reader:
    given = MappingSchema().load(orjson.loads(text))
    return Reader(
        items=given["items"],
        event=Place(tuple(given["event"])),
        contact=Place(tuple(given["contact"])),
        id=Place(tuple(given["id"])) if "id" in given else None,
        at=Place(tuple(given["at"])) if "at" in given else None,
        profile=_places(given["profile"]),
        events={
            name: Meaning(
                one.get("activity"),
                one["removal"],
                _places(one.get("subject", {})),
                _places(one.get("attributes", {})),
            )
            for name, one in given["events"].items()
        },
    )


def _places(given: Mapping[str, Sequence[str]]) -> dict[str, Place]:
    return {name: Place(tuple(texts)) for name, texts in given.items()}


@lru_cache(maxsize=1_000)
def _compiled(text: str) -> jsonpath.JSONPath | jsonpath.CompoundJSONPath | None:
    """The path; ``None`` for a text that stands for itself. Raises ``ValidationError``."""
    if not text.startswith("$") or text == "$":
        return None
    try:
        return jsonpath.compile(text)
    except jsonpath.JSONPathError as error:
        raise ValidationError(f"{text}: no JSONPath ({_first_line(error)}).") from None


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0].rstrip(".")
