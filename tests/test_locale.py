"""Every sentence of the pages exists in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[1]
FRENCH = ROOT / "plugin" / "locale" / "fr" / "LC_MESSAGES" / "messages.po"
KEYWORDS = {
    "_": None,
    "_l": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "N_": None,
}
METHODS = [("plugin/web/**.py", "python"), ("plugin/web/templates/**.html", "jinja2")]


def catalogue() -> Catalog:
    return read_po(BytesIO(FRENCH.read_bytes()), locale="fr")


def messages() -> Iterator[Message]:
    return (message for message in catalogue() if message.id)


def texts(message: Message) -> tuple[list[str], list[str]]:
    """The English and the French texts of a message."""
    both = (message.id, message.string)
    return tuple([one] if isinstance(one, str) else [*one] for one in both)


def test_every_sentence_of_the_pages_is_in_the_catalogue_and_no_other() -> None:
    found = {
        one[2] if isinstance(one[2], str) else one[2][0]
        for one in extract_from_dir(ROOT, METHODS, keywords=KEYWORDS)
    }
    known = {texts(one)[0][0] for one in messages()}
    assert found - known == set(), "make strings, then write their French"
    assert known - found == set(), "make strings"


def test_every_sentence_has_its_french() -> None:
    for message in messages():
        _, french = texts(message)
        assert all(french), message.id
        assert not message.fuzzy, message.id


def test_both_languages_name_the_same_values() -> None:
    for message in messages():
        english, french = texts(message)
        named = [set(re.findall(r"%\((\w+)\)", text)) for text in (*english, *french)]
        assert all(one == named[0] for one in named), message.id


def test_french_is_set_as_french_is() -> None:
    for message in messages():
        for text in texts(message)[1]:
            assert "'" not in text, text
            assert not re.search(r"(?<!\u00a0)([;?!»]|:(?=\s|$))|«(?!\u00a0)", text), text
