"""What storage promises of connections, scorecards and its own progress, on every engine."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import Connection, Engine

from plugin.storage import (
    connections,
    progress,
    scorecards,
    tallies,
)
from plugin.storage.connections import StoredInbound
from plugin.storage.vault import Vault, VaultError
from tests.contract.storage_kit import (
    ACME,
    GLOBEX,
    NOW,
    VAULT,
    later,
    new_connection,
    rows,
)


def test_tallies_add_up(db: Connection) -> None:
    tallies.add(db, ACME, {"echoes": 2, "tests": 0}, NOW)
    tallies.add(db, ACME, {"echoes": 3}, later(hours=1))
    assert tallies.read(db, ACME) == {"echoes": tallies.Tally(5, later(hours=1))}
    assert tallies.read(db, GLOBEX) == {}


def test_secrets_are_not_in_the_database(engine: Engine, tmp_path: Path) -> None:
    with engine.connect() as connection:
        found = connections.find(connection, VAULT, "acme")
        written = repr(rows(connection, "connections")).encode()
    assert found is not None
    assert found.settings == {"base_url": "https://m.example", "password": "platform-password"}
    assert found.webhook_secrets == ("webhook-secret",)
    assert "password" not in repr(found)
    assert "webhook-secret" not in repr(found)
    written += b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"https://m.example" in written
    assert b"platform-password" not in written
    assert b"webhook-secret" not in written


def test_a_connection_saved_again_keeps_id_and_birth(db: Connection) -> None:
    connections.set_state(db, ACME, connections.NEEDS_AUTHENTICATION)
    connections.save(db, VAULT, new_connection("acme", author="other"), later(days=1))
    found = connections.find(db, VAULT, "acme")
    assert found is not None
    assert (found.id, found.created_at, found.author, found.state) == (
        ACME,
        NOW,
        "other",
        connections.READY,
    )
    assert [one.name for one in connections.all_connections(db, VAULT)] == ["acme", "globex"]
    inbound = connections.find_inbound(db, VAULT, "acme")
    assert inbound == StoredInbound(
        "mautic", ("webhook-secret",), {"base_url": "https://m.example"}
    )
    assert "webhook-secret" not in repr(inbound)
    assert connections.find(db, VAULT, "none") is None
    assert connections.find_inbound(db, VAULT, "none") is None


def test_keys_can_be_changed_while_the_old_one_is_still_listed(db: Connection) -> None:
    old, new = (Fernet.generate_key().decode() for _ in range(2))
    connections.save(db, Vault(old), new_connection("third"), NOW)
    both = Vault(f"{new}, {old}")
    assert connections.find(db, both, "third") is not None
    connections.save(db, both, new_connection("third"), NOW)
    assert connections.find(db, Vault(new), "third") is not None
    with pytest.raises(VaultError, match="MATURO_KEY"):
        connections.find(db, Vault(old), "third")


def test_the_scorecard_in_force_at_any_moment(db: Connection) -> None:
    second = scorecards.publish(db, "second", later(hours=2))
    found = [
        scorecards.in_force(db, at)
        for at in (None, later(hours=-9), NOW, later(hours=1), later(hours=2))
    ]
    assert [one and one.id for one in found] == [second, 1, 1, 1, second]
    assert scorecards.get(db, second).source == "second"


def test_progress_is_kept_and_the_epoch_never_changes(db: Connection) -> None:
    assert progress.inbox_cursor(db) == 0
    progress.advance_inbox_cursor(db, 7)
    for epoch in ("first", "second"):
        progress.adopt_inbox_epoch(db, epoch)
    assert (progress.inbox_cursor(db), progress.inbox_epoch(db)) == (7, "first")
    assert progress.erasure_salt(db) == progress.erasure_salt(db)
