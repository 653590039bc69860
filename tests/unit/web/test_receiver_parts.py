from datetime import UTC, datetime

import pytest

from connectors.errors import Rejected
from connectors.mautic import CONNECTOR
from connectors.signature import sign
from plugin.services.receive import EmptyBody, Inbound, receive
from plugin.storage.connections import UnknownConnection
from plugin.storage.engine import sqlite_engine
from plugin.storage.inbox import InboxFull
from plugin.storage.inbox_file import FileInbox
from plugin.web.backlog import admission
from plugin.web.directory import remembered

NOW = datetime(2026, 3, 4, 5, 6, 7, 891234, tzinfo=UTC)


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


class Directory:
    """A directory that counts how often it is asked."""

    def __init__(self, **secrets: tuple[str, ...]) -> None:
        self.secrets = secrets
        self.asked = 0

    def __call__(self, name: str) -> Inbound | None:
        self.asked += 1
        return Inbound(CONNECTOR, self.secrets[name]) if name in self.secrets else None


@pytest.fixture
def inbox(tmp_path):
    inbox = FileInbox(sqlite_engine(tmp_path / "inbox.db"))
    yield inbox
    inbox.close()


def test_a_connection_is_looked_up_once_in_five_seconds():
    directory, clock = Directory(acme=("old",)), Clock()
    find = remembered(directory, clock=clock)
    find("acme")
    directory.secrets = {"acme": ("new",)}
    clock.now += 4.9
    assert find("acme") == Inbound(CONNECTOR, ("old",))
    clock.now += 0.1
    assert find("acme") == Inbound(CONNECTOR, ("new",))
    assert directory.asked == 2


def test_a_withdrawn_connection_is_forgotten_after_five_seconds():
    directory, clock = Directory(acme=("s",)), Clock()
    find = remembered(directory, clock=clock)
    find("acme")
    directory.secrets = {}
    clock.now += 5
    assert find("acme") is None


def test_an_unknown_name_is_found_as_soon_as_it_is_connected():
    directory = Directory()
    find = remembered(directory, clock=Clock())
    assert find("acme") is None
    directory.secrets = {"acme": ("s",)}
    assert find("acme") == Inbound(CONNECTOR, ("s",))


def test_the_secrets_are_in_no_repr():
    assert "hush" not in repr(Inbound(CONNECTOR, ("hush",)))


def test_deliveries_are_admitted_until_there_is_a_reason_not_to():
    reasons, clock = [], Clock()
    admit = admission(lambda: list(reasons), clock=clock)
    admit()
    reasons.append("the disk is full")
    clock.now += 0.9
    admit()
    clock.now += 0.1
    with pytest.raises(InboxFull, match="the disk is full"):
        admit()
    reasons.clear()
    clock.now += 1
    admit()


def test_an_authentic_body_becomes_a_receipt_whatever_it_holds(inbox):
    body = b"\x00 no JSON at all \xff"
    headers = {"Webhook-Signature": sign(body, "s"), "User-Agent": "x" * 999, "Cookie": "private"}
    issued = receive(inbox, Directory(acme=("s",)), "acme", headers, body, NOW)
    [receipt] = inbox.read(0, 10)
    assert (receipt.id, receipt.connection, receipt.received_at) == (issued, "acme", NOW)
    assert receipt.body == body
    assert receipt.headers == {"User-Agent": "x" * 300}


@pytest.mark.parametrize(
    ("connection", "body", "secret", "refusal"),
    [
        ("nobody", b"{}", "s", UnknownConnection),
        ("acme", b"", "s", EmptyBody),
        ("acme", b"{}", "wrong", Rejected),
        ("acme", b"{}", "", Rejected),
    ],
)
def test_what_is_not_authentic_leaves_no_receipt(inbox, connection, body, secret, refusal):
    headers = {"Webhook-Signature": sign(body, secret)}
    with pytest.raises(refusal):
        receive(inbox, Directory(acme=("s",)), connection, headers, body, NOW)
    assert inbox.last_id() == 0


@pytest.mark.parametrize("secret", ["old", "new"])
def test_both_secrets_count_during_a_rotation(inbox, secret):
    headers = {"Webhook-Signature": sign(b"{}", secret)}
    assert receive(inbox, Directory(acme=("new", "old")), "acme", headers, b"{}", NOW) == 1
