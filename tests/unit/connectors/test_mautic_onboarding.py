from __future__ import annotations

import copy

import httpx
import pytest
from mautic_exchanges import API, BASIC, Clock, body, recorded, session

from connectors.errors import AuthFailed, Missing, Refused, Transient
from connectors.mautic.edits import FIELD_TYPES
from connectors.mautic.hooks import TRIGGERS

CONTACTS = ("GET", "/api/contacts")
SELF = ("GET", "/api/users/self")
FIELDS = ("GET", "/api/fields/contact")
NEW_FIELD = ("POST", "/api/fields/contact/new")
OFFERED = ("GET", "/api/hooks/triggers")
HOOKS = ("GET", "/api/hooks")
NEW_HOOK = ("POST", "/api/hooks/new")
SOMETIMES = [
    ("GET", f"/api/{name}")
    for name in ("stats/email_stats", "pages", "assets", "forms", "emails", "segments", "stages")
]
URL = "https://scores.example.test/hooks/shop"


def our_fields(**changes):
    """The recorded list with our five fields added; ``changes`` are for maturo_score."""
    answer = body("fields_contact")
    pattern = body("field_contact_number")["field"]
    for number, (name, kind) in enumerate(FIELD_TYPES.items(), 900):
        field = pattern | {"id": number, "alias": f"maturo_{name}", "type": kind}
        answer["fields"][str(number)] = field | (changes if name == "score" else {})
    return answer


def fields(**changes) -> httpx.Response:
    return recorded("fields_contact", our_fields(**changes))


def hook(**changes):
    return body("hooks_get")["hook"] | {"webhookUrl": URL, "secret": "s1", **changes}


def hooks(*entries) -> httpx.Response:
    by_id = {str(number): entry for number, entry in enumerate(entries, 1)}
    return recorded("hooks_list", {"total": len(entries), "hooks": by_id or []})


def allowed(who: str) -> dict[tuple[str, str], list[httpx.Response]]:
    """A Mautic that lets us in, where we are ``who``, and may see everything."""
    seen = {route: [recorded("forms_list")] for route in SOMETIMES}
    return seen | {CONTACTS: [recorded("contacts_bearer")], SELF: [recorded(who)]}


def written(**changes) -> httpx.Response:
    return recorded("hooks_create_all", {"hook": hook(**changes)})


def test_probe_with_client_credentials_tells_version_and_the_name_of_our_changes():
    opened, _ = session(allowed("users_self_oauth"))
    probe = opened.probe()
    assert probe.ok
    assert (probe.version, probe.author) == ("6.0.3", "live test [1]")
    assert [check.name for check in probe.checks] == ["address", "credentials", "author"]
    assert [check.remedy for check in probe.checks] == ["", "", ""]


@pytest.mark.parametrize(
    ("case", "author"), [("users_self", "Admin Live"), ("users_self_oauth", "live test [1]")]
)
def test_the_name_is_the_one_mautic_signs_changes_with(case, author):
    signed = "".join(path.read_text("utf-8") for path in API.glob("contact_*.json"))
    signed += "".join(path.read_text("utf-8") for path in API.glob("points_patch_*.json"))
    assert f'"modifiedByUser": "{author}"' in signed
    opened, _ = session(allowed(case), BASIC)
    assert opened.probe().author == author


def test_probe_with_basic_recommends_client_credentials():
    opened, _ = session(allowed("users_self"), BASIC)
    probe = opened.probe()
    [advice] = [check for check in probe.checks if check.remedy]
    assert probe.ok
    assert "eight times faster" in advice.remedy


def test_probe_without_a_name_advises_to_give_one():
    nameless = body("users_self") | {"firstName": None, "lastName": ""}
    opened, _ = session(allowed("users_self") | {SELF: [recorded("users_self", nameless)]})
    probe = opened.probe()
    assert probe.author is None
    assert probe.ok
    assert "first and last name" in probe.checks[-1].remedy


def test_probe_tolerates_an_untold_version():
    answer = recorded("contacts_bearer")
    del answer.headers["Mautic-Version"]
    opened, _ = session(allowed("users_self") | {CONTACTS: [answer]}, BASIC)
    probe = opened.probe()
    assert probe.version == ""
    assert "of untold version" in probe.checks[0].detail


@pytest.mark.parametrize("route", SOMETIMES)
def test_a_right_that_only_some_scorecards_need_is_named_and_stops_nothing(route):
    opened, _ = session(allowed("users_self") | {route: [recorded("forbidden_hooks")]})
    probe = opened.probe()
    assert probe.ok
    [lacking] = [check for check in probe.checks if check.name.startswith("right ")]
    assert "needed only" in lacking.detail
    assert "Settings, Roles" in lacking.remedy


@pytest.mark.parametrize("case", ["api_disabled", "basic_auth_disabled", "auth_bad_basic"])
def test_probe_with_refused_credentials_is_a_failed_check(case):
    opened, _ = session({CONTACTS: [recorded(case)]}, BASIC)
    probe = opened.probe()
    assert not probe.ok
    assert [check.name for check in probe.checks] == ["credentials"]
    assert probe.checks[0].remedy


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (httpx.ConnectError("refused"), Transient),
        (recorded("db_down"), Transient),
        (httpx.Response(404, html="<h1>Not Found</h1>"), Transient),
        (httpx.Response(200, json={"hello": "world"}), Refused),
        (httpx.Response(301, headers={"Location": "https://other.example.test/"}), Refused),
    ],
)
def test_probe_raises_when_no_mautic_answers(answer, kind):
    opened, _ = session({CONTACTS: [answer]}, BASIC)
    with pytest.raises(kind):
        opened.probe()


def test_missing_fields_are_created_as_recorded():
    created = [recorded("field_contact_number") for _ in FIELD_TYPES]
    opened, replay = session(
        {FIELDS: [recorded("fields_contact"), fields()], NEW_FIELD: created}, clock=Clock()
    )
    checks = opened.prepare_fields()
    assert all(check.ok for check in checks)
    assert [check.name for check in checks] == [f"field maturo_{name}" for name in FIELD_TYPES]
    sent = replay.sent(*NEW_FIELD)
    assert sent[0] == {
        "label": "Maturo score",
        "alias": "maturo_score",
        "type": "number",
        "isPubliclyUpdatable": False,
        "properties": {"roundmode": 4, "scale": 0},
    }
    assert sent[-1] == {
        "label": "Maturo band",
        "alias": "maturo_band",
        "type": "text",
        "isPubliclyUpdatable": False,
    }


def test_present_fields_are_adopted_without_writing():
    opened, replay = session({FIELDS: [fields()]})
    assert all(check.ok for check in opened.prepare_fields())
    assert len(replay.asked(*FIELDS)) == 1


def test_columns_left_to_the_cron_are_waited_for():
    clock = Clock()
    later = our_fields()
    later["fields"]["900"]["isPublished"] = False
    absent = our_fields()
    del absent["fields"]["900"]
    listed = [recorded("fields_contact", answer) for answer in (absent, absent, later)]
    opened, _ = session(
        {
            FIELDS: [*listed, fields()],
            NEW_FIELD: [httpx.Response(202, json=body("field_contact_number"))],
        },
        clock=clock,
    )
    assert all(check.ok for check in opened.prepare_fields())
    assert clock.slept == [3.0, 3.0]


def test_waiting_for_columns_ends():
    clock = Clock()
    absent = our_fields()
    del absent["fields"]["900"]
    opened, _ = session(
        {
            FIELDS: [recorded("fields_contact", absent) for _ in range(11)],
            NEW_FIELD: [httpx.Response(202, json=body("field_contact_number"))],
        },
        clock=clock,
    )
    [failed] = [check for check in opened.prepare_fields() if not check.ok]
    assert failed.name == "field maturo_score"
    assert "mautic:custom-field:create-column" in failed.remedy
    assert sum(clock.slept) == 27.0


@pytest.mark.parametrize("case", ["forbidden_hooks", "hooks_create_bad"])
def test_a_field_that_may_not_be_created_says_what_to_do(case):
    absent = our_fields()
    del absent["fields"]["900"]
    opened, _ = session({FIELDS: [recorded("fields_contact", absent)], NEW_FIELD: [recorded(case)]})
    checks = opened.prepare_fields()
    assert [check.ok for check in checks] == [False, True, True, True, True]
    assert "Custom Fields: full" in checks[0].remedy


@pytest.mark.parametrize(
    ("changes", "detail"),
    [
        ({"type": "text"}, "exists with type text, but number is needed"),
        ({"isPublished": False}, "not published"),
        ({"isUniqueIdentifier": True}, "would merge all contacts"),
        ({"isUniqueIdentifer": True}, "would merge all contacts"),
        ({"isPubliclyUpdatable": True}, "any visitor could set"),
    ],
)
def test_a_field_that_does_not_suit_is_refused_with_a_remedy(changes, detail):
    opened, replay = session({FIELDS: [fields(**changes)]})
    [failed] = [check for check in opened.prepare_fields() if not check.ok]
    assert failed.name == "field maturo_score"
    assert detail in failed.detail
    assert failed.remedy
    assert not replay.asked(*NEW_FIELD)


def test_fields_that_cannot_be_listed_raise():
    opened, _ = session({FIELDS: [recorded("forbidden_hooks")]})
    with pytest.raises(AuthFailed):
        opened.prepare_fields()


def test_other_fields_may_be_a_list_or_strange():
    answer = our_fields()
    answer["fields"] = [*answer["fields"].values(), {"id": 1}, "odd"]
    opened, _ = session({FIELDS: [recorded("fields_contact", answer)]})
    assert all(check.ok for check in opened.prepare_fields())


def test_the_webhook_is_created_once_with_our_triggers():
    opened, replay = session(
        {
            OFFERED: [recorded("hooks_triggers")],
            HOOKS: [recorded("hooks_list")],
            NEW_HOOK: [written(triggers=list(TRIGGERS))],
        }
    )
    check = opened.install_webhook(URL, "s1")
    assert (check.ok, check.detail) == (True, "Mautic delivers through its webhook 1")
    assert replay.sent(*NEW_HOOK) == [
        {
            "name": "Maturo",
            "webhookUrl": URL,
            "secret": "s1",
            "eventsOrderbyDir": "ASC",
            "isPublished": True,
            "triggers": list(TRIGGERS),
        }
    ]
    assert "mautic.lead_points_change" not in TRIGGERS


def test_a_webhook_that_agrees_is_left_alone():
    opened, replay = session({OFFERED: [recorded("hooks_triggers")], HOOKS: [hooks(hook())]})
    assert opened.install_webhook(URL, "s1").ok
    assert {request.method for request in replay.requests} == {"GET", "POST"}
    assert not replay.asked(*NEW_HOOK)


@pytest.mark.parametrize(
    ("found", "change"),
    [
        ({"secret": "old"}, {"secret": "s1"}),
        ({"isPublished": False}, {"isPublished": True}),
        ({"eventsOrderbyDir": None}, {"eventsOrderbyDir": "ASC"}),
        ({"triggers": ["mautic.form_on_submit"]}, {"triggers": list(TRIGGERS)}),
        ({"triggers": []}, {"triggers": list(TRIGGERS)}),
    ],
)
def test_a_webhook_that_differs_is_changed_in_what_differs(found, change):
    edit = ("PATCH", "/api/hooks/5/edit")
    other = hook(webhookUrl="https://other.example.test/", id=4)
    listed = hooks(other, hook(id=5, **found))
    opened, replay = session(
        {OFFERED: [recorded("hooks_triggers")], HOOKS: [listed], edit: [written(id=5)]}
    )
    assert opened.install_webhook(URL, "s1").ok
    assert replay.sent(*edit) == [change]


def test_no_webhook_yet_is_an_empty_list_of_php():
    opened, replay = session(
        {OFFERED: [recorded("hooks_triggers")], HOOKS: [hooks()], NEW_HOOK: [written()]}
    )
    assert opened.install_webhook(URL, "s1").ok
    assert len(replay.asked(*NEW_HOOK)) == 1


def offered_without(name: str) -> httpx.Response:
    answer = copy.deepcopy(body("hooks_triggers"))
    del answer["triggers"][name]
    return recorded("hooks_triggers", answer)


def test_an_older_mautic_without_a_lesser_event_is_told_but_works():
    lacking = "mautic.lead_company_change"
    triggers = [name for name in TRIGGERS if name != lacking]
    opened, replay = session(
        {
            OFFERED: [offered_without(lacking)],
            HOOKS: [hooks()],
            NEW_HOOK: [written(triggers=triggers)],
        }
    )
    check = opened.install_webhook(URL, "s1")
    assert check.ok
    assert lacking in check.detail
    assert replay.sent(*NEW_HOOK)[0]["triggers"] == triggers


@pytest.mark.parametrize(
    "answer",
    [
        written(isPublished=False),
        written(triggers=["mautic.page_on_hit"]),
        recorded("hooks_create_all", {"hook": []}),
    ],
)
def test_a_webhook_that_did_not_become_as_asked_is_a_failed_check(answer):
    opened, _ = session(
        {OFFERED: [recorded("hooks_triggers")], HOOKS: [hooks()], NEW_HOOK: [answer]}
    )
    check = opened.install_webhook(URL, "s1")
    assert not check.ok
    assert check.remedy


@pytest.mark.parametrize("case", ["forbidden_hooks", "hooks_create_bad"])
def test_a_webhook_that_is_refused_says_what_to_do(case):
    opened, _ = session(
        {OFFERED: [recorded("hooks_triggers")], HOOKS: [hooks()], NEW_HOOK: [recorded(case)]}
    )
    check = opened.install_webhook(URL, "s1")
    assert not check.ok
    assert check.remedy == "Give the role of the API user the right Webhooks: full."
    assert "s1" not in check.detail


def test_private_addresses_are_spoken_of_where_a_version_refuses_them():
    of_seven = hooks()
    of_seven.headers["Mautic-Version"] = "7.1.2"
    refused = recorded("hooks_create_bad")
    refused.headers.pop("Mautic-Version", None)
    opened, _ = session(
        {OFFERED: [recorded("hooks_triggers")], HOOKS: [of_seven], NEW_HOOK: [refused]}
    )
    assert "webhook_allowed_private_addresses" in opened.install_webhook(URL, "s1").remedy


def test_a_webhook_that_cannot_be_asked_for_now_raises():
    opened, _ = session({OFFERED: [recorded("db_down")]})
    with pytest.raises(Transient):
        opened.install_webhook(URL, "s1")


def test_other_webhooks_are_those_of_the_same_receiver_and_of_another_maturo():
    listed = hooks(
        hook(),
        hook(webhookUrl="https://scores.example.test/hooks/second", name="Renamed"),
        hook(webhookUrl="https://elsewhere.example.test/hooks/shop", name="Maturo"),
        hook(webhookUrl="https://crm.example.test/in", name="CRM"),
    )
    opened, _ = session({HOOKS: [listed]})
    assert opened.other_webhooks(URL) == (
        "https://scores.example.test/hooks/second",
        "https://elsewhere.example.test/hooks/shop",
    )


def test_other_webhooks_that_we_may_not_see_are_none():
    opened, _ = session({HOOKS: [recorded("forbidden_hooks")]})
    assert opened.other_webhooks(URL) == ()


def test_removing_deletes_our_webhook_and_no_other():
    other = hook(webhookUrl="https://crm.example.test/in", id=4)
    gone = ("DELETE", "/api/hooks/5/delete")
    opened, replay = session({HOOKS: [hooks(other, hook(id=5))], gone: [recorded("hooks_delete")]})
    assert opened.remove_webhook(URL).detail == "deleted"
    assert [r.url.path for r in replay.requests if r.method == "DELETE"] == [gone[1]]


def test_a_webhook_that_is_gone_already_is_no_trouble():
    opened, _ = session({HOOKS: [hooks()]})
    assert opened.remove_webhook(URL).ok


def test_a_webhook_that_may_not_be_deleted_is_left_to_a_person():
    opened, _ = session({HOOKS: [recorded("forbidden_hooks")]})
    check = opened.remove_webhook(URL)
    assert not check.ok
    assert URL in check.remedy


def test_removing_fields_deletes_ours_and_tells_which_mautic_keeps():
    present = our_fields()
    del present["fields"]["904"]
    routes = {
        ("DELETE", f"/api/fields/contact/{number}/delete"): [recorded("field_contact_number")]
        for number in (900, 901, 902)
    }
    kept = ("DELETE", "/api/fields/contact/903/delete")
    routes |= {FIELDS: [recorded("fields_contact", present)], kept: [recorded("hooks_create_bad")]}
    opened, _ = session(routes)
    checks = opened.remove_fields()
    assert [(check.name, check.ok) for check in checks] == [
        ("field maturo_score", True),
        ("field maturo_fit", True),
        ("field maturo_engagement", True),
        ("field maturo_grade", False),
        ("field maturo_band", True),
    ]
    assert checks[-1].detail == "not there"
    assert "segment" in checks[3].remedy


@pytest.mark.parametrize(
    ("url", "private"),
    [
        ("http://10.1.2.3:8080/hooks/a", True),
        ("http://maturo:8080/hooks/a", True),
        ("http://172.20.0.2/hooks/a", True),
        ("https://maturo.example.test/hooks/a", False),
        ("https://172.217.0.1/hooks/a", False),
    ],
)
def test_silence_is_blamed_on_a_private_address_only_where_that_is_refused(url, private):
    for version, refuses in (("6.0.3", False), ("7.1.0", True)):
        listed = hooks()
        listed.headers["Mautic-Version"] = version
        opened, _ = session({HOOKS: [listed]})
        opened.other_webhooks(url)
        told = opened.why_silent(url)
        assert ("webhook_allowed_private_addresses" in told) == (private and refuses)
        assert "mautic:webhooks:process" in told


@pytest.mark.parametrize(
    ("case", "contact", "becomes"),
    [
        ("stale_id_get", "1", "7"),
        ("stale_id_get", "7", "7"),
        ("contact_get_404", "999999", None),
    ],
)
def test_resolve_tells_winner_itself_or_nobody(case, contact, becomes):
    opened, _ = session({("GET", f"/api/contacts/{contact}"): [recorded(case)]})
    assert opened.resolve(contact).contact == becomes


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (recorded("db_down"), Transient),
        (recorded("forbidden_hooks"), AuthFailed),
        (recorded("unknown_route"), Refused),
        (httpx.Response(404, html="<h1>Not Found</h1>"), Transient),
        (httpx.Response(200, json={"contact": None}), Transient),
    ],
)
def test_resolve_never_takes_trouble_for_a_deleted_contact(answer, kind):
    opened, _ = session({("GET", "/api/contacts/7"): [answer]})
    with pytest.raises(kind) as caught:
        opened.resolve("7")
    assert type(caught.value) is kind
    assert not isinstance(caught.value, Missing)


def test_resolve_of_no_number_is_refused_without_asking():
    opened, replay = session({})
    with pytest.raises(Refused):
        opened.resolve("../users/1")
    assert replay.requests == []
