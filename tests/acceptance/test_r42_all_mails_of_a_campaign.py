"""R42: a bonus once every mail of a nurturing campaign was opened, by a human."""

from __future__ import annotations

from firm_kit import Firm
from mail_kit import card, click, known, open_mail, send

CARD = card(
    "{id: series, kind: series, points: 15, activity: email_opened, evidence: human,"
    " all_of: [Mail 1, Mail 2, Mail 3, Mail 4, Mail 5]}"
)


def _read(firm: Firm, contact: int, number: int) -> None:
    open_mail(firm, send(firm, contact, number))
    firm.wait(seconds=20)
    firm.visit(f"/article-{number}", contact)
    firm.wait(days=3)


def test_r42_five_mails_opened_with_human_evidence_earn_the_bonus_once(firm: Firm) -> None:
    firm.scorecard(CARD)
    ada = known(firm)
    for number in (3, 1, 2, 5):
        _read(firm, ada, number)
    firm.settle()
    assert firm.platform(ada)["score"] == 0
    _read(firm, ada, 4)
    _read(firm, ada, 4)
    firm.settle()
    assert firm.points(ada) == {"series": 15}
    assert firm.platform(ada)["score"] == 15


def test_r42_opened_by_a_machine_they_earn_nothing(firm: Firm) -> None:
    firm.scorecard(CARD)
    ada = known(firm)
    for number in range(1, 6):
        mail = send(firm, ada, number)
        open_mail(firm, mail)
        for page in range(4):
            click(firm, mail, f"https://www.firm.example/{page}", seconds=1)
    firm.settle()
    assert firm.platform(ada)["score"] == 0
    told = [one for one in firm.explain(ada).not_counted if one.rule == "series"]
    assert len(told) == 5
    assert all("machine" in one.sentence for one in told)
