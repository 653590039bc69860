"""N4: points need a human; a machine's are taken back, also when the proof comes later."""

from __future__ import annotations

import pytest
from firm_kit import Firm, polling
from mail_kit import ASSET, card, click, imported, known, open_mail, send

from connectors.mautic.standin import visitors
from connectors.mautic.standin.browser import GATEWAYS, PERSON, Browser
from plugin.services.explain import explain_contact

CARD = card(
    """
{id: opened, kind: activity, points: 1, activity: email_opened}
{id: clicked, kind: activity, points: 4, activity: email_clicked}
{id: fetched, kind: activity, points: 8, activity: asset_downloaded}
{id: trusted, kind: activity, points: 20, activity: email_clicked, evidence: human}
""",
    "evidence: {traps: ['*/invisible']}",
)


def test_n04_a_gateway_that_follows_every_link_leaves_no_points(firm: Firm) -> None:
    firm.scorecard(CARD)
    ada = known(firm)
    mail = send(firm, ada)
    open_mail(firm, mail)
    for url in ("https://www.firm.example/a", "https://www.firm.example/b", ASSET):
        click(firm, mail, url, seconds=2)
    firm.settle()
    held = firm.platform(ada)
    assert (held["score"], held["tags"]) == (0, ["cold"])
    told = [reason.sentence for reason in firm.explain(ada).not_counted]
    assert any("two different links of one e-mail were followed within 2 s" in one for one in told)
    assert any("it belongs to a machine's hit" in one for one in told)
    french = [reason.sentence for reason in firm.explain(ada, "fr").not_counted]
    assert any("c’est une machine" in one for one in french)


def test_n04_points_are_taken_back_when_the_proof_comes_later(firm: Firm) -> None:
    firm.scorecard(CARD)
    ada = imported(firm)
    mail = send(firm, ada)
    click(firm, mail, ASSET, seconds=1)
    firm.settle()
    before = firm.now
    assert (firm.platform(ada)["score"], firm.platform(ada)["tags"]) == (12, ["hot"])
    firm.wait(seconds=1)
    click(firm, mail, "https://www.firm.example/a")
    firm.settle()
    assert (firm.platform(ada)["score"], firm.platform(ada)["tags"]) == (0, ["cold"])
    runtime = firm.runtime
    as_known = explain_contact(
        runtime.engine, runtime.vault, f"mautic/{ada}", before, "en", known_at=before
    )
    assert as_known.score == 12_000_000
    assert {line.rule for line in as_known.lines} == {"fetched", "clicked"}


def test_n04_a_trap_tells_a_machine_at_once(firm: Firm) -> None:
    firm.scorecard(CARD)
    ada = known(firm)
    click(firm, send(firm, ada), "https://www.firm.example/invisible")
    firm.settle()
    assert firm.platform(ada)["score"] == 0
    [trusted] = [one for one in firm.explain(ada).not_counted if one.rule == "trusted"]
    assert "a link that no reader can see" in trusted.sentence


def test_n04_a_slow_sweep_of_many_links_is_a_machine_s(firm: Firm) -> None:
    firm.scorecard(CARD)
    ada = known(firm)
    mail = send(firm, ada)
    for number in range(4):
        click(firm, mail, f"https://www.firm.example/{number}", seconds=3.2)
    firm.settle()
    assert firm.platform(ada)["score"] == 0
    told = [reason.sentence for reason in firm.explain(ada).not_counted]
    assert any("4 different links" in one for one in told)


def test_n04_a_mail_program_that_loads_every_picture_at_once_has_read_nothing(firm: Firm) -> None:
    firm.scorecard(CARD)
    ada, bob = imported(firm), imported(firm, "bob@example.org")
    for number in range(3):
        for contact, seconds in ((ada, 4), (bob, 3_600)):
            mail = visitors.send_email(firm.standin, contact, number + 1)
            firm.wait(seconds=seconds)
            open_mail(firm, mail)
        firm.wait(days=1)
    firm.settle()
    assert (firm.platform(ada)["score"], firm.platform(bob)["score"]) == (0, 3)


def test_n04_points_for_humans_come_when_somebody_reads_on(firm: Firm) -> None:
    firm.scorecard(CARD)
    ada = imported(firm)
    click(firm, send(firm, ada), "https://www.firm.example/a", seconds=8)
    firm.settle()
    assert firm.platform(ada)["score"] == 4
    assert "nothing proves yet that a human did it" in firm.explain(ada).not_counted[0].sentence
    firm.visit("/b", ada)
    firm.settle()
    assert firm.points(ada) == {"clicked": 4, "trusted": 20}
    assert firm.platform(ada)["score"] == 24


def test_n04_one_contact_from_three_addresses_at_once_is_a_farm(firm: Firm) -> None:
    firm.scorecard(CARD)
    ada, bob = imported(firm), imported(firm, "bob@example.org")
    with polling(firm) as poller:
        for contact, browsers in ((ada, GATEWAYS[:3]), (bob, [PERSON] * 3)):
            mail = send(firm, contact)
            for number, browser in enumerate(browsers):
                url = f"https://www.firm.example/{number}"
                visitors.click(firm.standin, mail, url, browser=browser)
                firm.wait(seconds=10)
        # No webhook names an address; the platform's statistics do.
        firm.poll(poller)
    assert (firm.platform(ada)["score"], firm.platform(bob)["score"]) == (0, 12)
    told = [reason.sentence for reason in firm.explain(ada).not_counted]
    assert any("hits came from 3 addresses within 20 s" in one for one in told)


@pytest.mark.parametrize(("other", "score"), [(GATEWAYS[0], 0), (PERSON, 8)])
def test_n04_who_leaves_and_reads_on_from_two_addresses_at_once_is_a_machine(
    firm: Firm, other: Browser, score: int
) -> None:
    firm.scorecard(CARD)
    ada = imported(firm)
    with polling(firm) as poller:
        mail = send(firm, ada)
        for path, browser in (("a", PERSON), ("unsubscribe", other)):
            url = f"https://www.firm.example/{path}"
            visitors.click(firm.standin, mail, url, browser=browser)
            firm.wait(seconds=40)
        firm.poll(poller)
    assert firm.platform(ada)["score"] == score
    told = [reason.sentence for reason in firm.explain(ada).not_counted]
    leaving = "the unsubscribe link and another were followed within 40 s from different addresses"
    assert any(leaving in one for one in told) == (score == 0)
