import logging
import re
import sqlite3
from contextlib import closing
from types import SimpleNamespace

import pytest
from receiver_kit import (
    OTHER_SECRET,
    SECRET,
    client,
    connect,
    installed,
    recorded_delivery,
    signed,
    stored,
)
from sqlalchemy import event

from connectors.signature import sign
from plugin.storage.engine import sqlite_engine
from plugin.storage.progress import advance_inbox_cursor
from plugin.web import create_app

BODY = b'{"mautic.page_on_hit":[{}]}'
DEEP = b"[" * 100_000
#: A name for each, so that the report says which one got through.
UNSIGNED = {
    "no signature": (BODY, {}),
    "empty signature": (BODY, {"Webhook-Signature": ""}),
    "signature that is no base64": (BODY, {"Webhook-Signature": "%%%==="}),
    "signature of raw bytes": (BODY, {"Webhook-Signature": "\xe9\xff\x80" * 10}),
    "signature cut short": (BODY, {"Webhook-Signature": sign(BODY, SECRET)[:-1]}),
    "signature with more behind it": (BODY, {"Webhook-Signature": sign(BODY, SECRET) + "A"}),
    "signature of another body": (BODY, {"Webhook-Signature": sign(BODY + b" ", SECRET)}),
    "signature of another connection": (BODY, {"Webhook-Signature": sign(BODY, OTHER_SECRET)}),
    "signature with an empty secret": (BODY, {"Webhook-Signature": sign(BODY, "")}),
    "signature of 50 kB": (BODY, {"Webhook-Signature": "A" * 50_000}),
    "deep nesting": (DEEP, {"Webhook-Signature": "x"}),
    "huge number": (b'{"a":1e999999, "b":' + b"9" * 10_000 + b"}", {}),
    "JSON cut short": (b'{"mautic.page_on_hit":[', {}),
    "charset that does not exist": (BODY, {"Content-Type": "application/json; charset=klingon"}),
    "form instead of JSON": (b"a=1", {"Content-Type": "application/x-www-form-urlencoded"}),
    "form with a broken boundary": (b"--x", {"Content-Type": "multipart/form-data; boundary="}),
}


@pytest.fixture
def config(tmp_path):
    return installed(tmp_path)


@pytest.fixture
def http(config):
    return client(config)


def shape(answer) -> tuple[int, str]:
    assert set(answer.json) == {"type", "title", "status", "detail"}
    assert answer.mimetype == "application/problem+json"
    assert answer.json["status"] == answer.status_code
    return answer.status_code, answer.json["title"]


def test_a_recorded_delivery_is_acknowledged_with_nothing_and_kept_as_it_came(config, http):
    headers, body = recorded_delivery()
    answer = http.post("/hooks/acme", data=body, headers=headers)
    assert (answer.status_code, answer.data) == (200, b"")
    [receipt] = stored(config)
    assert (receipt.connection, receipt.body) == ("acme", body)
    assert receipt.headers == {"Content-Type": "application/json", "User-Agent": "GuzzleHttp/7"}


@pytest.mark.parametrize("path", ["/hooks/acme", "/hooks/acme/"])
def test_both_forms_of_the_address_work_without_a_redirect(config, http, path):
    assert http.post(path, data=BODY, headers=signed(BODY)).status_code == 200
    assert len(stored(config)) == 1


@pytest.mark.parametrize("body", [DEEP, b"\x00\xff", b'{"a":'], ids=["deep", "bytes", "cut"])
def test_an_authentic_body_is_kept_whatever_it_holds(config, http, body):
    assert http.post("/hooks/acme", data=body, headers=signed(body)).status_code == 200
    assert stored(config)[0].body == body


@pytest.mark.parametrize("path", ["/hooks/acme", "/hooks/nobody", "/hooks/acme/"])
def test_probes_of_platforms_are_answered_alike_for_every_name(http, path):
    assert http.get(path).status_code == http.head(path).status_code == 200
    assert http.get(path).data == b""


@pytest.mark.parametrize("case", UNSIGNED)
def test_s01_what_is_not_signed_is_refused_and_leaves_nothing(config, http, caplog, case):
    body, headers = UNSIGNED[case]
    caplog.set_level(logging.DEBUG)
    answer = http.post("/hooks/acme", data=body, headers=headers)
    assert shape(answer) == (401, "Unauthorized")
    assert stored(config) == []
    assert caplog.records == []


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("POST", "/hooks/nobody", 404),
        ("POST", "/hooks/ACME", 404),
        ("POST", "/hooks/acme%00", 404),
        ("POST", "/hooks/%ff%fe", 404),
        ("POST", "/hooks/..%2f..%2fetc%2fpasswd", 404),
        ("POST", "/hooks/acme/../acme", 404),
        ("POST", "//hooks/acme", 404),
        ("POST", "/hooks//acme", 404),
        ("POST", "/hooks/" + "a" * 10_000, 404),
        ("POST", "/hooks/acme' OR 1=1 --", 404),
        ("POST", "/hooks", 404),
        ("PUT", "/hooks/acme", 405),
        ("DELETE", "/hooks/acme", 405),
        ("TRACE", "/hooks/acme", 405),
        ("BREW", "/hooks/acme", 405),
    ],
)
def test_other_addresses_and_methods_are_refused_even_when_signed(
    config, caplog, method, path, expected
):
    whole = create_app(config).test_client()
    answer = whole.open(path, method=method, data=BODY, headers=signed(BODY))
    assert shape(answer)[0] == expected
    assert stored(config) == []
    assert caplog.records == []


def test_an_empty_body_is_refused_even_when_signed(config, http):
    answer = http.post("/hooks/acme", data=b"", headers=signed(b""))
    assert shape(answer) == (400, "Bad Request")
    assert stored(config) == []


def test_s02_a_body_over_the_cap_is_refused_and_one_of_just_the_cap_is_not(tmp_path):
    config = installed(tmp_path, body_limit=1000)
    http = client(config)
    for size, expected in ((1001, 413), (1000, 200)):
        body = bytes(size)
        assert http.post("/hooks/acme", data=body, headers=signed(body)).status_code == expected
    assert [len(receipt.body) for receipt in stored(config)] == [1000]


def test_s01_both_secrets_of_a_rotation_count_and_another_connection_s_does_not(config):
    connect(config, "acme", "new-secret", SECRET)
    http = client(config)
    for secret, expected in (("new-secret", 200), (SECRET, 200), (OTHER_SECRET, 401)):
        answer = http.post("/hooks/acme", data=BODY, headers=signed(BODY, secret))
        assert answer.status_code == expected


def test_f06_nothing_is_acknowledged_when_the_commit_fails(config):
    assert client(config).post("/hooks/acme", data=BODY, headers=signed(BODY)).status_code == 200
    with closing(sqlite3.connect(config.inbox_path)) as saboteur:
        saboteur.execute(
            "CREATE TRIGGER saboteur AFTER INSERT ON receipts "
            "BEGIN SELECT RAISE(ROLLBACK, 'no'); END"
        )
    told: list[str] = []
    http = create_app(config, on_broken=lambda: told.append("broken")).test_client()
    answer = http.post("/hooks/acme", data=BODY, headers=signed(BODY))
    assert shape(answer) == (503, "Service Unavailable")
    assert answer.headers["Retry-After"] == "30"
    assert told == ["broken"]
    assert len(stored(config)) == 1
    assert "inbox failed" in http.get("/readyz").json["reasons"][0]


def test_a_locked_inbox_is_503_and_works_again_afterwards(config):
    engine = sqlite_engine(config.inbox_path)
    event.listen(engine, "connect", lambda raw, _: raw.execute("PRAGMA busy_timeout = 10"))
    http = client(config, engine)
    with closing(sqlite3.connect(config.inbox_path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        answer = http.post("/hooks/acme", data=BODY, headers=signed(BODY))
        assert "locked" in http.get("/readyz").json["reasons"][0]
        other.execute("ROLLBACK")
    assert shape(answer) == (503, "Service Unavailable")
    assert "locked" not in answer.text
    assert http.get("/readyz").status_code == 200
    assert http.post("/hooks/acme", data=BODY, headers=signed(BODY)).status_code == 200
    assert len(stored(config)) == 1


def test_f08_while_the_main_database_is_out_of_reach_deliveries_are_503(config):
    http = client(config)
    with closing(sqlite3.connect(config.main_path)) as saboteur:
        saboteur.execute("ALTER TABLE connections RENAME TO away")
        answer = http.post("/hooks/acme", data=BODY, headers=signed(BODY))
        assert shape(answer) == (503, "Service Unavailable")
        assert answer.headers["Retry-After"] == "30"
        saboteur.execute("ALTER TABLE away RENAME TO connections")
    assert http.post("/hooks/acme", data=BODY, headers=signed(BODY)).status_code == 200


def test_s02_a_full_backlog_is_503_with_its_reason_in_readyz(tmp_path):
    config = installed(tmp_path, backlog_limit=2)
    http = client(config)
    for _ in range(2):
        assert http.post("/hooks/acme", data=BODY, headers=signed(BODY)).status_code == 200
    http = client(config)  # measures anew
    answer = http.post("/hooks/acme", data=BODY, headers=signed(BODY))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    assert http.get("/readyz").json == {
        "ready": False,
        "reasons": ["2 receipts wait to be scored, the limit is 2"],
        "warnings": [],
    }
    main = sqlite_engine(config.main_path)
    with main.begin() as connection:
        advance_inbox_cursor(connection, 2)
    main.dispose()
    assert http.get("/readyz").json == {"ready": True, "reasons": [], "warnings": []}


@pytest.mark.parametrize(
    ("free", "total", "expected"), [(5, 10**12, 200_000_000), (5, 10**6, 20_000)]
)
def test_a_nearly_full_disk_is_not_ready_and_takes_nothing_more(
    tmp_path, monkeypatch, free, total, expected
):
    http = client(installed(tmp_path))
    usage = SimpleNamespace(free=free, total=total)
    monkeypatch.setattr("shutil.disk_usage", lambda path: usage)
    answer = http.get("/readyz")
    assert answer.status_code == 503
    told = f"{free} bytes free in the data folder, expected {expected} or more"
    assert answer.json["reasons"] == [told]
    refused = http.post("/hooks/acme", data=BODY, headers=signed(BODY))
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "30")
    assert http.get("/healthz").json == {"alive": True}


def test_limits_that_come_near_are_told_long_before(tmp_path, monkeypatch):
    http = client(installed(tmp_path, backlog_limit=4))
    usage = SimpleNamespace(free=10**9, total=10**12)
    monkeypatch.setattr("shutil.disk_usage", lambda path: usage)
    for _ in range(2):
        assert http.post("/hooks/acme", data=BODY, headers=signed(BODY)).status_code == 200
    answer = http.get("/readyz")
    assert (answer.status_code, answer.json["ready"]) == (200, True)
    assert answer.json["warnings"] == [
        "2 receipts wait to be scored, the limit is 4",
        "1000000000 bytes free in the data folder, expected 2000000000 or more",
    ]
    figures = http.get("/metrics").get_data(as_text=True)
    assert "maturo_disk_free_bytes 1e+09" in figures
    assert "maturo_backlog_receipts 2.0" in figures
    assert float(re.search(r"(?m)^maturo_backlog_oldest_seconds (.*)$", figures)[1]) > 0


def test_the_figures_count_every_outcome_and_the_commits(http):
    http.post("/hooks/acme", data=BODY, headers=signed(BODY))
    http.post("/hooks/acme", data=BODY)
    http.post("/hooks/nobody", data=BODY)
    http.get("/hooks/acme")
    figures = http.get("/metrics").text.splitlines()
    for line in (
        'maturo_receipts_total{outcome="stored"} 1.0',
        'maturo_receipts_total{outcome="unsigned"} 1.0',
        'maturo_receipts_total{outcome="unknown_connection"} 1.0',
        "maturo_inbox_commit_rows_sum 1.0",
        "maturo_inbox_commit_seconds_count 1.0",
        "maturo_receive_seconds_count 3.0",
        "maturo_backlog_receipts 1.0",
    ):
        assert line in figures
