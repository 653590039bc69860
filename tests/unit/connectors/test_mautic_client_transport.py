from __future__ import annotations

import ssl

import httpx
import pytest
from mautic_exchanges import BASE, BASIC, OAUTH, Replay, recorded, session

from connectors.certificates import trusted
from connectors.errors import Refused, Transient
from connectors.mautic import CONNECTOR
from connectors.mautic.auth import auth_for
from connectors.mautic.client import TIMEOUT, Client
from connectors.mautic.settings import Settings

CONTACTS = ("GET", "/api/contacts")


def client_of(*answers, base: str = BASE) -> tuple[Client, Replay]:
    path = httpx.URL(base).path.rstrip("/")
    replay = Replay({("GET", f"{path}/api/contacts"): list(answers)})
    return Client(base, httpx.BasicAuth("u", "p"), transport=replay), replay


@pytest.mark.parametrize(
    "failure",
    [
        httpx.ConnectTimeout("x"),
        httpx.ReadTimeout("x"),
        httpx.PoolTimeout("x"),
        httpx.ConnectError("[Errno 111] Connection refused"),
        httpx.ReadError("reset"),
        httpx.RemoteProtocolError("peer closed connection without sending complete message body"),
        httpx.ProxyError("407"),
        httpx.DecodingError("bad gzip"),
    ],
)
def test_a_lost_connection_is_transient_and_tried_once(failure):
    client, replay = client_of(failure)
    with pytest.raises(Transient, match=r"GET /api/contacts"):
        client.call(*CONTACTS)
    assert len(replay.requests) == 1


def test_a_refused_connection_says_why():
    client, _ = client_of(httpx.ConnectError("certificate verify failed: self-signed"))
    with pytest.raises(Transient, match="self-signed"):
        client.call(*CONTACTS)


def test_a_lying_content_encoding_is_transient():
    broken = httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=Bytes(b"no gzip"))
    client, _ = client_of(broken)
    with pytest.raises(Transient, match="DecodingError"):
        client.call(*CONTACTS)


class Bytes(httpx.SyncByteStream):
    def __init__(self, content: bytes) -> None:
        self._content = content

    def __iter__(self):
        yield self._content


def test_a_server_error_is_not_tried_again():
    client, replay = client_of(recorded("db_down"))
    with pytest.raises(Transient):
        client.call(*CONTACTS)
    assert len(replay.requests) == 1


@pytest.mark.parametrize("method", ["GET", "PATCH", "POST"])
def test_redirects_are_never_followed(method):
    answer = httpx.Response(
        301, headers={"Location": "https://elsewhere.example.test/api/contacts"}
    )
    replay = Replay({(method, "/api/contacts"): [answer]})
    client = Client(BASE, httpx.BasicAuth("u", "p"), transport=replay)
    with pytest.raises(Refused, match=r"redirects to https://elsewhere.example.test; use that one"):
        client.call(method, "/api/contacts")
    assert len(replay.requests) == 1


def test_a_redirect_of_the_token_request_is_refused_too():
    answer = httpx.Response(302, headers={"Location": "https://e.example.test/oauth/v2/token"})
    opened, _ = session({("POST", "/oauth/v2/token"): [answer]})
    with pytest.raises(Refused, match=r"redirects to https://e.example.test; use that one"):
        opened.probe()


def test_a_folder_of_the_address_is_kept_for_calls_and_token():
    routes = {
        ("POST", "/mautic/oauth/v2/token"): [recorded("oauth_token_client_credentials")],
        ("GET", "/mautic/api/contacts/1"): [recorded("stale_id_get")],
    }
    opened, replay = session(routes, OAUTH | {"base_url": f"{BASE}/mautic/"})
    assert opened.resolve("1").contact == "7"
    assert [request.url.path for request in replay.requests] == [
        "/mautic/oauth/v2/token",
        "/mautic/api/contacts/1",
    ]


def test_every_request_has_time_outs_and_says_who_asks():
    client, replay = client_of(recorded("contacts_bearer"))
    client.call(*CONTACTS, params={"limit": 1})
    [request] = replay.requests
    assert request.extensions["timeout"] == TIMEOUT.as_dict()
    assert TIMEOUT.as_dict() == {"connect": 5.0, "read": 60.0, "write": 60.0, "pool": 60.0}
    assert request.headers["User-Agent"] == "Maturo"
    assert request.headers["Accept"] == "application/json"
    assert request.url.query == b"limit=1"


def test_sessions_of_php_are_not_kept():
    first = recorded("contacts_bearer")
    first.headers["Set-Cookie"] = "mautic=1; path=/"
    client, replay = client_of(first, recorded("contacts_bearer"))
    client.call(*CONTACTS)
    client.call(*CONTACTS)
    assert "Cookie" not in replay.requests[1].headers


def test_proxies_of_the_environment_are_honoured_but_not_with_a_given_transport(monkeypatch):
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example.test:3128")
    client, replay = client_of(recorded("contacts_bearer"))
    client.call(*CONTACTS)
    assert len(replay.requests) == 1
    plain = Client(BASE, auth_for(BASIC, lambda: 0.0))
    assert [pattern.pattern for pattern in plain._http._mounts] == ["https://"]
    plain.close()


def test_every_single_request_is_paced_those_for_tokens_too():
    routes = {
        ("POST", "/oauth/v2/token"): [recorded("oauth_token_client_credentials")],
        ("GET", "/api/contacts/1"): [recorded("stale_id_get"), recorded("stale_id_get")],
    }
    replay, sent_before = Replay(routes), []
    settings = Settings().load(dict(OAUTH))
    opened = CONNECTOR.open(
        settings, transport=replay, pace=lambda: sent_before.append(len(replay.requests))
    )
    opened.resolve("1")
    opened.resolve("1")
    assert sent_before == [0, 1, 2]


def test_close_gives_connections_back():
    opened, _ = session({})
    opened.close()
    with pytest.raises(RuntimeError, match="closed"):
        opened.resolve("1")


def test_certificates_are_checked_and_read_once_for_all_clients():
    assert trusted() is trusted()
    assert trusted().check_hostname
    assert trusted().verify_mode is ssl.CERT_REQUIRED


def test_who_is_public_only_is_never_called_at_a_private_address(monkeypatch):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    given = {**BASIC, "base_url": "http://127.0.0.1:9", "public_only": True}
    with pytest.raises(Refused, match="private and other special addresses are refused"):
        CONNECTOR.open(Settings().load(given)).probe()
