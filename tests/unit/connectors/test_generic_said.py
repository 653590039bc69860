from __future__ import annotations

import pytest
from test_mautic_said import sentences

import connectors
import connectors.generic
from connectors import registry
from connectors.generic import CONNECTOR
from plugin.web.said import sayer

FRENCH = sayer(registry.strings(CONNECTOR, "fr")["said"])
#: The modules whose sentences people read while they connect a tool.
SPEAKERS = [
    (connectors.generic, "settings"),
    (connectors.generic, "session"),
    (connectors.generic, "mapping"),
    (connectors, "outbound"),
]
#: Between the places of a mapping.
PARTS = {" or "}


@pytest.mark.parametrize(("package", "module"), SPEAKERS, ids=lambda one: str(one)[-12:])
def test_every_sentence_has_its_french(package, module):
    untold = [
        text for text in sentences(package, module) if FRENCH(text) == text and text not in PARTS
    ]
    assert untold == []
