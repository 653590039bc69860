"""Rules that might tell who is won, made from what contacts did and were.

Each is a rule as a scorecard has it, giving one point: what is learned of it is written into a
draft as that very rule.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from connectors.activity import Activity
from plugin.scoring.history import History
from plugin.scoring.loading import load
from plugin.scoring.scorecard import Scorecard

from .dates import is_moment
from .indicators import SUPPORT
from .protected import protected

_WINDOWS = ("14d", "30d", "90d")
_TIMES = (1, 3, 10)
#: What a firm does to a contact, or says of it, is no sign of interest.
_NOT_ASKED = frozenset({"email_sent", "outcome_recorded", "contact_identified"})
_SUBJECTS, _LEVELS = 15, 15
_QUANTILES = (0.25, 0.5, 0.75)
_NAMES = {
    "page_viewed": ("Page viewed", "Page consultée"),
    "form_submitted": ("Form submitted", "Formulaire envoyé"),
    "email_opened": ("E-mail opened", "E-mail ouvert"),
    "email_clicked": ("Link clicked in an e-mail", "Lien cliqué dans un e-mail"),
    "asset_downloaded": ("File downloaded", "Fichier téléchargé"),
    "survey_answered": ("Survey answered", "Enquête remplie"),
    "unsubscribed": ("Unsubscribed", "Désabonnement"),
    "bounced": ("E-mail bounced", "E-mail rejeté"),
}
_OBJECTS = {"form_submitted": "form", "asset_downloaded": "asset"}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A rule without its points; ``field`` is the one of the profile that it asks.

    Those of one ``family`` count the same in the same time, and only so often as one row says;
    ``trait`` is what a protected field tells of a person.
    """

    id: str
    dimension: str
    keys: Mapping[str, Any]
    field: str | None = None
    family: str | None = None
    trait: str | None = None


def candidates(
    histories: Iterable[History], used: Collection[str] = ()
) -> tuple[tuple[Candidate, ...], dict[str, str]]:
    """Rules about what enough of these contacts did or were, and the protected fields left out.

    Of each of these it is said what it tells of a person. Those that are ``used`` all the same are
    not left out.
    """
    done: Counter[tuple[tuple[str, str], ...]] = Counter()
    values: dict[str, list[Any]] = {}
    for past in histories:
        done.update({one for activity in past.activities for one in _selections(activity)})
        for name, value in (past.profile[-1].fields if past.profile else {}).items():
            if isinstance(value, str | int | float) and value != "":
                values.setdefault(name, []).append(value)
    values = {name: known for name, known in values.items() if len(known) >= SUPPORT}
    traits = protected(values)
    found = [*_of_activities(done)]
    for name in sorted(values):
        if name not in traits or name in used:
            found += [replace(one, trait=traits.get(name)) for one in _of_field(name, values[name])]
    numbered = (replace(one, id=f"learned-{number}") for number, one in enumerate(found, 1))
    left_out = {name: trait for name, trait in traits.items() if name not in used}
    return tuple(numbered), left_out


def scorecard_of(found: Iterable[Candidate], timezone: str) -> Scorecard:
    """All of them as one scorecard, each giving one point."""
    told = [{"id": one.id, "points": 1, **one.keys} for one in found]
    groups = [{"id": "learned", "dimension": "fit", "rules": told}]
    text = {"name": "learned", "timezone": timezone, "groups": groups, "bands": [{"id": "all"}]}
    return load(json.dumps(text), "the candidates")


def _selections(activity: Activity) -> Iterator[tuple[tuple[str, str], ...]]:
    """An activity by its kind, and by what it was about."""
    if activity.kind in _NOT_ASKED:
        return
    kind = ("activity", activity.kind)
    yield (kind,)
    subject = activity.subject
    if activity.kind == "page_viewed" and subject.url:
        path = "/" + subject.url.partition("://")[2].partition("/")[2].split("?")[0].split("#")[0]
        if path != "/" and "*" not in path:
            yield kind, ("url", f"*{path}*")
    elif (key := _OBJECTS.get(activity.kind)) and (named := subject.name or subject.id):
        yield kind, (key, named)
    elif subject.category:
        yield kind, ("category", subject.category)


def _of_activities(done: Counter[tuple[tuple[str, str], ...]]) -> Iterator[Candidate]:
    enough = [(count, one) for one, count in done.items() if count >= SUPPORT]
    kinds = sorted(one for _, one in enough if len(one) == 1)
    about = sorted((-count, one) for count, one in enough if len(one) > 1)[:_SUBJECTS]
    for selection in (*kinds, *(one for _, one in about)):
        for window in (None, *_WINDOWS):
            for times in _TIMES:
                rule = _activity_rule(dict(selection), window, times)
                yield Candidate("", "engagement", rule, family=f"{selection} {window}")
    if kinds:
        for window in _WINDOWS:
            rule = _silence([kind for ((_, kind),) in kinds], window)
            yield Candidate("", "engagement", rule)


def _activity_rule(selection: dict[str, str], window: str | None, times: int) -> dict[str, Any]:
    english, french = _NAMES.get(selection["activity"], (selection["activity"],) * 2)
    about = next((f" ({text})" for key, text in selection.items() if key != "activity"), "")
    often = (f"up to {times} times ", f"{times} fois au plus ") if times > 1 else ("", "")
    days = window.rstrip("d") if window else ""
    since = (f"in {days} days", f"en {days} jours") if window else ("ever", "en tout")
    return {
        "kind": "activity",
        "label": {
            "en": f"{english}{about}, {often[0]}{since[0]}",
            "fr": f"{french}{about}, {often[1]}{since[1]}",
        },
        **selection,
        "limit": {"times": times, "per": window or "ever"},
        "decay": {"expires": window} if window else "none",
    }


def _silence(kinds: list[str], window: str) -> dict[str, Any]:
    days = window.rstrip("d")
    label = {"en": f"Nothing done for {days} days", "fr": f"Aucune activité depuis {days} jours"}
    return {"kind": "absence", "label": label, "no": kinds, "for": window}


def _of_field(name: str, values: list[Any]) -> Iterator[Candidate]:
    return (Candidate("", "fit", rule, name) for rule in _field_rules(name, values))


def _field_rules(name: str, values: list[Any]) -> Iterator[dict[str, Any]]:
    yield _field_rule(name, "is known", "est connu", present=True)
    # When something was, such as a bulk import, is shared by many and says nothing of later ones.
    levels = [value for value in values if not is_moment(value)]
    if len(levels) < SUPPORT:
        return
    if name == "email":
        words = "is a free mailbox", "est une messagerie gratuite"
        yield _field_rule(name, *words, free_mail=True)
    elif numbers := _numbers(levels):
        for least in sorted({float(f"{one:.2g}") for one in np.quantile(numbers, _QUANTILES)}):
            told = f"{least:g}"
            words = f"is {told} or more", f"vaut {told} ou plus"
            yield _field_rule(name, *words, at_least=least)
    else:
        often = Counter(str(value) for value in levels).most_common(_LEVELS)
        for level in sorted(level for level, count in often if count >= SUPPORT):
            words = f"is “{level}”", f"est «\u00a0{level}\u00a0»"
            yield _field_rule(name, *words, equals=level)


def _field_rule(name: str, english: str, french: str, **asked: Any) -> dict[str, Any]:
    label = {"en": f"{name} {english}", "fr": f"{name} {french}"}
    return {"kind": "field", "label": label, "if": {"field": name, **asked}}


def _numbers(values: list[Any]) -> list[float]:
    try:
        return [float(value) for value in values]
    except ValueError:
        return []
