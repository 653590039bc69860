"""Forms of a draft's parts: rules, groups, bands and the scorecard as a whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_login import current_user
from marshmallow import ValidationError
from werkzeug.wrappers import Response as AnyResponse

from plugin.runtime import Runtime
from plugin.scoring.catalogue import catalogue
from plugin.scoring.checking import Part, clashes, part_problems, schema_of
from plugin.scoring.decay import Expires, HalfLife, Linear, NoDecay, Steps, decayed
from plugin.scoring.edits import (
    Edit,
    add_band,
    add_group,
    add_rule,
    change_band,
    change_group,
    change_rule,
    change_settings,
)
from plugin.scoring.kinds import KINDS
from plugin.scoring.schema import Fading
from plugin.scoring.scorecard import MICRO
from plugin.scoring.sentences import sentences
from plugin.services.cards import checked, known_profile_fields
from plugin.services.drafts import StaleDraft, change
from plugin.storage.drafts import Draft

from .access import needs
from .card_view import parts_in
from .drafts import found_draft
from .languages import NAMES, language
from .mistakes import say
from .part_form import draw, taken
from .part_words import kind_names, operator_names, part_words
from .running import running
from .stale import meanwhile

#: Moments of a fading that are drawn, and of these the ones that are also told in a table.
_DRAWN, _TOLD = 60, 6
_ADD: Mapping[str, Callable[[Mapping[str, Any]], Edit]] = {"group": add_group, "band": add_band}
_CHANGE: Mapping[str, Callable[[str, Mapping[str, Any]], Edit]] = {
    "rule": change_rule,
    "group": change_group,
    "band": change_band,
}


blueprint = Blueprint("parts", __name__, url_prefix="/admin/scorecard/drafts/<int:number>")


@blueprint.route("/rule/new", methods=["GET", "POST"])
@needs("marketer")
def new_rule(number: int) -> AnyResponse | str | tuple[str, int]:
    group, kind = request.values.get("group", ""), request.values.get("kind", "")
    if kind not in KINDS:
        abort(404)
    given = {"id": _free_id(found_draft(running(), number), kind), "kind": kind}
    return _edit_page(running(), number, "rule", None, given, lambda data: add_rule(group, data))


@blueprint.route("/<any(group, band):part>/new", methods=["GET", "POST"])
@needs("marketer")
def new_part(number: int, part: Part) -> AnyResponse | str | tuple[str, int]:
    return _edit_page(running(), number, part, None, {}, _ADD[part])


@blueprint.route("/card", methods=["GET", "POST"])
@needs("marketer")
def card(number: int) -> AnyResponse | str | tuple[str, int]:
    data = checked(found_draft(running(), number).source).data
    keys = schema_of("card").fields
    stored = {key: data[key] for key in keys if isinstance(data, Mapping) and key in data}

    def edit(given: Mapping[str, Any]) -> Edit:
        return change_settings({key: given.get(key) for key in keys})

    return _edit_page(running(), number, "card", "", stored, edit)


@blueprint.route("/<any(rule, group, band):part>/<id>", methods=["GET", "POST"])
@needs("marketer")
def one(number: int, part: Part, id: str) -> AnyResponse | str | tuple[str, int]:
    stored = _stored(checked(found_draft(running(), number).source).data, part, id)
    return _edit_page(running(), number, part, id, stored, lambda data: _CHANGE[part](id, data))


@blueprint.post("/preview")
@needs("marketer")
def preview(number: int) -> str:
    data = checked(found_draft(running(), number).source).data
    kind = request.form.get("kind", "")
    if kind not in KINDS:
        abort(404)
    rule = taken(schema_of("rule", kind), request.form, {}) | {"kind": kind}
    zone = data.get("timezone", "Europe/Paris") if isinstance(data, Mapping) else ""
    return render_template("drafts/preview.html", **told_rule(rule, str(zone)))


def told_rule(rule: Mapping[str, Any], zone: str) -> dict[str, Any]:
    """The rule in sentences of each language, and how its points fade."""
    told = {lang: sentences(rule, lang, zone) for lang in NAMES}
    return {"told": told, "curve": _curve(rule)}


def _edit_page(
    runtime: Runtime,
    number: int,
    part: Part,
    id: str | None,
    stored: Mapping[str, Any],
    edit: Callable[[Mapping[str, Any]], Edit],
) -> AnyResponse | str | tuple[str, int]:
    draft = found_draft(runtime, number)
    kind = str(stored.get("kind", ""))
    if request.method == "GET":
        return _form(runtime, draft, part, id, stored, {})
    data = taken(schema_of(part, kind), request.form, stored)
    problems = part_problems(part, data) or _taken_id(draft, part, id, data)
    if problems:
        return _form(runtime, draft, part, id, data, problems), 422
    try:
        made = edit(data)
        problems = clashes(made(draft.source), part, str(data.get("id", "")))
        if problems:
            return _form(runtime, draft, part, id, data, problems), 422
        revision = request.form.get("revision", 0, type=int)
        change(runtime.engine, number, revision, made, current_user.email, runtime.clock())
    except StaleDraft as stale:
        return _form(runtime, stale.draft, part, id, data, {}, meanwhile(stale)), 409
    except LookupError:
        abort(404)
    anchor = f"{part}-{data['id']}" if "id" in data else None
    return redirect(url_for("drafts.show", number=number, _anchor=anchor))


def _form(
    runtime: Runtime,
    draft: Draft,
    part: Part,
    id: str | None,
    values: Mapping[str, Any],
    problems: Mapping[str, Any],
    stale: Any = None,
) -> str:
    kind = str(values.get("kind", ""))
    words, strings = part_words(), catalogue(language())
    fields = draw(schema_of(part, kind), words, values, problems, say())
    fields.sort(key=lambda one: _FIRST.index(one.name) if one.name in _FIRST else len(_FIRST))
    seldom = _SELDOM - values.keys() - problems.keys()
    data = checked(draft.source).data
    zone = str(data.get("timezone", "Europe/Paris")) if isinstance(data, Mapping) else ""
    return render_template(
        "drafts/part.html",
        draft=draft,
        part=part,
        id=id,
        kind=kind,
        kind_name=kind_names().get(kind, ("", "")),
        fields=[one for one in fields if one.name != "kind" and one.name not in seldom],
        more=[one for one in fields if one.name in seldom],
        words=words,
        kinds={one.removeprefix("kind."): strings[one] for one in strings if one[:5] == "kind."},
        operators=operator_names(),
        known=known_profile_fields(runtime.engine) if kind in _ASKING else [],
        groups=parts_in(data, "groups"),
        wrong=bool(problems),
        stale=stale,
        **(told_rule(values, zone) if part == "rule" else {"told": {}, "curve": None}),
    )


#: What a form begins with, and what it shows on demand where nothing was given.
_FIRST = ("name", "label", "id", "dimension", "points", "enter", "leave")
_SELDOM = frozenset(
    {
        *("form", "email", "asset", "category", "campaign", "attributes", "evidence", "prior"),
        *("valid_from", "valid_to", "actions", "interest", "sensitive"),
    }
)
_ASKING = {"field", "completeness", "absence"}


def _stored(data: Any, part: Part, id: str) -> Mapping[str, Any]:
    groups = parts_in(data, "groups")
    lists = {
        "group": groups,
        "band": parts_in(data, "bands"),
        "rule": [rule for group in groups for rule in parts_in(group, "rules")],
    }
    for one in lists[part]:
        if one.get("id") == id and (part != "rule" or one.get("kind") in KINDS):
            return {key: value for key, value in one.items() if key != "rules"}
    abort(404)


def _taken_id(
    draft: Draft, part: Part, id: str | None, data: Mapping[str, Any]
) -> Mapping[str, Any]:
    """The id of another one; the ledger keeps a rule by its id."""
    if part == "card" or data["id"] == id:
        return {}
    groups = parts_in(checked(draft.source).data, "groups")
    known = {
        "group": groups,
        "band": parts_in(checked(draft.source).data, "bands"),
        "rule": [rule for group in groups for rule in parts_in(group, "rules")],
    }[part]
    there = data["id"] in [one.get("id") for one in known]
    return {"id": [f'"{data["id"]}" is here twice']} if there else {}


def _free_id(draft: Draft, kind: str) -> str:
    groups = parts_in(checked(draft.source).data, "groups")
    known = {rule.get("id") for group in groups for rule in parts_in(group, "rules")}
    return next(id for n in range(1, 10_000) if (id := f"{kind}-{n}") not in known)


def _curve(rule: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Days and points of a fading; ``None`` where nothing fades or it is not finished."""
    try:
        decay = Fading().deserialize(rule.get("decay", "none"))
        points = int(float(rule.get("points") or 0) * MICRO)
    except (ValidationError, ValueError, TypeError):
        return None
    if isinstance(decay, NoDecay) or decay is None or not points:
        return None
    span = _length(decay)
    ages = [span * step / _DRAWN for step in range(_DRAWN + 1)]
    days = [age / timedelta(days=1) for age in ages]
    left = [decayed(points, decay, age) for age in ages]
    table = [(days[place], left[place]) for place in range(0, _DRAWN + 1, _DRAWN // _TOLD)]
    return {"days": days, "points": [one / MICRO for one in left], "table": table}


def _length(decay: Any) -> timedelta:
    """How long it is worth looking at."""
    match decay:
        case HalfLife(span):
            return span * 4
        case Linear(span):
            return span * 1.2
        case Steps(every, lose):
            return every * min(int(1 / lose) + 1 if lose else 6, 12)
        case Expires(after):
            return after * 1.5
        case _:
            return timedelta(days=1)
