"""What differs between two scorecards, in the language of the reader."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

from plugin.scoring.difference_words import told
from plugin.scoring.differences import differences

from .languages import language
from .part_words import kind_names, part_words


def differing(old: str, new: str, names: tuple[str, str] = ("old", "new")) -> list[str]:
    """One sentence for each difference; raises as ``differences``."""
    of_parts = {**part_words(), **_without_a_form()}
    words = {"card": {**of_parts, **_of_the_whole()}}
    return [
        told(one, language(), words.get(one.of, of_parts)) for one in differences(old, new, names)
    ]


def _without_a_form() -> Mapping[str, Mapping[str, Any]]:
    kinds = {kind: name for kind, (name, _help) in kind_names().items()}
    return {
        "kind": {"name": _("Kind of rule"), "choices": kinds},
        "group": {"name": _("Group")},
        "form": {"name": _("Form")},
    }


def _of_the_whole() -> Mapping[str, Mapping[str, Any]]:
    return {
        "dimensions": {"name": _("Bounds and weights of fit and engagement")},
        "grades": {"name": _("Fit that each grade needs")},
        "join_by_email": {"name": _("Contacts with the same e-mail address are one person")},
        "evidence": {"name": _("How machines are told from people")},
        "consent": {"name": _("What needs consent")},
        "outcomes": {"name": _("What marks the won and the lost")},
        "verdicts": {"name": _("What marks the verdicts of sales")},
    }
