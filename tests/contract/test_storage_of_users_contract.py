"""What storage promises of users, links, keys and the audit, on every engine."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from plugin.storage import api_keys, audit, tries, users
from plugin.storage.users import Invitation
from tests.contract.storage_kit import NOW, later


def ada(db: Connection, **given: object) -> int:
    values = {"email": "ada@example.org", "name": "Ada", "role": "admin", "uniquifier": "u-ada"}
    return users.add_user(db, {**values, **given}, NOW)


def test_a_user_is_found_by_what_is_unique_and_only_the_given_is_changed(db: Connection) -> None:
    number = ada(db)
    users.change_user(db, number, {"active": 0})
    users.change_user(db, number, {"name": "Ada L."})
    found = users.find_user(db, "email", "ada@example.org")
    assert found
    assert (found.id, found.active, found.name, found.created_at) == (number, False, "Ada L.", NOW)
    assert users.find_user(db, "uniquifier", "u-ada") == found
    assert users.find_user(db, "uniquifier", "other") is None
    with pytest.raises(KeyError, match="no column created_at"):
        users.change_user(db, number, {"created_at": 0})


def test_only_active_users_are_counted(db: Connection) -> None:
    ada(db)
    ada(db, email="bob@example.org", uniquifier="u-bob", active=0)
    assert (users.count_users(db), users.count_users(db, "viewer")) == (1, 0)
    assert [one.email for one in users.all_users(db)] == ["ada@example.org", "bob@example.org"]


def test_an_address_belongs_to_one_user(db: Connection) -> None:
    ada(db)
    with pytest.raises(IntegrityError), db.begin_nested():
        ada(db, uniquifier="u-other")


def test_a_link_is_used_once_and_in_time(db: Connection) -> None:
    link = Invitation("d", "bob@example.org", "viewer", ada(db), later(days=1))
    users.add_invitation(db, link)
    assert users.find_invitation(db, "d", NOW) == link
    assert users.pending_invitations(db, NOW) == [link]
    assert users.find_invitation(db, "d", later(days=1)) is None
    assert [users.use_invitation(db, "d", NOW) for _ in range(2)] == [True, False]
    assert users.pending_invitations(db, NOW) == []


def test_a_withdrawn_link_is_gone(db: Connection) -> None:
    users.add_invitation(db, Invitation("d", "bob@example.org", "viewer", None, later(days=1)))
    assert users.withdraw_invitations(db, "bob@example.org", NOW) == 1
    assert users.find_invitation(db, "d", NOW) is None


def test_a_key_is_found_noted_and_revoked_once(db: Connection) -> None:
    number = api_keys.add(db, "d", "maturo_ab", "n8n", "read", "ada", later(days=1), NOW)
    api_keys.used(db, number, later(hours=1))
    found = api_keys.find(db, "d")
    assert found
    assert (found.last_used_at, found.expires_at) == (later(hours=1), later(days=1))
    revoked = api_keys.revoke(db, number, NOW)
    assert revoked
    assert revoked.revoked_at == NOW
    assert api_keys.revoke(db, number, NOW) is None
    assert [one.name for one in api_keys.every(db)] == ["n8n"]


def test_the_audit_is_read_backwards_in_pages(db: Connection) -> None:
    for count in range(3):
        audit.append(db, NOW, "ada", "key.made", str(count), None, "read")
    audit.append(db, NOW, "bob", "user.invited", "eve", None, None)
    newest, *_ = audit.lines(db, limit=1)
    assert newest.object == "eve"
    assert [one.object for one in audit.lines(db, before_id=newest.id, limit=2)] == ["2", "1"]
    assert [one.object for one in audit.lines(db, who="bob")] == ["eve"]
    assert len(audit.lines(db, what="key.made")) == 3


def test_tries_are_counted_until_their_while_ends(db: Connection) -> None:
    assert tries.so_far(db, "d", NOW) == (0, NOW)
    tries.add(db, "d", 1, later(minutes=1), NOW)
    tries.add(db, "d", 2, later(minutes=2), later(seconds=30))
    tries.add(db, "e", 1, later(minutes=2), later(seconds=30))
    assert tries.so_far(db, "d", later(seconds=59)) == (3, later(minutes=1))
    assert tries.so_far(db, "d", later(minutes=1))[0] == 0
    tries.add(db, "d", 1, later(minutes=3), later(minutes=1))
    assert tries.so_far(db, "d", later(minutes=1)) == (1, later(minutes=3))
    assert tries.so_far(db, "e", later(minutes=1))[0] == 1
