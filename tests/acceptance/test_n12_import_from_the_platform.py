"""`maturo scorecard import mautic` asks the platform itself, and its points come out the same."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from firm_kit import Firm
from mail_kit import open_mail, send

from connectors.mautic.standin.kept import PointAction, PointTrigger
from plugin.cli import main

TRIGGER = PointTrigger(
    7, "Hot", 20, (("campaign.changecampaign", {"addTo": [3], "removeFrom": []}),)
)


@pytest.fixture
def scoring(firm: Firm) -> Firm:
    """A firm whose Mautic has rules of its own."""
    form = frozenset({sum(b"Demo form")})
    firm.standin.point_actions += [
        PointAction(1, "Demo form", "form.submit", 15, only=form),
        PointAction(2, "Prices", "url.hit", 4, repeatable=True, url="*/pricing"),
        PointAction(3, "Jobs", "url.hit", -5, url="*/careers"),
        PointAction(4, "Mail opened", "email.open", 2, repeatable=True),
    ]
    firm.standin.point_triggers.append(TRIGGER)
    return firm


def test_n12_the_points_that_mautic_gives_are_ours_after_the_import(scoring: Firm, tmp_path: Path):
    imported = _imported(scoring)
    file = tmp_path / "imported.yaml"
    file.write_text(imported.stdout, encoding="utf-8")
    assert _run(scoring, "scorecard", "publish", str(file)).exit_code == 0
    ada, bob = (scoring.submit_form(email=f"{name}@nova.example") for name in ("ada", "bob"))
    for path in ("/pricing", "/pricing", "/careers", "/careers", "/"):
        scoring.visit(path, ada)
    open_mail(scoring, send(scoring, bob))
    scoring.settle()
    for contact, points in ((ada, 18), (bob, 17)):
        held = scoring.standin.find(contact)
        assert held is not None
        assert scoring.platform(contact)["score"] == held.points == points
    assert scoring.platform(ada)["band"] == "below"


def test_n12_thresholds_become_bands_that_do_what_the_triggers_did(scoring: Firm):
    text = _imported(scoring).stdout
    assert '- id: threshold-7\n    label: "Hot"\n    enter: 20\n' in text
    assert '- add_to_campaign: "3"' in text


def test_n12_a_role_that_may_not_see_points_is_said_what_it_lacks(scoring: Firm):
    scoring.standin.denied.add("points:view")
    refused = _run(scoring, "scorecard", "import", "mautic", "--name", "mautic")
    assert refused.exit_code == 1
    assert "/api/points" in refused.output


def _imported(firm: Firm) -> Result:
    done = _run(firm, "scorecard", "import", "mautic", "--name", "mautic")
    assert done.exit_code == 0, done.output
    return done


def _run(firm: Firm, *arguments: str) -> Result:
    given = ["--data", str(firm.data), *arguments]
    return CliRunner(env={"MATURO_CONFIG": os.devnull}).invoke(main, given)
