"""``maturo connections test``, ``reauthenticate`` and ``remove`` against the stand-in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from command_kit import connected, done, refused, run, runtime_of

from connectors.contract import Check
from connectors.mautic.session import MauticSession
from connectors.mautic.standin import Running, StandIn, serve
from plugin.storage import tables, webhooks
from plugin.storage.connections import StoredConnection, all_connections

PUBLIC = ("--public-url", "http://127.0.0.1:9")


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Running]:
    """A stand-in that is connected to the data folder ``tmp_path``."""
    with serve(StandIn()) as running:
        given = {
            "MATURO_CLIENT_ID": running.standin.client_id,
            "MATURO_CLIENT_SECRET": running.standin.client_secret,
        }
        done("--data", tmp_path, "connect", "mautic", "--url", running.url, *PUBLIC, **given)
        yield running


def stored(data: Path) -> StoredConnection:
    with runtime_of(data) as runtime, runtime.engine.begin() as connection:
        [one] = all_connections(connection, runtime.vault)
        return one


def installed_by_hand(data: Path) -> None:
    """As if the connection had been made with ``--no-install``."""
    with runtime_of(data) as runtime, runtime.engine.begin() as connection:
        connection.execute(tables.connections.update().values(webhook_url=None))


def test_testing_asks_the_platform(tmp_path: Path, platform: Running) -> None:
    told = done("--data", tmp_path, "connections", "test", "mautic")
    assert "ok     address: Mautic 6.0.3 answers" in told
    platform.standin.api_enabled = False
    assert run("--data", tmp_path, "connections", "test", "mautic").exit_code == 1


def test_testing_looks_at_the_webhook_too(tmp_path: Path, platform: Running) -> None:
    assert "ok     webhook: published" in done("--data", tmp_path, "connections", "test", "mautic")
    [hook] = platform.standin.hooks.values()
    hook.published = False
    result = run("--data", tmp_path, "connections", "test", "mautic")
    assert result.exit_code == 1
    assert "FAILED webhook: switched off in Mautic" in result.stdout


def test_the_proof_needs_to_know_where_deliveries_go_if_we_did_not_say_so(
    tmp_path: Path, platform: Running
) -> None:
    installed_by_hand(tmp_path)
    proof = ("connections", "test", "mautic", "--contact", "1")
    assert "--public-url" in refused("--data", tmp_path, *proof, code=2)


def test_the_proof_for_a_contact_that_is_not_there_says_so(
    tmp_path: Path, platform: Running
) -> None:
    proof = ("connections", "test", "mautic", "--contact", "7")
    assert "not in this Mautic" in refused("--data", tmp_path, *proof)


def test_a_new_secret_is_typed_unseen_and_replaces_the_old_one(
    tmp_path: Path, platform: Running
) -> None:
    platform.standin.client_secret = "the-new-secret"
    platform.standin.expire_tokens()
    environ = {"MATURO_CLIENT_SECRET": "the-new-secret"}
    told = done("--data", tmp_path, "connections", "reauthenticate", "mautic", **environ)
    assert "the-new-secret" not in told
    assert stored(tmp_path).settings["client_secret"] == "the-new-secret"


def test_a_wrong_new_secret_changes_nothing(tmp_path: Path, platform: Running) -> None:
    before = stored(tmp_path)
    environ = {"MATURO_CLIENT_SECRET": "wrong"}
    result = run("--data", tmp_path, "connections", "reauthenticate", "mautic", **environ)
    assert result.exit_code == 1
    assert stored(tmp_path) == before


def test_removing_says_what_went_and_what_stays(tmp_path: Path, platform: Running) -> None:
    remove = ("connections", "remove", "mautic", "--yes", "--delete-fields")
    told = done("--data", tmp_path, *remove)
    assert "ok     webhook: deleted" in told
    assert "What was learnt stays in main.db" in told
    assert (platform.standin.hooks, platform.standin.field("maturo_score")) == ({}, None)
    assert "removed" in done("--data", tmp_path, "connections")
    assert "ok     M004" in done("--data", tmp_path, "check")
    assert 'no connection is named "mautic"' in refused("--data", tmp_path, *remove)


def test_removing_asks_first(tmp_path: Path, platform: Running) -> None:
    result = run("--data", tmp_path, "connections", "remove", "mautic")
    assert result.exit_code == 1
    assert stored(tmp_path).state == "ready"
    assert len(platform.standin.hooks) == 1


def test_a_webhook_that_a_person_installed_is_left_to_that_person(
    tmp_path: Path, platform: Running
) -> None:
    installed_by_hand(tmp_path)
    result = run("--data", tmp_path, "connections", "remove", "mautic", "--yes")
    assert result.exit_code == 1
    assert "FAILED webhook: not looked for" in result.stdout
    assert stored(tmp_path).state == "removed"


def test_a_connection_that_only_polls_has_no_webhook_to_look_for(tmp_path: Path) -> None:
    with serve(StandIn()) as running:
        given = {
            "MATURO_CLIENT_ID": running.standin.client_id,
            "MATURO_CLIENT_SECRET": running.standin.client_secret,
        }
        how = ("--url", running.url, "--mode", "poll")
        done("--data", tmp_path, "connect", "mautic", *how, **given)
        told = done("--data", tmp_path, "connections", "remove", "mautic", "--yes")
    assert "FAILED" not in told


@pytest.mark.parametrize("what", ["test", "remove", "reauthenticate"])
def test_a_name_nobody_connected_is_said(tmp_path: Path, what: str) -> None:
    connected(tmp_path)
    assert "`maturo connections` lists them" in refused(
        "--data", tmp_path, "connections", what, "nobody"
    )


def test_a_webhook_is_published_again_only_on_request(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = connected(tmp_path)
    assert "did not install the webhook" in refused(
        "--data", data, "connections", "republish", "mautic"
    )
    with runtime_of(data) as runtime, runtime.engine.begin() as connection:
        url = "https://maturo.example/hooks/mautic"
        connection.execute(tables.connections.update().values(webhook_url=url))
    asked: list[str] = []

    def publish(_: MauticSession, url: str) -> Check:
        asked.append(url)
        return Check("webhook", True, "published again")

    monkeypatch.setattr(MauticSession, "publish_webhook", publish)
    said = done("--data", data, "connections", "republish", "mautic")
    assert said == "ok     webhook: published again\n"
    assert asked == [url]
    with runtime_of(data) as runtime, runtime.engine.begin() as connection:
        [webhook] = webhooks.all_webhooks(connection)
    assert webhook.ok
