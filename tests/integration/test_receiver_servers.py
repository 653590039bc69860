import os
import random
import resource
import signal
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from threading import Event, Lock

import pytest
from receiver_kit import (
    SERVERS,
    end,
    exchange,
    exit_code,
    installed,
    post,
    recorded_delivery,
    served,
    signed,
    stored,
)

from tests.deadlines import DEADLINE
from tests.torture import repeated

pytestmark = pytest.mark.slow
KILLS = repeated(2, 25)
BODY = b'{"mautic.page_on_hit":[{}]}'
CHUNKED = (
    "POST /hooks/acme HTTP/1.1\r\nHost: t\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n"
)


def chunked(body: bytes, size: int = 4096) -> bytes:
    head = CHUNKED + "".join(f"{name}: {value}\r\n" for name, value in signed(body).items())
    parts = [body[start : start + size] for start in range(0, len(body), size)]
    return (
        head.encode()
        + b"\r\n"
        + b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts)
        + b"0\r\n\r\n"
    )


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1]) if answer else 0


@pytest.mark.parametrize("server", SERVERS)
def test_each_server_stores_a_signed_delivery_and_refuses_the_rest(tmp_path, server):
    config = installed(tmp_path, body_limit=200_000)
    headers, body = recorded_delivery()
    large, over = os.urandom(199_999), os.urandom(200_001)
    with served(config, server):
        asked = {
            "recorded": post(body, headers),
            "large": post(large, signed(large)),
            "chunked": chunked(body),
            "forged": post(body, {"Webhook-Signature": "AAAA"}),
            "over": post(over, signed(over)),
            "over, chunked": chunked(over),
            "empty": post(b"", signed(b"")),
            "no length": b"POST /hooks/acme HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n",
        }
        answers = {name: exchange(config.port, request) for name, request in asked.items()}
        slow = in_pieces(config.port, post(large, signed(large)))
    assert {name: status(answer) for name, answer in answers.items()} == {
        "recorded": 200,
        "large": 200,
        "chunked": 200,
        "forged": 401,
        "over": 413,
        "over, chunked": 413,
        "empty": 400,
        "no length": 400,
    }
    assert status(slow) == 200
    assert [receipt.body for receipt in stored(config)] == [body, large, body, large]


def in_pieces(port: int, request: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=DEADLINE) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for start in range(0, len(request), 10_000):
            sock.sendall(request[start : start + 10_000])
        return b"".join(iter(lambda: sock.recv(65536), b""))


def test_s02_hostile_bytes_are_refused_and_leave_neither_row_nor_traceback(tmp_path):
    config = installed(tmp_path)
    hostile = {
        "path traversal": post(BODY, signed(BODY), "/hooks/../../etc/passwd"),
        "NUL in the path": post(BODY, signed(BODY), "/hooks/acme%00"),
        "raw NUL in the path": post(BODY, signed(BODY), "/hooks/ac\x00me"),
        "raw bytes in the path": post(BODY, signed(BODY), "/hooks/\xff\xfe"),
        "absolute address": post(BODY, signed(BODY), "http://evil.example/hooks/nobody"),
        "header of 100 kB": post(BODY, {"X-Long": "a" * 100_000}),
        "200 headers": post(BODY, {f"X-{n}": "a" for n in range(200)}),
        "bytes in a header": post(BODY, {"Webhook-Signature": "\xff\xfe\x80"}),
        "name with a space": post(BODY, {"Webhook Signature": "x"}),
        "negative length": b"POST /hooks/acme HTTP/1.1\r\nHost: t\r\nContent-Length: -1\r\n\r\n",
        "length of letters": b"POST /hooks/acme HTTP/1.1\r\nHost: t\r\nContent-Length: ten\r\n\r\n",
        "huge length": b"POST /hooks/acme HTTP/1.1\r\nHost: t\r\nConnection: close\r\n"
        b"Content-Length: 99999999999\r\n\r\n",
        "broken chunk": CHUNKED.encode() + b"\r\nZZ\r\nabc\r\n0\r\n\r\n",
        "PUT": post(BODY, signed(BODY)).replace(b"POST", b"PUT", 1),
        "TRACE": post(BODY, signed(BODY)).replace(b"POST", b"TRACE", 1),
        "no HTTP at all": os.urandom(2000),
        "two lengths": post(BODY, signed(BODY) | {"content-length": "5"}),
    }
    with served(config):
        found = {name: status(exchange(config.port, raw)) for name, raw in hostile.items()}
        cut_short(config.port)
        assert status(exchange(config.port, post(BODY, signed(BODY)))) == 200
    # 0: the server hung up, which is a refusal too.
    accepted = {name: code for name, code in found.items() if not (code == 0 or 400 <= code < 500)}
    assert accepted == {}
    assert len(stored(config)) == 1
    log = (config.data / "server.log").read_text(errors="replace")
    assert "Traceback" not in log


def cut_short(port: int) -> None:
    """A client that promises 1,000 bytes, sends ten and leaves."""
    with socket.create_connection(("127.0.0.1", port)) as sock:
        head = b"POST /hooks/acme HTTP/1.1\r\nHost: t\r\nContent-Length: 1000\r\n\r\n"
        sock.sendall(head + b"0123456789")


def test_f01_after_kill_9_under_load_every_acknowledged_body_is_in_the_inbox(tmp_path, account):
    config = installed(tmp_path)
    acknowledged: set[bytes] = set()
    for run in range(KILLS):
        with served(config) as process:
            enough, stop = Tally(300), Event()
            with ThreadPoolExecutor(16) as senders:
                jobs = [
                    senders.submit(send_until, config.port, b"%d/%d" % (run, n), enough, stop)
                    for n in range(16)
                ]
                assert enough.reached.wait(DEADLINE)
                end(process, signal.SIGKILL)
                stop.set()
                acknowledged |= {body for job in jobs for body in job.result(DEADLINE)}
    found = [receipt.body for receipt in stored(config)]
    assert len(acknowledged) >= 300 * KILLS
    account(
        kills=KILLS,
        activities=len(acknowledged),
        lost=len(acknowledged - set(found)),
        doubled=len(found) - len(set(found)),
    )


class Tally:
    """Counts over all threads; ``reached`` once there were so many."""

    def __init__(self, wanted: int) -> None:
        self._left, self._lock, self.reached = wanted, Lock(), Event()

    def one_more(self) -> None:
        with self._lock:
            self._left -= 1
            if self._left == 0:
                self.reached.set()


def send_until(port: int, name: bytes, enough: Tally, stop: Event) -> list[bytes]:
    """Bodies that were answered 200 over one connection, until it breaks."""
    acknowledged: list[bytes] = []
    with socket.create_connection(("127.0.0.1", port), timeout=DEADLINE) as sock:
        while not stop.is_set():
            body = b"%s/%d %s" % (name, len(acknowledged), os.urandom(random.randrange(4000)))
            request = post(body, signed(body)).replace(b"Connection: close\r\n", b"")
            try:
                sock.sendall(request)
                answer = sock.recv(4096)
            except OSError:
                break
            if not answer.startswith(b"HTTP/1.1 200"):
                break
            acknowledged.append(body)
            enough.one_more()
    return acknowledged


def test_f01_sigterm_answers_what_is_in_flight_first(tmp_path):
    config = installed(tmp_path)
    body = os.urandom(100_000)
    request = post(body, signed(body))
    with served(config) as process:
        with socket.create_connection(("127.0.0.1", config.port), timeout=DEADLINE) as sock:
            sock.sendall(request[:50_000])
            # Another request was answered: so the first one has arrived before the signal.
            assert status(exchange(config.port, post(BODY, signed(BODY)))) == 200
            os.killpg(process.pid, signal.SIGTERM)
            sock.sendall(request[50_000:])
            assert sock.recv(4096).startswith(b"HTTP/1.1 200")
        assert exit_code(process) == 0
    assert body in [receipt.body for receipt in stored(config)]


def test_f06_a_receiver_whose_disk_fails_ends_with_an_error_instead_of_answering(tmp_path):
    config = installed(tmp_path)
    body = os.urandom(300_000)
    with served(config) as process:
        assert status(exchange(config.port, post(BODY, signed(BODY)))) == 200
        limit_files(process.pid, 100_000)
        assert status(exchange(config.port, post(body, signed(body)))) in (0, 503)
        assert exit_code(process) == 1
    assert [receipt.body for receipt in stored(config)] == [BODY]
    with served(config):
        assert status(exchange(config.port, post(body, signed(body)))) == 200
    assert [receipt.body for receipt in stored(config)] == [BODY, body]


def limit_files(group: int, size: int) -> None:
    """From now on every write beyond ``size`` fails in the processes of that group."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and os.getpgid(int(entry.name)) == group:
            resource.prlimit(int(entry.name), resource.RLIMIT_FSIZE, (size, size))


def test_s02_a_hundred_silent_connections_lock_nobody_out(tmp_path):
    config = installed(tmp_path)
    with served(config), ExitStack() as silent:
        for _ in range(100):
            silent.enter_context(socket.create_connection(("127.0.0.1", config.port)))
        assert status(exchange(config.port, post(BODY, signed(BODY)))) == 200


def test_s02_behind_a_server_that_buffers_unfinished_bodies_lock_nobody_out(tmp_path):
    # granian gives each its thread for as long as it likes: docs/operation.md.
    config = installed(tmp_path)
    request = post(BODY, signed(BODY))
    with served(config, "waitress"), ExitStack() as unfinished:
        for _ in range(40):
            client = socket.create_connection(("127.0.0.1", config.port))
            unfinished.enter_context(client).sendall(request[:-5])
        assert status(exchange(config.port, request)) == 200
    assert [receipt.body for receipt in stored(config)] == [BODY]
