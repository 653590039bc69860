from __future__ import annotations

from threading import Thread

import httpx
import pytest
from standin_receiver import SECRET, hook_to

from connectors.mautic.standin import Running, StandIn, create_app, serve

PLUS = "/api/contacts/1/points/plus/5"


@pytest.fixture
def running():
    standin = StandIn()
    contact = standin.create()
    contact.values["email"] = "ada@example.test"
    with serve(standin) as served:
        yield served


def post(running: Running, path: str, timeout: float = 5.0) -> httpx.Response:
    pair = (running.standin.user, running.standin.password)
    return httpx.post(running.url + path, auth=pair, timeout=timeout)


def test_a_refused_call_does_nothing_and_the_next_one_works(running: Running):
    running.standin.faults.refuse(429, times=2, retry_after=7)

    answers = [post(running, PLUS) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [429, 429, 200]
    assert answers[0].headers["Retry-After"] == "7"
    assert answers[0].json()["errors"][0]["code"] == 429
    assert running.standin.contacts[1].points == 5


def test_429_of_the_platform_itself_has_no_retry_after(running: Running):
    running.standin.faults.refuse(429)

    assert "Retry-After" not in post(running, PLUS).headers


@pytest.mark.parametrize("status", [500, 503])
def test_a_failing_platform_answers_with_a_page(running: Running, status: int):
    running.standin.faults.refuse(status)

    answer = post(running, PLUS)

    assert answer.status_code == status
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "Mautic-Version" not in answer.headers


def test_a_fault_for_one_kind_of_call_leaves_the_others_alone(running: Running):
    running.standin.faults.refuse(503, kind="batch")

    assert post(running, PLUS).status_code == 200
    pair = (running.standin.user, running.standin.password)
    batch = httpx.patch(f"{running.url}/api/contacts/batch/edit", json=[], auth=pair)
    assert batch.status_code == 503


def test_a_dropped_answer_leaves_the_call_done(running: Running, capfd):
    running.standin.faults.drop(kind="points")

    with pytest.raises(httpx.RemoteProtocolError):
        post(running, PLUS)

    assert running.standin.contacts[1].points == 5
    assert "Traceback" not in capfd.readouterr().err


def test_a_hanging_answer_leaves_the_call_done_and_ends_with_the_server(running: Running):
    running.standin.faults.hang(kind="points")

    with pytest.raises(httpx.ReadTimeout):
        post(running, PLUS, timeout=0.5)

    assert running.standin.contacts[1].points == 5


def test_a_hanging_answer_comes_when_it_is_released(running: Running):
    running.standin.faults.hang(kind="points")
    answers: list[httpx.Response] = []
    waiting = Thread(target=lambda: answers.append(post(running, PLUS)))
    waiting.start()
    running.standin.faults.release()
    waiting.join()

    assert answers[0].json() == {"success": 1}


def test_latency_is_by_kind_of_call():
    waits: list[float] = []
    standin = StandIn()
    standin.faults.sleep = waits.append
    standin.faults.latency = {"token": 0.1, "batch": 1.5, "points": 0.2, "contacts": 0.3}
    client = create_app(standin).test_client()

    client.post("/oauth/v2/token")
    client.patch("/api/contacts/batch/edit")
    client.post(PLUS)
    client.get("/api/contacts")
    client.get("/api/contacts/1")
    client.get("/api/users/self")
    client.get("/s/contacts")

    assert waits == [0.1, 1.5, 0.2, 0.3]


def test_the_served_stand_in_knows_its_own_address(running: Running):
    assert running.standin.site_url == running.url
    assert httpx.get(f"{running.url}/s/contacts").status_code == 200


def test_secrets_are_not_in_the_repr():
    standin = StandIn()
    hook_to(standin, "https://maturo.example/hooks/m")
    client = create_app(standin).test_client()
    client.post("/oauth/v2/token", json={"client_secret": standin.client_secret})

    assert standin.client_secret not in repr(standin)
    assert standin.password not in repr(standin)
    assert SECRET not in repr(standin)
