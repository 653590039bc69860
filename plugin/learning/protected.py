"""Fields that must not decide about people unless somebody writes down why.

GDPR art. 9 names some; the others stand for them, or for what discrimination law protects.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from itertools import pairwise

#: Aliases that mean it only by themselves: a job or a page has a title as well.
_ALONE = {"title": "sex", "titre": "sex"}
#: Whole words in a field's alias, English and French; a first name stands for sex and origin.
_WORDS = {
    "sex": "sex sexe gender genre civilite salutation",
    "name": "firstname first_name prenom",
    "age": "age birthday birthdate birth_date dob naissance anniversaire",
    "marital status": "marital married maritale matrimonial matrimoniale celibataire",
    "nationality": "nationality nationalite ethnic ethnicity ethnie origine race citizenship",
    "health": "health sante disability handicap pregnant grossesse",
    "religion": "religion religious religieux religieuse confession",
    "union membership": "union syndicat syndique",
    "opinion": "political politique opinion",
    "orientation": "orientation sexual sexuelle",
}
_MEANING = {word: meaning for meaning, words in _WORDS.items() for word in words.split()}


def protected(fields: Iterable[str]) -> dict[str, str]:
    """The fields among these that are protected, with what they tell of a person."""
    found = ((name, _meaning(name)) for name in fields)
    return {name: meaning for name, meaning in found if meaning}


def _meaning(field: str) -> str | None:
    plain = unicodedata.normalize("NFKD", field).encode("ascii", "ignore").decode().lower()
    words = re.split(r"[^a-z0-9]+", plain)
    if plain in _ALONE:
        return _ALONE[plain]
    pairs = [f"{one}_{two}" for one, two in pairwise(words)]
    return next((_MEANING[word] for word in (*pairs, *words) if word in _MEANING), None)
