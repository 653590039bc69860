"""R5, R6, R52 to R58: what is done when a contact gets warmer, and when it cools down."""

from __future__ import annotations

from firm_kit import Firm
from mail_kit import click, imported, send, unsubscribe

from connectors.mautic.standin.kept import Membership

RULES = """
name: Firm
timezone: Europe/Paris
groups:
  - id: all
    dimension: engagement
    label: Everything
    rules:
      - {id: demo, label: {en: Asked for a demo, fr: A demandé une démonstration}, kind: activity,
         points: 35, activity: form_submitted, form: Demo form, decay: {expires: 30d}}
      - {id: price, label: {en: Saw prices, fr: A vu les tarifs}, kind: activity, points: 1,
         activity: page_viewed, url: '*/pricing', interest: Machines}
      - {id: talk, label: Came to a talk, kind: activity, points: 24, activity: form_submitted,
         form: Talk form, decay: {expires: 30d}}
"""
BANDS = """
bands:
  - {id: cold, tag: cold, on_fall: [{set_stage: 1}]}
  - id: nurture
    enter: 20
    tag: nurture
    on_rise: [{add_to_campaign: 1}, {set_stage: 1}]
    on_fall: [{add_to_campaign: 1}]
  - id: ready
    label: {en: Ready, fr: Prêt}
    enter: 60
    leave: 50
    tag: ready
    on_rise:
      - remove_from_campaign: 1
      - set_stage: 2
      - send_email: 1
      - call: {within: 1d}
"""
CARD = RULES + BANDS
CLICKS = "      - {id: clicks, kind: activity, points: 30, activity: email_clicked}\n"


def _warm(firm: Firm, hits: int = 1) -> int:
    """A contact with 59 points and so many hits on the prices, one point each."""
    ada = firm.submit_form(email="ada@example.org")
    firm.submit_form(ada, form="Talk form", email="ada@example.org")
    for _ in range(hits):
        firm.visit("/pricing", ada)
        firm.wait(minutes=1)
    return ada


def _in_campaign(firm: Firm, contact: int) -> bool:
    return Membership("campaigns", 1, contact) in firm.standin.memberships


def _stage(firm: Firm, contact: int) -> int:
    held = firm.standin.find(contact)
    assert held is not None
    assert held.stage is not None
    return int(held.stage["id"])


def test_r05_ready_to_buy_and_to_be_nurtured_are_told_apart_and_never_both(firm: Firm) -> None:
    firm.scorecard(CARD)
    ada = firm.submit_form(email="ada@example.org")
    firm.settle()
    assert (firm.platform(ada)["score"], firm.platform(ada)["tags"]) == (35, ["nurture"])
    firm.submit_form(ada, form="Talk form", email="ada@example.org")
    for _ in range(13):
        firm.visit("/pricing", ada)
    firm.settle()
    assert (firm.platform(ada)["score"], firm.platform(ada)["tags"]) == (72, ["ready"])


def test_r06_crossing_a_band_changes_the_stage_up_and_down(firm: Firm) -> None:
    firm.scorecard(CARD)
    ada = firm.submit_form(email="ada@example.org")
    firm.settle()
    assert (firm.platform(ada)["band"], _stage(firm, ada)) == ("nurture", 1)
    firm.submit_form(ada, form="Talk form", email="ada@example.org")
    firm.visit("/pricing", ada)
    firm.settle()
    assert (firm.platform(ada)["band"], _stage(firm, ada)) == ("ready", 2)
    firm.wait(days=30, minutes=10)
    firm.settle()
    assert (firm.platform(ada)["band"], _stage(firm, ada)) == ("cold", 1)


def test_r52_from_59_to_61_one_mail_goes_out_and_a_replay_sends_none(firm: Firm) -> None:
    firm.scorecard(CARD)
    ada = _warm(firm, hits=0)
    firm.settle()
    assert (firm.platform(ada)["score"], firm.standin.mails) == (59, [])
    firm.visit("/pricing", ada)
    firm.visit("/pricing", ada)
    firm.settle()
    assert firm.platform(ada)["score"] == 61
    assert [(mail.contact, mail.email) for mail in firm.standin.mails] == [(ada, 1)]
    for receipt in firm.runtime.inbox.read(0, 1000):
        firm.runtime.inbox.append(receipt)
    firm.settle()
    assert len(firm.standin.mails) == 1


def test_r53_the_third_hit_on_a_product_brings_its_mail_even_at_a_low_score(firm: Firm) -> None:
    rule = """
      - {id: product-a, kind: repeat, points: 1, activity: page_viewed, url: '*/product-a',
         nth: 3, actions: [{send_email: 2}]}
"""
    firm.scorecard(RULES + rule + "bands: [{id: cold}, {id: ready, enter: 60}]\n")
    ada = imported(firm)
    firm.visit("/product-a", ada)
    firm.visit("/product-a", ada)
    firm.settle()
    assert firm.standin.mails == []
    firm.visit("/product-a", ada)
    firm.settle()
    assert [(mail.contact, mail.email) for mail in firm.standin.mails] == [(ada, 2)]
    assert firm.platform(ada)["score"] == 1
    for receipt in firm.runtime.inbox.read(0, 1000):
        firm.runtime.inbox.append(receipt)
    # One that happened before all of them moves which hit was the third, and sends nothing.
    firm.wait(days=-1)
    firm.visit("/product-a", ada)
    firm.wait(days=1)
    firm.settle()
    assert len(firm.standin.mails) == 1


def test_r54_nurturing_begins_with_the_band_and_ends_when_ready(firm: Firm) -> None:
    firm.scorecard(CARD)
    ada = firm.submit_form(email="ada@example.org")
    firm.settle()
    assert _in_campaign(firm, ada)
    firm.submit_form(ada, form="Talk form", email="ada@example.org")
    firm.visit("/pricing", ada)
    firm.settle()
    assert not _in_campaign(firm, ada)


def test_r55_ready_brings_a_call_with_its_due_time_and_the_reasons(firm: Firm) -> None:
    firm.scorecard(CARD)
    ada = _warm(firm)
    firm.settle()
    [note] = firm.standin.notes
    assert (note.contact, note.type, note.due) == (ada, "call", "2026-03-03T09:01:00+00:00")
    said = note.text.split("<br>")
    assert said[:2] == ["Score 60, band Ready.", "Mostly interested in Machines."]
    assert said[2].startswith("– ")
    assert "Asked for a demo" in said[2]
    assert "+35" in said[2]
    assert "Came to a talk" in said[3]
    assert "Saw prices" in said[4]


def test_r55_the_call_speaks_french_where_the_firm_does(french_firm: Firm) -> None:
    french_firm.scorecard(CARD)
    _warm(french_firm)
    french_firm.settle()
    [note] = french_firm.standin.notes
    said = note.text.split("<br>")
    assert said[:2] == ["Score 60, palier Prêt.", "S’intéresse surtout à Machines."]
    assert "A demandé une démonstration" in said[2]


def test_r56_cooling_down_has_its_own_actions(firm: Firm) -> None:
    firm.scorecard(CARD)
    ada = firm.submit_form(email="ada@example.org")
    firm.wait(days=20)
    firm.submit_form(ada, form="Talk form", email="ada@example.org")
    firm.visit("/pricing", ada)
    firm.settle()
    assert not _in_campaign(firm, ada)
    firm.wait(days=10, minutes=10)
    firm.settle()
    assert (firm.platform(ada)["score"], firm.platform(ada)["band"]) == (25, "nurture")
    assert _in_campaign(firm, ada)
    assert len(firm.standin.mails) == 1


def test_r52_who_has_unsubscribed_gets_no_mail_and_it_is_told(firm: Firm) -> None:
    firm.scorecard(CARD)
    ada = imported(firm)
    mail = send(firm, ada)
    unsubscribe(firm, mail)
    firm.wait(days=1)
    _warm(firm)
    firm.settle()
    assert firm.platform(ada)["band"] == "ready"
    assert firm.standin.mails == [mail]
    refused = [one for one in firm.actions() if one.state == "refused"]
    assert [(one.name, one.error) for one in refused] == [
        ("send_email", "the contact has unsubscribed")
    ]


def test_r52_a_visitor_gets_nothing_until_identified(firm: Firm) -> None:
    firm.scorecard(CARD)
    visitor = firm.visit("/pricing")
    for _ in range(60):
        firm.visit("/pricing", visitor)
    firm.settle()
    assert (firm.standin.notes, firm.standin.memberships) == ([], {})
    firm.submit_form(visitor, form="Any form", email="ada@example.org")
    firm.settle()
    assert [note.type for note in firm.standin.notes] == ["call"]
    assert len(firm.standin.mails) == 1


def test_n04_a_scanner_that_sweeps_a_mail_brings_nobody_a_mail_or_a_call(firm: Firm) -> None:
    card = CARD.replace("      - {id: price", CLICKS + "      - {id: price")
    firm.scorecard(card)
    ada = imported(firm)
    mail = send(firm, ada)
    click(firm, mail, "https://www.firm.example/a", seconds=1)
    firm.settle()
    firm.submit_form(ada, email="ada@example.org")
    firm.settle()
    assert firm.platform(ada)["score"] == 65
    assert (firm.standin.mails, firm.standin.notes) == ([mail], [])
    for page in "bcd":
        click(firm, mail, f"https://www.firm.example/{page}", seconds=1)
    firm.wait(minutes=10)
    firm.settle()
    assert firm.platform(ada)["score"] == 35
    assert (firm.standin.mails, firm.standin.notes) == ([mail], [])
    assert {one.state for one in firm.actions() if one.name in ("call", "send_email")} == {
        "dropped"
    }


def test_n04_what_waits_for_evidence_is_done_when_the_window_is_over(firm: Firm) -> None:
    card = CARD.replace("      - {id: price", CLICKS + "      - {id: price")
    firm.scorecard(card)
    ada = imported(firm)
    mail = send(firm, ada)
    firm.submit_form(ada, email="ada@example.org")
    firm.settle()
    firm.wait(hours=2)
    click(firm, mail, "https://www.firm.example/a")
    firm.settle()
    assert (firm.platform(ada)["band"], firm.standin.notes) == ("ready", [])
    firm.wait(minutes=2)
    firm.settle()
    assert len(firm.standin.notes) == 1


def test_n04_a_rule_s_mail_is_dropped_with_a_machine_s_points_and_comes_with_a_human_s(
    firm: Firm,
) -> None:
    rule = CLICKS.replace("email_clicked}", "email_clicked, limit: {times: 1, per: ever},")
    firm.scorecard(
        RULES + rule.rstrip() + " actions: [{send_email: 2}]}\n" + "bands: [{id: cold}]\n"
    )
    ada = imported(firm)
    mail = send(firm, ada)
    click(firm, mail, "https://www.firm.example/a", seconds=1)
    firm.settle()
    assert [one.state for one in firm.actions()] == ["waiting"]
    click(firm, mail, "https://www.firm.example/b", seconds=1)
    firm.settle()
    assert [one.state for one in firm.actions()] == ["dropped"]
    firm.wait(days=1)
    second = send(firm, ada, number=3)
    click(firm, second, "https://www.firm.example/a")
    firm.settle()
    firm.wait(minutes=3)
    firm.settle()
    assert [one.state for one in firm.actions()] == ["done"]
    assert [one.email for one in firm.standin.mails] == [1, 3, 2]


def test_r56_three_bands_ask_for_three_different_things(firm: Firm) -> None:
    bands = """
bands:
  - {id: cold, on_fall: [{add_to_segment: 1}]}
  - {id: warm, enter: 20, on_rise: [{add_to_campaign: 1}]}
  - {id: hot, enter: 60, on_rise: [{add_to_segment: 2}]}
"""
    firm.scorecard(RULES + bands)
    ada = firm.submit_form(email="ada@example.org")
    firm.settle()
    firm.submit_form(ada, form="Talk form", email="ada@example.org")
    firm.visit("/pricing", ada)
    firm.settle()
    firm.wait(days=31)
    firm.settle()
    assert [(one.name, one.object) for one in reversed(firm.actions())] == [
        ("add_to_campaign", "1"),
        ("add_to_segment", "2"),
        ("add_to_segment", "1"),
    ]
    assert {one.state for one in firm.actions()} == {"done"}


def test_r62_an_earning_can_set_and_take_a_tag_beside_the_band_s(firm: Firm) -> None:
    rule = """
      - {id: product-a, kind: repeat, points: 1, activity: page_viewed, url: '*/product-a',
         nth: 2, actions: [{add_tag: product-a}, {remove_tag: undecided}]}
"""
    firm.scorecard(RULES + rule + "bands: [{id: cold, tag: cold}]\n")
    ada = firm.submit_form(email="ada@example.org")
    held = firm.standin.find(ada)
    assert held is not None
    held.tags.append("undecided")
    firm.visit("/product-a", ada)
    firm.settle()
    assert firm.platform(ada)["tags"] == ["cold", "undecided"]
    firm.visit("/product-a", ada)
    firm.settle()
    assert firm.platform(ada)["tags"] == ["cold", "product-a"]
    assert {one.state for one in firm.actions()} == {"done"}
