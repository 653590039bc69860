"""R38: mentions and shares told by any tool; and what the tool is told in turn."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask.testing import FlaskClient
from standardwebhooks import Webhook

from connectors.conformance.server import serving
from plugin.cli import main
from plugin.config import Config, load_config
from plugin.runtime import open_runtime
from plugin.sender import Sender
from plugin.web import create_app
from plugin.worker import score_some

SECRET = "whsec_" + "dGhlIHNlY3JldCBvZiB0aGUgc29jaWFsIHRvb2w="
SIGNING = "whsec_" + "dGhlIHNlY3JldCBieSB3aGljaCB3ZSBzaWduLCAhIQ=="
CARD = """
name: Social
groups:
  - id: social
    dimension: engagement
    rules:
      - {id: mention, kind: activity, points: 4, activity: social_engaged,
         attributes: {action: mention}}
      - {id: share, kind: activity, points: 6, activity: social_engaged,
         attributes: {action: share}}
bands:
  - {id: cold, tag: band-cold}
  - {id: warm, enter: 8, tag: band-warm}
"""


@dataclass
class Tool:
    """A tool that tells and is told; what it was told is believed by the reference library."""

    data: Path
    told: list[Any] = field(default_factory=list)
    ids: int = 0

    @property
    def config(self) -> Config:
        return load_config({"MATURO_CONFIG": os.devnull, "MATURO_DATA": str(self.data)})

    def app(self, environ: Any, start_response: Any) -> list[bytes]:
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])).decode()
        names = ("webhook-id", "webhook-timestamp", "webhook-signature")
        headers = {name: environ[f"HTTP_{name.upper().replace('-', '_')}"] for name in names}
        self.told.append(Webhook(SIGNING).verify(body, headers))
        start_response("204 No Content", [])
        return []

    def maturo(self, *given: str) -> Result:
        seen = {name: None for name in os.environ if name.startswith("MATURO_")}
        runner = CliRunner(env={**seen, "MATURO_CONFIG": os.devnull})
        return runner.invoke(main, ["--data", str(self.data), *given])

    def ok(self, *given: str) -> str:
        result = self.maturo(*given)
        assert result.exit_code == 0, result.output
        return result.stdout

    def post(self, client: FlaskClient, event: str, age: float = 0, **data: Any) -> tuple[Any, ...]:
        self.ids += 1
        now = datetime.now(UTC) - timedelta(seconds=age)
        body = json.dumps({"type": event, "timestamp": now.isoformat(), "data": data})
        headers = {
            "Webhook-Id": f"msg_{self.ids}",
            "Webhook-Timestamp": str(int(now.timestamp())),
            "Webhook-Signature": Webhook(SECRET).sign(f"msg_{self.ids}", now, body),
        }
        return client.post("/hooks/social", data=body, headers=headers).status_code, body, headers

    def settle(self) -> None:
        with open_runtime(self.config) as runtime:
            while score_some(runtime):
                pass
            sender = Sender(runtime, lambda: 0.0)
            while sender.send_some():
                pass
            sender.close()

    def reasons(self, contact: str) -> dict[str, float]:
        told = json.loads(self.ok("explain", f"social/{contact}", "--json"))
        return {line["rule"]: line["points"] for line in told["lines"]}


@pytest.fixture
def tool(tmp_path: Path) -> Iterator[Tool]:
    tool = Tool(tmp_path / "data")
    card = tmp_path / "card.yaml"
    card.write_text(CARD)
    with serving(tool.app) as url:
        said = tool.ok(
            *("connect", "generic", "--name", "social", "--webhook-secret", SECRET),
            *("--public-url", "https://maturo.example.org", "--url", f"{url}/in"),
            *("--signing-secret", SIGNING, "--private-addresses"),
        )
        assert "https://maturo.example.org/hooks/social" in said
        tool.ok("scorecard", "publish", str(card))
        yield tool


def test_r38_mentions_and_shares_of_any_network_earn(tool: Tool) -> None:
    client = create_app(tool.config).test_client()
    person = {"contact": "42", "email": "ada@example.org"}
    assert tool.post(client, "social_mention", **person, network="mastodon")[0] == 200
    assert tool.post(client, "social_share", **person, network="a network nobody knows")[0] == 200
    tool.settle()
    told = json.loads(tool.ok("explain", "social/42", "--json"))
    assert told["score"] == 10
    assert {line["rule"] for line in told["lines"]} >= {"mention", "share"}
    updates = [one["data"] for one in tool.told if one["type"] == "contact.updated"]
    assert [(one["contact"], one["values"]["score"], one["values"]["band"]) for one in updates] == [
        ("42", 10, "warm")
    ]
    assert updates[0]["add_tags"] == ["band-warm"]


def test_r38_a_delivery_sent_again_counts_once_and_a_stale_or_forged_one_not_at_all(
    tool: Tool,
) -> None:
    client = create_app(tool.config).test_client()
    person = {"contact": "42", "email": "ada@example.org"}
    status, body, headers = tool.post(client, "social_share", **person)
    again = client.post("/hooks/social", data=body, headers=headers)
    forged = client.post("/hooks/social", data=body.replace("42", "43"), headers=headers)
    stale = tool.post(client, "social_share", age=600, **person)[0]
    assert (status, again.status_code, forged.status_code, stale) == (200, 200, 401, 401)
    tool.settle()
    assert json.loads(tool.ok("explain", "social/42", "--json"))["score"] == 6
    assert tool.maturo("explain", "social/43").exit_code == 1


def test_what_a_delivery_would_tell_is_said_without_storing_it(tool: Tool, tmp_path: Path) -> None:
    sample, mapping = tmp_path / "delivery.json", tmp_path / "mapping.json"
    sample.write_text('{"what": "share", "who": 9, "when": 1772441940}')
    mapping.write_text(
        json.dumps(
            {
                "event": "$.what",
                "contact": "$.who",
                "at": "$.when",
                "events": {"share": {"activity": "social_engaged"}},
            }
        )
    )
    unread = tool.maturo("connections", "read", "social", str(sample))
    assert (unread.exit_code, unread.stdout) == (
        1,
        "NOT READ *: no event at $.type or $.event\n",
    )
    setting = f"mapping=@{mapping}"
    said = tool.ok("connections", "read", "social", str(sample), "--setting", setting, "--json")
    [item] = json.loads(said)["items"]
    assert (item["is"], item["contact"], item["kind"]) == ("Activity", "9", "social_engaged")
    assert item["occurred_at"] == "2026-03-02T08:59:00Z"
    mapping.write_text('{"contact": "$.a["}')
    wrong = tool.maturo("connections", "read", "social", str(sample), "--setting", setting)
    assert wrong.exit_code == 1
    assert "mapping: contact: $.a[: no JSONPath" in wrong.stderr
    assert tool.maturo("explain", "social/9").exit_code == 1


def test_many_tools_may_be_connected_and_what_they_cannot_do_is_not_asked(tool: Tool) -> None:
    said = tool.ok("connect", "generic", "--name", "posthog", "--tool", "posthog")
    assert "nothing is sent: this connection has no address" in said
    assert "backfill" not in said
    assert tool.maturo("connect", "generic", "--name", "p", "--mode", "poll").exit_code == 2
    proof = tool.maturo(
        "connections", "test", "posthog", "--contact", "1", "--public-url", "https://m"
    )
    assert "does not support a proof by a round trip" in proof.output
    removed = tool.ok("connections", "remove", "posthog", "--yes", "--public-url", "https://m")
    assert "Delete there what you entered for us" in removed
