"""R62: who is known to two platforms by one address has one score, written back to both."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import orjson
import pytest
from firm_kit import SECRET, Firm

from connectors.brevo import standin as brevo
from connectors.conformance.server import serving
from connectors.mautic import standin as mautic
from connectors.mautic.standin import StandIn, hooks, saving, visitors
from connectors.mautic.standin.author import VISITOR
from plugin.services.accounts import rank_accounts, ranked_accounts, team
from plugin.services.connect import Request, connect
from plugin.services.overview import overview
from plugin.services.person import export_person, forget_person
from plugin.services.priorities import priorities
from plugin.storage.actions import DONE
from plugin.worker import score_some
from tests.pages_kit import add_user, application, sign_in

CARD = """
name: Firm
groups:
  - id: profile
    dimension: fit
    rules:
      - {id: phone, kind: field, points: 10, if: {field: phone, present: true}}
  - id: pages
    dimension: engagement
    rules:
      - {id: visit, kind: activity, points: 5, activity: page_viewed}
      - {id: demo, kind: activity, points: 20, activity: form_submitted}
bands:
  - {id: cold}
  - {id: ready, enter: 40, leave: 30, tag: ready, on_rise: [{note: "Call at once"}]}
"""
ADA = "ada@example.org"


@pytest.fixture
def shop(firm: Firm) -> Iterator[StandIn]:
    """The platform of the firm's shop, connected beside the first one."""
    standin = StandIn(firm.version, clock=lambda: firm.now)
    with mautic.serve(standin) as running:
        settings = {
            "base_url": running.url,
            "client_id": standin.client_id,
            "client_secret": standin.client_secret,
        }
        hook = firm.hook.replace("/mautic", "/shop")
        request = Request("shop", "mautic", settings, SECRET, hook)
        runtime = firm.runtime
        connector = runtime.manifest.connector("mautic")
        done = connect(runtime.engine, runtime.vault, connector, request, firm.now)
        assert all(check.ok for check in done.checks), done.checks
        firm.scorecard(CARD)
        # Numbers of the two platforms are not to be the same by chance.
        for _ in range(5):
            visitors.visit(standin, None, "https://shop.example/")
        yield standin


def held(standin: StandIn, contact: int) -> tuple[object, object]:
    """The score and the band that the platform shows."""
    found = standin.find(contact)
    assert found is not None
    return found.values.get("maturo_score"), found.values.get("maturo_band")


def in_shop(shop: StandIn, contact: int | None = None, **answers: str) -> int:
    return visitors.submit_form(shop, contact, answers)


def edit(shop: StandIn, contact: int, **values: str) -> None:
    """Somebody edits the contact in the shop's platform."""
    found = shop.find(contact)
    assert found is not None
    with hooks.changing(shop) as events:
        saving.save(shop, found, values, VISITOR, events)


def listed(firm: Firm) -> list[tuple[str, tuple[str, ...]]]:
    """The order for sales: each person's address, and its others."""
    return [(one.contact.address, one.others) for one in priorities(firm.runtime.engine, "en")]


def notes(firm: Firm, shop: StandIn) -> list[str]:
    return [note.text for standin in (firm.standin, shop) for note in standin.notes]


def test_r62_one_score_is_written_back_to_both(firm: Firm, shop: StandIn) -> None:
    here = firm.submit_form(email=ADA)
    there = in_shop(shop, email="Ada@Example.ORG", phone="+33 1")
    firm.settle()
    assert held(firm.standin, here) == held(shop, there) == (50, "ready")
    firm.visit("/pricing", here)
    firm.settle()
    assert held(firm.standin, here) == held(shop, there) == (55, "ready")
    assert firm.points(here) == {"phone": 10, "demo": 40, "visit": 5}


@pytest.mark.parametrize("first", ["here", "there"])
def test_r62_the_order_of_arrival_does_not_matter(firm: Firm, shop: StandIn, first: str) -> None:
    orders = {"here": (firm.standin, shop), "there": (shop, firm.standin)}
    for standin in orders[first]:
        visitors.submit_form(standin, None, {"email": ADA})
        while score_some(firm.runtime):
            pass
    firm.settle()
    shown = [held(one, found.id) for one in (firm.standin, shop) if (found := one.by_email(ADA))]
    assert shown == [(40, "ready"), (40, "ready")]


def test_r62_what_is_done_once_is_done_once_for_the_person(firm: Firm, shop: StandIn) -> None:
    firm.submit_form(email=ADA)
    in_shop(shop, email=ADA)
    firm.settle()
    assert [one.split(" [")[0] for one in notes(firm, shop)] == ["Call at once"]
    assert [(one.contact.split("/")[0], one.state) for one in firm.actions()] == [("mautic", DONE)]


def test_r62_who_was_handed_over_before_is_not_handed_over_again(firm: Firm, shop: StandIn) -> None:
    there = in_shop(shop, email=ADA, phone="+33 1")
    in_shop(shop, there, email=ADA)
    firm.settle()
    assert len(shop.notes) == 1
    here = firm.submit_form(email=ADA)
    firm.settle()
    assert held(firm.standin, here) == held(shop, there) == (70, "ready")
    assert len(notes(firm, shop)) == 1


def test_r62_an_address_that_changes_parts_what_it_had_joined(firm: Firm, shop: StandIn) -> None:
    here = firm.submit_form(email=ADA)
    there = in_shop(shop, email=ADA, phone="+33 1")
    firm.settle()
    firm.wait(minutes=1)
    edit(shop, there, email="ada.new@example.org")
    firm.settle()
    assert held(firm.standin, here)[0] == 20
    assert held(shop, there)[0] == 30
    told = orjson.dumps([line.sentence for line in firm.explain(here).lines]).decode()
    assert "phone" not in told


def test_r62_lists_show_the_person_once_with_every_address(firm: Firm, shop: StandIn) -> None:
    here = firm.submit_form(email=ADA, company="Acme")
    there = in_shop(shop, email=ADA)
    firm.settle()
    assert listed(firm) == [(f"mautic/{here}", (f"shop/{there}",))]
    assert overview(firm.runtime.engine, firm.runtime.inbox, 99, firm.now).contacts == 1
    rank_accounts(firm.runtime.engine, firm.now)
    [account] = ranked_accounts(firm.runtime.engine)
    found = team(firm.runtime.engine, account.key)
    assert found is not None
    assert account.people == 1
    assert [(one.contact.address, one.others) for one in found.people] == listed(firm)
    edit(shop, there, email="ada.new@example.org")
    firm.settle()
    assert sorted(listed(firm)) == [(f"mautic/{here}", ()), (f"shop/{there}", ())]


def test_r62_pages_show_the_person_once_with_every_address(firm: Firm, shop: StandIn) -> None:
    here, there = firm.submit_form(email=ADA), in_shop(shop, email=ADA)
    firm.settle()
    add_user(firm.runtime, "viewer")
    viewer = sign_in(application(firm.runtime), "viewer")
    assert viewer.read("/admin/contacts").count(f"mautic/{here} · shop/{there}") == 1
    [told] = viewer.get("/api/v1/contacts").json
    assert (told["contact"], told["others"]) == (f"mautic/{here}", [f"shop/{there}"])
    assert f"The same person: shop/{there}" in viewer.read(f"/admin/contacts/mautic/{here}")


def test_r62_whoever_is_left_is_listed(firm: Firm, shop: StandIn) -> None:
    here = firm.submit_form(email=ADA)
    there = in_shop(shop, email=ADA)
    firm.settle()
    visitors.delete_contact(firm.standin, here)
    firm.settle()
    assert listed(firm) == [(f"shop/{there}", ())]


def test_r62_an_address_that_two_share_joins_nobody(firm: Firm, shop: StandIn) -> None:
    here = firm.submit_form(email=ADA)
    there = in_shop(shop, email=ADA, phone="+33 1")
    firm.settle()
    second = visitors.visit(shop, None, "https://shop.example/")
    edit(shop, second, email=ADA)
    firm.settle()
    assert held(firm.standin, here)[0] == 20
    assert held(shop, there)[0] == 30
    visitors.delete_contact(shop, second)
    firm.settle()
    assert held(firm.standin, here)[0] == held(shop, there)[0] == 50


def test_r62_a_scorecard_can_say_that_nobody_is_joined(firm: Firm, shop: StandIn) -> None:
    here = firm.submit_form(email=ADA)
    there = in_shop(shop, email=ADA, phone="+33 1")
    firm.settle()
    firm.scorecard(CARD + "join_by_email: false\n")
    firm.settle()
    assert (held(firm.standin, here)[0], held(shop, there)[0]) == (20, 30)
    firm.scorecard(CARD)
    firm.settle()
    assert (held(firm.standin, here)[0], held(shop, there)[0]) == (50, 50)


def test_r62_who_is_deleted_in_one_platform_leaves_nothing_in_the_other(
    firm: Firm, shop: StandIn
) -> None:
    here = firm.submit_form(email=ADA)
    there = in_shop(shop, email=ADA, phone="+33 1")
    firm.settle()
    visitors.delete_contact(shop, there)
    firm.settle()
    assert held(firm.standin, here)[0] == 20
    told = _exported(firm, f"mautic/{here}")
    assert told["joined"] == []
    assert {entry["rule"] for entry in told["entries"]} == {"demo"}
    assert len(told["entries"]) == 1


def test_r62_a_person_is_exported_and_forgotten_in_both(firm: Firm, shop: StandIn) -> None:
    here = firm.submit_form(email=ADA)
    there = in_shop(shop, email=ADA, phone="+33 1")
    firm.settle()
    told = _exported(firm, f"shop/{there}")
    assert [(one["connection"], one["contact_ids"]) for one in told["joined"]] == [
        ("mautic", [str(here)])
    ]
    runtime = firm.runtime
    done = forget_person(
        runtime.inbox,
        runtime.engine,
        runtime.vault,
        runtime.manifest.connector,
        lambda: None,
        f"mautic/{here}",
        firm.now,
    )
    assert done.contacts == (f"mautic/{here}", f"shop/{there}")
    bodies = b"".join(one.body for one in runtime.inbox.read(0, 10_000))
    assert ADA.encode() not in bodies.lower()


def _exported(firm: Firm, address: str) -> dict[str, list[dict[str, object]]]:
    runtime = firm.runtime
    return export_person(
        runtime.inbox, runtime.engine, runtime.vault, runtime.manifest.connector, address
    )


@pytest.fixture
def letters(firm: Firm) -> Iterator[brevo.StandIn]:
    """The account from which the firm sends its letters, of another maker than the first."""
    account = brevo.StandIn()
    account.add(ADA)
    runtime = firm.runtime
    connector = runtime.manifest.connector("brevo")
    with serving(account) as url:
        settings = {"api_key": account.api_key, "base_url": url}
        hook = firm.hook.replace("/mautic", "/letters")
        request = Request("letters", "brevo", settings, SECRET, hook)
        done = connect(runtime.engine, runtime.vault, connector, request, firm.now)
        assert all(check.ok for check in done.checks), done.checks
        firm.scorecard(CARD)
        yield account


def deliver(letters: brevo.StandIn, **event: object) -> int:
    """Brevo posts an event to the webhook that it was given."""
    [hook] = letters.webhooks.values()
    told = {"camp_id": 5, "email": ADA, "ts_event": 1772442000, "ts": 1772445600, **event}
    headers = {"Authorization": f"Bearer {hook['auth']['token']}"}
    return httpx.post(str(hook["url"]), json=told, headers=headers).status_code


def test_r62_a_score_is_written_back_to_platforms_of_two_makers(
    firm: Firm, letters: brevo.StandIn
) -> None:
    here = firm.submit_form(email=ADA)
    assert deliver(letters, event="contact_updated", content=[{"PHONE": "+33 1"}]) == 200
    firm.settle()
    assert held(firm.standin, here) == (30, "cold")
    assert letters.contacts[ADA]["attributes"]["MATURO_SCORE"] == 30
    firm.visit("/a", here)
    firm.visit("/b", here)
    firm.settle()
    assert held(firm.standin, here) == (40, "ready")
    shown = letters.contacts[ADA]["attributes"]
    assert (shown["MATURO_SCORE"], shown["MATURO_BAND"]) == (40, "ready")
    assert '"ready"' in letters.held()
    assert len(firm.standin.notes) + len(letters.notes) == 1


def test_s01_who_shows_no_secret_is_refused(firm: Firm, letters: brevo.StandIn) -> None:
    letters.webhooks[1]["auth"] = {"type": "bearer", "token": "of somebody else"}
    assert deliver(letters, event="opened") == 401
