"""Forms drawn from marshmallow schemas: what to show for each field, and what came back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import marshmallow as ma
import orjson

from plugin.scoring import fields as scoring
from plugin.scoring.kinds.limits import Per
from plugin.scoring.kinds.rate import Share
from plugin.scoring.schema import Timezone

#: Stands in a form for a secret that is stored. Sent back as it is, it means: keep it.
PLACEHOLDER = "•" * 12

#: Label, help and labels of choices of each field, by its name (``inner`` ones as ``outer.inner``).
Words = Mapping[str, Mapping[str, Any]]


class Posted(Protocol):
    """What a browser sent, such as ``request.form``."""

    def get(self, name: str, default: str, /) -> str:
        """The first value of that name."""
        ...

    def __contains__(self, name: object, /) -> bool: ...


@dataclass(frozen=True, slots=True)
class Input:
    """One field as it is shown.

    ``kind`` is text, url, secret, number, checkbox, select, date, list (one value a line), json
    (anything else, as JSON) or group, whose ``parts`` are fields themselves. ``value`` is text, or
    a boolean for a checkbox; never a secret. ``step`` and the bounds are those of a number. One
    with ``focus`` is where the reader begins to type; few need one that is ``rare``.
    """

    name: str
    kind: str
    label: str
    help: str = ""
    value: str | bool = ""
    required: bool = False
    choices: tuple[tuple[str, str], ...] = ()
    errors: tuple[str, ...] = ()
    step: str = ""
    low: str = ""
    high: str = ""
    parts: tuple[Input, ...] = ()
    focus: bool = False
    rare: bool = False


def inputs(
    schema: ma.Schema,
    words: Words,
    values: Mapping[str, Any],
    problems: Mapping[str, Any] | None = None,
    say: Callable[[str], str] = str,
) -> tuple[Input, ...]:
    """Every field of the schema, in its order, with its value and what is wrong with it.

    ``values`` are stored ones, or what ``submitted`` gave; ``problems`` the messages of a
    ``ValidationError``, which ``say`` puts into the reader's language.
    """
    return tuple(_inputs(schema, words, values, problems or {}, say, ""))


def form_errors(
    problems: Mapping[str, Any] | None, say: Callable[[str], str] = str
) -> tuple[str, ...]:
    """What is wrong with the form as a whole rather than with one of its fields."""
    return tuple(map(say, _texts((problems or {}).get(ma.exceptions.SCHEMA))))


def submitted(
    schema: ma.Schema, posted: Posted, stored: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """What was sent, as the schema loads it: empty fields are left out, kept secrets put in."""
    return _submitted(schema, posted, stored or {}, "")


def masked(schema: ma.Schema, values: Mapping[str, Any]) -> dict[str, Any]:
    """The same values with the placeholder for every secret, also in nested schemas."""
    shown = dict(values)
    for key, field in _named(schema):
        if key not in shown or shown[key] in (None, ""):
            continue
        if field.metadata.get("secret"):
            shown[key] = PLACEHOLDER
        elif isinstance(field, ma.fields.Nested) and isinstance(shown[key], Mapping):
            shown[key] = masked(field.schema, shown[key])
    return shown


def _named(schema: ma.Schema) -> Iterator[tuple[str, ma.fields.Field[Any]]]:
    """By the names under which the schema loads them."""
    return ((field.data_key or name, field) for name, field in schema.fields.items())


def _inputs(
    schema: ma.Schema,
    words: Words,
    values: Mapping[str, Any],
    problems: Mapping[str, Any],
    say: Callable[[str], str],
    prefix: str,
) -> Iterator[Input]:
    for key, field in _named(schema):
        name = prefix + key
        kind, own = kind_of(field), words.get(name, {})
        shown: dict[str, Any] = {"name": name, "label": own.get("name", key)}
        shown |= {"help": own.get("help", ""), "rare": bool(field.metadata.get("rare"))}
        wrong = problems.get(key)
        if kind == "group":
            inner = wrong if isinstance(wrong, Mapping) else {}
            parts = _inputs(field.schema, words, _mapping(values, key), inner, say, f"{name}.")  # type: ignore[attr-defined]
            yield Input(kind=kind, errors=_said(wrong, say, own=True), parts=tuple(parts), **shown)
            continue
        made = Input(
            kind=kind,
            value=_shown(kind, values.get(key, _default(field))),
            required=field.required,
            choices=tuple(_choices(field, own.get("choices", {}))),
            errors=_said(wrong, say),
            **shown,
        )
        yield _bounded(made, field) if kind == "number" else made


def _mapping(values: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = values.get(key)
    return found if isinstance(found, Mapping) else {}


def _said(wrong: Any, say: Callable[[str], str], own: bool = False) -> tuple[str, ...]:
    """The messages; ``own``: only of the mapping itself, not of what is in it."""
    if own and isinstance(wrong, Mapping):
        wrong = wrong.get(ma.exceptions.SCHEMA)
    return tuple(dict.fromkeys(map(say, _texts(wrong))))


def _texts(wrong: Any) -> Iterator[str]:
    if isinstance(wrong, Mapping):
        for inner in wrong.values():
            yield from _texts(inner)
    elif isinstance(wrong, list):
        for inner in wrong:
            yield from _texts(inner)
    elif wrong is not None:
        yield str(wrong)


def kind_of(field: ma.fields.Field[Any]) -> str:
    """How a field is shown: see ``Input``."""
    if field.metadata.get("secret"):
        return "secret"
    if _allowed(field):
        return "select"
    return next((_KINDS[one] for one in type(field).__mro__ if one in _KINDS), "json")


_KINDS: Mapping[type, str] = {
    ma.fields.Url: "url",
    ma.fields.String: "text",
    ma.fields.Number: "number",
    ma.fields.Boolean: "checkbox",
    ma.fields.Date: "date",
    ma.fields.List: "list",
    ma.fields.Nested: "group",
    scoring.Text: "text",
    scoring.Identifier: "text",
    scoring.Duration: "text",
    scoring.Count: "number",
    scoring.Points: "number",
    scoring.Day: "date",
    scoring.Switch: "checkbox",
    scoring.OneOrMore: "list",
    Per: "text",
    Share: "text",
    Timezone: "text",
}
_INNER = (ma.fields.List, scoring.OneOrMore)


def _allowed(field: ma.fields.Field[Any]) -> Iterable[Any]:
    if isinstance(field, scoring.Choice):
        return field.allowed
    found = (one for one in field.validators if isinstance(one, ma.validate.OneOf))
    return next((one.choices for one in found), ())


def _choices(field: ma.fields.Field[Any], labels: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    allowed = _allowed(field)
    if allowed and not field.required:
        yield "", labels.get("", "—")
    for one in allowed:
        yield str(one), labels.get(str(one), str(one))


def _default(field: ma.fields.Field[Any]) -> Any:
    """As it would be typed; those of a scorecard are ready-made (micro-points, decays)."""
    default = field.load_default
    typed = not isinstance(field, scoring.Worded) or isinstance(default, bool)
    return default if typed and isinstance(default, str | bool | int | float) else ""


def _shown(kind: str, value: Any) -> str | bool:
    if kind == "checkbox":
        return bool(value)
    if value is None or value == "" or value == ():
        return ""
    if kind == "secret":
        return PLACEHOLDER
    if kind == "list" and not isinstance(value, str):
        several = value if isinstance(value, Sequence) else [value]
        return "\n".join(_plain(one) for one in several)
    return _plain(value)


def _plain(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping | list | tuple):
        return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()
    return str(value)


def _bounded(made: Input, field: ma.fields.Field[Any]) -> Input:
    whole = isinstance(field, ma.fields.Integer | scoring.Count)
    found = [one for one in field.validators if isinstance(one, ma.validate.Range)]
    low = next((one.min for one in found), 1 if isinstance(field, scoring.Count) else None)
    high = next((one.max for one in found), None)
    bounds = ["" if bound is None else str(bound) for bound in (low, high)]
    return replace(made, step="1" if whole else "any", low=bounds[0], high=bounds[1])


def _submitted(
    schema: ma.Schema, posted: Posted, stored: Mapping[str, Any], prefix: str
) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for key, field in _named(schema):
        name, kind = prefix + key, kind_of(field)
        if kind == "group":
            inner = _submitted(field.schema, posted, _mapping(stored, key), f"{name}.")  # type: ignore[attr-defined]
            data |= {key: inner} if inner or field.required else {}
        elif kind == "checkbox":
            data[key] = name in posted
        elif text := posted.get(name, "").strip():
            kept = kind == "secret" and text == PLACEHOLDER
            data |= {key: _read(field, kind, text)} if not kept else _of(stored, key)
    return data


def _of(stored: Mapping[str, Any], key: str) -> dict[str, Any]:
    return {key: stored[key]} if key in stored else {}


def _read(field: ma.fields.Field[Any], kind: str, text: str) -> Any:
    """As the schema expects it; what cannot be read stays text, for the schema to say so."""
    if kind == "list" and isinstance(field, _INNER):
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        return [_read(field.inner, kind_of(field.inner), line) for line in lines]
    if kind in ("number", "json"):
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError:
            return text
    return text
