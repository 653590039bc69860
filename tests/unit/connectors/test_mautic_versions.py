from __future__ import annotations

import pytest

from connectors.mautic.versions import SAFEST, quirks


@pytest.mark.parametrize(
    "version", [None, "", "unknown", "3.3.5", "3.0.16-atmt", "8.0.0", "10.1", "six"]
)
def test_what_is_not_known_is_treated_as_the_worst(version):
    assert quirks(version) == SAFEST


@pytest.mark.parametrize(
    ("version", "batches", "private", "keeps"),
    [
        ("4.4.13", False, True, False),
        ("5.0.4", False, True, False),
        ("5.1.0", True, True, False),
        ("5.2.1-atmt", True, True, False),
        ("6.0.3", True, True, False),
        ("v7.0.0-beta", True, False, True),
        ("7.2-rc2", True, False, True),
    ],
)
def test_each_line_of_versions_has_its_own_behaviour(version, batches, private, keeps):
    found = quirks(version)
    assert (found.batches, found.private_webhooks, found.keeps_undelivered) == (
        batches,
        private,
        keeps,
    )
