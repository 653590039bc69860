"""Mautic's history, read from its tables: the recorded month, and what may go wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from recorded_month import RecordedApi

from connectors.activity import Activity, Item, Origin, ProfileChange, Removal
from connectors.contract import HistoryPage
from connectors.errors import AuthFailed, Refused, Transient
from connectors.mautic.session import MauticSession
from connectors.mautic.webhook import read_webhook
from plugin.demo.story import story

#: Contacts 600 and 601 were merged into others and 609 was deleted: the tables keep nothing of
#: them, or hold it under the id that is left. Two mails were recorded in the making.
ONLY_DELIVERED = {
    *("identified:600", "identified:601", "identified:609"),
    *("hit:210", "hit:323", "stat:33/1", "submission:40"),
    *("send:6aa8c77702b33998413239", "send:6aae0c789d974011967559"),
    *("send:6aae107e5758c284631843", "send:6ab351a64b55a711718512"),
}
#: No delivery tells of a download on the site.
ONLY_IN_TABLES = {f"download:{row}" for row in (8, 9, *range(12, 24))}
#: What only a table tells of an activity that a delivery tells as well.
TOLD_MORE = {"ip", "seconds", "user_agent"}


@pytest.fixture
def api() -> RecordedApi:
    return RecordedApi(story().end)


def pages(
    session: MauticSession, cursors: Mapping[str, str] | None = None, limit: int = 200
) -> list[HistoryPage]:
    """Every page from these cursors until it is caught up."""
    read = [session.history(cursors or {}, limit)]
    while not read[-1].caught_up:
        read.append(session.history(read[-1].cursors, limit))
    return read


def read(
    session: MauticSession, limit: int = 200, **cursors: str
) -> tuple[list[Item], HistoryPage]:
    """Every item from these cursors until it is caught up, and the last page."""
    told = pages(session, cursors, limit)
    assert not any(page.reading.broken for page in told)
    return [item for page in told for item in page.reading.items], told[-1]


def activities(items: list[Item]) -> dict[str, Activity]:
    return {item.id: item for item in items if isinstance(item, Activity)}


def delivered() -> dict[str, Activity]:
    readings = (read_webhook(delivery.body) for delivery in story().deliveries())
    return activities([item for reading in readings for item in reading.items])


def told(activity: Activity) -> Activity:
    """What both sources tell: no categories of mails, numbers in answers as text, to the second."""
    attributes = {
        name: {alias: str(given) for alias, given in value.items()} if name == "answers" else value
        for name, value in activity.attributes.items()
        if name not in TOLD_MORE
    }
    return activity._replace(
        attributes=attributes,
        subject=activity.subject._replace(category=None),
        origin=Origin.WEBHOOK,
    )


def test_the_tables_of_the_recorded_month_tell_the_activities_of_its_deliveries(api):
    polled, webhooks = activities(read(api.session())[0]), delivered()
    assert webhooks.keys() - polled.keys() == ONLY_DELIVERED
    assert polled.keys() - webhooks.keys() == ONLY_IN_TABLES
    both = polled.keys() & webhooks.keys()
    assert len(both) == 538
    (late,) = (id for id in both if told(polled[id]) != told(webhooks[id]))
    # A second began between the delivery's date and that of this sending in the table.
    assert polled[late].occurred_at - webhooks[late].occurred_at == timedelta(seconds=1)
    assert polled[late].kind == "email_sent"
    assert all(polled[id].origin is Origin.POLL for id in both)


@pytest.mark.parametrize("limit", [5, 1000])
def test_pages_of_any_size_tell_the_same(api, limit):
    assert activities(read(api.session(), limit)[0]) == activities(read(api.session())[0])


def test_the_platform_says_how_many_rows_are_still_to_come(api):
    session = api.session()
    first = session.history({}, 10)
    second = session.history(first.cursors, 10)
    assert (first.rows, first.caught_up, first.remaining) == (10, False, 20)
    assert (second.rows, second.caught_up, second.remaining) == (10, False, 10)


def test_who_wants_nothing_of_the_past_is_told_only_what_comes_after(api):
    session = api.session()
    cursors = dict(session.present_cursors())
    items, _ = read(session, **cursors)
    assert activities([one for one in items if not_seen_again(one)]) == {}
    assert activities(items).keys() == {f"identified:{id}" for id in contacts(items)}
    api.tables["page_hits"].append(hit("9000"))
    items, _ = read(session, **cursors)
    assert "hit:9000" in activities(items)


def not_seen_again(item: Item) -> bool:
    return isinstance(item, Activity) and item.kind != "contact_identified"


def contacts(items: list[Item]) -> set[str]:
    return {item.contact for item in items if isinstance(item, ProfileChange)}


def hit(id: str, **columns: str) -> dict[str, str]:
    return {
        "id": id,
        "lead_id": "605",
        "date_hit": "2026-10-02 09:00:00",
        "code": "200",
        "url": "https://www.atelier-nova.example/produit",
        "ip_id": "7",
        **columns,
    }


def test_r18_a_stay_is_unknown_until_the_table_tells_when_it_ended(api):
    """A view comes at once; its stay six minutes later, or when the longest stay is over."""
    api.now = datetime(2026, 10, 2, 9, 1, tzinfo=UTC)
    session, left = api.session(), hit("9000")
    items, page = read(session)
    api.tables["page_hits"].append(left)
    items, page = read(session, **page.cursors)
    assert "seconds" not in activities(items)["hit:9000"].attributes
    left["date_left"] = "2026-10-02 09:04:00"
    api.now += timedelta(minutes=4)
    items, page = read(session, **page.cursors)
    assert "hit:9000" not in activities(items)
    api.now += timedelta(minutes=4)
    items, page = read(session, **page.cursors)
    assert activities(items)["hit:9000"].attributes["seconds"] == 240
    asked = len(api.asked)
    api.now += timedelta(hours=1)
    items, page = read(session, **page.cursors)
    assert activities(items)["hit:9000"].attributes["seconds"] == 240
    items, page = read(session, **page.cursors)
    assert "hit:9000" not in activities(items)
    # Caught up, a call asks each table once: two calls, and what the rows of the first lacked.
    assert len(api.asked) - asked < 40


def test_a_row_that_is_committed_after_one_with_a_higher_id_is_not_passed_over(api):
    api.now = datetime(2026, 10, 2, 9, 0, 10, tzinfo=UTC)
    api.tables["page_hits"].append(hit("9001"))
    session = api.session()
    items, page = read(session)
    assert "hit:9001" in activities(items)
    api.tables["page_hits"].append(hit("9000"))
    items, page = read(session, **page.cursors)
    assert "hit:9000" in activities(items)
    api.now += timedelta(minutes=1)
    _, page = read(session, **page.cursors)
    assert not {"hit:9000", "hit:9001"} & activities(read(session, **page.cursors)[0]).keys()


def test_nor_when_so_much_happens_that_a_call_does_not_see_the_end(api):
    session = api.session()
    _, page = read(session)
    api.now = datetime(2026, 10, 2, 9, 0, 10, tzinfo=UTC)
    api.tables["page_hits"] += [hit(f"900{number}") for number in range(1, 6)]
    _, page = read(session, limit=2, **page.cursors)
    api.tables["page_hits"].append(hit("9000"))
    api.now += timedelta(minutes=1)
    items, page = read(session, limit=2, **page.cursors)
    assert {f"hit:900{number}" for number in range(6)} <= activities(items).keys()


def test_who_came_back_after_days_did_not_stay_for_days(api):
    api.tables["page_hits"].append(hit("9000", date_left="2026-10-04 09:00:00"))
    assert "seconds" not in activities(read(api.session())[0])["hit:9000"].attributes


def test_a_mail_opened_weeks_after_it_was_sent_is_told_when_it_is_opened(api):
    session = api.session()
    _, page = read(session)
    mail = next(row for row in api.tables["email_stats"] if row["open_count"] == "1")
    detail = 'a:3:{s:8:"datetime";s:19:"2026-10-02 08:00:00";s:9:"useragent";s:3:"Fox";'
    mail["open_count"] = "2"
    mail["open_details"] = mail["open_details"].replace("a:1:", "a:2:", 1)[:-1] + (
        f'i:1;{detail}s:9:"inBrowser";b:1;}}}}'
    )
    api.tables["email_stats_devices"].append({"id": "900", "stat_id": mail["id"]})
    items, _ = read(session, **page.cursors)
    second = activities(items)[f"stat:{mail['id']}/2"]
    assert second.occurred_at == datetime(2026, 10, 2, 8, tzinfo=UTC)
    assert second.attributes["user_agent"] == "Fox"
    assert second.attributes["viewed_in_browser"] is True


def test_r44_a_download_through_a_mail_counts_once_by_its_click(api):
    downloaded = {
        one.id: one.attributes.get("email_id")
        for one in activities(read(api.session())[0]).values()
        if one.kind == "asset_downloaded" and one.contact == "617"
    }
    on_the_site = {"download:8": None, "download:9": None}
    assert downloaded == on_the_site | {"hit:328/asset:3": "4", "hit:359/asset:3": "5"}


def test_r44_where_links_of_mails_are_not_followed_the_row_is_the_download(api):
    clicks = [row for row in api.tables["page_hits"] if "redirect_id" in row]
    api.tables["page_hits"] = [row for row in api.tables["page_hits"] if row not in clicks]
    told = activities(read(api.session())[0])
    assert told["download:4"].attributes["email_id"] == "4"
    assert told["download:4"].subject.category == "Case studies 11"


def test_attachments_and_refused_downloads_are_none(api):
    row = {"date_download": "2026-10-02 09:00:00", "lead_id": "605"}
    api.tables["asset_downloads"] += [
        row | {"id": "900", "code": "200"},
        row | {"id": "901", "code": "403", "asset_id": "3"},
        row | {"id": "902", "code": "200", "asset_id": "3"},
    ]
    told = activities(read(api.session())[0])
    assert {"download:900", "download:901", "download:902"} & told.keys() == {"download:902"}


def test_a_row_whose_contact_is_gone_is_counted_and_says_nothing(api):
    row = hit("9000")
    del row["lead_id"]
    api.tables["page_hits"] = [row]
    read = pages(api.session(), limit=1000)
    assert [page.reading.ignored for page in read] == [{"page_hits": 1}]


def test_a_table_that_this_mautic_does_not_have_is_passed_over(api):
    del api.tables["email_stats_devices"]
    items, page = read(api.session())
    assert activities(items).keys() >= ONLY_IN_TABLES
    assert page.reading.ignored == {"no table email_stats_devices": 1}
    assert api.session().present_cursors()["opens"] == "0"


def test_a_row_that_cannot_be_read_costs_no_other(api):
    row = api.tables["page_hits"][3]
    row["date_hit"] = "yesterday"
    read = pages(api.session(), limit=1000)
    broken = [one for page in read for one in page.reading.broken]
    assert [(one.event, one.index) for one in broken] == [("page_hits", int(row["id"]))]
    assert "date_hit" in broken[0].reason
    assert "yesterday" not in broken[0].reason


@pytest.mark.parametrize("limit", [7, 1000])
def test_rows_that_cannot_be_read_are_told_apart_whatever_pages_they_are_on(api, limit):
    bad = api.tables["page_hits"][3:30:9]
    for row in bad:
        row["date_hit"] = "yesterday"
    broken = [one for page in pages(api.session(), limit=limit) for one in page.reading.broken]
    assert [one.index for one in broken] == [int(row["id"]) for row in bad]


def test_answers_of_a_deleted_form_are_gone_but_not_that_somebody_sent_it(api):
    class Deleted(RecordedApi):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            if "/submissions" in request.url.path:
                wrong = {"errors": [{"code": 404, "message": "Item was not found."}]}
                return httpx.Response(404, json=wrong)
            return super().handle_request(request)

    sent = activities(read(Deleted(api.now).session())[0])["submission:51"]
    assert sent.attributes["answers"] == {}
    assert (sent.subject.id, sent.subject.name, sent.contact) == ("1", "Demo form", "626")


def test_a_mautic_that_passes_over_the_condition_is_asked_for_each_contact(api):
    class Careless(RecordedApi):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            if request.url.path.endswith("/forms/1/submissions"):
                request.url = request.url.copy_with(query=b"limit=2")
            return super().handle_request(request)

    assert activities(read(Careless(api.now).session())[0]) == activities(read(api.session())[0])


def failing(answer: Callable[[], httpx.Response], path: str) -> type[RecordedApi]:
    class Failing(RecordedApi):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            return answer() if path in request.url.path else super().handle_request(request)

    return Failing


DATABASE = {"errors": [{"message": "SQLSTATE[42S22]: Column not found", "code": 1054}]}
NO_RIGHT = {"errors": [{"message": "PermissionNotFound: stats", "code": 500}]}


@pytest.mark.parametrize(
    ("status", "answer", "error"),
    [
        (200, DATABASE, Refused),
        (401, {"errors": [{"code": 401, "message": "no"}]}, AuthFailed),
        (500, {"errors": [{"code": 500, "message": "error #500"}]}, Transient),
        (200, {"stats": "soon"}, Transient),
        (200, {"stats": [{"id": "x"}], "total": "1"}, Transient),
    ],
)
def test_an_error_is_raised_even_when_it_comes_with_status_200(
    api: RecordedApi, status: int, answer: Mapping[str, Any], error: type[Exception]
) -> None:
    broken = failing(lambda: httpx.Response(status, json=answer), "/stats/page_hits")
    session = broken(api.now).session()
    with pytest.raises(error):
        read(session)


FORBIDDEN = {"errors": [{"code": 403, "message": "no"}]}


@pytest.mark.parametrize(("status", "answer"), [(200, NO_RIGHT), (403, FORBIDDEN)])
@pytest.mark.parametrize(
    ("path", "held"), [("/stats/page_hits", "page_hits"), ("/api/assets", "asset_downloads")]
)
def test_a_missing_right_holds_one_table_until_it_is_given_and_is_counted(
    api: RecordedApi, status: int, answer: Mapping[str, Any], path: str, held: str
) -> None:
    everything, _ = read(api.session())
    narrow = failing(lambda: httpx.Response(status, json=answer), path)(api.now)
    told = pages(narrow.session())
    assert {name for page in told for name in page.reading.ignored} >= {f"no right to read {held}"}
    first = activities([item for page in told for item in page.reading.items])
    assert "form_submitted" in {one.kind for one in first.values()}
    rest, _ = read(api.session(), **told[-1].cursors)
    assert first.keys() < activities(everything).keys()
    assert activities(rest).keys() | first.keys() == activities(everything).keys()


def test_where_nothing_may_be_read_it_is_no_matter_of_one_right(api: RecordedApi) -> None:
    closed = failing(lambda: httpx.Response(403, json=FORBIDDEN), "/api/")(api.now)
    with pytest.raises(AuthFailed):
        closed.session().history({"opens": "0"}, 100)
    with pytest.raises(AuthFailed):
        closed.session().present_cursors()


def test_contacts_asked_for_by_id_are_told_and_the_missing_ones_are_removals(api):
    reading = api.session().profiles(["605", "600", "999999", "605"])
    changes = [item for item in reading.items if isinstance(item, ProfileChange)]
    assert [change.contact for change in changes] == ["605"]
    assert changes[0].fields["company_id"]
    assert api.now - timedelta(minutes=1) < changes[0].at <= api.now
    assert changes[0].origin is Origin.POLL
    assert changes[0].author is None
    assert "points" not in changes[0].fields
    gone = [item.contact for item in reading.items if isinstance(item, Removal)]
    assert gone == ["600", "999999"]


def test_who_is_gone_is_asked_lightly_for_many_at_once(api):
    assert api.session().gone(["605", "600", "999999", "605"]) == {"600", "999999"}
    assert api.asked == ["contacts"]


def test_nobody_is_asked_for_when_nobody_is_named(api):
    assert api.session().profiles([]).items == ()
    assert api.session().gone([]) == frozenset()
    assert api.asked == []


def test_what_a_contact_became_without_a_trace_is_seen_by_going_round(api):
    session = api.session()
    _, page = read(session)
    changed = next(one for one in api.lists["contacts"] if one["id"] == 605)
    changed["tags"] = [{"id": 9, "tag": "vip"}]
    items, _ = read(session, **page.cursors)
    seen = {one.contact: one for one in items if isinstance(one, ProfileChange)}
    assert seen["605"].fields["tags"] == ["vip"]
