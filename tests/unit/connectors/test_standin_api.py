from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standin_receiver import Receiver, hook_to, receiving

from connectors.mautic.standin import StandIn, create_app
from connectors.mautic.standin import visitors as people

START = datetime(2026, 9, 1, 8, tzinfo=UTC)


class Api:
    """A client of one stand-in, authenticated as its credentials are."""

    def __init__(self, standin: StandIn) -> None:
        self.standin = standin
        self.client = create_app(standin).test_client()
        pair = {"client_id": standin.client_id, "client_secret": standin.client_secret}
        body = {"grant_type": "client_credentials", **pair}
        self.token = self.client.post("/oauth/v2/token", data=body).get_json()["access_token"]

    def __call__(self, method: str, path: str, body: Any = None) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"}
        return self.client.open(path, method=method, json=body, headers=headers)

    def contact(self, **data: Any) -> int:
        made: int = self("POST", "/api/contacts/new", data).get_json()["contact"]["id"]
        return made

    def shown(self, contact: int) -> dict[str, Any]:
        found: dict[str, Any] = self("GET", f"/api/contacts/{contact}").get_json()["contact"]
        return found


@pytest.fixture
def standin() -> StandIn:
    return StandIn(clock=lambda: START)


@pytest.fixture
def api(standin: StandIn) -> Api:
    return Api(standin)


@pytest.fixture
def receiver():
    with receiving() as running:
        yield running


def test_our_own_write_comes_back_with_our_name_on_it(
    standin: StandIn, api: Api, receiver: Receiver
):
    contact = api.contact(email="ada@example.test")
    hook_to(standin, receiver.url)

    api("PATCH", f"/api/contacts/{contact}/edit", {"tags": ["hot"], "points": 5})

    assert receiver.keys == ["lead_points_change", "lead_post_save_update"]
    changed, saved = (item for _, item in receiver.events)
    assert changed["points"] == {"old_points": 0, "new_points": 5}
    assert saved["contact"]["modifiedByUser"] == standin.client_name
    assert saved["contact"]["modifiedBy"] is None
    assert saved["contact"]["points"] == 5
    assert [tag["tag"] for tag in saved["contact"]["tags"]] == ["hot"]
    assert "all" not in saved["contact"]["fields"]


def test_a_write_that_changes_nothing_fires_nothing(standin: StandIn, api: Api, receiver: Receiver):
    contact = api.contact(email="ada@example.test", tags=["hot"])
    hook_to(standin, receiver.url)

    api("PATCH", f"/api/contacts/{contact}/edit", {"tags": ["hot"], "email": "ada@example.test"})
    api("POST", f"/api/contacts/{contact}/points/plus/0")

    assert receiver.keys == []


def test_relative_points_show_the_old_total_in_both_events(
    standin: StandIn, api: Api, receiver: Receiver
):
    contact = api.contact(email="ada@example.test", points=3)
    hook_to(standin, receiver.url)

    api("POST", f"/api/contacts/{contact}/points/plus/5")

    assert [item["contact"]["points"] for _, item in receiver.events] == [3, 3]
    assert receiver.events[0][1]["points"] == {"old_points": 3, "new_points": 8}
    assert api.shown(contact)["points"] == 8


@pytest.mark.parametrize(
    ("call", "total"),
    [("minus/3", 7), ("plus/2.5", 12), ("plus/-4", 6), ("times/2", 20), ("divide/4", 2)],
)
def test_points_move_by_the_operator(api: Api, call: str, total: int):
    contact = api.contact(email="ada@example.test", points=10)

    assert api("POST", f"/api/contacts/{contact}/points/{call}").get_json() == {"success": 1}
    assert api.shown(contact)["points"] == total


def test_points_of_a_visitor_fire_the_change_only(standin: StandIn, api: Api, receiver: Receiver):
    visitor = people.visit(standin, None, "https://www.shop.example/")
    hook_to(standin, receiver.url)

    api("POST", f"/api/contacts/{visitor}/points/plus/4")

    assert receiver.keys == ["lead_points_change"]


def test_an_email_turns_a_visitor_into_a_contact(standin: StandIn, api: Api, receiver: Receiver):
    visitor = people.visit(standin, None, "https://www.shop.example/")
    hook_to(standin, receiver.url)

    api("PATCH", f"/api/contacts/{visitor}/edit", {"email": "ada@example.test"})

    assert receiver.keys == ["lead_post_save_new"]


def test_the_receiver_may_call_the_api_while_it_is_told(
    standin: StandIn, api: Api, receiver: Receiver
):
    contact = api.contact(email="ada@example.test")
    during: list[int] = []
    receiver.meanwhile = lambda: during.append(Api(standin).shown(contact)["points"])
    hook_to(standin, receiver.url)

    api("PATCH", f"/api/contacts/{contact}/edit", {"points": 9})

    assert during == [9, 9]


def test_tags_are_added_removed_and_told_apart_by_case(api: Api):
    contact = api.contact(email="ada@example.test", tags=["Score: hot", "SCORE: HOT"])

    edit = f"/api/contacts/{contact}/edit"
    api("PATCH", edit, {"tags": ["-Score: hot", "-never", "  new  ", "x<y>&z", ""]})
    api("PATCH", edit, {"tags": "one, two,-one"})

    tags = [tag["tag"] for tag in api.shown(contact)["tags"]]
    assert tags == ["SCORE: HOT", "new", "x&z", "two"]


def test_an_unknown_field_is_ignored_and_a_wrong_value_changes_nothing(api: Api):
    contact = api.contact(email="ada@example.test", city="Lyon")
    edit = f"/api/contacts/{contact}/edit"

    assert api("PATCH", edit, {"no_such_field": "1"}).status_code == 200
    refused = api("PATCH", edit, {"city": "Paris", "email": "nonsense"})

    assert refused.status_code == 400
    assert api.shown(contact)["fields"]["all"]["city"] == "Lyon"
    assert "no_such_field" not in api.shown(contact)["fields"]["all"]


def test_an_email_known_in_other_letters_updates_that_contact(api: Api):
    contact = api.contact(email="ada@example.test")

    again = api("POST", "/api/contacts/new", {"email": "ADA@example.test", "city": "Lyon"})

    assert again.status_code == 200
    assert again.get_json()["contact"]["id"] == contact
    assert api.shown(contact)["fields"]["all"]["email"] == "ADA@example.test"


def test_a_contact_that_cannot_be_made_is_not_made(standin: StandIn, api: Api):
    assert api("POST", "/api/contacts/new", {"email": "nonsense"}).status_code == 400
    assert standin.contacts == {}


def test_a_merged_id_acts_on_the_winner_but_not_in_a_batch(standin: StandIn, api: Api):
    old = people.submit_form(standin, None, {"email": "ada@example.test"})
    new = people.submit_form(standin, None, {"email": "ada@example.test"})

    edited = api("PATCH", f"/api/contacts/{old}/edit", {"city": "Lyon"}).get_json()
    batch = api("PATCH", "/api/contacts/batch/edit", [{"id": old, "city": "Nice"}]).get_json()

    assert edited["contact"]["id"] == new
    assert batch["statusCodes"] == [404]
    assert api.shown(old)["fields"]["all"]["city"] == "Lyon"


def test_a_batch_item_without_id_hits_the_contact_after_it(api: Api):
    ada, bob, eve = (api.contact(email=f"{name}@example.test") for name in ("a", "b", "c"))

    items = [{"id": ada, "points": 1}, {"points": 99}, {"id": bob, "points": 2}]
    answered = api("PATCH", "/api/contacts/batch/edit", items).get_json()

    assert answered["statusCodes"] == [200, 400, 404]
    assert [api.shown(contact)["points"] for contact in (ada, bob, eve)] == [1, 99, 0]


def test_a_batch_is_an_object_when_a_missing_contact_stands_in_its_middle(api: Api):
    ada, bob = api.contact(email="a@example.test"), api.contact(email="b@example.test")

    items = [{"id": ada, "points": 1}, {"id": 999, "points": 1}, {"id": bob, "points": 2}]
    answered = api("PATCH", "/api/contacts/batch/edit", items).get_json()

    assert list(answered["contacts"]) == ["0", "2"]
    assert answered["errors"]["1"]["code"] == 404


@given(
    items=st.lists(
        st.fixed_dictionaries(
            {"points": st.integers(-5, 5)},
            optional={"id": st.sampled_from([1, 2, "2", 999, "x", None]), "email": st.just("bad")},
        ),
        max_size=6,
    )
)
def test_every_item_of_a_batch_has_one_fate(items: list[dict[str, Any]]):
    api = Api(StandIn())
    api.contact(email="a@example.test")
    api.contact(email="b@example.test")

    answered = api("PATCH", "/api/contacts/batch/edit", items).get_json()

    codes = answered["statusCodes"]
    errors = answered.get("errors", {})
    failed = [int(key) for key in errors] if isinstance(errors, dict) else range(len(errors))
    assert len(codes) == len(items)
    assert sorted(failed) == [index for index, code in enumerate(codes) if code != 200]


def test_owner_stage_and_activity_are_set_and_cleared(api: Api):
    contact = api.contact(email="ada@example.test")
    edit = f"/api/contacts/{contact}/edit"

    moment = "2026-09-01T10:00:00+00:00"
    api("PATCH", edit, {"owner": 1, "stage": 2, "lastActive": moment})
    shown = api.shown(contact)
    assert (shown["owner"]["id"], shown["stage"]["id"], shown["lastActive"]) == (1, 2, moment)

    api("PATCH", edit, {"owner": None, "stage": None})
    assert (api.shown(contact)["owner"], api.shown(contact)["stage"]) == (None, None)


def test_a_name_with_an_apostrophe_can_be_searched(api: Api):
    contact = api.contact(email="o'hara@example.test")

    found = api("GET", "/api/contacts?search=email:o'hara@example.test").get_json()

    assert list(found["contacts"]) == [str(contact)]


def test_statistics_have_their_tables_but_no_rows(api: Api):
    assert api("GET", "/api/stats/page_hits").get_json() == {"total": "0", "stats": []}
    assert "page_hits" in api("GET", "/api/stats").get_json()["availableTables"]


def test_a_number_field_rounds_to_its_scale_with_halves_to_even(api: Api):
    new = {"label": "Score", "alias": "maturo_score", "type": "number"}
    api("POST", "/api/fields/contact/new", {**new, "properties": {"scale": 0}})
    contact = api.contact(email="ada@example.test", maturo_score="41.5")

    assert api.shown(contact)["fields"]["core"]["maturo_score"]["value"] == 42


def test_a_taken_alias_gets_a_number(api: Api):
    aliases = [
        api("POST", "/api/fields/contact/new", {"label": "Grade"}).get_json()["field"]["alias"]
        for _ in range(3)
    ]

    assert aliases == ["grade", "grade1", "grade2"]
    assert api("POST", "/api/fields/contact/new", {}).status_code == 400


def test_lists_of_fields_hold_thirty_unless_asked_for_more(api: Api):
    for number in range(5):
        api("POST", "/api/fields/contact/new", {"label": f"Extra {number}"})

    some = api("GET", "/api/fields/contact").get_json()
    everything = api("GET", "/api/fields/contact?limit=0").get_json()

    assert (some["total"], len(some["fields"])) == (33, 30)
    assert len(everything["fields"]) == 33


def test_patching_a_hook_adds_triggers_and_never_removes_one(api: Api):
    new = {"name": "Ours", "webhookUrl": "https://maturo.example/hooks/m"}
    made = api("POST", "/api/hooks/new", {**new, "triggers": ["mautic.page_on_hit"]}).get_json()
    edit = f"/api/hooks/{made['hook']['id']}/edit"

    hook = api("PATCH", edit, {"triggers": ["mautic.form_on_submit"]}).get_json()["hook"]

    assert hook["triggers"] == ["mautic.page_on_hit", "mautic.form_on_submit"]
    assert len(made["hook"]["secret"]) == 64
    assert hook["secret"] == made["hook"]["secret"]


def test_contacts_come_in_pages_the_last_active_first(standin: StandIn, api: Api):
    for number in range(32):
        api.contact(email=f"{number:02}@example.test")
    people.visit(standin, 7, "https://www.shop.example/")

    first = api("GET", "/api/contacts?minimal=1").get_json()
    rest = api("GET", "/api/contacts?minimal=1&start=30").get_json()

    assert next(iter(first["contacts"])) == "7"
    assert (first["total"], len(first["contacts"]), len(rest["contacts"])) == ("32", 30, 2)
    assert len(api("GET", "/api/contacts?limit=0").get_json()["contacts"]) == 32


def test_contacts_are_found_by_conditions_and_words(api: Api):
    ada = api.contact(email="ada@example.test", points=5, tags=["Hot Lead"])
    api.contact(email="bob@example.test", points=1)

    for query in (
        "search=email:ADA@example.test",
        f"search=ids:{ada}",
        'search=tag:"Hot Lead"',
        "search=ada",
        "where[0][col]=points&where[0][expr]=gt&where[0][val]=2",
    ):
        assert list(api("GET", f"/api/contacts?{query}").get_json()["contacts"]) == [str(ada)]


def test_an_expired_token_is_told_from_a_wrong_one(standin: StandIn, api: Api):
    standin.expire_tokens()
    expired = api("GET", "/api/contacts")
    api.token = "never-given"
    wrong = api("GET", "/api/contacts")

    messages = [a.get_json()["errors"][0]["message"] for a in (expired, wrong)]
    assert [expired.status_code, wrong.status_code] == [401, 401]
    assert messages == [
        "The access token provided has expired.",
        "The access token provided is invalid.",
    ]


def test_requests_are_kept_for_tests_to_look_at(standin: StandIn, api: Api):
    contact = api.contact(email="ada@example.test")
    api("PATCH", f"/api/contacts/{contact}/edit", {"points": 5})

    path = f"/api/contacts/{contact}/edit"
    assert standin.requests[-1] == ("PATCH", path, {"points": 5})


def test_the_page_shows_our_fields_best_score_first_and_escapes(standin: StandIn, api: Api):
    for alias, kind in (("maturo_score", "number"), ("maturo_band", "text")):
        new = {"label": alias, "alias": alias, "type": kind}
        api("POST", "/api/fields/contact/new", new)
    api.contact(email="low@example.test", maturo_score=10)
    api.contact(email="unscored@example.test", points=500)
    api.contact(email="high@example.test", maturo_score=90, maturo_band="hot", tags=["<b>A&B"])
    people.visit(standin, None, "https://www.shop.example/")

    page = api.client.get("/", follow_redirects=True).get_data(as_text=True)

    order = [page.index(f"{name}@example.test") for name in ("high", "low", "unscored")]
    assert order == sorted(order)
    assert "3 identified contacts" in page
    assert "A&amp;B" in page
    assert "maturo_band" in page
