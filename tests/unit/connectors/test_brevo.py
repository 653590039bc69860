"""What Brevo says and is told, beyond the contract."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx
import orjson
import pytest
from marshmallow import ValidationError

from connectors.activity import Activity, Evidence, ProfileChange, Removal
from connectors.brevo import CONNECTOR
from connectors.brevo.settings import Settings
from connectors.brevo.standin import StandIn
from connectors.commands import AddNote, AddTag, RemoveTag, UpdateContact
from connectors.contract import Session
from connectors.errors import AuthFailed, Missing, Refused, Transient

ADA = "ada@example.org"
HOOK = "https://maturo.example/hooks/brevo"
DUE = datetime(2026, 3, 3, 9, tzinfo=UTC)


def settings(**given: Any) -> dict[str, Any]:
    return Settings().load({"api_key": StandIn().api_key, **given})


@pytest.fixture
def account() -> StandIn:
    made = StandIn()
    made.add(ADA)
    return made


def opened(account: StandIn, **given: Any) -> Session:
    given = settings(base_url="http://brevo.example", **given)
    return CONNECTOR.open(given, transport=httpx.WSGITransport(account))


def read(event: dict[str, Any], at: str = "2026-03-02T09:05:00+00:00", **given: Any) -> Any:
    return CONNECTOR.read_webhook({"received-at": at}, orjson.dumps(event), settings(**given))


def mail(event: str, **more: Any) -> dict[str, Any]:
    told = {"camp_id": 5, "email": ADA, "ts_sent": 1772438400, "ts_event": 1772442137}
    return {**told, "ts": 1772445737, "event": event, **more}


def test_the_moment_is_the_one_in_utc_not_the_one_an_hour_ahead() -> None:
    [activity, known] = read(mail("opened")).items
    assert activity.occurred_at == known.at == datetime(2026, 3, 2, 9, 2, 17, tzinfo=UTC)


def test_what_a_proxy_opened_is_a_machines() -> None:
    [activity, _] = read(mail("proxy_open")).items
    assert (activity.kind, activity.evidence) == ("email_opened", Evidence.MACHINE)


def test_sent_and_delivered_tell_of_one_mail() -> None:
    ids = {read(mail(event)).items[0].id for event in ("sent", "delivered")}
    assert len(ids) == 1


def test_the_same_opening_in_a_batch_and_alone_is_one() -> None:
    alone, batch = read(mail("opened")), read([mail("opened"), mail("opened")])  # type: ignore[arg-type]
    assert {one.id for one in batch.items if isinstance(one, Activity)} == {alone.items[0].id}


@pytest.mark.parametrize("event", ["unsubscribe", "spam", "hard_bounce"])
def test_whom_nobody_may_mail_any_more_is_marked(event: str) -> None:
    [_, known] = read(mail(event)).items
    assert known.fields["do_not_contact"] == ["email"]


def test_a_full_mailbox_is_no_refusal() -> None:
    [activity, known] = read(mail("soft_bounce")).items
    assert (activity.kind, "do_not_contact" in known.fields) == ("bounced", False)


def test_several_contacts_deleted_at_once_are_all_removed() -> None:
    told = {"event": "contact_deleted", "email": [ADA, "Bob@example.org"], "ts": 1772445600}
    assert [one.contact for one in read(told).items if isinstance(one, Removal)] == [
        ADA,
        "bob@example.org",
    ]


STEP = {"email": ADA, "attributes": {"PRENOM": "Ada"}, "step_id": 1, "workflow_id": 12}


def test_an_automation_means_what_the_settings_say() -> None:
    [activity, known] = read(STEP, workflows="12=form_submitted Demo form").items
    assert (activity.kind, activity.subject.name) == ("form_submitted", "Demo form")
    assert known.fields == {"email": ADA, "firstname": "Ada"}
    assert activity.occurred_at == datetime(2026, 3, 2, 9, 5, tzinfo=UTC)


def test_an_automation_tells_who_was_won() -> None:
    [known] = read(STEP, workflows="12=won").items
    assert isinstance(known, ProfileChange)
    assert known.fields["outcome"] == "won"


def test_the_same_step_delivered_again_is_the_same_activity() -> None:
    meant = "12=page_viewed https://example.org/prices"
    first, again = (read(STEP, f"2026-03-02T09:0{m}:00Z", workflows=meant) for m in (5, 6))
    later = read(STEP, "2026-03-02T11:05:00Z", workflows=meant)
    assert first.items[0].id == again.items[0].id != later.items[0].id


@pytest.mark.parametrize("wrong", ["12", "12=dance Demo", "x=won", "12=form_submitted"])
def test_what_cannot_be_read_of_the_automations_is_named(wrong: str) -> None:
    with pytest.raises(ValidationError, match=wrong.split("=")[0]):
        settings(workflows=wrong)


def test_our_own_attributes_never_feed_a_score() -> None:
    assert "maturo_score" in CONNECTOR.own_fields(settings())


def test_tags_are_lists_of_that_name_made_once(account: StandIn) -> None:
    session = opened(account)
    session.prepare_fields()
    for _ in range(2):
        session.apply([UpdateContact(ADA, {"score": 7}, add_tags=("hot",), remove_tags=("cold",))])
    assert account.held() == '{"ada@example.org":[{"MATURO_SCORE":7},["hot"]]}'
    session.apply([AddTag(ADA, "op-1", "vip"), RemoveTag(ADA, "op-2", "hot")])
    assert account.held() == '{"ada@example.org":[{"MATURO_SCORE":7},["vip"]]}'
    assert list(account.folders.values()) == ["Maturo"]


def test_a_list_that_was_deleted_is_made_again(account: StandIn) -> None:
    session = opened(account)
    session.apply([UpdateContact(ADA, {}, add_tags=("hot",))])
    account.contacts[ADA]["lists"].clear()
    account.lists.clear()
    account.lists[7] = "another"
    [outcome] = session.apply([UpdateContact(ADA, {}, add_tags=("hot",))])
    assert outcome.error is None
    assert "hot" in account.held()


@pytest.mark.parametrize("kind", ["call", "general"])
def test_a_note_is_found_again_by_its_mark(account: StandIn, kind: Any) -> None:
    session = opened(account)
    note = AddNote(ADA, "maturo:1", "Score 60\n– asked for a demo", kind, DUE)
    assert session.was_done(note, DUE) is False
    [outcome] = session.apply([note])
    assert outcome.error is None
    assert session.was_done(note, DUE) is True
    [task] = account.tasks or [None]
    if kind == "call":
        assert task is not None
        assert (task["name"], task["date"]) == ("Score 60", "2026-03-03T09:00:00Z")
        assert "asked for a demo" in task["notes"]


def test_who_is_not_there_is_missing_and_not_named_in_the_error(account: StandIn) -> None:
    [outcome] = opened(account).apply([UpdateContact("bob@example.org", {"score": 1})])
    assert isinstance(outcome.error, Missing)
    assert "bob" not in str(outcome.error)


@pytest.mark.parametrize("way", ["bearer", "basic", "header"])
def test_the_webhook_is_installed_once_and_its_secret_never_shown(
    account: StandIn, way: str
) -> None:
    session = opened(account, auth=way)
    assert session.check_webhook(HOOK).ok is False
    shown = [session.install_webhook(HOOK, "s3cret-of-the-hook") for _ in range(2)]
    [made] = account.webhooks.values()
    assert "s3cret-of-the-hook" in str(made)
    assert "s3cret" not in str([*shown, session.check_webhook(HOOK), session.other_webhooks("x")])
    assert session.check_webhook(HOOK).ok
    assert session.remove_webhook(HOOK).ok
    assert account.webhooks == {}


def test_it_waits_as_long_as_brevo_says() -> None:
    def busy(request: httpx.Request) -> httpx.Response:
        return httpx.Response(429, headers={"x-sib-ratelimit-reset": "41"}, json={"code": "x"})

    session = CONNECTOR.open(settings(), transport=httpx.MockTransport(busy))
    [first, second] = session.apply([UpdateContact(ADA, {"score": 1})] * 2)
    assert isinstance(first.error, Transient)
    assert (first.error.retry_after, second.error) == (41, first.error)


def test_a_wrong_key_says_where_to_look() -> None:
    session = opened(StandIn("another key entirely"))
    with pytest.raises(AuthFailed, match="API key"):
        session.probe()


def test_who_is_public_only_is_never_called_at_a_private_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    guarded = CONNECTOR.open(settings(base_url="http://127.0.0.1:9", public_only=True))
    with pytest.raises(Refused, match="private and other special addresses are refused"):
        guarded.probe()
