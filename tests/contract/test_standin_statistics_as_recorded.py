"""Statistics and lists of the stand-in have the rows, keys and words of the real Mautic 6.0.3."""

from __future__ import annotations

import json
import lzma
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from connectors.mautic.standin import StandIn, visitors
from connectors.mautic.standin.kept import PointAction
from tests.contract.recorded_kit import call, platform, recording

SITE = "https://www.shop.example"
PAGE = {"id": 1, "title": "Demo request", "alias": "demo-request"}
STORY = Path(__file__).parents[1] / "payloads" / "mautic" / "story" / "stats.json.xz"

CALLS = (
    "stats_asset_downloads",
    "stats_bad_column",
    "stats_email_stats",
    "stats_keyset",
    "stats_page_hits",
    "stats_page_hits_where",
    "stats_points",
    "stats_tables",
    "stats_unknown",
    "stats_table_campaign_leads",
    "stats_table_email_stats_devices",
    "stats_table_form_submissions",
    "stats_table_ip_addresses",
    "stats_table_lead_donotcontact",
    "stats_table_lead_lists_leads",
    "stats_table_lead_points_change_log",
    "stats_table_lead_stages_change_log",
    "stats_table_leads",
    "stats_table_video_hits",
)
LISTS = (
    "form_submissions",
    "form_submissions_contact",
    "emails_list",
    "campaigns_list",
    "pages_list",
    "stages_list",
    "segments_list",
    "categories_list",
)
#: Columns the stand-in knows nothing of: where an address is, and who made a link.
UNKNOWN = {
    "ip_addresses": {"ip_details"},
    "page_redirects": {
        *("created_by", "created_by_user", "modified_by", "modified_by_user", "date_modified"),
    },
    "page_hits": {"source", "source_id"},
}


def lived(standin: StandIn) -> StandIn:
    """Somebody comes, asks for a demo, reads mails, takes files, and wants no more mails."""
    standin.counters["contact"] = 37
    standin.point_actions.append(PointAction(1, "Demo form sent", "form.submit", 25))
    answers = {"email": "ada@shop.example", "message": ""}
    who = visitors.submit_form(standin, None, answers)
    visitors.visit(standin, who, f"{SITE}/pricing", urlTitle="Pricing", pageLanguage="fr")
    visitors.visit(standin, who, f"{SITE}/demo", referer=SITE, page=PAGE)
    standin.contacts[who].stage = None
    for verb in ("add", "remove"):
        call(standin, asked("POST", f"/api/stages/1/contact/{who}/{verb}"))
        call(standin, asked("POST", f"/api/contacts/{who}/points/plus/5"))
    call(standin, asked("POST", f"/api/campaigns/1/contact/{who}/add"))
    mail = visitors.send_email(standin, who, category="Nurturing mails")
    visitors.open_email(standin, mail)
    visitors.click(standin, mail, f"{SITE}/asset/1:white-paper")
    visitors.download(standin, who, 1)
    visitors.unsubscribe(standin, mail)
    return standin


def asked(method: str, path: str) -> dict[str, Any]:
    headers = {"Authorization": "Bearer (removed)"}
    return {"method": method, "path": path, "headers": headers, "body": None}


def answered(request: dict[str, Any]) -> Any:
    return call(lived(platform(())), request).get_json()


@pytest.mark.parametrize("name", CALLS)
def test_statistics_are_answered_as_recorded(name: str) -> None:
    exchange = recording(name)

    got, told = answered(exchange["request"]), exchange["response"]["body"]

    assert {k: type(v) for k, v in got.items()} == {k: type(v) for k, v in told.items()}
    if "errors" in told:
        assert got["errors"][0]["code"] == told["errors"][0]["code"]
    if "tableColumns" in told:
        assert got == told


@pytest.mark.parametrize("name", LISTS)
def test_lists_look_as_recorded(name: str) -> None:
    exchange = recording(name)

    got, told = answered(exchange["request"]), exchange["response"]["body"]

    assert {k: type(v) for k, v in got.items()} == {k: type(v) for k, v in told.items()}
    assert set(first(got)) == set(first(told))


def first(body: dict[str, Any]) -> dict[str, Any]:
    [found] = [value for key, value in body.items() if key != "total"]
    shown: dict[str, Any] = next(iter(found.values())) if isinstance(found, dict) else found[0]
    return shown


@cache
def story() -> dict[str, list[dict[str, str]]]:
    loaded: dict[str, list[dict[str, str]]] = json.loads(lzma.decompress(STORY.read_bytes()))
    return loaded


@pytest.mark.parametrize("table", sorted(story()))
def test_rows_have_the_columns_of_the_recorded_month(table: str) -> None:
    got = answered(asked("GET", f"/api/stats/{table}"))["stats"]

    recorded = story()[table]
    always = set.intersection(*(set(row) for row in recorded)) - UNKNOWN.get(table, set())
    ever = {column for row in recorded for column in row} | {"ip_id", "channel_id"}
    assert got, "the stand-in has no such row"
    for row in got:
        assert always <= set(row) <= ever
        assert all(isinstance(value, str) for value in row.values())
