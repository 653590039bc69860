"""Mautic's connector keeps the contract that every connector keeps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from connectors import conformance
from connectors.conformance import Example, checks
from connectors.mautic import CONNECTOR
from connectors.mautic.standin import StandIn
from connectors.mautic.standin.app import create_app
from connectors.mautic.standin.visitors import submit_form
from connectors.signature import sign

PAYLOADS = Path(__file__).parents[2] / "payloads" / "mautic"


class Platform:
    def __init__(self) -> None:
        self.standin = StandIn(client_id="id", client_secret="hidden-client-secret")
        submit_form(self.standin, None, {"email": "ada@example.org"})
        self.standin.forms[1] = {"id": 1, "name": "Demo form", "fields": []}
        self.app = create_app(self.standin)

    def held(self) -> Any:
        return {
            contact.id: ({**contact.values}, [*contact.tags])
            for contact in self.standin.contacts.values()
        }


EXAMPLE = Example(
    connector=CONNECTOR,
    settings=lambda url: {
        "base_url": url,
        "client_id": "id",
        "client_secret": "hidden-client-secret",
    },
    platform=Platform,
    deliveries=PAYLOADS / "webhooks",
    recorded=PAYLOADS / "webhooks.recorded.json",
    sign=lambda body, secret, now: {"Webhook-Signature": sign(body, secret)},
    unknown=b'{"mautic.something_new":[{}]}',
)

if __name__ == "__main__":
    conformance.record(EXAMPLE)


@pytest.mark.parametrize("check", checks(EXAMPLE), ids=str)
def test_it_keeps_the_contract(check):
    check()
