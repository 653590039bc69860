"""The recorded month, scored by the rules imported from that very Mautic."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from firm_kit import Firm
from month_kit import lived_month
from recorded_month import RecordedApi

from connectors.mautic import CONNECTOR
from plugin.scoring.scorecard import MICRO
from plugin.services.import_rules import scorecard_text
from plugin.services.plan_actions import score_contacts
from plugin.services.rescore import live_scorecard
from plugin.services.score import keep
from plugin.storage import scores
from plugin.storage.connections import find
from plugin.storage.engine import for_reading

_RECORDED = Path(__file__).parents[1] / "payloads" / "mautic" / "story"
#: No webhook tells of a download: who took both files on the site, not from a mail.
_TOOK_THE_FILES_ON_THE_SITE = {"602", "606", "612", "625"}
#: Their mail gateway followed the links of both files and fetched neither: no human did that.
_SCANNERS = {"604", "608"}


def _recorded(name: str) -> Any:
    return json.loads((_RECORDED / f"{name}.json").read_text(encoding="utf-8"))


def _imported() -> str:
    documents = {name: _recorded(name) for name in ("points", "triggers")}
    return scorecard_text(CONNECTOR.read_rules(documents), "Mautic of the recorded month")


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firm]:
    with lived_month(tmp_path_factory.mktemp("month"), _imported()) as firm:
        yield firm


def _scores(firm: Firm) -> dict[str, int]:
    runtime = firm.runtime
    with for_reading(runtime.engine).begin() as connection:
        source = find(connection, runtime.vault, "mautic")
        assert source is not None
        known = scores.scored_contacts(connection, source.id)
        stored = scores.read_scores(connection, list(known.values()))
    return {name: stored[known[name]].score.score // MICRO for name in known}


def _gains() -> tuple[Counter[str], Counter[str]]:
    """What Mautic's rules gave each contact, and what was changed by hand through its API."""
    ruled: Counter[str] = Counter()
    by_hand: Counter[str] = Counter()
    for gain in _recorded("gains")["lead_points_change_log"]:
        kept = by_hand if gain["type"] == "API" else ruled
        kept[gain["lead_id"]] += int(gain["delta"])
    return ruled, by_hand


def test_n12_the_imported_scorecard_reproduces_mautics_own_points_contact_by_contact(month):
    ours, (ruled, _) = _scores(month), _gains()
    off = {contact: ours[contact] - ruled[contact] for contact in ours}
    differing = {contact: by for contact, by in off.items() if by}
    assert len(ours) == 25
    assert differing == {contact: -13 for contact in _TOOK_THE_FILES_ON_THE_SITE}


def test_n12_what_differs_is_exactly_the_downloads_that_no_webhook_tells_of(month):
    downloads: Counter[str] = Counter()
    for one in _recorded("gains")["asset_downloads"]:
        downloads[one["lead_id"]] += 1
    for contact in _TOOK_THE_FILES_ON_THE_SITE:
        assert downloads[contact] > 0
        assert not {"rule-5", "rule-10"} & month.points(int(contact)).keys()
    for contact in _SCANNERS:
        assert downloads[contact] == 0
        told = month.explain(int(contact)).not_counted
        assert {"rule-5", "rule-10"} <= {reason.rule for reason in told}


def test_n12_mautics_points_at_the_end_are_its_rules_and_what_people_changed_by_hand():
    # The log stores a subtraction as a positive delta: its sign shows only in the total.
    ruled, by_hand = _gains()
    for contact, points in _recorded("gains")["points"].items():
        assert abs(points - ruled[contact]) == by_hand[contact]


def test_n12_the_platform_holds_the_imported_score(month):
    for contact in ("605", "617", "620"):
        assert month.platform(int(contact))["score"] == _scores(month)[contact]
    assert month.platform(605)["band"] == "threshold-1"
    assert month.platform(620)["band"] == "below"


def test_n12_what_cannot_be_imported_is_said_by_name():
    comments = [line for line in _imported().splitlines() if line.startswith("# Not imported")]
    assert comments == [
        '# Not imported: point action "Pricing visited again": it names no address, so it never '
        "counted in Mautic either",
        '# Not imported: point action "Tarifs vus 11": it names no address, so it never counted '
        "in Mautic either",
        '# Not imported: point action "Carrières 11": it names no address, so it never counted '
        "in Mautic either",
        '# Not imported: point trigger "Hot": its action "tag hot" (lead.changetags)',
    ]


def test_n12_with_what_polling_tells_every_contact_has_mautics_points(month):
    runtime, session, page = month.runtime, RecordedApi(month.now).session(), None
    while page is None or not page.caught_up:
        page = session.history(page.cursors if page else {}, 100)
        with runtime.engine.begin() as connection:
            sources = {"mautic": find(connection, runtime.vault, "mautic")}
            readings = {"mautic": [(0, page.reading)]}
            live = live_scorecard(connection)
            connectors = {CONNECTOR.id: CONNECTOR}.__getitem__
            keep(connection, sources, readings, connectors, live, score_contacts, month.now)
    ours, (ruled, _) = _scores(month), _gains()
    assert len(ours) == 25
    assert {contact: ours[contact] - ruled[contact] for contact in ours} == dict.fromkeys(ours, 0)
