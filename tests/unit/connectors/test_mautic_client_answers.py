from __future__ import annotations

from contextlib import suppress
from typing import Any

import httpx
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mautic_exchanges import BASE, body, exchange, recorded

from connectors.errors import AuthFailed, ConnectorError, Missing, Refused, Transient
from connectors.mautic.answers import read_answer

GOOD = [
    "contacts_bearer",
    "contact_patch",
    "contact_patch_empty",
    "contact_patch_unknown_field",
    "hooks_create_all",
    "field_contact_number",
    "stale_id_get",
    "stats_page_hits",
    "batch_edit_clean",
    "batch_edit_one_404",
    "batch_edit_one_invalid",
    "forbidden_batch",
    "after_db_up",
    "users_self_oauth",
]
BAD = {
    "auth_none": AuthFailed,
    "auth_bad_basic": AuthFailed,
    "auth_bad_bearer": AuthFailed,
    "api_disabled": AuthFailed,
    "basic_auth_disabled": AuthFailed,
    "forbidden_hooks": AuthFailed,
    "forbidden_patch": AuthFailed,
    "contact_get_404": Missing,
    "contact_patch_404": Missing,
    "hooks_404": Missing,
    "unknown_route": Refused,
    "method_not_allowed": Refused,
    "contact_patch_bad_email": Refused,
    "contact_patch_bad_select": Refused,
    "contact_patch_malformed_json": Refused,
    "contact_patch_points_string": Refused,
    "patch_long_text": Refused,
    "points_plus_huge": Refused,
    "race_create_0": Refused,
    "hooks_create_bad": Refused,
    "stats_bad_column": Refused,
    "rate_limit_3": Transient,
    "rate_limit_post": Transient,
    "db_down": Transient,
    "db_down_patch": Transient,
    "patch_tag_long": Transient,
    "patch_tags_obj": Transient,
    "batch_over_limit": Transient,
    "batch_not_list": Transient,
    "contacts_bad_order": Transient,
}


def answered(response: httpx.Response, path: str = "/api/contacts/7") -> dict[str, Any]:
    response.request = httpx.Request("GET", BASE + path)
    return read_answer(response)


def error_of(response: httpx.Response, path: str = "/api/contacts/7") -> ConnectorError:
    with pytest.raises(ConnectorError) as caught:
        answered(response, path)
    return caught.value


@pytest.mark.parametrize("case", GOOD)
def test_recorded_success_gives_its_json(case):
    assert answered(recorded(case)) == body(case)


@pytest.mark.parametrize(("case", "kind"), BAD.items())
def test_recorded_failure_gives_its_type_and_keeps_its_status(case, kind):
    error = error_of(recorded(case))
    status = exchange(case)["response"]["status"]
    assert type(error) is kind
    assert error.status == (status if status != 200 else 400)
    assert "/api/contacts/7" in str(error)


def test_messages_of_a_refusal_name_the_field_but_not_its_value():
    message = str(error_of(recorded("contact_patch_bad_email")))
    assert "invalid: email" in message
    value = exchange("contact_patch_bad_email")["response"]["body"]["errors"][0]["message"]
    assert value not in message


def test_database_messages_are_not_repeated():
    message = str(error_of(recorded("stats_bad_column")))
    assert "a database error" in message
    assert "SELECT" not in message
    assert "e.nope" not in message


@pytest.mark.parametrize(
    ("case", "remedy"),
    [
        ("api_disabled", "switch it on in Mautic: Configuration, API Settings"),
        ("basic_auth_disabled", "use OAuth2 credentials"),
        ("forbidden_hooks", "Settings, Roles"),
        ("auth_none", "drops the Authorization header"),
        ("auth_bad_basic", "check them and connect again"),
        ("auth_bad_bearer", "check them and connect again"),
    ],
)
def test_refused_credentials_say_what_to_do(case, remedy):
    assert remedy in str(error_of(recorded(case)))


def test_rate_limit_waits_until_the_hour_of_mautic_ends_by_its_own_clock():
    error = error_of(recorded("rate_limit_3"))
    assert isinstance(error, Transient)
    assert error.retry_after == 3600.0


@pytest.mark.parametrize(
    ("status", "headers", "seconds"),
    [
        (429, {"Retry-After": "17"}, 17.0),
        (503, {"Retry-After": " 17 "}, 17.0),
        (
            503,
            {
                "Retry-After": "Sat, 21 Nov 2026 20:01:30 GMT",
                "Date": "Sat, 21 Nov 2026 20:00:00 GMT",
            },
            90.0,
        ),
        (
            503,
            {
                "Retry-After": "Sat, 21 Nov 2026 20:01:30 -0000",
                "Date": "Sat, 21 Nov 2026 20:00:00 -0000",
            },
            90.0,
        ),
        (
            429,
            {
                "Retry-After": "Sat, 21 Nov 2026 19:00:00 GMT",
                "Date": "Sat, 21 Nov 2026 20:00:00 GMT",
            },
            0.0,
        ),
        (503, {"Retry-After": "Sat, 21 Nov 2026 20:01:30 GMT"}, None),
        (503, {"Retry-After": "soon", "Date": "Sat, 21 Nov 2026 20:00:00 GMT"}, None),
        (503, {"Retry-After": "Sat, 21 Nov 99999999999 20:01:30 GMT"}, None),
        (503, {"Retry-After": "9" * 400}, None),
        # The limiter names the end of its hour on every answer; a 500 need not wait for that.
        (
            500,
            {"X-RateLimit-Reset": "1795296453", "Date": "Sat, 21 Nov 2026 20:00:00 GMT"},
            None,
        ),
        (429, {"X-RateLimit-Reset": "later", "Date": "Sat, 21 Nov 2026 20:00:00 GMT"}, None),
    ],
)
def test_time_to_wait(status, headers, seconds):
    error = error_of(httpx.Response(status, headers=headers, json={"errors": []}))
    assert isinstance(error, Transient)
    assert error.retry_after == seconds


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_passing_statuses_are_transient(status):
    assert type(error_of(httpx.Response(status, json={}))) is Transient


@pytest.mark.parametrize("status", [400, 405, 409, 413, 422])
def test_other_client_errors_are_refused(status):
    assert type(error_of(httpx.Response(status, json={}))) is Refused


@pytest.mark.parametrize(
    "content",
    [b"", b'{"contact": {"id": 7', b"<html>", b"[]", b'"text"', b"null", b"\xff\xfe", b"[" * 5000],
)
def test_half_or_foreign_bodies_of_a_success_are_transient(content):
    assert type(error_of(httpx.Response(200, content=content))) is Transient


@pytest.mark.parametrize(("status", "kind"), [(401, AuthFailed), (403, Transient)])
def test_pages_of_what_stands_before_mautic(status, kind):
    assert type(error_of(httpx.Response(status, html="<h1>No</h1>"))) is kind


def test_a_404_page_of_the_web_server_is_not_a_missing_contact():
    assert type(error_of(httpx.Response(404, html="<h1>Not Found</h1>"))) is Transient


@pytest.mark.parametrize(
    ("problem", "kind"),
    [
        ({"errors": [{"code": 403, "message": "no"}]}, AuthFailed),
        ({"errors": [{"code": 404, "message": "Item was not found."}]}, Missing),
        ({"errors": [{"code": 500, "message": "x"}]}, Transient),
        ({"errors": [{"code": "42S22", "message": "x"}]}, Refused),
        ({"errors": ["odd"]}, Refused),
        ({"errors": [7]}, Refused),
        ({"error": {"code": 404, "message": "gone"}}, Missing),
        ({"error": "invalid_grant", "error_description": "expired"}, Refused),
    ],
)
def test_errors_inside_a_200_are_found(problem, kind):
    assert type(error_of(httpx.Response(200, json=problem))) is kind


@pytest.mark.parametrize(
    ("location", "told"),
    [
        ("https://other.example.test/api/contacts/7?token=x", "https://other.example.test;"),
        ("https://u:p@o.example.test/m/api/contacts/7#x", "https://o.example.test/m;"),
        ("/mautic/oauth/v2/token", "https://mautic.example.test/mautic;"),
        ("/s/login", "https://mautic.example.test/s/login;"),
        ("http://other:port/", "somewhere unreadable"),
    ],
)
def test_a_redirect_tells_the_address_to_use(location, told):
    error = error_of(httpx.Response(302, headers={"Location": location}))
    assert type(error) is Refused
    assert told in str(error)
    assert "token=x" not in str(error)
    assert "u:p" not in str(error)


def test_a_304_is_no_success():
    assert type(error_of(httpx.Response(304))) is Refused


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(
    status=st.integers(200, 599),
    content=st.binary()
    | json_values.map(orjson.dumps)
    | st.builds(lambda v: orjson.dumps({"errors": v, "error": v}), json_values),
)
def test_any_answer_gives_an_object_or_a_connector_error(status, content):
    with suppress(ConnectorError):
        assert isinstance(answered(httpx.Response(status, content=content)), dict)
