from __future__ import annotations

from connectors.mautic.standin.author import ADMIN, Author
from connectors.mautic.standin.hooks import changing
from connectors.mautic.standin.saving import save
from connectors.mautic.standin.visitors import submit_form, visit
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
    told = "".join(row["fields"] for row in connected.rows("profile_facts"))
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
