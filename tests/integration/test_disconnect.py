from __future__ import annotations

import httpx
import pytest

from connectors.mautic.standin.visitors import submit_form
from plugin.services.disconnect import Disconnected, disconnect
from plugin.services.look_again import look_again_batch
from plugin.storage import connections, positions, webhooks
from plugin.storage.connections import find_inbound
from plugin.storage.engine import for_reading
from plugin.storage.positions import RECONCILE
from tests.installation import NAME, Installation

HOOK = "https://maturo.example/hooks/acme"


def removed(
    connected: Installation, *, fields: bool = False, hook: str | None = HOOK
) -> Disconnected:
    vault, session = connected.runtime.vault, connected.session
    return disconnect(
        connected.engine, vault, connected.source, session, hook, fields, connected.clock()
    )


def scored(connected: Installation) -> int:
    ada = submit_form(connected.standin, None, {"email": "ada@example.org"})
    connected.score()
    return ada


def test_removing_ends_deliveries_and_writes_and_forgets_the_secrets(
    connected: Installation,
) -> None:
    scored(connected)
    done = removed(connected)
    assert [(check.name, check.ok) for check in done.checks] == [("webhook", True)]
    assert (done.deliveries, connected.standin.hooks) == (1, {})
    source = connected.source
    assert (source.state, source.webhook_secrets) == (connections.REMOVED, ())
    assert "client_secret" not in source.settings
    with for_reading(connected.engine).begin() as connection:
        assert find_inbound(connection, connected.runtime.vault, NAME) is None


def test_what_was_learnt_stays_and_removing_again_changes_nothing(connected: Installation) -> None:
    ada = scored(connected)
    removed(connected)
    assert removed(connected).checks[0].detail == "not there"
    assert connected.points(ada) == 20


def test_after_months_reading_and_hearing_begin_anew(connected: Installation) -> None:
    scored(connected)
    with connected.engine.begin() as connection:
        positions.begin(
            connection, connected.source.id, RECONCILE, {"hits": "3"}, connected.clock()
        )
        webhooks.heard(connection, connected.source.id, connected.clock())
    connected.deliver()
    told = [connected.rows(table) for table in ("positions", "webhooks", "lags")]
    assert all(told)
    removed(connected)
    connected.clock.forward(days=90)
    connected.connect()
    assert not any(connected.rows(table) for table in ("positions", "webhooks", "lags", "paces"))


def test_fields_are_deleted_only_when_asked(connected: Installation) -> None:
    removed(connected)
    assert connected.standin.field("maturo_score") is not None
    assert all(check.ok for check in removed(connected, fields=True).checks)
    assert not [one for one in connected.standin.fields if one.alias.startswith("maturo_")]


def test_connecting_again_writes_every_score_anew(connected: Installation) -> None:
    ada = scored(connected)
    connected.deliver()
    connected.score()
    removed(connected, fields=True)
    assert "score" not in connected.held(ada)
    connected.connect()
    look_again_batch(connected.engine, 256, connected.clock())
    assert connected.deliver() == 1
    assert connected.held(ada)["score"] == 20


@pytest.mark.parametrize("fields", [True, False])
def test_a_platform_that_is_gone_is_removed_here_all_the_same(
    connected: Installation, fields: bool
) -> None:
    def gone(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("nobody there", request=request)

    session = connected.connector.open(
        connected.source.settings, transport=httpx.MockTransport(gone)
    )
    vault = connected.runtime.vault
    done = disconnect(
        connected.engine, vault, connected.source, session, HOOK, fields, connected.clock()
    )
    session.close()
    [check] = done.checks
    assert not check.ok
    assert "by hand" in check.remedy
    assert connected.source.state == connections.REMOVED


def test_what_waited_to_be_done_is_not_done_after_connecting_again(
    connected: Installation,
) -> None:
    connected.publish(
        """
name: Test
groups:
  - id: forms
    dimension: engagement
    rules:
      - {id: demo, kind: activity, points: 20, activity: form_submitted,
         actions: [{send_email: 1}]}
bands: [{id: cold}]
"""
    )
    scored(connected)
    assert removed(connected).actions == 1
    connected.connect()
    look_again_batch(connected.engine, 256, connected.clock())
    assert [row["state"] for row in connected.rows("actions")] == ["silent"]
