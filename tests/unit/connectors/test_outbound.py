"""Where calls to typed addresses may lead: nothing but what was checked is ever connected to."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import httpx
import pytest
import requests

from connectors.errors import Refused, Transient
from connectors.outbound import CheckedTransport, check_url, guarded_session


def at(*addresses: str):
    return lambda host, port: addresses


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.org/x",
        "file:///etc/passwd",
        "example.org",
        "https://",
        "https://ada:secret@example.org/",
        "https://example.org:99999/",
        "http://[::1/",
        "",
    ],
)
def test_what_is_no_address_of_the_web_is_refused(url):
    with pytest.raises(Refused, match="expected an address such as https"):
        check_url(url, private=True, lookup=at("93.184.216.34"))


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::"),
        *("10.0.0.1", "172.16.3.4", "192.168.1.1", "100.64.0.1", "fd00::1", "::ffff:10.1.1.1"),
    ],
)
def test_addresses_of_ones_own_network_need_the_setting(address):
    with pytest.raises(Refused, match=r"tool\.example is at .*: calls to loopback, private"):
        check_url("https://tool.example/x", lookup=at(address))
    assert check_url("https://tool.example/x", private=True, lookup=at(address)) == address


@pytest.mark.parametrize(
    "address",
    [
        *("169.254.169.254", "fe80::1%eth0", "::ffff:169.254.169.254", "0.0.0.0", "0.1.2.3", "::"),
        *("224.0.0.1", "ff02::1", "255.255.255.255", "240.0.0.1"),
    ],
)
def test_addresses_that_nobody_means_are_refused_whatever_the_setting(address):
    with pytest.raises(Refused, match="is at"):
        check_url("https://tool.example/x", private=True, lookup=at(address))


@pytest.mark.parametrize("url", ["http://2130706433/", "http://0x7f.1/", "http://localhost/"])
def test_other_ways_to_write_loopback_are_seen_through(url):
    with pytest.raises(Refused, match=r"is at (127\.0\.0\.1|::1)"):
        check_url(url)


def test_one_bad_address_among_good_ones_is_enough():
    with pytest.raises(Refused, match=r"is at 10\.0\.0\.1"):
        check_url("https://tool.example/", lookup=at("93.184.216.34", "10.0.0.1"))
    assert check_url("https://tool.example/", lookup=at("93.184.216.34")) == "93.184.216.34"


def test_a_name_nobody_knows_is_tried_again():
    def unknown(host, port):
        raise socket.gaierror(-2, "Name or service not known")

    with pytest.raises(Transient, match=r"tool\.example: the name is not known now"):
        check_url("https://tool.example/", lookup=unknown)
    with pytest.raises(Transient, match="has no address"):
        check_url("https://tool.example/", lookup=at())
    with pytest.raises(Refused, match="expected the name"):
        check_url(f"https://{'x' * 70}.example/")


class _Answers(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.server.asked.append((self.path, self.headers["Host"]))
        self.send_response(302 if self.path == "/away" else 200)
        self.send_header("Location", "http://169.254.169.254/latest/meta-data")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server(monkeypatch) -> Iterator[HTTPServer]:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    server = HTTPServer(("127.0.0.1", 0), _Answers)
    server.asked = []
    thread = Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_call_goes_to_the_checked_address_under_the_name(server):
    looked = []

    def lookup(host, port):
        looked.append(host)
        return ["127.0.0.1"] if len(looked) == 1 else ["169.254.169.254"]

    url = f"http://tool.example:{server.server_port}/in"
    with guarded_session(private=True, lookup=lookup) as session:
        assert session.post(url, data=b"{}").status_code == 200
        # The name now leads elsewhere: it is checked anew for each call.
        with pytest.raises(Refused, match=r"169\.254\.169\.254"):
            session.post(url, data=b"{}")
    assert server.asked == [("/in", f"tool.example:{server.server_port}")]


def test_a_redirect_is_an_answer_and_is_not_followed(server):
    url = f"http://tool.example:{server.server_port}/away"
    with guarded_session(private=True, lookup=at("127.0.0.1")) as session:
        assert session.post(url, data=b"{}", allow_redirects=True).status_code == 302
    assert len(server.asked) == 1


def test_a_call_never_waits_without_end(monkeypatch, server):
    waited = []
    send = requests.adapters.HTTPAdapter.send
    monkeypatch.setattr(
        requests.adapters.HTTPAdapter,
        "send",
        lambda self, *given: (waited.append(given[2]), send(self, *given))[1],
    )
    with guarded_session(private=True, lookup=at("127.0.0.1")) as session:
        session.post(f"http://tool.example:{server.server_port}/in", data=b"{}")
    assert waited == [(5.0, 30.0)]


def test_behind_a_proxy_names_are_the_proxys_and_addresses_are_checked(server, monkeypatch):
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{server.server_port}")
    with guarded_session(lookup=at("10.9.9.9")) as session:
        assert session.post("http://tool.example/in", data=b"{}").status_code == 200
        with pytest.raises(Refused, match=r"10\.9\.9\.9"):
            session.post("http://127.0.0.2/in", data=b"{}")
    assert server.asked == [("http://tool.example/in", "tool.example")]


def test_the_password_file_of_whoever_runs_us_is_not_read(server, monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine tool.example login ada password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    with guarded_session(private=True, lookup=at("127.0.0.1")) as session:
        answer = session.post(f"http://tool.example:{server.server_port}/in", data=b"{}")
    assert "Authorization" not in answer.request.headers


def test_a_certificate_must_be_of_the_named_host(monkeypatch):
    named = []

    def wrapped(self, sock, **given):
        named.append(given["server_hostname"])
        raise ssl.SSLCertVerificationError("not of that host")

    monkeypatch.setattr(ssl.SSLContext, "wrap_socket", wrapped)
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    with (
        guarded_session(private=True, lookup=at("127.0.0.1")) as session,
        pytest.raises(requests.exceptions.SSLError),
    ):
        session.post(f"https://tool.example:{port}/", data=b"{}")
    listening.close()
    assert named == ["tool.example"]


def test_httpx_connects_to_the_checked_address_under_the_name(server):
    url = f"http://tool.example:{server.server_port}/in"
    transport = CheckedTransport(private=True, lookup=at("127.0.0.1"))
    with httpx.Client(transport=transport) as client:
        assert client.post(url).status_code == 200
    assert server.asked == [("/in", f"tool.example:{server.server_port}")]
    with (
        httpx.Client(transport=CheckedTransport(lookup=at("10.0.0.1"))) as client,
        pytest.raises(Refused),
    ):
        client.post(url)


def test_httpx_asks_for_the_certificate_of_the_named_host():
    seen = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append((request.url.host, request.headers["Host"], request.extensions["sni_hostname"]))
        return httpx.Response(200)

    under = httpx.MockTransport(answer)
    transport = CheckedTransport(lookup=at("93.184.216.34"), under=under)
    with httpx.Client(transport=transport) as client:
        client.get("https://tool.example/")
    assert seen == [("93.184.216.34", "tool.example", "tool.example")]
