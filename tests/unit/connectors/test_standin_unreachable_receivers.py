"""What becomes of a webhook whose receiver hangs, breaks off or is gone: no socket is needed."""

from __future__ import annotations

import pytest
import requests
import responses
from standin_receiver import hook_to

from connectors.mautic.standin import StandIn
from connectors.mautic.standin.visitors import visit

URL = "https://maturo.example/hooks/mautic"


@pytest.mark.parametrize("trouble", [requests.ReadTimeout, requests.exceptions.SSLError])
@responses.activate
def test_a_receiver_that_hangs_or_cannot_be_trusted_is_logged_by_the_kind_of_trouble(trouble):
    standin = StandIn()
    hook = hook_to(standin, URL)
    responses.post(URL, body=trouble())
    visit(standin, None, "https://www.shop.example/")
    [row] = standin.tables.rows("webhook_logs")
    assert (row["webhook_id"], row["status_code"], row["note"]) == (
        hook.id,
        "N/A",
        trouble.__name__,
    )
    assert hook.published


@responses.activate
def test_a_receiver_that_is_gone_ends_the_webhook():
    standin = StandIn()
    hook = hook_to(standin, URL)
    responses.post(URL, status=410)
    visit(standin, None, "https://www.shop.example/")
    assert not hook.published
    visit(standin, None, "https://www.shop.example/")
    assert len(responses.calls) == 1
