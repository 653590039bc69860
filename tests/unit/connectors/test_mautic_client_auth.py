from __future__ import annotations

import base64
import logging
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from urllib.parse import parse_qs

import httpx
import pytest
from mautic_exchanges import BASE, BASIC, OAUTH, TOKEN, Clock, Replay, edited, recorded, session

from connectors.commands import UpdateContact
from connectors.errors import AuthFailed, Missing, Transient
from connectors.mautic.auth import ClientCredentials, auth_for
from connectors.mautic.client import TIMEOUT, Client
from tests.deadlines import DEADLINE

CONTACTS = ("GET", "/api/contacts")


def token(value: str, expires_in: object = 3600) -> httpx.Response:
    return recorded(
        "oauth_token_client_credentials", {"access_token": value, "expires_in": expires_in}
    )


def client_of(routes, clock=None) -> tuple[Client, Replay]:
    replay = Replay(routes)
    return Client(BASE, auth_for(OAUTH, clock or Clock()), transport=replay), replay


def bearers(replay: Replay) -> list[str]:
    return [request.headers["Authorization"] for request in replay.asked(*CONTACTS)]


def test_client_credentials_are_traded_for_a_token_as_recorded():
    client, replay = client_of({CONTACTS: [recorded("contacts_bearer")]})
    client.call(*CONTACTS)
    [asked] = replay.asked(*TOKEN)
    assert parse_qs(asked.content.decode()) == {
        "grant_type": ["client_credentials"],
        "client_id": ["our-id"],
        "client_secret": ["our-hidden-word"],
    }
    assert "Authorization" not in asked.headers
    assert bearers(replay) == ["Bearer example-token"]


def test_the_request_for_a_token_has_the_time_outs_of_every_request():
    client, replay = client_of({CONTACTS: [recorded("contacts_bearer")]})
    client.call(*CONTACTS)
    for request in replay.requests:
        assert request.extensions["timeout"] == TIMEOUT.as_dict()


def test_one_token_serves_until_a_minute_before_its_end():
    clock = Clock()
    answers = [recorded("contacts_bearer") for _ in range(3)]
    client, replay = client_of({CONTACTS: answers, TOKEN: [token("one"), token("two")]}, clock)
    for seconds in (0.0, 3539.0, 1.0):
        clock.sleep(seconds)
        client.call(*CONTACTS)
    assert bearers(replay) == ["Bearer one", "Bearer one", "Bearer two"]


@pytest.mark.parametrize(("expires_in", "lasts"), [(40, 20), (None, 60), (0, 60), ("3600", 60)])
def test_a_short_or_untold_life_is_used_for_half_of_it_or_a_minute(expires_in, lasts):
    clock = Clock()
    answers = [recorded("contacts_bearer") for _ in range(3)]
    tokens = [token("one", expires_in), token("two", expires_in)]
    client, replay = client_of({CONTACTS: answers, TOKEN: tokens}, clock)
    for seconds in (0.0, lasts - 1.0, 1.0):
        clock.sleep(seconds)
        client.call(*CONTACTS)
    assert bearers(replay) == ["Bearer one", "Bearer one", "Bearer two"]


def test_a_refused_token_is_renewed_and_the_request_sent_once_more():
    answers = [recorded("auth_bad_bearer"), recorded("contacts_bearer")]
    client, replay = client_of({CONTACTS: answers, TOKEN: [token("one"), token("two")]})
    assert client.call(*CONTACTS)["total"] == "47"
    assert bearers(replay) == ["Bearer one", "Bearer two"]


def test_a_second_refusal_is_final():
    answers = [recorded("auth_bad_bearer"), recorded("auth_bad_bearer")]
    client, replay = client_of({CONTACTS: answers})
    with pytest.raises(AuthFailed):
        client.call(*CONTACTS)
    assert len(replay.asked(*TOKEN)) == 2
    assert len(replay.asked(*CONTACTS)) == 2


def test_the_body_of_a_write_survives_the_renewal():
    path = "/api/contacts/48/edit"
    answers = [recorded("auth_bad_bearer"), edited(48)]
    client, replay = client_of({("PATCH", path): answers})
    client.call("PATCH", path, json={"tags": ["hot"]})
    assert replay.sent("PATCH", path) == [{"tags": ["hot"]}, {"tags": ["hot"]}]


def test_eight_threads_ask_for_one_token():
    answers = [recorded("contacts_bearer") for _ in range(8)]
    client, replay = client_of({CONTACTS: answers})
    together = Barrier(8)

    def ask() -> str:
        together.wait(timeout=DEADLINE)
        return client.call(*CONTACTS)["total"]

    with ThreadPoolExecutor(8) as pool:
        totals = [
            future.result(timeout=DEADLINE) for future in [pool.submit(ask) for _ in range(8)]
        ]
    assert totals == ["47"] * 8
    assert len(replay.asked(*TOKEN)) == 1


class RevokedOnce(Replay):
    """Refuses the first token only after eight requests came with it."""

    def __init__(self) -> None:
        super().__init__({TOKEN: [token("old"), token("new")]})
        self._all_came = Barrier(8)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.headers.get("Authorization") == "Bearer old":
            self._all_came.wait(timeout=DEADLINE)
            return recorded("auth_bad_bearer")
        if request.headers.get("Authorization") == "Bearer new":
            return recorded("contacts_bearer")
        return super().handle_request(request)


def test_eight_threads_with_a_revoked_token_share_one_renewal():
    replay = RevokedOnce()
    client = Client(BASE, auth_for(OAUTH, Clock()), transport=replay)
    with ThreadPoolExecutor(8) as pool:
        futures = [pool.submit(client.call, *CONTACTS) for _ in range(8)]
        assert [future.result(timeout=DEADLINE)["total"] for future in futures] == ["47"] * 8
    assert len(replay.asked(*TOKEN)) == 2


@pytest.mark.parametrize("case", ["oauth_token_bad_secret", "oauth_token_bad_grant"])
def test_a_refused_client_says_where_to_copy_it_from(case):
    client, _ = client_of({TOKEN: [recorded(case)]})
    with pytest.raises(AuthFailed, match=r"Settings, API Credentials"):
        client.call(*CONTACTS)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (recorded("db_down"), Transient),
        (recorded("auth_none"), AuthFailed),
        (recorded("contact_get_404"), Missing),
        (httpx.Response(200, json={"access_token": "two\r\nlines"}), Transient),
        (httpx.Response(200, json={"access_token": 7}), Transient),
        (httpx.ReadTimeout("slow"), Transient),
        (httpx.ConnectError("refused"), Transient),
    ],
)
def test_a_token_that_cannot_be_had_does_not_block_the_next_try(answer, kind):
    routes = {TOKEN: [answer, token("two")], CONTACTS: [recorded("contacts_bearer")]}
    client, replay = client_of(routes)
    with pytest.raises(kind) as caught:
        client.call(*CONTACTS)
    assert type(caught.value) is kind
    assert client.call(*CONTACTS)["total"] == "47"
    assert bearers(replay) == ["Bearer two"]


def test_basic_sends_user_and_password():
    opened, replay = session({("GET", "/api/contacts/1"): [recorded("stale_id_get")]}, BASIC)
    opened.resolve("1")
    [request] = replay.requests
    assert base64.b64decode(request.headers["Authorization"].removeprefix("Basic ")) == (
        b"ada:ada-hidden-word"
    )


def test_nothing_secret_shows_in_reprs_errors_or_logs(caplog):
    caplog.set_level(logging.DEBUG)
    route = ("PATCH", "/api/contacts/48/edit")
    routes = {
        TOKEN: [token("hidden-token-1"), token("hidden-token-2")],
        route: [recorded("auth_bad_bearer"), recorded("auth_bad_bearer")],
    }
    for settings in (OAUTH, BASIC):
        opened, replay = session(routes, settings)
        with pytest.raises(AuthFailed) as caught:
            opened.apply([UpdateContact("48", add_tags=("hot",))])
        auth = auth_for(settings, Clock())
        told = [repr(vars(opened)), repr(opened), repr(auth), str(auth), repr(caught.value)]
        told += [str(caught.value), caplog.text]
        if isinstance(auth, ClientCredentials):
            Client(BASE, auth, transport=Replay({CONTACTS: [recorded("contacts_bearer")]})).call(
                *CONTACTS
            )
            told.append(repr(auth._token))
        assert not [text for text in told if "hidden" in text or "example-token" in text]
        assert replay.requests
