"""The form of one part of a scorecard, drawn from its schema, and what came back from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from marshmallow import Schema
from marshmallow.fields import Field

from plugin.web.forms import Input, inputs, submitted

from .part_text import many
from .part_widgets import widget_of


@dataclass(frozen=True, slots=True)
class Drawn:
    """A field by a widget: what a plain ``Input`` has, and the parts of its value."""

    input: Input
    parts: Mapping[str, Any]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.input, name)


class Form(Protocol):
    """What was posted: all values of a name as well."""

    def get(self, name: str, default: str, /) -> str:
        """The first value of that name."""
        ...

    def __contains__(self, name: object, /) -> bool: ...

    def getlist(self, name: str, /) -> list[str]:
        """Every value of that name."""
        ...


def draw(
    schema: Schema,
    words: Mapping[str, Mapping[str, Any]],
    values: Mapping[str, Any],
    problems: Mapping[str, Any],
    say: Callable[[str], str],
) -> list[Input | Drawn]:
    """Every field in the order of the schema."""
    plain = {one.name: one for one in inputs(_plain(schema), words, values, problems, say)}
    drawn: list[Input | Drawn] = []
    for key, field in _named(schema):
        widget = widget_of(field)
        if widget is None:
            drawn.append(plain[key])
            continue
        own = words.get(key, {})
        shown = Input(
            name=key,
            kind=widget.kind,
            label=own.get("name", key),
            help=own.get("help", ""),
            required=field.required,
            errors=tuple(dict.fromkeys(map(say, _texts(problems.get(key))))),
        )
        drawn.append(Drawn(shown, widget.show(values.get(key, _default(field)))))
    return drawn


def taken(schema: Schema, posted: Form, stored: Mapping[str, Any]) -> dict[str, Any]:
    """What was posted as it stands in a scorecard's text; what is unchanged as it stood there."""
    given = submitted(_plain(schema), posted)
    for key, field in _named(schema):
        widget = widget_of(field)
        if widget is not None and (value := widget.read(posted, key)) is not None:
            given[key] = _as_before(stored.get(key), value) if widget.kind == "several" else value
    order = [key for key, _ in _named(schema)]
    defaults = {key: _default(field) for key, field in _named(schema)}
    kept: dict[str, Any] = {}
    for key in [*stored, *(one for one in order if one not in stored)]:
        if key in given and (key in stored or not _same(defaults[key], given[key])):
            kept[key] = stored[key] if _same(stored.get(key), given[key]) else given[key]
    return kept


def _default(field: Field[Any]) -> Any:
    """What counts where a key is left out, as it would be written."""
    default = field.load_default
    if isinstance(default, tuple):
        return [getattr(one, "value", one) for one in default]
    return default if isinstance(default, bool | str | int) else None


def _as_before(stored: Any, ticked: Any) -> Any:
    """Boxes have no order: what is ticked as it stood there."""
    same = sorted(map(str, many(stored))) == sorted(map(str, many(ticked)))
    return stored if same else ticked


def _same(old: Any, new: Any) -> bool:
    return old is not None and _canonical(old) == _canonical(new)


def _canonical(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _canonical(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_canonical(item) for item in value] if len(value) != 1 else _canonical(value[0])
    return value if isinstance(value, bool) else str(value)


def _named(schema: Schema) -> Iterator[tuple[str, Field[Any]]]:
    return ((field.data_key or name, field) for name, field in schema.fields.items())


def _plain(schema: Schema) -> Schema:
    left_out = [name for name, field in schema.fields.items() if widget_of(field)]
    only = None if schema.only is None else set(schema.only)
    return type(schema)(exclude={*schema.exclude, *left_out}, only=only)


def _texts(wrong: Any) -> Iterator[str]:
    if isinstance(wrong, Mapping):
        for inner in wrong.values():
            yield from _texts(inner)
    elif isinstance(wrong, list):
        yield from map(str, wrong)
