"""On the recorded month the scanners and the mail proxies are found, and nobody else."""

from __future__ import annotations

from collections import defaultdict

import pytest

from connectors.activity import Activity, Evidence
from connectors.mautic.webhook import read_webhook
from plugin.demo.story import story
from plugin.scoring.evidence import Judged, judge
from plugin.scoring.history import history


@pytest.fixture(scope="module")
def month() -> dict[str, Judged]:
    told = story()
    found: defaultdict[str, list[Activity]] = defaultdict(list)
    for delivery in told.deliveries():
        for item in read_webhook(delivery.body).items:
            if isinstance(item, Activity):
                found[told.merged.get(item.contact, item.contact)].append(item)
    return {contact: judge(history(known, []).activities) for contact, known in found.items()}


def by_evidence(judged: Judged, evidence: Evidence, kind: str) -> list[Activity]:
    return [one for one in judged.activities if (one.evidence, one.kind) == (evidence, kind)]


def test_the_machines_are_the_two_scanners_and_the_two_proxies(month: dict[str, Judged]) -> None:
    truth = story().truth
    caught = {
        contact
        for contact, judged in month.items()
        if any(one.evidence is Evidence.MACHINE for one in judged.activities)
    }
    assert caught == {one for one, kind in truth.items() if kind in ("scanner", "proxy")}


def test_nothing_a_scanner_did_with_a_mail_is_left(month: dict[str, Judged]) -> None:
    for contact in ("604", "608"):
        for kind in ("email_opened", "email_clicked", "asset_downloaded"):
            assert not by_evidence(month[contact], Evidence.UNKNOWN, kind)
            assert not by_evidence(month[contact], Evidence.HUMAN, kind)


def test_what_the_person_behind_a_scanner_did_still_counts(month: dict[str, Judged]) -> None:
    assert len(by_evidence(month["604"], Evidence.UNKNOWN, "page_viewed")) == 6
    assert len(by_evidence(month["604"], Evidence.HUMAN, "form_submitted")) == 1


def test_every_click_of_a_hot_contact_is_proven_to_be_human(month: dict[str, Judged]) -> None:
    hot = [contact for contact, kind in story().truth.items() if kind == "hot"]
    clicks = [len(by_evidence(month[one], Evidence.HUMAN, "email_clicked")) for one in hot]
    assert len(hot) == 6
    assert all(clicks)
    for one in hot:
        assert not by_evidence(month[one], Evidence.UNKNOWN, "email_clicked")
