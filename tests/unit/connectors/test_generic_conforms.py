"""The generic connector keeps the contract, with every way to vouch and every tool's mapping."""

from __future__ import annotations

from functools import partial
from typing import Any

import orjson
import pytest
from generic_kit import PAYLOADS, SECRET, WAYS, vouched
from standardwebhooks import Webhook

from connectors import conformance
from connectors.conformance import Example, checks, inbound
from connectors.generic import CONNECTOR
from connectors.generic.samples import TOOLS

SIGNING = "whsec_" + "c2lnbnMgd2hhdCB3ZSBzZW5kLCBhbmQgbm90aGluZyBlbHNl"


class Receiver:
    """Believes the signatures by the reference library, and drops what it has seen."""

    def __init__(self) -> None:
        self.contacts: dict[str, Any] = {}

    def app(self, environ, start_response):
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])).decode()
        names = ("webhook-id", "webhook-timestamp", "webhook-signature")
        headers = {name: environ["HTTP_" + name.upper().replace("-", "_")] for name in names}
        told = Webhook(SIGNING).verify(body, headers)
        if told["type"] == "contact.updated":
            data = told["data"]
            held = self.contacts.setdefault(data["contact"], {"tags": set()})
            held["values"] = data["values"]
            held["tags"] = (held["tags"] | {*data["add_tags"]}) - {*data["remove_tags"]}
        start_response("204 No Content", [])
        return []

    def held(self) -> str:
        return orjson.dumps(self.contacts, default=sorted).decode()


def example(tool: str, way: str) -> Example:
    return Example(
        connector=CONNECTOR,
        settings=lambda url: {
            "tool": tool,
            **WAYS[way],
            "url": f"{url}/in",
            "signing_secret": SIGNING,
            "private_addresses": True,
        },
        platform=Receiver,
        deliveries=PAYLOADS / tool,
        recorded=PAYLOADS / f"{tool}.recorded.json",
        sign=partial(vouched, way),
        unknown=b'{"type":"x","event":"x","triggercode":"x"}' if tool != "posthog" else None,
        secret=SECRET,
    )


EXAMPLES = [example(tool, "standard") for tool in TOOLS]
WAY_CHECKS = [
    inbound.a_true_delivery_is_accepted,
    inbound.a_forged_delivery_is_rejected,
    inbound.a_changed_body_is_rejected,
    inbound.a_stale_delivery_is_rejected,
    inbound.a_secret_can_be_changed,
]

if __name__ == "__main__":
    for one in EXAMPLES:
        conformance.record(one)


@pytest.mark.parametrize("check", checks(EXAMPLES[0]), ids=str)
def test_it_keeps_the_contract(check):
    check()


@pytest.mark.parametrize("tool", TOOLS[1:])
def test_every_tool_is_read_as_recorded(tool):
    for check in inbound.CHECKS[:5]:
        check(example(tool, "standard"))


@pytest.mark.parametrize("check", WAY_CHECKS, ids=lambda one: one.__name__)
@pytest.mark.parametrize("way", WAYS)
def test_s01_every_way_to_vouch_refuses_what_is_forged(way, check):
    check(example("maturo", way))


def test_every_tool_has_payloads_and_every_sample_is_a_tool():
    assert {path.name for path in PAYLOADS.iterdir() if path.is_dir()} == set(TOOLS)
