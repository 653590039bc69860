"""What platforms said of their forms and mails apart from the activities."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations

import pytest
from sqlalchemy import Connection
from storage_kit import ACME, GLOBEX, NOW, contact, later

from connectors.activity import Activity, Subject
from plugin.storage import categories, forms, histories, news, scores
from plugin.storage.forms import Question


def submission(form: str, **attributes: object) -> Activity:
    subject = Subject("form", form, "Demo")
    return Activity(f"submission:{form}", "7", "form_submitted", NOW, subject, attributes)


def test_a_form_is_asked_about_once_and_again_when_used_a_day_later(db: Connection) -> None:
    forms.used(db, ACME, ["5"], NOW)
    assert forms.to_ask(db, ACME, NOW, 10) == [Question("5", 0)]
    assert forms.to_ask(db, GLOBEX, NOW, 10) == []
    forms.learn(db, ACME, "5", ["phone"], NOW)
    forms.used(db, ACME, ["5"], later(hours=23))
    assert forms.to_ask(db, ACME, later(hours=23), 10) == []
    used = NOW + timedelta(days=1, seconds=1)
    forms.used(db, ACME, ["5"], used)
    assert forms.to_ask(db, ACME, used, 10) == [Question("5", 0)]


def test_a_form_that_could_not_be_shown_waits_also_when_used_again(db: Connection) -> None:
    forms.used(db, ACME, ["5", "6"], NOW)
    forms.postpone(db, ACME, Question("5", 0), later(seconds=10))
    forms.used(db, ACME, ["5"], later(seconds=9))
    assert forms.to_ask(db, ACME, later(seconds=9), 10) == [Question("6", 0)]
    assert forms.to_ask(db, ACME, later(seconds=10), 10) == [Question("6", 0), Question("5", 1)]
    forms.learn(db, ACME, "5", None, later(seconds=10))
    forms.used(db, ACME, ["5"], later(days=2))
    assert Question("5", 0) in forms.to_ask(db, ACME, later(days=2), 10)


def test_a_submission_knows_its_optional_answers_once_the_platform_told(db: Connection) -> None:
    ada, bob = contact(db), contact(db, source=GLOBEX)
    histories.add_activities(db, ACME, [(ada, submission("5", answers={"phone": "1"}))], NOW)
    histories.add_activities(db, GLOBEX, [(bob, submission("5"))], NOW)
    forms.used(db, ACME, ["5"], NOW)

    def optional() -> list[object]:
        found = histories.read_histories(db, [ada, bob])
        return [found[one].activities[0].attributes.get("optional") for one in (ada, bob)]

    assert optional() == [None, None]
    forms.learn(db, ACME, "5", ["phone", "company"], NOW)
    assert optional() == [["phone", "company"], None]
    forms.learn(db, ACME, "5", None, NOW)
    assert optional() == [None, None]


def test_a_category_told_at_the_sending_is_known_at_the_click(db: Connection) -> None:
    ada = contact(db)
    click = Activity("hit:1", "7", "email_clicked", NOW, Subject("email", "7", "Offer"))
    other = Activity("hit:2", "7", "email_clicked", NOW, Subject("email", "8", "News"))
    histories.add_activities(db, ACME, [(ada, click), (ada, other)], NOW)
    categories.learn(db, ACME, [sent("7", "Promo"), click, sent(None, "Promo")])
    read = histories.read_histories(db, [ada])[ada].activities
    assert {one.id: one.subject.category for one in read} == {"hit:1": "Promo", "hit:2": None}


@pytest.mark.parametrize("order", [*permutations([(1, "B"), (2, "C"), (2, "A")])])
def test_of_several_categories_the_latest_told_counts_whichever_came_last(
    db: Connection, order: tuple[tuple[int, str], ...]
) -> None:
    for hour, category in order:
        categories.learn(db, ACME, [sent("7", category, hour)])
    assert categories.known_categories(db, ["7"]) == {(ACME, "email", "7"): "C"}
    categories.learn(db, GLOBEX, [sent("7", category, hour) for hour, category in order])
    assert categories.known_categories(db, ["7"])[GLOBEX, "email", "7"] == "C"


def test_what_was_told_again_later_is_not_replaced_by_what_was_told_in_between(
    db: Connection,
) -> None:
    categories.learn(db, ACME, [sent("7", "C", 1)])
    categories.confirm(db, ACME, [sent("7", "C", 5)])
    categories.learn(db, ACME, [sent("7", "B", 3)])
    assert categories.known_categories(db, ["7"]) == {(ACME, "email", "7"): "C"}
    categories.learn(db, ACME, [sent("7", "B", 6)])
    assert categories.known_categories(db, ["7"]) == {(ACME, "email", "7"): "B"}


def test_a_category_that_is_news_makes_those_concerned_be_looked_at_again(db: Connection) -> None:
    people = {
        ("7", ACME): contact(db, "1"),
        ("70", ACME): contact(db, "2"),
        ("7", GLOBEX): contact(db, "3", GLOBEX),
    }
    for (mail, source), one in people.items():
        opened = Activity(f"open:{mail}", "x", "email_opened", NOW, Subject("email", mail, "News"))
        histories.add_activities(db, source, [(one, opened)], NOW)

    def looked_at() -> set[tuple[str, int]]:
        while news.wait(db):
            news.spread(db, 1, NOW)
        found = [
            who for who, one in people.items() if one in scores.to_look_at(db, later(days=1), 9)
        ]
        scores.save_scores(db, [cold(one) for one in people.values()])
        return set(found)

    assert looked_at() == set()
    for hour, category, concerned in (
        (1, "Promo", {("7", ACME)}),
        (2, "Promo", set()),
        (0, "Offers", set()),
        (3, "Offers", {("7", ACME)}),
    ):
        categories.learn(db, ACME, [sent("7", category, hour)])
        assert looked_at() == concerned, (hour, category)


def sent(mail: str | None, category: str, hour: int = 0) -> Activity:
    subject = Subject("email", mail, "Offer", category)
    return Activity(f"sent:{mail}", "7", "email_sent", later(hours=hour), subject)


def cold(contact_id: int) -> scores.Score:
    return scores.Score(contact_id, 1, 0, 0, 0, "D", "cold", True, NOW, NOW)
