"""N5: consent decides by kind of signal; withdrawal leaves the score of signals that never came."""

from __future__ import annotations

from firm_kit import Firm
from mail_kit import card, click, known, open_mail, send, tag, unsubscribe

CARD = card(
    """
{id: opened, kind: activity, points: 8, activity: email_opened, decay: {half_life: 10d}}
{id: clicked, kind: activity, points: 3, activity: email_clicked}
{id: visited, kind: activity, points: 2, activity: page_viewed}
""",
    "consent: {opens: {tag: opens-ok}, unless_known: deny}",
)


def test_n05_withdrawn_consent_leaves_what_a_contact_without_these_signals_has(firm: Firm) -> None:
    firm.scorecard(CARD)
    ada, eve = known(firm), known(firm, "eve@example.org")
    tag(firm, ada, "opens-ok")
    firm.wait(minutes=1)
    open_mail(firm, send(firm, ada))
    for contact in (ada, eve):
        firm.visit("/pricing", contact)
    firm.settle()
    assert (firm.platform(ada)["score"], firm.platform(eve)["score"]) == (10, 2)
    firm.wait(minutes=1)
    tag(firm, ada, "-opens-ok")
    firm.settle()
    assert firm.platform(ada)["score"] == firm.platform(eve)["score"] == 2
    firm.wait(days=10, minutes=-1)
    tag(firm, ada, "opens-ok")
    firm.settle()
    assert firm.points(ada) == {"opened": 4, "visited": 2}
    assert firm.platform(ada)["score"] == 6


def test_n05_who_must_not_be_contacted_is_not_judged_by_mails(firm: Firm) -> None:
    firm.scorecard(CARD)
    ada = known(firm)
    mail = send(firm, ada)
    click(firm, mail, "https://www.firm.example/pricing", seconds=60)
    firm.visit("/pricing", ada)
    firm.settle()
    assert firm.platform(ada)["score"] == 5
    unsubscribe(firm, mail)
    firm.settle()
    assert firm.platform(ada)["score"] == 2
