"""What connectors and services say on pages has its French, and none of it is left out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from said_kit import french, sentences

from plugin.manifest import load_manifest

ROOT = Path(__file__).parents[3]
#: Put together with others to a sentence, for programmers, or never on a page.
PARTS = {
    *("has an address that bounces", "must not be written to", "the contact x1"),
    *("Mautic could not do it now (x1)", "x1, status x1", "URL not found", "choices of x1"),
    *("x1, or a firewall stands between", "; the last delivery was dated x1 UTC"),
    *("to read what no webhook tells", "for rules about optional answers"),
    *("for actions that send one", "for actions on segments", "for actions that set one"),
    *("x1 (type x1).", "the role of our API user may not edit", " or "),
    *("this connection only sends", "hits x1 minutes later"),
    *("x1 is at x1: x1", "the name is not known now (x1)", "the name has no address now"),
    *("expected the name or the address of a host",),
    "calls to loopback, private and other special addresses are refused; allow private addresses "
    "in the settings if this one is meant",
}
#: Pretended platforms are no part of what people see; `points` writes comments of a scorecard.
SILENT = {"standin", "points"}
#: Shared words, and the services whose words are stored or raised for pages.
SHARED = [
    *(ROOT / "connectors" / f"{name}.py" for name in ("errors", "outbound")),
    *(
        ROOT / "plugin/services" / f"{name}.py"
        for name in ("act", "connect", "deliver", "find_removals")
    ),
]


def modules() -> Iterator[tuple[str, Path]]:
    for id in load_manifest().connector_ids:
        for file in sorted((ROOT / "connectors" / id).glob("*.py")):
            if file.stem not in SILENT:
                yield id, file


def untold(file: Path, connector: str | None = None) -> list[str]:
    say = french(load_manifest().connector(connector) if connector else None)
    return [text for text in sentences(file) if say(text) == text and text not in PARTS]


@pytest.mark.parametrize(("connector", "file"), [*modules()], ids=lambda one: Path(one).stem)
def test_every_sentence_of_a_connector_has_its_french(connector: str, file: Path) -> None:
    assert untold(file, connector) == []


@pytest.mark.parametrize("file", SHARED, ids=lambda one: one.stem)
def test_every_sentence_that_is_left_for_pages_has_its_french(file: Path) -> None:
    assert untold(file) == []


@pytest.mark.parametrize(
    ("connector", "said", "in_french"),
    [
        (
            "brevo",
            "GET /contacts/…: Brevo could not do it now (too_many), status 429",
            "GET /contacts/… : Brevo n’a pas pu le faire maintenant (too_many), statut 429",
        ),
        (
            "brevo",
            "PUT /contacts/…: not in this Brevo (no reason given)",
            "PUT /contacts/… : absent de ce Brevo (sans raison donnée)",
        ),
        ("brevo", "email: expected an address", "email : adresse e-mail attendue"),
        (
            "generic",
            "no moment at $.at: Maturo must know when it happened",
            "pas de moment à $.at : Maturo doit savoir quand cela s’est passé",
        ),
        (
            "generic",
            "contact at $.who: expected text or a number",
            "contact à $.who : un texte ou un nombre est attendu",
        ),
        (
            "mautic",
            "Mautic did not add the contact: campaign 5",
            "Mautic a refusé de modifier le contact (ajout) : campagne 5",
        ),
        (
            "generic",
            "this connector does not support sending: the connection has no address",
            "ce connecteur ne permet pas d’envoyer : la connexion n’a pas d’adresse",
        ),
    ],
)
def test_values_are_put_in(connector: str, said: str, in_french: str) -> None:
    told = french(load_manifest().connector(connector))(said)
    assert told.replace("\u00a0", " ") == in_french
