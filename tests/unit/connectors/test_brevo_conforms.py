"""Brevo's connector keeps the contract, with every way to vouch."""

from __future__ import annotations

import base64
from datetime import datetime
from functools import partial
from pathlib import Path

import pytest

from connectors import conformance
from connectors.brevo import CONNECTOR
from connectors.brevo.standin import StandIn
from connectors.conformance import Example, checks, inbound

PAYLOADS = Path(__file__).parents[2] / "payloads" / "brevo"
WORKFLOWS = "12=form_submitted Demo form; 15=page_viewed https://www.example.org/prices; 20=won"


def vouched(way: str, body: bytes, secret: str, now: datetime) -> dict[str, str]:
    match way:
        case "bearer":
            return {"Authorization": f"Bearer {secret}"}
        case "basic":
            pair = base64.b64encode(f"maturo:{secret}".encode()).decode()
            return {"Authorization": f"Basic {pair}"}
    return {"X-Maturo-Token": secret}


def account() -> StandIn:
    made = StandIn()
    made.add("ada@example.org", FIRSTNAME="Ada")
    return made


def example(way: str) -> Example:
    return Example(
        connector=CONNECTOR,
        settings=lambda url: {
            "api_key": StandIn().api_key,
            "base_url": url,
            "auth": way,
            "workflows": WORKFLOWS,
        },
        platform=account,
        contact="ada@example.org",
        deliveries=PAYLOADS,
        recorded=PAYLOADS / "recorded.json",
        sign=partial(vouched, way),
        unknown=b'{"event":"coupon_sent","email":"ada@example.org"}',
    )


WAY_CHECKS = [
    inbound.a_true_delivery_is_accepted,
    inbound.a_forged_delivery_is_rejected,
    inbound.a_secret_can_be_changed,
]

if __name__ == "__main__":
    conformance.record(example("bearer"))


@pytest.mark.parametrize("check", checks(example("bearer")), ids=str)
def test_it_keeps_the_contract(check: conformance.Check) -> None:
    check()


@pytest.mark.parametrize("check", WAY_CHECKS, ids=lambda one: one.__name__)
@pytest.mark.parametrize("way", ["basic", "header"])
def test_s01_every_way_to_vouch_refuses_what_is_forged(way: str, check: object) -> None:
    assert callable(check)
    check(example(way))
