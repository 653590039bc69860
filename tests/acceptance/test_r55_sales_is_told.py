"""R55: sales is told of who is ready, once, with the reasons, and never more than it can take."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from firm_kit import Firm

from connectors.conformance.server import Switch, answering, serving
from plugin.check import check
from plugin.services.connect import Request, connect
from plugin.services.publish import unsupported
from plugin.services.rescore import live_scorecard
from plugin.storage.actions import DONE, REFUSED, WAITING
from plugin.storage.engine import for_reading

CARD = """
name: Firm
groups:
  - id: all
    dimension: engagement
    rules:
      - {id: demo, kind: activity, points: 60, activity: form_submitted, interest: Product A,
         label: {en: Demo, fr: Démo}, limit: {times: 1, per: ever}}
bands:
  - {id: cold}
  - {id: ready, label: {en: Ready, fr: Prêt}, enter: 60, on_rise: [{notify: sales}]}
"""


class Channel:
    """A channel of Slack; ``fault`` answers instead while it is set."""

    def __init__(self) -> None:
        self.messages: list[str] = []
        self.app = Switch(self._take)

    def break_down(self, status: int) -> None:
        self.app.app = answering(status)

    def mend(self) -> None:
        self.app.app = self._take

    def _take(self, environ: Any, start_response: Any) -> list[bytes]:
        body = orjson.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
        if not body.get("text"):
            start_response("400 Bad Request", [])
            return [b"no_text"]
        self.messages.append(body["text"])
        start_response("200 OK", [])
        return [b"ok"]


def told(firm: Firm) -> Iterator[Channel]:
    channel = Channel()
    with serving(channel.app) as url:
        settings = {"channel": "slack", "url": f"{url}/services/x", "private_addresses": True}
        runtime = firm.runtime
        connector = runtime.manifest.connector("messenger")
        request = Request("sales", "messenger", settings, None, None)
        done = connect(runtime.engine, runtime.vault, connector, request, firm.now)
        assert all(one.ok for one in done.checks), done.checks
        assert channel.messages == []
        firm.scorecard(CARD)
        yield channel


@pytest.fixture
def channel(firm: Firm) -> Iterator[Channel]:
    yield from told(firm)


@pytest.fixture
def french_channel(french_firm: Firm) -> Iterator[Channel]:
    yield from told(french_firm)


def ready(firm: Firm, name: str = "Ada") -> int:
    return firm.submit_form(email=f"{name}@example.org", firstname=name, company="Analytical")


def states(firm: Firm) -> list[tuple[str, str]]:
    return [(one.name, one.state) for one in firm.actions()]


def test_r55_sales_is_told_once_with_the_reasons(firm: Firm, channel: Channel) -> None:
    contact = ready(firm)
    firm.settle()
    firm.visit("/again", contact)
    firm.settle()
    [message] = channel.messages
    title, score, interest, reason, *_ = message.split("\n")
    assert title == "*Ada, Analytical*"
    assert score == "Score 60, band Ready."
    assert interest == "Mostly interested in Product A."
    assert reason.startswith("– Demo: submitted the form “Demo form” on ")
    assert states(firm) == [("notify", DONE)]
    assert firm.actions()[0].contact == f"mautic/{contact}"


def test_r55_sales_is_told_in_the_language_of_the_firm(
    french_firm: Firm, french_channel: Channel
) -> None:
    ready(french_firm)
    french_firm.settle()
    [message] = french_channel.messages
    assert "palier Prêt" in message


def test_r55_what_the_channel_could_not_take_is_told_later(firm: Firm, channel: Channel) -> None:
    channel.break_down(503)
    ready(firm)
    firm.settle()
    assert states(firm) == [("notify", WAITING)]
    assert "503" in (firm.actions()[0].error or "")
    channel.mend()
    for _ in range(3):
        firm.wait(minutes=2)
        firm.settle()
    assert len(channel.messages) == 1
    assert states(firm) == [("notify", DONE)]


def test_r55_what_the_channel_refuses_is_shown(firm: Firm, channel: Channel) -> None:
    channel.break_down(404)
    ready(firm)
    firm.settle()
    assert states(firm) == [("notify", REFUSED)]
    found = {one.id: one for one in check(firm.runtime)}
    assert (found["M008"].ok, "1 actions were refused" in found["M008"].detail) == (False, True)


def test_r55_sales_is_told_of_no_more_than_it_can_take(firm: Firm, channel: Channel) -> None:
    firm.scorecard("handovers_per_week: 1\n" + CARD.lstrip())
    ready(firm, "Ada")
    ready(firm, "Bob")
    firm.settle()
    assert len(channel.messages) == 1
    assert sorted(state for _, state in states(firm)) == [DONE, WAITING]
    firm.wait(days=8)
    firm.settle()
    assert len(channel.messages) == 2


def test_r55_a_channel_that_is_not_there_is_named_before_and_shown_after(firm: Firm) -> None:
    firm.scorecard(CARD)
    runtime = firm.runtime
    with for_reading(runtime.engine).begin() as connection:
        card = live_scorecard(connection).card
    [said] = unsupported(runtime.engine, runtime.vault, runtime.manifest.connector, card)
    assert said.startswith('notify names "sales", but no connection of that name tells sales')
    ready(firm)
    firm.settle()
    assert states(firm) == [("notify", REFUSED)]
