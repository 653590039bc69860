"""What recorded deliveries of a real Mautic 6.0.3 say in Maturo's words."""

import json
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.activity import Activity, CompanyChange, ProfileChange, Reading, Removal, Subject
from connectors.errors import Rejected
from connectors.mautic.webhook import read_webhook, verify
from plugin.demo.story import story

WEBHOOKS = Path(__file__).parents[2] / "payloads" / "mautic" / "webhooks"
SECRET = "capture-secret-123"
CHROME = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/128.0 Safari/537.36"
)


def recorded(name: str) -> dict:
    return json.loads((WEBHOOKS / f"{name}.json").read_text(encoding="utf-8"))


def reading(name: str) -> Reading:
    return read_webhook(recorded(name)["body"].encode())


def changed(name: str, change) -> Reading:
    """The recorded delivery read again after ``change`` touched its first item."""
    root = json.loads(recorded(name)["body"])
    change(next(iter(root.values()))[0])
    return read_webhook(json.dumps(root).encode())


def at(hour: int, minute: int, second: int) -> datetime:
    return datetime(2026, 11, 21, hour, minute, second, tzinfo=UTC)


def only(found: Reading, kind: type):
    (item,) = [item for item in found.items if isinstance(item, kind)]
    return item


ALL = sorted(path.stem for path in WEBHOOKS.glob("*.json"))


def test_every_recorded_delivery_is_there():
    assert len(ALL) == 115


@pytest.mark.parametrize("name", ALL)
def test_every_recorded_delivery_is_signed_and_read_whole(name):
    delivery = recorded(name)
    body = delivery["body"].encode()

    verify(delivery["headers"], body, [SECRET])
    found = read_webhook(body)

    assert found.broken == ()
    assert found.items or found.ignored
    assert found == read_webhook(body)


def test_every_delivery_of_the_recorded_month_is_read_whole():
    found = [read_webhook(delivery.body) for delivery in story().deliveries()]
    kinds = [item.kind for one in found for item in one.items if isinstance(item, Activity)]

    assert [one.broken for one in found if one.broken] == []
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {
        "page_viewed": 282,
        "email_clicked": 55,
        "asset_downloaded": 13,
        "email_sent": 87,
        "email_opened": 61,
        "form_submitted": 24,
        "contact_identified": 26,
        "unsubscribed": 1,
    }


def test_a_form_gives_the_answers_and_what_the_person_said_of_themselves():
    found = reading("form_on_submit__form_submit_known_email_merges_anon_1")

    activity, change = found.items
    assert isinstance(activity, Activity)
    assert activity == Activity(
        id="submission:13",
        contact="38",
        kind="form_submitted",
        occurred_at=at(20, 6, 38),
        subject=Subject("form", "1", "Demo form"),
        attributes={
            "answers": {
                "email": "anne@example.test",
                "f_firstname": "Anne",
                "phone": "+33612345678",
                "budget": "high",
                "interests": "crm, ads",
                "plan": "pro",
                "seats": 25,
                "wanted_date": "2026-12-01",
                "message": 'Bonjour vous & "co"\nligne2 é',
                "source": "landing",
                "company": "ACME SAS",
            },
            "alias": "demo_form",
            "referer": "https://www.shop.example/demo",
            "tracking": "dojdpmwueupkg1014j1dmyw",
        },
    )
    assert isinstance(change, ProfileChange)
    assert (change.contact, change.at, change.author) == ("38", at(20, 6, 39), None)
    assert change.fields == {
        "email": "anne@example.test",
        "phone": "+33612345678",
        "company": "ACME SAS",
    }


def test_empty_answers_stay_answers_but_teach_nothing():
    found = reading("form_on_submit__form_submit_optional_keys_absent_1")

    assert only(found, Activity).attributes["answers"]["phone"] == ""
    assert "phone" not in only(found, ProfileChange).fields


def test_a_form_without_any_answer_and_with_a_page_is_read():
    def strip(item):
        item["submission"] |= {"results": [], "page": {"id": 4, "title": "Demo"}}

    found = changed("form_on_submit__form_submit_known_email_merges_anon_1", strip)

    (activity,) = found.items
    assert activity.attributes["answers"] == {}
    assert activity.attributes["page_id"] == "4"


def test_a_visit_gives_the_page_the_campaign_and_nothing_of_an_unknown_visitor():
    found = reading("page_on_hit__anon_pixel_first_1")

    assert found.items == (
        Activity(
            id="hit:23",
            contact="38",
            kind="page_viewed",
            occurred_at=at(20, 6, 34),
            subject=Subject("page", None, "Pricing", None, "https://www.shop.example/pricing"),
            attributes={
                "title": "Pricing",
                "referer": "https://google.com/",
                "utm_source": "g",
                "utm_medium": "cpc",
                "utm_campaign": "brand",
                "url": "https://www.shop.example/pricing"
                "?utm_source=g&utm_medium=cpc&utm_campaign=brand",
                "code": 200,
                "tracking": "dojdpmwueupkg1014j1dmyw",
                "user_agent": CHROME,
            },
        ),
    )


def test_a_landing_page_is_named_by_its_id_and_a_known_visitor_teaches_fields():
    found = reading("page_on_hit__known_landing_page_1")

    page = Subject("page", "1", "Demo request", None, "http://127.0.0.1:8088/demo-request")
    assert only(found, Activity).subject == page
    change = only(found, ProfileChange)
    assert change.fields["email"] == "anne@example.test"
    assert change.fields["interests"] == "crm|ads"
    assert None not in change.fields.values()
    assert not {"points", "last_active"} & set(change.fields)


def test_the_title_of_the_landing_page_serves_when_the_hit_has_none():
    found = changed(
        "page_on_hit__anon_landing_page_1", lambda item: item["hit"].update(urlTitle=None)
    )

    assert only(found, Activity).subject.name == "Demo request"


def test_a_page_that_was_not_found_is_a_view_with_its_code():
    activity = only(reading("page_on_hit__anon_404_page_hit_1"), Activity)

    assert (activity.kind, activity.attributes["code"]) == ("page_viewed", 404)


def test_a_click_in_a_mail_is_about_the_mail_and_names_the_target():
    activity = only(reading("page_on_hit__email_click_link_external_1"), Activity)

    assert (activity.id, activity.contact, activity.kind) == ("hit:33", "46", "email_clicked")
    assert activity.subject == Subject("email", "1", "Nurture 1")
    assert activity.attributes == {
        "url": "http://127.0.0.1:8099/site/pricing?x=1",
        "utm_source": "news",
        "utm_medium": "email",
        "utm_campaign": "nurt",
        "utm_content": "a",
        "code": 200,
        "tracking": "smjydk8uiupxywd3b1gfpp7",
        "user_agent": CHROME,
        "stat": "6b01fa067219b980740843",
    }


def test_a_click_on_a_file_is_also_a_download_of_it():
    click, download, _ = reading("page_on_hit__email_click_link_1_1").items

    assert (click.id, click.kind) == ("hit:35", "email_clicked")
    assert download == Activity(
        id="hit:35/asset:1",
        contact="46",
        kind="asset_downloaded",
        occurred_at=at(20, 7, 38),
        subject=Subject("asset", "1", "white-paper"),
        attributes={"email_id": "1"},
    )


def test_a_file_that_was_not_there_is_not_a_download():
    found = changed("page_on_hit__email_click_link_1_1", lambda item: item["hit"].update(code=404))

    assert [item.kind for item in found.items if isinstance(item, Activity)] == ["email_clicked"]


def test_the_page_seen_after_a_click_is_a_view_without_the_personal_token():
    after_click = [
        item
        for delivery in story().deliveries()
        for item in read_webhook(delivery.body).items
        if isinstance(item, Activity) and item.kind == "page_viewed" and item.attributes.get("stat")
    ]

    assert len(after_click) == 21
    assert all("ct=" not in view.attributes["url"] for view in after_click)
    assert after_click[0].attributes["url"] == (
        "https://www.atelier-nova.example/tarifs?m=Nurturing11-1"
    )
    assert after_click[0].subject.url == "https://www.atelier-nova.example/tarifs"
    assert after_click[0].attributes["email_id"] == "3"


@pytest.mark.parametrize(
    ("url", "kept", "page"),
    [
        ("https://a.example/?ct=x", "https://a.example/", "https://a.example/"),
        ("https://a.example/p?ct=x&b=1#top", "https://a.example/p?b=1#top", "https://a.example/p"),
        ("https://a.example/p?product=1", "https://a.example/p?product=1", "https://a.example/p"),
        ("http://[broken?ct=x", "http://[broken", "http://[broken"),
    ],
)
def test_addresses_lose_the_token_and_only_the_token(url, kept, page):
    found = changed("page_on_hit__anon_pixel_first_1", lambda item: item["hit"].update(url=url))

    activity = only(found, Activity)
    assert activity.attributes["url"] == kept
    assert activity.subject.url == page


def test_a_click_whose_mail_was_deleted_still_names_it_by_id():
    found = changed(
        "page_on_hit__email_click_link_external_1", lambda item: item["hit"].update(email=None)
    )

    assert only(found, Activity).subject == Subject("email", "1")


def test_a_followed_link_of_something_else_than_a_mail_is_a_view():
    found = changed(
        "page_on_hit__email_click_link_external_1", lambda item: item["hit"].update(source="page")
    )

    activity = only(found, Activity)
    assert activity.kind == "page_viewed"
    assert "email_id" not in activity.attributes


def test_each_opening_is_an_activity_of_its_own():
    first = only(reading("email_on_open__email_open_first_1"), Activity)
    second = only(reading("email_on_open__email_open_second_time_1"), Activity)

    assert first.id == "stat:1/1"
    assert second == Activity(
        id="stat:1/2",
        contact="46",
        kind="email_opened",
        occurred_at=at(20, 7, 36),
        subject=Subject("email", "1", "Nurture 1"),
        attributes={
            "sent_at": "2026-11-21T20:07:34+00:00",
            "open_count": 2,
            "viewed_in_browser": False,
            "stat": "6b01fa067219b980740843",
        },
    )


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        ({"lastOpened": None}, at(20, 7, 35)),
        ({"lastOpened": None, "dateRead": None}, at(20, 7, 36)),
        ({"lastOpened": "2026-11-21 21:00:00"}, at(21, 0, 0)),
        ({"lastOpened": "2026-11-21T22:00:00+01:00"}, at(21, 0, 0)),
        ({"lastOpened": "2026-11-21T21:00:00Z"}, at(21, 0, 0)),
    ],
)
def test_an_opening_is_dated_by_the_best_date_there_is(dates, expected):
    found = changed(
        "email_on_open__email_open_second_time_1", lambda item: item["stat"].update(dates)
    )

    activity = only(found, Activity)
    assert activity.occurred_at == expected
    assert activity.occurred_at.tzinfo is UTC


@pytest.fixture
def _machine_in_tokyo(monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("_machine_in_tokyo")
def test_a_date_without_offset_is_utc_wherever_the_machine_stands():
    found = changed(
        "email_on_open__email_open_second_time_1",
        lambda item: item["stat"].update(lastOpened="2026-11-21 21:00:00"),
    )

    assert only(found, Activity).occurred_at == at(21, 0, 0)


def test_a_sent_mail_has_its_category_and_the_contacts_flat_fields():
    found = reading("email_on_send__email_send_api_1")

    assert only(found, Activity) == Activity(
        id="send:6b01fa067219b980740843",
        contact="46",
        kind="email_sent",
        occurred_at=at(20, 7, 34),
        subject=Subject("email", "1", "Nurture 1", "Nurturing mails"),
        attributes={"stat": "6b01fa067219b980740843"},
    )
    assert only(found, ProfileChange).fields == {
        "firstname": "Frida",
        "email": "frida@example.test",
        "mobile": "+33611111111",
    }


def test_contact_ids_are_text_whether_sent_as_number_or_text():
    def as_number(item):
        item["contact"]["id"] = 46

    assert changed("email_on_send__email_send_api_1", as_number) == reading(
        "email_on_send__email_send_api_1"
    )


def test_a_contact_that_became_known_is_an_activity_and_a_full_profile():
    found = reading("lead_post_save_new__form_submit_changed_email_same_cookie_1")

    activity, change = found.items
    assert activity == Activity(
        "identified:43", "43", "contact_identified", at(20, 6, 44), Subject("contact", "43")
    )
    assert change.fields["email"] == "bill2@example.test"
    assert change.fields["company"] is None
    assert change.fields["date_identified"] == "2026-11-21T20:06:44+00:00"
    assert change.author is None


def test_a_contact_without_date_of_identification_is_dated_by_the_event():
    found = changed(
        "lead_post_save_new__form_submit_changed_email_same_cookie_1",
        lambda item: item["contact"].update(dateIdentified=None),
    )

    assert only(found, Activity).occurred_at == at(20, 6, 44)
    assert only(found, ProfileChange).fields["date_identified"] is None


def test_a_save_gives_every_field_and_what_stands_beside_them():
    change = only(reading("lead_post_save_update__api_contact_patch_owner_stage_1"), ProfileChange)

    assert (change.contact, change.at, change.author) == ("48", at(20, 10, 15), "Admin Live")
    assert len(change.fields) == 38
    assert {alias: value for alias, value in change.fields.items() if value is not None} == {
        "lead_score_ext": 12.34,
        "interests": "crm|ads",
        "is_decider": True,
        "birth_day": "1990-02-03",
        "last_call": "2026-11-20 10:00:00",
        "firstname": "Gina",
        "lastname": "Örs",
        "email": "gina@example.test",
        "city": "Paris",
        "tags": ["SCORE: HOT", "Score: hot", "spaced", "x&z"],
        "do_not_contact": [],
        "owner": "1",
        "date_identified": "2026-11-21T20:09:51+00:00",
    }
    assert not {"points", "last_active"} & set(change.fields)


def test_a_stage_is_its_name_and_tags_with_gaps_in_their_keys_are_tags():
    def stage(item):
        item["contact"] |= {
            "stage": {"id": 1, "name": "MQL"},
            "tags": {"0": {"tag": "b"}, "2": {"tag": "a"}},
        }

    fields = only(
        changed("lead_post_save_update__api_contact_patch_1", stage), ProfileChange
    ).fields
    assert fields["stage"] == "MQL"
    assert fields["tags"] == ["a", "b"]


def test_a_platform_that_does_not_send_tags_clears_none():
    def older(item):
        for key in ("tags", "stage", "owner", "doNotContact", "dateIdentified", "lastActive"):
            del item["contact"][key]

    fields = only(
        changed("lead_post_save_update__api_contact_patch_1", older), ProfileChange
    ).fields
    assert not {"tags", "stage", "owner", "do_not_contact", "date_identified"} & set(fields)


def test_leaving_a_mailing_is_an_activity_and_shows_in_the_profile():
    found = reading("lead_channel_subscription_changed__unsubscribe_link_1")

    assert only(found, Activity) == Activity(
        "dnc:46/email/2026-11-21T20:07:45+00:00",
        "46",
        "unsubscribed",
        at(20, 7, 45),
        Subject("channel", "email"),
    )
    assert only(found, ProfileChange).fields["do_not_contact"] == ["email"]


def test_a_bounce_is_a_bounce():
    found = changed(
        "lead_channel_subscription_changed__unsubscribe_link_1",
        lambda item: item.update(new_status="bounced"),
    )

    assert only(found, Activity).kind == "bounced"


@pytest.mark.parametrize(
    "name",
    [
        "lead_channel_subscription_changed__api_dnc_add_1",
        "lead_channel_subscription_changed__resubscribe_link_1",
    ],
)
def test_other_subscription_changes_only_change_the_profile(name):
    (change,) = reading(name).items

    assert isinstance(change, ProfileChange)


def test_a_text_message_channel_is_not_unsubscribing_from_mail():
    found = changed(
        "lead_channel_subscription_changed__unsubscribe_link_1",
        lambda item: item.update(channel="sms"),
    )

    assert [type(item) for item in found.items] == [ProfileChange]


def test_a_deleted_or_merged_contact_is_removed_by_the_outer_id():
    found = reading("lead_post_delete__form_submit_known_email_merges_anon_1")

    assert found.items == (Removal("36", at(20, 6, 39)),)


def test_joining_a_company_links_the_contact_and_tells_the_company():
    link, company = reading("lead_company_change__api_company_add_1").items

    assert (link.contact, link.fields) == ("48", {"company_id": "1", "company": "ACME SAS"})
    assert company.company == "1"
    assert company.fields == {
        "name": "ACME SAS",
        "address1": None,
        "address2": None,
        "email": "info@acme.test",
        "phone": None,
        "city": "Lyon",
        "state": None,
        "zipcode": None,
        "country": "France",
        "website": None,
        "number_of_employees": 120,
        "fax": None,
        "annual_revenue": None,
        "industry": "Technology",
        "description": None,
    }


def test_leaving_a_company_only_unlinks():
    (link,) = reading("lead_company_change__api_company_remove_1").items

    assert link.fields == {"company_id": None}


def test_a_saved_company_is_told_with_its_new_values():
    company = only(reading("company_post_save__api_company_patch_1"), CompanyChange)

    assert (company.company, company.at) == ("1", at(20, 11, 21))
    assert company.fields["number_of_employees"] == 250


def test_a_deleted_company_loses_every_field():
    company = only(reading("company_post_delete__api_company_delete_1"), CompanyChange)

    assert company.company == "3"
    assert len(company.fields) == 15
    assert set(company.fields.values()) == {None}


@pytest.mark.parametrize(
    ("name", "event"),
    [
        ("sms_on_send__api_sms_send_1", "sms_on_send"),
        ("lead_points_change__api_points_plus_1", "lead_points_change"),
        ("lead_list_change__api_segment_add_1", "lead_list_change"),
    ],
)
def test_events_that_say_nothing_for_a_score_are_counted(name, event):
    assert reading(name) == Reading(ignored={event: 1})


def test_unknown_events_are_counted_by_item():
    body = b'{"mautic.future": [{}, {}], "plugin.thing": {"a": 1}, "mautic.empty": []}'

    assert read_webhook(body) == Reading(ignored={"future": 2, "plugin.thing": 1, "empty": 0})


def test_a_batch_says_what_its_items_say_one_by_one():
    root = json.loads(recorded("lead_post_save_update+page_on_hit__queued_batch_1")["body"])
    singles = [
        read_webhook(json.dumps({event: [item]}).encode())
        for event, items in root.items()
        for item in items
    ]

    together = read_webhook(json.dumps(root).encode())

    assert len(singles) > 2
    assert together.items == tuple(item for single in singles for item in single.items)


def test_a_single_object_instead_of_a_list_is_one_item():
    root = json.loads(recorded("page_on_hit__anon_pixel_first_1")["body"])
    bare = {event: items[0] for event, items in root.items()}

    assert read_webhook(json.dumps(bare).encode()) == read_webhook(json.dumps(root).encode())


def test_the_test_button_is_told_apart_from_people():
    root = json.loads(recorded("page_on_hit__anon_pixel_first_1")["body"])

    found = read_webhook(json.dumps(root | {"timestamp": "2026-11-21T20:00:00+00:00"}).encode())

    assert found == Reading(test=True)


def orders(*names: str) -> list[str]:
    return [only(reading(name), ProfileChange).order for name in names]


def test_within_a_second_a_save_outranks_a_first_save_outranks_answers_outranks_a_glimpse():
    ranked = orders(
        "page_on_hit__known_landing_page_1",
        "form_on_submit__form_submit_known_email_merges_anon_1",
        "lead_post_save_new__form_submit_known_email_merges_anon_1",
        "lead_post_save_update__form_submit_known_email_merges_anon_1",
    )

    assert ranked == sorted(ranked)
    assert len(set(ranked)) == 4


def order_after(**contact) -> str:
    found = changed(
        "lead_post_save_update__unsubscribe_link_1", lambda item: item["contact"].update(contact)
    )
    return only(found, ProfileChange).order


def test_within_a_second_later_activity_wins_then_more_fields_then_content():
    early = order_after(lastActive="2026-11-21T20:07:00+00:00", tags=[{"tag": "a"}])
    late = order_after(lastActive="2026-11-21T20:07:01+00:00")
    fuller = order_after(lastActive="2026-11-21T20:07:01+00:00", tags=[{"tag": "a"}])
    other = order_after(lastActive="2026-11-21T20:07:01+00:00", tags=[{"tag": "b"}])

    assert early < late < fuller
    assert fuller != other


def test_the_header_is_found_in_any_case_and_either_secret_will_do():
    delivery = recorded("page_on_hit__anon_pixel_first_1")
    signature = delivery["headers"]["Webhook-Signature"]

    verify({"WEBHOOK-signature": signature}, delivery["body"].encode(), ["other", SECRET])


@pytest.mark.parametrize(
    ("headers", "secrets", "message"),
    [
        ({}, [SECRET], "no Webhook-Signature header"),
        ({"Webhook-Signature": ""}, [SECRET], "does not match"),
        ({"Webhook-Signature": "8/dUHa7ChFh/gbbWnH3u4Oi2fHI6fxNcBLmEpLiv1fI="}, [SECRET], "match"),
        ({"Webhook-Signature": "é\udcff"}, [SECRET], "does not match"),
        ({"Webhook-Signature": "x"}, [], "does not match"),
        ({"Webhook-Signature": "x"}, [""], "does not match"),
    ],
)
def test_anything_unsigned_is_rejected_without_a_secret_in_the_message(headers, secrets, message):
    with pytest.raises(Rejected, match=message) as caught:
        verify(headers, b"{}", secrets)

    assert SECRET not in str(caught.value)
