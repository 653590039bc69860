"""R63, R64: what no webhook tells or brings is read from the platform; that works alone as well."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from firm_kit import Firm, opened, polling, shipped

from connectors.mautic.standin import visitors
from plugin.check import check
from plugin.commands.records import past_of
from plugin.poller import Poller
from plugin.services.backfill import backfill_page, begin_backfill
from plugin.services.connect import Request, connect
from plugin.storage import connections
from plugin.storage.connections import StoredConnection, all_connections
from plugin.storage.engine import for_reading


@pytest.fixture
def poller(firm: Firm) -> Iterator[Poller]:
    """Polling of the firm, which has begun."""
    firm.scorecard(shipped("b2b"))
    with polling(firm) as poller:
        yield poller


def source(firm: Firm) -> StoredConnection:
    with for_reading(firm.runtime.engine).begin() as connection:
        return all_connections(connection, firm.runtime.vault)[0]


def webhook_finding(firm: Firm) -> tuple[bool, str]:
    [found] = [one for one in check(firm.runtime) if one.id == "M010"]
    return found.ok, found.detail


def switch_off(firm: Firm) -> None:
    for hook in firm.standin.hooks.values():
        hook.published = False


def test_r64_what_happened_while_the_webhook_was_off_is_found_and_the_webhook_is_shown(
    firm: Firm, poller: Poller, tmp_path: Path
) -> None:
    with opened(tmp_path / "undisturbed") as calm:
        calm.scorecard(shipped("b2b"))
        calm.now = firm.now
        for one in (calm, firm):
            ada = one.submit_form(email="ada@firm.example", phone="123")
            one.settle()
            if one is firm:
                switch_off(firm)
            one.wait(minutes=16)
            for page in ("/pricing", "/pricing", "/demo"):
                one.visit(page, ada)
                one.wait(minutes=40)
        firm.poll(poller)
        calm.now = firm.now
        calm.settle()
        assert firm.points(ada) == calm.points(ada)
        assert firm.platform(ada) == calm.platform(ada)
    ok, detail = webhook_finding(firm)
    assert not ok
    assert "switched off in Mautic" in detail


def test_r63_a_download_that_no_webhook_tells_is_scored(firm: Firm, poller: Poller) -> None:
    ada = firm.submit_form(email="ada@firm.example")
    firm.settle()
    before = firm.platform(ada)["score"]
    visitors.download(firm.standin, ada, 1)
    firm.settle()
    assert firm.platform(ada)["score"] == before
    firm.poll(poller)
    assert firm.platform(ada)["score"] > before


def test_r63_polling_alone_brings_scores_to_a_platform_that_cannot_reach_us(
    firm: Firm, poller: Poller
) -> None:
    firm.standin.hooks.clear()
    runtime, held = firm.runtime, source(firm)
    request = Request("mautic", "mautic", held.settings, None, None, mode=connections.POLL)
    connector = runtime.manifest.connector("mautic")
    assert connect(runtime.engine, runtime.vault, connector, request, firm.now).saved
    ada = firm.submit_form(email="ada@firm.example", phone="123")
    firm.visit("/pricing", ada)
    firm.poll(poller)
    assert firm.platform(ada)["score"] == round(sum(firm.points(ada).values())) > 0


def test_r63_the_past_before_connecting_is_scored_and_nothing_is_done_about_it(
    firm: Firm,
) -> None:
    switch_off(firm)
    firm.scorecard(shipped("b2b"))
    ada = firm.submit_form(email="ada@firm.example", phone="123")
    firm.visit("/pricing", ada)
    firm.wait(days=1)
    runtime, own = firm.runtime, source(firm)
    with past_of(runtime, own) as past:
        begin_backfill(runtime.engine, own, past, firm.now)
        connectors = runtime.manifest.connector
        while backfill_page(runtime.engine, own, connectors, past, 50, lambda: firm.now):
            pass
    firm.settle()
    assert firm.platform(ada)["score"] == round(sum(firm.points(ada).values())) > 0
    assert firm.actions() == []
