from __future__ import annotations

from connectors.mautic.standin.author import ADMIN, Author
from connectors.mautic.standin.hooks import changing
from connectors.mautic.standin.saving import save
from connectors.mautic.standin.visitors import submit_form, visit
from plugin.storage import fuses, histories
from plugin.storage.engine import for_reading
from tests.installation import Installation


def test_the_echoes_of_our_writes_are_counted_and_cause_no_further_write(
    connected: Installation,
) -> None:
    ada = submit_form(connected.standin, None, {"email": "ada@example.org", "phone": "1"})
    connected.score()
    connected.deliver()
    assert connected.score() > 0, "the write must come back as a webhook"
    assert connected.tally("echoes") > 0
    assert (connected.deliver(), connected.score()) == (0, 0)
    assert len(connected.writes()) == 1
    assert connected.points(ada) == 30


def test_an_echo_days_later_does_not_write_either(connected: Installation) -> None:
    submit_form(connected.standin, None, {"email": "ada@example.org"})
    connected.score()
    connected.deliver()
    connected.clock.forward(days=40)
    connected.score()
    assert connected.deliver() == 0


def test_a_person_who_uses_our_account_is_not_taken_for_an_echo(connected: Installation) -> None:
    standin = connected.standin
    ada = submit_form(standin, None, {"email": "ada@example.org"})
    connected.score()
    connected.deliver()
    connected.score()
    assert connected.points(ada) == 20
    connected.clock.forward(seconds=5)
    ours = Author(None, connected.source.author or "")
    with changing(standin) as events:
        save(standin, standin.contacts[ada], {"phone": "123"}, ours, events)
    echoes = connected.tally("echoes")
    connected.score()
    assert (connected.points(ada), connected.tally("echoes")) == (30, echoes)


def test_our_fields_and_tags_are_no_facts_about_a_contact(connected: Installation) -> None:
    ada = submit_form(connected.standin, None, {"email": "ada@example.org"})
    connected.score()
    connected.deliver()
    visit(connected.standin, ada, "https://shop.example/")
    connected.score()
    everybody = [row["id"] for row in connected.rows("contacts")]
    with for_reading(connected.engine).begin() as connection:
        told = repr(histories.read_facts(connection, everybody))
    assert "ada@example.org" in told
    assert "maturo_" not in told
    assert "band-" not in told


def test_somebody_elses_tag_stays_beside_ours(connected: Installation) -> None:
    standin = connected.standin
    ada = submit_form(standin, None, {"email": "ada@example.org"})
    with changing(standin) as events:
        save(standin, standin.contacts[ada], {"tags": ["vip"]}, ADMIN, events)
    connected.score()
    connected.deliver()
    assert sorted(standin.contacts[ada].tags) == ["band-warm", "vip"]


def test_ten_minutes_of_echoes_cost_one_write_for_each_real_change(
    connected: Installation,
) -> None:
    people = {
        name: submit_form(connected.standin, None, {"email": f"{name}@example.org"})
        for name in ("ada", "bob", "cleo")
    }
    real = 0
    for moment in range(120):
        if moment % 12 == 0:
            # Three changes of one moment are one write.
            for _ in range(3):
                visit(connected.standin, people["ada"], "https://shop.example/jobs")
            real += 1
        connected.score()
        connected.deliver()
        connected.clock.forward(seconds=5)
    assert connected.tally("echoes") == len(connected.writes())
    assert len(connected.writes()) == real + 2, "ada at each change, bob and cleo once"
    assert connected.points(people["ada"]) == 20 + 15 - 300


def _answered_by_an_automation(connected: Installation, contact: int, seconds: int) -> None:
    """Whoever is written is changed in turn, by something that does not sign as we do."""
    standin, seen = connected.standin, len(connected.writes())
    for _ in range(0, seconds, 5):
        connected.score()
        connected.deliver()
        connected.clock.forward(seconds=1)
        if len(connected.writes()) > seen:
            seen = len(connected.writes())
            with changing(standin) as events:
                phone = "" if standin.contacts[contact].values.get("phone") else "1"
                change = {"phone": phone, "overwriteWithBlank": True}
                save(standin, standin.contacts[contact], change, ADMIN, events)
        connected.clock.forward(seconds=4)


def test_a_loop_with_an_automation_is_cut_by_the_fuse_and_mended_when_it_is_over(
    connected: Installation,
) -> None:
    ada = submit_form(connected.standin, None, {"email": "ada@example.org"})
    bob = submit_form(connected.standin, None, {"email": "bob@example.org"})
    _answered_by_an_automation(connected, ada, 600)
    # Zeros that Mautic ignores are a second edit of the same write, without the band.
    assert sum("maturo_band" in one for one in connected.writes()) == fuses.LIMIT + 1
    with for_reading(connected.engine).begin() as connection:
        assert fuses.resting(connection, connected.clock()) == [f"acme/{ada}"]
    [waiting] = connected.rows("deliveries")
    assert "changes of its own" in waiting["last_error"]
    # Nobody else is touched by it, and what it missed is written once when the hour is over.
    submit_form(connected.standin, bob, {"email": "bob@example.org", "phone": "1"})
    connected.score()
    assert connected.deliver() == 1
    connected.clock.forward(hours=1)
    connected.score()
    assert connected.deliver() == 1
    assert connected.held(ada)["score"] == connected.points(ada)
