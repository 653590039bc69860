from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mautic_exchanges import ANY, BASIC, BATCH, body, edited, exchange, holding, recorded, session

from connectors.commands import SCORE_VALUES, UpdateContact
from connectors.errors import AuthFailed, Missing, Refused, Transient
from connectors.mautic import CONNECTOR
from connectors.mautic.edits import BATCH_SIZE, FIELD_TYPES, edit_of
from connectors.mautic.settings import Settings


def edit(contact: int | str) -> tuple[str, str]:
    return ("PATCH", f"/api/contacts/{contact}/edit")


def tagged(*contacts: int | str) -> list[UpdateContact]:
    return [UpdateContact(str(contact), add_tags=("scored",)) for contact in contacts]


def batch_of(*contacts: dict[str, Any]) -> httpx.Response:
    answer = {"contacts": list(contacts), "statusCodes": [200] * len(contacts)}
    return recorded("batch_edit_clean", answer)


def contact(number: int, **values: Any) -> dict[str, Any]:
    return holding(body("contact_patch")["contact"], **values) | {"id": number}


def test_every_value_has_a_field():
    assert set(FIELD_TYPES) == set(SCORE_VALUES)


def test_one_command_is_one_patch_of_our_fields_and_tags():
    held = {"maturo_score": 73, "maturo_grade": "B"}
    opened, replay = session({edit(48): [edited(48, **held)]})
    command = UpdateContact("48", {"score": 73, "grade": "B"}, ("hot", "mql"), ("cold",))
    [outcome] = opened.apply([command])
    assert replay.sent(*edit(48)) == [{**held, "tags": ["hot", "mql", "-cold"]}]
    assert (outcome.command, outcome.contact, outcome.error) == (command, "48", None)


def test_numbers_may_come_back_as_text_or_float_and_a_new_zero_as_nothing():
    held = {"maturo_score": "73", "maturo_fit": 12.0, "maturo_engagement": None}
    opened, _ = session({edit(48): [edited(48, **held)]})
    [outcome] = opened.apply([UpdateContact("48", {"score": 73, "fit": 12, "engagement": 0})])
    assert outcome.error is None


def test_several_commands_are_one_batch():
    opened, replay = session({BATCH: [recorded("batch_edit_clean")]})
    outcomes = opened.apply(tagged(53, 54))
    assert replay.sent(*BATCH) == [[{"id": 53, "tags": ["scored"]}, {"id": 54, "tags": ["scored"]}]]
    assert [(o.contact, o.error) for o in outcomes] == [("53", None), ("54", None)]


def test_values_of_a_batch_are_compared_contact_by_contact():
    answer = batch_of(contact(53, maturo_score=1), contact(54, maturo_score=99))
    opened, _ = session({BATCH: [answer]})
    commands = [UpdateContact("53", {"score": 1}), UpdateContact("54", {"score": 2})]
    first, second = opened.apply(commands)
    assert first.error is None
    assert type(second.error) is Refused
    assert "maturo_score did not take our value" in str(second.error)


def test_a_deleted_contact_in_a_batch_costs_only_itself():
    routes = {
        BATCH: [recorded("batch_edit_one_404")],
        edit(999999): [recorded("contact_patch_404")],
    }
    opened, replay = session(routes)
    outcomes = opened.apply(tagged(53, 999999, 54))
    assert [o.contact for o in outcomes] == ["53", None, "54"]
    assert [type(o.error) for o in outcomes] == [type(None), Missing, type(None)]
    assert len(replay.asked(*edit(999999))) == 1


def test_a_merged_contact_in_a_batch_is_written_to_its_winner():
    winner = exchange("stale_id_patch")["response"]["body"]["contact"]["id"]
    routes = {
        BATCH: [recorded("batch_edit_one_404")],
        edit(999999): [recorded("stale_id_patch")],
    }
    opened, _ = session(routes)
    outcomes = opened.apply(tagged(53, 999999, 54))
    assert [o.contact for o in outcomes] == ["53", str(winner), "54"]
    assert not any(o.error for o in outcomes)


def test_an_invalid_item_that_still_shows_its_contact_is_a_failure():
    routes = {
        BATCH: [recorded("batch_edit_one_invalid")],
        edit(54): [recorded("contact_patch_bad_email")],
    }
    opened, _ = session(routes)
    outcomes = opened.apply(tagged(53, 54, 55))
    assert [o.contact for o in outcomes] == ["53", None, "55"]
    assert type(outcomes[1].error) is Refused


def test_values_that_landed_on_the_neighbour_are_written_again():
    answer = batch_of(contact(54), contact(54))
    opened, replay = session({BATCH: [answer], edit(53): [edited(53)]})
    assert [o.contact for o in opened.apply(tagged(53, 54))] == ["53", "54"]
    assert len(replay.asked(*edit(53))) == 1


@pytest.mark.parametrize("codes", [None, [], {}, [200], {"0": 200}, "200"])
def test_items_a_batch_says_nothing_about_are_tried_alone(codes):
    answer = recorded("batch_edit_clean", {"contacts": [], "statusCodes": codes})
    opened, replay = session({BATCH: [answer], edit(53): [edited(53)], edit(54): [edited(54)]})
    assert [o.contact for o in opened.apply(tagged(53, 54))] == ["53", "54"]
    assert len(replay.asked(*edit(53))) == len(replay.asked(*edit(54))) == 1


def test_a_batch_with_no_right_for_any_item_is_a_matter_of_rights():
    answer = body("forbidden_batch")
    twice = answer | {key: answer[key] * 2 for key in ("statusCodes", "errors")}
    opened, replay = session({BATCH: [recorded("forbidden_batch", twice)]}, BASIC)
    with pytest.raises(AuthFailed, match="Settings, Roles"):
        opened.apply(tagged(49, 50))
    assert [r.method for r in replay.requests] == ["GET", "PATCH"]


def test_one_contact_we_may_not_edit_costs_only_itself():
    answer = recorded(
        "batch_edit_clean", {"contacts": [contact(53)], "statusCodes": [200, 403], "errors": {}}
    )
    opened, replay = session({BATCH: [answer]})
    first, second = opened.apply(tagged(53, 54))
    assert first.error is None
    assert type(second.error) is Refused
    assert "may not edit this contact" in str(second.error)
    assert not replay.asked(*edit(54))


@pytest.mark.parametrize("case", ["forbidden_patch", "api_disabled", "basic_auth_disabled"])
def test_refused_credentials_stop_everything(case):
    opened, _ = session({edit(49): [recorded(case)]}, BASIC)
    with pytest.raises(AuthFailed):
        opened.apply(tagged(49))


def test_a_chunk_that_cannot_be_sent_now_leaves_the_others_alone():
    contacts = list(range(1, BATCH_SIZE + 3))
    second = batch_of(contact(51), contact(52))
    opened, _ = session({BATCH: [recorded("rate_limit_post"), second]})
    outcomes = opened.apply(tagged(*contacts))
    assert all(type(o.error) is Transient for o in outcomes[:BATCH_SIZE])
    assert [o.contact for o in outcomes[BATCH_SIZE:]] == ["51", "52"]


def test_a_single_edit_that_cannot_be_sent_now_is_an_outcome():
    opened, _ = session({edit(7): [httpx.ReadTimeout("slow")]})
    [outcome] = opened.apply(tagged(7))
    assert type(outcome.error) is Transient


@pytest.mark.parametrize("status", [500, 502, 504])
def test_one_contact_on_which_mautic_crashes_does_not_hold_up_the_others(status):
    crash = recorded("contact_patch_malformed_json")
    crash.status_code = status
    routes = {BATCH: [crash], edit(1): [edited(1)], edit(2): [crash], edit(3): [edited(3)]}
    opened, _ = session(routes)
    outcomes = opened.apply(tagged(1, 2, 3))
    assert [o.contact for o in outcomes] == ["1", None, "3"]
    assert type(outcomes[1].error) is Transient


def test_three_crashes_in_a_row_are_mautic_s_own_and_the_rest_waits():
    down = [recorded("db_down_patch")]
    opened, replay = session({BATCH: down, edit(1): down, edit(2): down, edit(3): down})
    outcomes = opened.apply(tagged(1, 2, 3, 4))
    assert [type(o.error) for o in outcomes] == [Transient] * 4
    assert not replay.asked(*edit(4))


def test_a_refused_batch_is_tried_one_by_one_so_that_only_the_culprit_is_refused():
    refused = recorded("contact_patch_malformed_json")
    routes = {BATCH: [refused], edit(1): [edited(1)], edit(2): [refused]}
    opened, _ = session(routes)
    first, second = opened.apply(tagged(1, 2))
    assert (first.contact, type(second.error)) == ("1", Refused)


def answering(version: str | None) -> httpx.Response:
    headers = {} if version is None else {"Mautic-Version": version}
    return httpx.Response(200, json={"total": "0", "contacts": []}, headers=headers)


@pytest.mark.parametrize("version", ["4.4.13", "5.0.4", "3.0.16-atmt", "8.0.0", "x", None])
def test_a_version_whose_batches_mix_contacts_up_gets_one_edit_each(version):
    held = {number: edited(number) for number in (1, 2)}
    for answer in held.values():
        answer.headers.pop("Mautic-Version")
    routes = {ANY: [answering(version)], edit(1): [held[1]], edit(2): [held[2]]}
    opened, replay = session(routes)
    assert [o.contact for o in opened.apply(tagged(1, 2))] == ["1", "2"]
    assert not replay.asked(*BATCH)


@pytest.mark.parametrize("version", ["5.1.1", "5.2.1", "6.0.3", "7.2.0-rc2"])
def test_a_version_that_keeps_contacts_apart_gets_batches_and_is_asked_once(version):
    batches = [recorded("batch_edit_clean"), recorded("batch_edit_clean")]
    opened, replay = session({ANY: [answering(version)], BATCH: batches})
    for _ in range(2):
        assert [o.contact for o in opened.apply(tagged(53, 54))] == ["53", "54"]
    assert len(replay.asked(*ANY)) == 1


def test_while_nobody_answers_nothing_is_tried_contact_by_contact():
    opened, replay = session({ANY: [httpx.ConnectError("down")]})
    with pytest.raises(Transient):
        opened.apply(tagged(1, 2))
    assert len(replay.asked("PATCH", "/api/contacts/1/edit")) == 0


@pytest.mark.parametrize(
    ("case", "kind"), [("rate_limit_post", Transient), ("api_disabled", AuthFailed)]
)
def test_when_mautic_goes_down_among_the_single_tries_the_rest_is_not_sent(case, kind):
    answer = recorded("batch_edit_clean", {"contacts": [], "statusCodes": [404, 404, 404]})
    routes = {BATCH: [answer], edit(1): [edited(9)], edit(2): [recorded(case)]}
    opened, replay = session(routes)
    outcomes = opened.apply(tagged(1, 2, 3))
    assert [o.contact for o in outcomes] == ["9", None, None]
    assert outcomes[1].error is outcomes[2].error
    assert type(outcomes[2].error) is kind
    assert not replay.asked(*edit(3))


def test_a_field_mautic_does_not_know_is_refused_with_the_way_out():
    opened, _ = session({edit(48): [recorded("contact_patch_unknown_field")]})
    [outcome] = opened.apply([UpdateContact("48", {"score": 1, "band": "hot"})])
    assert type(outcome.error) is Refused
    assert str(outcome.error) == (
        "field maturo_band, maturo_score does not exist in this Mautic; "
        "run `maturo connect` again to create it"
    )


@pytest.mark.parametrize("held", ["warm", 12.5, None, "x"])
def test_a_field_that_keeps_another_value_is_refused(held):
    opened, _ = session({edit(48): [edited(48, maturo_score=held)]})
    [outcome] = opened.apply([UpdateContact("48", {"score": 12})])
    assert type(outcome.error) is Refused
    assert "maturo_score did not take our value" in str(outcome.error)


@pytest.mark.parametrize("fields", [[], {"all": []}, None])
def test_empty_fields_of_php_are_fields_that_do_not_exist(fields):
    answer = body("contact_patch")
    answer["contact"]["fields"] = fields
    opened, _ = session({edit(48): [recorded("contact_patch", answer)]})
    [outcome] = opened.apply([UpdateContact("48", {"score": 12})])
    assert "does not exist" in str(outcome.error)


@pytest.mark.parametrize("answer", [{}, {"contact": []}, {"contact": {"id": "x"}}])
def test_an_answer_without_contact_is_transient(answer):
    opened, _ = session({edit(48): [recorded("contact_patch", answer)]})
    [outcome] = opened.apply(tagged(48))
    assert type(outcome.error) is Transient


# Mautic 5 and 6 ignore a 0 in PATCH: mautic/mautic issue 15030.
def test_an_ignored_zero_is_written_again_as_blank():
    answers = [
        edited(48, maturo_score=73, maturo_fit=12),
        edited(48, maturo_score=None, maturo_fit=12),
    ]
    opened, replay = session({edit(48): answers})
    [outcome] = opened.apply([UpdateContact("48", {"score": 0, "fit": 12})])
    assert replay.sent(*edit(48)) == [
        {"maturo_score": 0, "maturo_fit": 12},
        {"maturo_score": "", "overwriteWithBlank": True},
    ]
    assert (outcome.contact, outcome.error) == ("48", None)


def test_an_ignored_zero_of_a_batch_is_written_again_to_its_contact():
    answer = batch_of(contact(53, maturo_score=0), contact(54, maturo_score=73))
    opened, replay = session({BATCH: [answer], edit(54): [edited(54, maturo_score=None)]})
    outcomes = opened.apply([UpdateContact(c, {"score": 0}) for c in ("53", "54")])
    assert replay.sent(*edit(54)) == [{"maturo_score": "", "overwriteWithBlank": True}]
    assert [(o.contact, o.error) for o in outcomes] == [("53", None), ("54", None)]


def test_a_zero_that_cannot_be_written_at_all_is_refused():
    opened, _ = session({edit(48): [edited(48, maturo_score=73)] * 2})
    [outcome] = opened.apply([UpdateContact("48", {"score": 0})])
    assert "did not take our value" in str(outcome.error)


def test_trouble_while_blanking_is_the_outcome():
    answers = [edited(48, maturo_score=73), recorded("db_down_patch")]
    opened, _ = session({edit(48): answers})
    [outcome] = opened.apply([UpdateContact("48", {"score": 0})])
    assert (outcome.contact, type(outcome.error)) == (None, Transient)


def test_blank_text_asks_mautic_to_overwrite():
    opened, replay = session({edit(48): [edited(48, maturo_grade=None)]})
    [outcome] = opened.apply([UpdateContact("48", {"grade": ""})])
    assert replay.sent(*edit(48)) == [{"maturo_grade": "", "overwriteWithBlank": True}]
    assert outcome.error is None


@pytest.mark.parametrize("number", ["", "0", "-1", "1.0", " 7", "7\n", "٣", "x", "../1", "9" * 19])
def test_an_item_without_a_valid_id_never_leaves(number):
    opened, replay = session({BATCH: [recorded("batch_edit_clean")]})
    outcomes = opened.apply([*tagged(53), *tagged(number), *tagged(54)])
    assert [o.contact for o in outcomes] == ["53", None, "54"]
    assert type(outcomes[1].error) is Refused
    assert [[item["id"] for item in batch] for batch in replay.sent(*BATCH)] == [[53, 54]]


@pytest.mark.parametrize("tag", ["", " ", "-hot", "a,b", " a", "a ", "<b>", "x" * 192])
def test_a_tag_mautic_would_misread_never_leaves(tag):
    opened, replay = session({})
    [outcome] = opened.apply([UpdateContact("1", add_tags=(tag,))])
    assert type(outcome.error) is Refused
    assert replay.requests == []


def test_a_tag_mautic_cannot_hold_is_not_taken_off_and_does_not_cost_the_others():
    edit = edit_of(0, UpdateContact("1", remove_tags=("hot, ready", "cold")), "maturo_")
    assert edit.tags == ("-cold",)


@pytest.mark.parametrize(
    "values",
    [
        {"points": 1},
        {"email": "a@example.test"},
        {"score": "1"},
        {"score": True},
        {"score": 1.5},
        {"grade": 1},
        {"band": "x" * 192},
    ],
)
def test_a_value_without_a_field_or_of_another_kind_never_leaves(values):
    opened, replay = session({})
    [outcome] = opened.apply([UpdateContact("1", values)])
    assert type(outcome.error) is Refused
    assert replay.requests == []


def test_nothing_to_do_asks_nothing():
    opened, replay = session({})
    assert opened.apply([]) == []
    assert replay.requests == []


def test_a_contact_named_twice_is_written_twice_in_order_but_never_in_one_batch():
    first = batch_of(contact(53, maturo_score=1), contact(54, maturo_score=5))
    opened, replay = session({BATCH: [first], edit(53): [edited(53, maturo_score=2)]})
    commands = [
        UpdateContact("53", {"score": 1}),
        UpdateContact("54", {"score": 5}),
        UpdateContact("53", {"score": 2}),
    ]
    assert [o.error for o in opened.apply(commands)] == [None, None, None]
    assert [item["id"] for item in replay.sent(*BATCH)[0]] == [53, 54]
    assert replay.sent(*edit(53)) == [{"maturo_score": 2}]


class Obedient(httpx.BaseTransport):
    """Does what any edit says and keeps the batches."""

    def __init__(self) -> None:
        self.batches: list[list[dict[str, Any]]] = []
        self.scores: dict[int, int] = {}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return answering("6.0.3")
        items = json.loads(request.read())
        if isinstance(items, dict):
            items = [items | {"id": int(request.url.path.split("/")[3])}]
        self.batches.append(items)
        contacts = [self._edited(item) for item in items]
        if request.url.path == BATCH[1]:
            codes = [200] * len(items)
            return httpx.Response(200, json={"contacts": contacts, "statusCodes": codes})
        return httpx.Response(200, json={"contact": contacts[0]})

    def _edited(self, item: dict[str, Any]) -> dict[str, Any]:
        self.scores[item["id"]] = item["maturo_score"]
        return {"id": item["id"], "fields": {"all": {"maturo_score": item["maturo_score"]}}}


@given(
    st.lists(
        st.tuples(st.integers(-1, 60).map(str) | st.text(max_size=3), st.integers(0, 99)),
        max_size=130,
    )
)
def test_batches_hold_valid_different_ids_and_the_last_value_wins(wishes):
    mautic = Obedient()
    opened = CONNECTOR.open(Settings().load(dict(BASIC)), transport=mautic)
    commands = [UpdateContact(number, {"score": score}) for number, score in wishes]
    outcomes = opened.apply(commands)
    opened.close()
    assert [o.command for o in outcomes] == commands
    for batch in mautic.batches:
        numbers = [item["id"] for item in batch]
        assert all(type(number) is int and number > 0 for number in numbers)
        assert len(set(numbers)) == len(numbers) <= BATCH_SIZE
    done = [o.command for o in outcomes if o.error is None]
    assert mautic.scores == {int(c.contact): c.values["score"] for c in done}
    assert all(type(o.error) is Refused for o in outcomes if o.error)
