"""The stand-in answers every recorded call we use as the real Mautic 6.0.3 did.

Same status, same shape, same headers; and where it refuses, the same words.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from connectors.mautic.standin import StandIn
from connectors.mautic.standin.kept import Done, Membership, PointAction, PointTrigger
from connectors.mautic.standin.visitors import open_email, send_email
from tests.contract.recorded_kit import (
    CUSTOM_FIELDS,
    call,
    contacts_in,
    differences,
    headers_of,
    platform,
    recording,
    remember,
)

#: Where the stand-in differs on purpose, and why.
DIFFERENCES = {
    "contact_patch": {
        ".contact.fields.core.is_decider.value: NoneType became bool": "6.0.3 shows a boolean "
        "as null in the one answer to the call that sets it; none of our fields is a boolean",
    },
    "note_create": {
        f".note.lead.fields.core.points.{key}: float became int": "points inside the contact of a "
        "new note come as -1978.0; nothing reads them there"
        for key in ("value", "normalizedValue")
    },
}
Setup = Callable[[StandIn], None]


def nothing(_: StandIn) -> None:
    """The call needs no state."""


def gina_and_hugo(standin: StandIn) -> None:
    remember(standin, recording("contact_get")["response"]["body"]["contact"])
    remember(standin, recording("readonly_get")["response"]["body"]["contact"])


def own_points(standin: StandIn) -> None:
    """Point actions and a trigger; what 6.0.3 was told to choose by the API it forgot."""
    done: tuple[Done, ...] = (
        "page.hit",
        "url.hit",
        "email.open",
        "form.submit",
        "asset.download",
        "email.send",
    )
    for number, type in enumerate(done, 1):
        standin.point_actions.append(PointAction(number, f"Action {number}", type, 5, url=""))
    changed = {"add_tags": [], "remove_tags": []}
    moved = {"addTo": [1], "removeFrom": []}
    events = (("lead.changetags", changed), ("campaign.changecampaign", moved))
    standin.point_triggers.append(PointTrigger(1, "Hot", 60, events))


def merged_1_into_7(standin: StandIn) -> None:
    remember(standin, recording("contact_get_merged_old_id")["response"]["body"]["contact"])
    standin.merged[1] = 7


def deleted_53(standin: StandIn) -> None:
    standin.deleted.add(53)


def to_be_deleted_53(standin: StandIn) -> None:
    shown = recording("contact_delete")["response"]["body"]["contact"]
    remember(standin, {**shown, "id": 53})


def anonymous_593(standin: StandIn) -> None:
    standin.create(contact_id=593)


def next_contact(number: int) -> Setup:
    def setup(standin: StandIn) -> None:
        standin.counters["contact"] = number - 1

    return setup


def hook_1(standin: StandIn) -> None:
    call(standin, recording("hooks_create_all")["request"])


def hook_2(standin: StandIn) -> None:
    hook_1(standin)
    call(standin, recording("hooks_create_nosecret")["request"])


def api_off(standin: StandIn) -> None:
    standin.api_enabled = False


def basic_off(standin: StandIn) -> None:
    standin.basic_enabled = False


def no_token(standin: StandIn) -> None:
    standin.tokens.clear()


def other_password(standin: StandIn) -> None:
    standin.user = "somebody"


def read_only(standin: StandIn) -> None:
    gina_and_hugo(standin)
    standin.denied |= {"contacts:edit", "hooks:view"}


def limited(spent: int) -> Setup:
    def setup(standin: StandIn) -> None:
        standin.rate_limit = 3
        standin.counters["call"] = spent

    return setup


def frida_46(standin: StandIn) -> None:
    standin.create(contact_id=46).values["email"] = "frida@example.test"


def frida_unsubscribed(standin: StandIn) -> None:
    frida_46(standin)
    standin.contacts[46].do_not_contact = [{"channel": "email", "reason": 1}]


def frida_reads(standin: StandIn) -> None:
    frida_46(standin)
    open_email(standin, send_email(standin, 46))
    send_email(standin, 46, 2)


def gina_in(request: str) -> Setup:
    def setup(standin: StandIn) -> None:
        gina_and_hugo(standin)
        call(standin, recording(request)["request"])

    return setup


def gina_as_noted(standin: StandIn) -> None:
    remember(standin, recording("note_create")["response"]["body"]["note"]["lead"])


def gina_in_segment_2(standin: StandIn) -> None:
    gina_and_hugo(standin)
    standin.memberships[Membership("segments", 2, 48)] = standin.now()


def the_answered_contacts(standin: StandIn) -> None:
    """Marker: the state is the contacts the recorded answer shows."""


shown = the_answered_contacts
#: Recording and the state it was made in.
CALLS: dict[str, Setup] = {
    # tokens
    "oauth_token_client_credentials": nothing,
    "oauth_token_json_body": nothing,
    "oauth_token_basic_header": nothing,
    "oauth_token_get_query": nothing,
    "oauth_token_bad_secret": nothing,
    "oauth_token_bad_grant": nothing,
    # who is let in
    "auth_none": nothing,
    "auth_bad_bearer": no_token,
    "auth_bad_basic": other_password,
    "api_disabled": api_off,
    "basic_auth_disabled": basic_off,
    "forbidden_patch": read_only,
    "forbidden_points": read_only,
    "forbidden_batch": read_only,
    "forbidden_hooks": read_only,
    "readonly_get": read_only,
    "rate_limit_0": limited(0),
    "rate_limit_2": limited(2),
    "rate_limit_3": limited(3),
    "rate_limit_5": limited(5),
    "rate_limit_post": limited(6),
    "contacts_query_token": shown,
    # routes
    "unknown_route": nothing,
    "tasks_list": nothing,
    "method_not_allowed": nothing,
    "contact_events": nothing,
    # lists
    "contacts_bearer": shown,
    "contacts_search_email": shown,
    "contacts_search_ids": shown,
    "contacts_search_none": gina_and_hugo,
    "contacts_search_id": gina_and_hugo,
    "contacts_search_minimal": shown,
    "contacts_search_by_tag": merged_1_into_7,
    "contacts_tracked_anonymous": shown,
    "contacts_where": shown,
    "contacts_where_in": shown,
    "contacts_where_points": shown,
    "contacts_where_last_active": shown,
    "contacts_date_modified_order": shown,
    "contacts_bad_order": gina_and_hugo,
    "stale_id_search": merged_1_into_7,
    # one contact
    "contact_get": shown,
    "contact_get_404": nothing,
    "contact_get_deleted": deleted_53,
    "contact_get_merged_old_id": merged_1_into_7,
    "stale_id_get": merged_1_into_7,
    "contact_after_points": shown,
    "contact_tags_now": shown,
    "contact_create": next_contact(1),
    "contact_create_alice": next_contact(36),
    "contact_create_frida": next_contact(46),
    "contact_create_anonymous": next_contact(57),
    "contact_create_name_only": next_contact(58),
    "contact_create_duplicate_email": shown,
    "contact_patch": shown,
    "contact_patch_404": nothing,
    "contact_patch_bad_email": gina_and_hugo,
    "contact_patch_bad_select": gina_and_hugo,
    "contact_patch_empty": shown,
    "contact_patch_form_encoded": shown,
    "contact_patch_malformed_json": gina_and_hugo,
    "contact_patch_nochange": shown,
    "contact_patch_owner": shown,
    "contact_patch_points": shown,
    "contact_patch_points_float": shown,
    "contact_patch_points_negative": shown,
    "contact_patch_points_string": gina_and_hugo,
    "contact_patch_unknown_field": shown,
    "contact_tags_add": shown,
    "contact_tags_case": shown,
    "contact_tags_remove": shown,
    "anonymous_gets_email": shown,
    "stale_id_patch": merged_1_into_7,
    "patch_long_text": gina_and_hugo,
    "patch_tag_comma": shown,
    "patch_tag_long": gina_and_hugo,
    "patch_tags_obj": gina_and_hugo,
    "points_patch_huge": gina_and_hugo,
    "points_patch_null": shown,
    "contact_delete": to_be_deleted_53,
    "contact_delete_404": deleted_53,
    # relative points
    "points_plus": gina_and_hugo,
    "points_plus_oauth": gina_and_hugo,
    "points_plus_named": gina_and_hugo,
    "points_plus_form": gina_and_hugo,
    "points_plus_negative": gina_and_hugo,
    "points_plus_zero": gina_and_hugo,
    "points_plus_float": gina_and_hugo,
    "points_plus_text": gina_and_hugo,
    "points_plus_huge": gina_and_hugo,
    "points_plus_anonymous": anonymous_593,
    "points_minus": gina_and_hugo,
    "points_minus_below_zero": gina_and_hugo,
    "points_divide": gina_and_hugo,
    "points_divide_real": gina_and_hugo,
    "points_404": nothing,
    "stale_id_points_plus": merged_1_into_7,
    "points_actions": nothing,
    "points_actions_filled": own_points,
    "points_triggers": nothing,
    "points_triggers_filled": own_points,
    # batches
    "batch_edit": shown,
    "batch_edit_clean": shown,
    "batch_edit_one_404": shown,
    "batch_edit_one_bad": shown,
    "batch_edit_one_invalid": shown,
    "batch_edit_same_twice": shown,
    "batch_edit_string_ids": shown,
    "batch_empty": nothing,
    "batch_invalid_then_valid_same_id": shown,
    "batch_item_without_id": shown,
    "batch_item_without_id_last": shown,
    "batch_not_list": nothing,
    "batch_over_limit": gina_and_hugo,
    "stale_id_batch": merged_1_into_7,
    # actions
    "email_send_contact": frida_46,
    "email_send_contact2": frida_46,
    "email_send_contact_dnc": frida_unsubscribed,
    "email_send_404_contact": nothing,
    "email_send_404_email": gina_and_hugo,
    "stale_id_email_send": merged_1_into_7,
    "stats_email_stats": frida_reads,
    "campaign_contact_add": gina_and_hugo,
    "campaign_contact_add_again": gina_in("campaign_contact_add"),
    "campaign_contact_remove": gina_in("campaign_contact_add"),
    "campaign_404": gina_and_hugo,
    "stale_id_campaign": merged_1_into_7,
    "contact_campaigns": gina_in("campaign_contact_add"),
    "contact_campaigns_none": gina_and_hugo,
    "segment_contact_add": gina_and_hugo,
    "segment_contact_add_again": gina_in("segment_contact_add"),
    "segment_contact_remove": gina_in("segment_contact_add"),
    "segment_404": gina_and_hugo,
    "stale_id_segment": merged_1_into_7,
    "contact_segments": gina_in_segment_2,
    "stage_contact_add": gina_and_hugo,
    "stage_contact_change": gina_in("stage_contact_add"),
    "stage_contact_remove": gina_in("stage_contact_change"),
    "note_create": gina_as_noted,
    "notes_list": gina_in("note_create"),
    "contact_notes": gina_in("note_create"),
    # set-up
    "fields_contact": nothing,
    "field_contact_number": nothing,
    "field_contact_select": nothing,
    "field_contact_multiselect": nothing,
    "field_contact_boolean": nothing,
    "field_contact_tracked": nothing,
    "hooks_triggers": nothing,
    "hooks_list": hook_1,
    "hooks_get": hook_1,
    "hooks_404": hook_1,
    "hooks_create_all": nothing,
    "hooks_create_nosecret": hook_1,
    "hooks_create_bad": nothing,
    "hooks_create_bad_url": nothing,
    "hooks_patch": hook_1,
    "hooks_republish": hook_1,
    "hooks_delete": hook_2,
    "users_self": nothing,
    "users_self_oauth": nothing,
    "stats_unknown": nothing,
    "stats_tables": nothing,
}


def fields_before(name: str) -> tuple[str, ...]:
    """The custom fields there were already when this call was recorded."""
    kind = name.removeprefix("field_contact_")
    if kind in CUSTOM_FIELDS:
        return CUSTOM_FIELDS[: CUSTOM_FIELDS.index(kind)]
    return () if name == "contact_create" else CUSTOM_FIELDS


def replayed(name: str) -> tuple[dict[str, Any], Any]:
    exchange = recording(name)
    standin = platform(fields_before(name))
    setup = CALLS[name]
    for contact in contacts_in(exchange["response"]["body"]):
        if setup is the_answered_contacts or name.startswith("rate_limit"):
            remember(standin, contact)
    setup(standin)
    return exchange["response"], call(standin, exchange["request"])


@pytest.mark.parametrize("name", CALLS)
def test_stand_in_answers_as_the_recorded_platform(name: str) -> None:
    recorded, answered = replayed(name)

    assert answered.status_code == recorded["status"]
    assert headers_of(answered.headers) == headers_of(recorded["headers"])
    found = set(differences(recorded["body"], answered.get_json()))
    assert found == set(DIFFERENCES.get(name, {}))
    if recorded["status"] >= 400:
        assert answered.get_json() == recorded["body"], "it refuses in other words"


@pytest.mark.parametrize("name", [n for n in CALLS if "batch" in n and "limit" not in n])
def test_stand_in_tells_the_fate_of_batch_items_as_recorded(name: str) -> None:
    recorded, answered = replayed(name)

    body = answered.get_json()
    assert body.get("statusCodes") == recorded["body"].get("statusCodes")
    assert body.get("errors") == recorded["body"].get("errors")
    assert fates(body) == fates(recorded["body"])


def fates(body: Any) -> list[tuple[int, int]]:
    return [(contact["id"], contact["points"]) for contact in contacts_in(body)]
