"""R16–R25: what visitors do on the site, how often, how long and where they come from."""

from __future__ import annotations

from datetime import timedelta

from firm_kit import Firm
from mail_kit import ASSET, card, click, known, send

from connectors.activity import Activity, Origin, Subject
from plugin.services.rescore import live_scorecard, rescore
from plugin.storage import connections, contacts, histories


def test_r16_five_views_count_five_and_a_cap_a_day_works(firm: Firm) -> None:
    firm.scorecard(
        card(
            "{id: views, kind: activity, points: 1, activity: page_viewed}\n"
            "{id: capped, kind: activity, points: 1, activity: page_viewed,"
            " limit: {times: 3, per: day}}"
        )
    )
    ada = known(firm)
    for _ in range(5):
        firm.visit("/blog", ada)
        firm.wait(minutes=1)
    firm.settle()
    assert firm.points(ada) == {"views": 5, "capped": 3}
    assert firm.platform(ada)["score"] == 8


def test_r17_a_demo_page_weighs_more_than_the_home_page(firm: Firm) -> None:
    firm.scorecard(
        card(
            '{id: demo, kind: activity, points: 20, activity: page_viewed, url: "*/demo-request"}\n'
            '{id: home, kind: activity, points: 1, activity: page_viewed, url: "*.example/"}'
        )
    )
    ada = known(firm)
    firm.visit("/demo-request", ada)
    firm.visit("/", ada)
    firm.settle()
    assert firm.points(ada) == {"demo": 20, "home": 1}
    assert firm.platform(ada)["tags"] == ["hot"]


def test_r18_four_minutes_on_the_product_page_earn_once_the_time_is_known(firm: Firm) -> None:
    """The time comes by polling, which is not there yet: here it is stored as polling will."""
    firm.scorecard(card('{id: reads, kind: duration, points: 6, url: "*/product", seconds: 240}'))
    ada = known(firm)
    seen = firm.now
    firm.visit("/product", ada)
    firm.settle()
    assert firm.platform(ada)["score"] == 0
    [told] = firm.explain(ada).not_counted
    assert "not known yet" in told.sentence
    firm.wait(hours=1)
    _learn_the_time_on_the_page(firm, ada, 240)
    firm.settle()
    assert firm.platform(ada)["score"] == 6
    [line] = firm.explain(ada, "fr").lines
    assert "240 secondes" in line.sentence
    assert firm.now - seen == timedelta(hours=1)


def _learn_the_time_on_the_page(firm: Firm, contact: int, seconds: int) -> None:
    runtime = firm.runtime
    with runtime.engine.begin() as connection:
        source = connections.find(connection, runtime.vault, "mautic")
        assert source is not None
        found = contacts.find(connection, source.id, str(contact))
        assert found is not None
        [seen] = [
            one
            for one in histories.read_histories(connection, [found.id])[found.id].activities
            if one.kind == "page_viewed"
        ]
        more = {**seen.attributes, "seconds": seconds}
        subject = Subject(seen.subject.type, url=seen.subject.url)
        polled = Activity(
            seen.id, "", seen.kind, seen.occurred_at, subject, more, origin=Origin.POLL
        )
        histories.add_activities(connection, source.id, [(found.id, polled)], firm.now)
        rescore(connection, live_scorecard(connection), [found.id], firm.now)


def test_r19_each_kind_of_resource_has_its_own_points(firm: Firm) -> None:
    firm.scorecard(
        card(
            "{id: paper, kind: activity, points: 5, activity: asset_downloaded, asset: white-*}\n"
            "{id: study, kind: activity, points: 8, activity: asset_downloaded, asset: case-*}\n"
            "{id: prices, kind: activity, points: 15, activity: asset_downloaded, asset: 9}"
        )
    )
    ada = known(firm)
    mail = send(firm, ada)
    click(firm, mail, ASSET, seconds=600)
    click(firm, mail, "https://mautic.firm.example/asset/9:price-list", seconds=600)
    click(firm, mail, "https://mautic.firm.example/asset/4:white-paper")
    firm.settle()
    assert firm.points(ada) == {"paper": 5, "study": 8, "prices": 15}
    assert firm.platform(ada)["score"] == 28
    assert any("case-study" in line.sentence for line in firm.explain(ada).lines)


def test_r20_the_third_different_resource_gives_its_bonus_once(firm: Firm) -> None:
    firm.scorecard(
        card(
            "{id: third, kind: repeat, points: 10, activity: asset_downloaded, nth: 3, by: subject}"
        )
    )
    ada = known(firm)
    for number in (1, 1, 2):
        _fetch(firm, ada, number)
    firm.settle()
    assert firm.platform(ada)["score"] == 0
    for number in (3, 4, 5, 6):
        _fetch(firm, ada, number)
    firm.settle()
    assert firm.platform(ada)["score"] == 10


def _fetch(firm: Firm, contact: int, number: int) -> None:
    mail = send(firm, contact)
    click(firm, mail, f"https://mautic.firm.example/asset/{number}:guide-{number}", seconds=600)


def test_r21_two_different_forms_are_worth_more_than_one_sent_twice(firm: Firm) -> None:
    firm.scorecard(
        card(
            "{id: forms, kind: activity, points: 4, activity: form_submitted,"
            " limit: {times: 1, per: subject}}"
        )
    )
    ada, bob = known(firm), known(firm, "bob@example.org")
    firm.submit_form(ada, "Webinar", email="ada@example.org")
    firm.submit_form(bob, email="bob@example.org")
    firm.settle()
    assert (firm.platform(ada)["score"], firm.platform(bob)["score"]) == (8, 4)


def test_r22_a_demo_form_weighs_more_than_a_newsletter_form(firm: Firm) -> None:
    firm.scorecard(
        card(
            "{id: demo, kind: activity, points: 15, activity: form_submitted, form: demo_form}\n"
            "{id: news, kind: activity, points: 2, activity: form_submitted, form: Newsletter}"
        )
    )
    ada = firm.submit_form(form="Demo form", email="ada@example.org")
    bob = firm.submit_form(form="Newsletter", email="bob@example.org")
    firm.settle()
    assert (firm.platform(ada)["score"], firm.platform(bob)["score"]) == (15, 2)


def test_r23_views_on_four_days_of_fourteen_beat_four_views_in_a_minute(firm: Firm) -> None:
    firm.scorecard(
        card(
            "{id: regular, kind: repeat, points: 8, activity: page_viewed, nth: 4, by: day,"
            " within: 14d}"
        )
    )
    ada, bob = known(firm), known(firm, "bob@example.org")
    for _ in range(4):
        firm.visit("/blog", ada)
        firm.wait(seconds=15)
    for _ in range(4):
        firm.visit("/blog", bob)
        firm.wait(days=3)
    firm.settle()
    assert (firm.platform(ada)["score"], firm.platform(bob)["score"]) == (0, 8)


def test_r24_third_visit_to_a_key_page_earns_the_bonus_and_refreshes_do_not_count(
    firm: Firm,
) -> None:
    firm.scorecard(
        card(
            '{id: again, kind: repeat, points: 12, activity: page_viewed, url: "*/pricing",'
            " nth: 3, by: session}"
        )
    )
    ada = known(firm)
    for _ in range(5):
        firm.visit("/pricing", ada)
        firm.wait(seconds=20)
    firm.wait(hours=2)
    firm.visit("/pricing", ada)
    firm.settle()
    assert firm.platform(ada)["score"] == 0
    firm.wait(days=1)
    firm.visit("/pricing", ada)
    firm.wait(days=1)
    firm.visit("/pricing", ada)
    firm.settle()
    assert firm.platform(ada)["score"] == 12
    [line] = firm.explain(ada).lines
    assert "3 separate visits" in line.sentence


def test_r25_a_visit_from_an_advertisement_is_told_apart_and_its_source_kept(firm: Firm) -> None:
    firm.scorecard(
        card(
            "{id: ad, kind: activity, points: 7, activity: page_viewed, campaign: spring}\n"
            "{id: clickid, kind: activity, points: 3, activity: page_viewed,"
            ' attributes: {gclid: "*"}}'
        )
    )
    ada, bob = known(firm), known(firm, "bob@example.org")
    firm.visit("/?utm_source=news&utm_campaign=Spring&gclid=x1", ada)
    firm.visit("/?utm_campaign=autumn", bob)
    firm.settle()
    assert firm.points(ada) == {"ad": 7, "clickid": 3}
    assert firm.platform(bob)["score"] == 0
    with firm.runtime.engine.begin() as connection:
        stored = histories.read_histories(connection, [1, 2])
    sources = {
        one.attributes.get("utm_source") for past in stored.values() for one in past.activities
    }
    assert "news" in sources
