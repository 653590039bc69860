"""R39–R46 and N11: what contacts do with mails, as shares, series and repeats."""

from __future__ import annotations

from firm_kit import Firm
from mail_kit import card, click, known, open_mail, send
from profile_kit import edit, own_fields

from connectors.mautic.standin import visitors

PAGE = "https://www.firm.example/offer"


def _open_some(firm: Firm, contact: int, sends: int, opens: int) -> None:
    for number in range(sends):
        mail = send(firm, contact, number + 1)
        if number < opens:
            open_mail(firm, mail)
        firm.wait(days=1)


def test_r39_eight_opens_of_ten_are_worth_more_than_one_of_one(firm: Firm) -> None:
    firm.scorecard(card("{id: opens, kind: rate, points: 10, of: opens, at_least: 60%}"))
    ada, bob = known(firm), known(firm, "bob@example.org")
    _open_some(firm, ada, 10, 8)
    _open_some(firm, bob, 1, 1)
    firm.settle()
    assert (firm.platform(ada)["score"], firm.platform(bob)["score"]) == (10, 0)


def test_r39_the_points_go_when_the_share_falls(firm: Firm) -> None:
    firm.scorecard(card("{id: opens, kind: rate, points: 10, of: opens, at_least: 50%}"))
    ada = known(firm)
    _open_some(firm, ada, 4, 4)
    firm.settle()
    assert firm.platform(ada)["score"] == 10
    _open_some(firm, ada, 3, 0)
    firm.settle()
    assert firm.platform(ada)["score"] == 0


def test_r40_clicks_weigh_more_than_opens(firm: Firm) -> None:
    firm.scorecard(
        card(
            "{id: opens, kind: rate, points: 4, of: opens, at_least: 40%}\n"
            "{id: clicks, kind: rate, points: 9, of: clicks, at_least: 40%}"
        )
    )
    ada, bob = known(firm), known(firm, "bob@example.org")
    _open_some(firm, ada, 5, 5)
    for number in range(5):
        click(firm, send(firm, bob, number + 1), PAGE, seconds=86_400)
    firm.settle()
    assert (firm.platform(ada)["score"], firm.platform(bob)["score"]) == (4, 9)


def test_r41_a_newsletter_sign_up_alone_stays_under_every_threshold(firm: Firm) -> None:
    firm.scorecard(
        card("{id: news, kind: activity, points: 2, activity: form_submitted, form: Newsletter}")
    )
    ada = firm.submit_form(form="Newsletter", email="ada@example.org")
    firm.settle()
    assert firm.platform(ada)["score"] == 2
    assert firm.platform(ada)["tags"] == ["cold"]


def test_r42_a_sixth_mail_added_to_the_series_takes_the_bonus_back_until_it_is_opened(
    firm: Firm,
) -> None:
    series = "{id: all, kind: series, points: 15, activity: email_opened, all_of: [%s]}"
    firm.scorecard(card(series % "Mail 1, Mail 2"))
    ada = known(firm)
    _open_some(firm, ada, 2, 2)
    firm.settle()
    assert firm.platform(ada)["score"] == 15
    firm.scorecard(card(series % "Mail 1, Mail 2, Mail 3"))
    firm.settle()
    assert firm.platform(ada)["score"] == 0
    open_mail(firm, send(firm, ada, 3))
    firm.settle()
    assert firm.platform(ada)["score"] == 15


def test_r43_a_click_in_a_promotional_mail_earns_unless_a_machine_made_it(firm: Firm) -> None:
    firm.scorecard(
        card('{id: promo, kind: activity, points: 6, activity: email_clicked, email: "Mail 7"}')
    )
    ada, bob = known(firm), known(firm, "bob@example.org")
    click(firm, send(firm, ada, 7), PAGE)
    click(firm, send(firm, ada, 8), PAGE)
    scanned = send(firm, bob, 7)
    for number in range(5):
        click(firm, scanned, f"{PAGE}-{number}", seconds=1)
    firm.settle()
    assert (firm.platform(ada)["score"], firm.platform(bob)["score"]) == (6, 0)


def test_r43_the_category_of_a_mail_is_told_at_its_sending_and_counts_at_its_click(
    firm: Firm,
) -> None:
    firm.scorecard(
        card("{id: promo, kind: activity, points: 6, activity: email_clicked, category: Promo}")
    )
    ada = known(firm)
    for category in ("Promo", None):
        mail = visitors.send_email(firm.standin, ada, 7 if category else 8, category=category)
        firm.wait(hours=1)
        click(firm, mail, PAGE)
    firm.settle()
    assert firm.points(ada) == {"promo": 6}


def test_r45_clicks_in_three_different_mails_in_thirty_days_earn_the_bonus(firm: Firm) -> None:
    firm.scorecard(
        card(
            "{id: often, kind: repeat, points: 10, activity: email_clicked, nth: 3, by: subject,"
            " within: 30d}"
        )
    )
    ada, bob = known(firm), known(firm, "bob@example.org")
    for number in (1, 1, 2, 3):
        click(firm, send(firm, ada, number), PAGE, seconds=86_400)
    for number in (1, 2, 3):
        click(firm, send(firm, bob, number), PAGE, seconds=20 * 86_400)
    firm.settle()
    assert (firm.platform(ada)["score"], firm.platform(bob)["score"]) == (10, 0)


def test_r46_a_satisfied_answer_is_a_plus_and_an_unhappy_one_a_minus(firm: Firm) -> None:
    own_fields(firm, "nps")
    firm.scorecard(
        card(
            "{id: happy, kind: field, points: 8, if: {field: nps, at_least: 9}}\n"
            "{id: unhappy, kind: field, points: -8, if: {field: nps, at_most: 6}}"
        )
    )
    ada = known(firm)
    for answer, points in (("9", 8), ("7", 0), ("3", -8)):
        firm.wait(days=1)
        edit(firm, ada, nps=answer)
        firm.settle()
        assert firm.platform(ada)["score"] == points


def test_n11_silence_costs_points_until_the_next_visit(firm: Firm) -> None:
    firm.scorecard(card("{id: silent, kind: absence, points: -5, no: page_viewed, for: 30d}"))
    ada = known(firm)
    firm.visit("/", ada)
    firm.settle()
    firm.wait(days=30)
    assert firm.explain(ada).score == -5_000_000
    firm.visit("/", ada)
    firm.settle()
    assert firm.explain(ada).score == 0
    assert firm.platform(ada)["score"] == 0
