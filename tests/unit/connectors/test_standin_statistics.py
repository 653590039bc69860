"""What only the statistics tell: when pages were left, downloads, addresses, mails that bounced."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.mautic.standin import StandIn, create_app, visitors
from connectors.mautic.standin.browser import GATEWAYS, PROXY
from connectors.mautic.standin.kept import PointAction

SITE = "https://www.shop.example"
ADA = {"email": "ada@example.test"}


class Platform:
    """A stand-in on a clock of its own, and a reader of its statistics."""

    def __init__(self) -> None:
        self.now = datetime(2026, 9, 1, 8, tzinfo=UTC)
        self.standin = StandIn(clock=lambda: self.now)
        self._client = create_app(self.standin).test_client()

    def wait(self, **time: float) -> None:
        self.now += timedelta(**time)

    def get(self, path: str) -> Any:
        pair = (self.standin.user, self.standin.password)
        return self._client.get(f"/api/{path}", auth=pair).get_json()

    def rows(self, table: str, **columns: str) -> list[dict[str, str]]:
        rows: list[dict[str, str]] = self.get(f"stats/{table}")["stats"]
        return [row for row in rows if columns.items() <= row.items()]


@pytest.fixture
def platform() -> Platform:
    return Platform()


def test_a_page_is_left_when_the_next_one_comes_and_the_last_one_never(platform: Platform):
    who = visitors.visit(platform.standin, None, f"{SITE}/")
    platform.wait(minutes=3)
    visitors.visit(platform.standin, who, f"{SITE}/pricing")

    home, pricing = platform.rows("page_hits")
    assert (home["date_hit"], home["date_left"]) == ("2026-09-01 08:00:00", "2026-09-01 08:03:00")
    assert "date_left" not in pricing


def test_gateways_leave_no_page_because_they_keep_no_cookies(platform: Platform):
    who = visitors.submit_form(platform.standin, None, ADA)
    mail = visitors.send_email(platform.standin, who, 4)
    for gateway in GATEWAYS:
        visitors.click(platform.standin, mail, f"{SITE}/asset/3:case-study", browser=gateway)

    hits = platform.rows("page_hits", email_id="4", source="email")
    assert len(hits) == len({hit["ip_id"] for hit in hits}) == len(GATEWAYS)
    assert not any("date_left" in hit for hit in hits)
    assert platform.rows("asset_downloads") == []


def test_a_file_taken_from_a_mail_says_from_which(platform: Platform):
    who = visitors.submit_form(platform.standin, None, ADA)
    mail = visitors.send_email(platform.standin, who, 4)
    visitors.click(platform.standin, mail, f"{SITE}/asset/3:case-study")
    visitors.download(platform.standin, who, 3)

    from_mail, direct = platform.rows("asset_downloads", asset_id="3", lead_id=str(who))
    assert (from_mail["source"], from_mail["email_id"]) == ("email", "4")
    assert not {"source", "email_id"} & set(direct)


def test_a_download_is_told_by_no_webhook(platform: Platform):
    platform.standin.queued = True
    visitors.download(platform.standin, None, 3)

    assert platform.standin.queue == []


def test_each_load_of_the_pictures_tells_address_and_program(platform: Platform):
    who = visitors.submit_form(platform.standin, None, ADA)
    mail = visitors.send_email(platform.standin, who)
    visitors.open_email(platform.standin, mail, browser=PROXY)
    visitors.open_email(platform.standin, mail)

    [stat] = platform.rows("email_stats", lead_id=str(who))
    assert (stat["open_count"], stat["is_read"]) == ("2", "1")
    assert PROXY.agent in stat["open_details"]
    addresses = {row["id"]: row["ip_address"] for row in platform.rows("ip_addresses")}
    devices = platform.rows("email_stats_devices", stat_id=stat["id"])
    assert [addresses[row["ip_id"]] for row in devices] == ["203.0.113.200", "203.0.113.10"]


def test_a_bounce_fails_the_mail_and_blocks_the_address(platform: Platform):
    who = visitors.submit_form(platform.standin, None, ADA)
    visitors.bounce(platform.standin, visitors.send_email(platform.standin, who))

    [stat] = platform.rows("email_stats")
    assert stat["is_failed"] == "1"
    [blocked] = platform.rows("lead_donotcontact", lead_id=str(who), channel="email")
    assert blocked["reason"] == "2"


def test_what_the_loser_of_a_merge_did_is_the_winners(platform: Platform):
    known = visitors.submit_form(platform.standin, None, ADA)
    visitors.visit(platform.standin, known, f"{SITE}/")
    winner = visitors.submit_form(platform.standin, None, ADA)

    assert winner != known
    assert [row["lead_id"] for row in platform.rows("page_hits")] == [str(winner)]
    assert len(platform.rows("form_submissions", lead_id=str(winner))) == 2


def test_a_deleted_contact_takes_its_rows_away(platform: Platform):
    gone = visitors.submit_form(platform.standin, None, ADA)
    visitors.visit(platform.standin, gone, f"{SITE}/")
    visitors.send_email(platform.standin, gone)
    visitors.delete_contact(platform.standin, gone)

    tables = ("page_hits", "form_submissions", "email_stats")
    assert [platform.rows(table) for table in tables] == [[], [], []]


def test_rows_are_found_by_conditions_in_order_and_pages(platform: Platform):
    for number in range(5):
        visitors.visit(platform.standin, None, f"{SITE}/{number}")

    where = "where[0][col]=id&where[0][expr]=gt&where[0][val]=2"
    order = "order[0][col]=id&order[0][dir]=desc"
    found = platform.get(f"stats/page_hits?{where}&{order}&start=1&limit=1")
    assert found["total"] == "3"
    assert [row["id"] for row in found["stats"]] == ["4"]


def test_points_of_the_platform_come_once_or_every_time_and_before_what_earned_them(
    platform: Platform,
):
    platform.standin.queued = True
    once = PointAction(1, "Pricing seen", "url.hit", 10, url="*/pricing")
    always = PointAction(2, "Mail opened", "email.open", 1, repeatable=True)
    platform.standin.point_actions += [once, always]
    who = visitors.submit_form(platform.standin, None, ADA)
    mail = visitors.send_email(platform.standin, who)
    for _ in range(2):
        visitors.visit(platform.standin, who, f"{SITE}/pricing")
        visitors.open_email(platform.standin, mail)

    assert platform.standin.contacts[who].points == 12
    log = platform.rows("lead_points_change_log", lead_id=str(who))
    assert [(row["type"], row["event_name"], row["delta"]) for row in log] == [
        ("url", "1: Pricing seen", "10"),
        ("email", "2: Mail opened", "1"),
        ("email", "2: Mail opened", "1"),
    ]


def test_submissions_show_answers_and_the_contact_as_it_is_now(platform: Platform):
    platform.standin.library["forms"][7] = "Demo"
    form = {"id": 7, "name": "Demo", "alias": "demo"}
    who = visitors.submit_form(platform.standin, None, {**ADA, "budget": ""}, form=form)
    visitors.submit_form(platform.standin, who, {**ADA, "city": "Lyon"}, form=form)

    found = platform.get("forms/7/submissions?limit=1&orderByDir=desc")
    assert found["total"] == "2"
    [submission] = found["submissions"]
    assert submission["results"] == {**ADA, "city": "Lyon"}
    assert submission["lead"]["city"] == "Lyon"


def test_rows_of_a_recording_can_be_loaded(platform: Platform):
    platform.standin.tables.load({"page_hits": [{"id": "193", "lead_id": "602", "url": SITE}]})

    assert platform.rows("page_hits") == [{"id": "193", "lead_id": "602", "url": SITE}]
