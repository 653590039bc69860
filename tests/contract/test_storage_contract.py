"""What storage promises of contacts and their histories, on every engine."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import IntegrityError

from connectors.activity import BrokenItem, CompanyChange
from plugin.storage import (
    companies,
    contacts,
    dead_letters,
    deliveries,
    histories,
    inquiries,
    ledger,
    scores,
)
from plugin.storage.database import open_main
from plugin.storage.tables import metadata
from tests.contract.storage_kit import (
    ACME,
    GLOBEX,
    NOW,
    contact,
    database,
    later,
    line,
    rows,
    told,
    visit,
)


def test_an_id_is_one_contact_in_each_connection(db: Connection) -> None:
    here = contacts.register(db, ACME, ["1", "2", "1"])
    assert here == contacts.register(db, ACME, ["2", "1"])
    assert here["1"] != here["2"]
    assert contacts.register(db, GLOBEX, ["1"])["1"] not in here.values()


def test_thousands_of_contacts_are_registered_at_once(db: Connection) -> None:
    wanted = [str(number) for number in range(2_000)]
    assert len(set(contacts.register(db, ACME, wanted).values())) == 2_000


def test_a_merge_gives_one_contact_both_histories_and_both_ids(db: Connection) -> None:
    loser, survivor = contact(db, "1"), contact(db, "2")
    histories.add_activities(db, ACME, [(loser, visit("a")), (survivor, visit("b"))], NOW)
    histories.add_profile_changes(
        db, ACME, [(loser, told(phone="1", company_id="9")), (survivor, told(order="2", city="X"))]
    )
    contacts.merge(db, loser, survivor)
    found = histories.read_histories(db, [survivor, loser])
    assert {one.id for one in found[survivor].activities} == {"a", "b"}
    assert len(found[survivor].facts) == 2
    assert found[loser] == histories.StoredHistory()
    assert contacts.register(db, ACME, ["1", "2"]) == {"1": survivor, "2": survivor}
    found_again = contacts.find(db, ACME, "1")
    assert found_again is not None
    assert found_again.platform_id == "2"
    colleagues = companies.add_changes(db, ACME, [company(name="Acme")])
    assert colleagues == {survivor}


def test_facts_that_both_had_are_one_after_a_merge(db: Connection) -> None:
    loser, survivor = contact(db, "1"), contact(db, "2")
    same = told(phone="1", company_id="9")
    histories.add_profile_changes(db, ACME, [(loser, same), (survivor, same)])
    contacts.merge(db, loser, survivor)
    assert len(histories.read_histories(db, [survivor])[survivor].facts) == 1


def test_merged_ids_of_a_chain_lead_to_the_last(db: Connection) -> None:
    first, second, third = (contact(db, one) for one in "123")
    contacts.merge(db, first, second)
    contacts.merge(db, second, third)
    assert set(contacts.register(db, ACME, "123").values()) == {third}


def test_a_merge_drops_what_was_open_for_the_loser(db: Connection) -> None:
    loser, survivor = contact(db, "1"), contact(db, "2")
    deliveries.replace(db, {loser: {}, survivor: {}}, NOW)
    inquiries.ask(db, ACME, [loser], NOW)
    contacts.merge(db, loser, survivor)
    assert [one.contact_id for one in deliveries.due(db, ACME, NOW, 9)] == [survivor]
    assert inquiries.due(db, ACME, NOW, 9) == []


@pytest.fixture
def erased(db: Connection) -> tuple[int, int]:
    """A contact with rows everywhere, merged with another, erased; the row it was merged into."""
    loser, survivor = contact(db, "personal-1"), contact(db, "personal-2")
    for one, id in ((loser, "a"), (survivor, "b")):
        histories.add_activities(db, ACME, [(one, visit(id, name="personal"))], NOW)
        change = told(email="personal", company_id="9")
        histories.add_profile_changes(db, ACME, [(one, change)])
        ledger.settle(db, 1, {one: [line(activity=id)]}, NOW)
        ledger.settle(db, 1, {one: []}, NOW)
        ledger.settle(db, 1, {one: [line(activity=id)]}, NOW)
        scores.save_scores(db, [score(one)])
        scores.record_crossings(db, [scores.Crossing(one, 1, "cold", "hot", 5, NOW)])
        deliveries.replace(db, {one: {"grade": "personal"}}, NOW)
        inquiries.ask(db, ACME, [one], NOW)
        item = BrokenItem("page_on_hit", 0, "no id", "personal")
        dead_letters.bury(db, ACME, [(one, item)], NOW)
    contacts.merge(db, loser, survivor)
    contacts.erase(db, contacts.get(db, survivor), NOW)
    return loser, survivor


def test_after_an_erasure_no_row_holds_the_contact(db: Connection, erased: tuple[int, int]) -> None:
    for name, table in metadata.tables.items():
        held = rows(db, name)
        assert "personal" not in repr(held), name
        if "contact_id" in table.c:
            assert held == [], name
    assert rows(db, "contacts") == []


def test_what_arrives_late_of_an_erased_contact_is_not_kept(
    db: Connection, erased: tuple[int, int]
) -> None:
    ids = contacts.register(db, ACME, ["personal-1", "personal-2", "other"])
    assert ids.keys() == {"other"}
    assert contacts.register(db, GLOBEX, ["personal-1"]).keys() == {"personal-1"}


def test_the_proof_of_an_erasure_depends_on_the_installation(
    engine: Engine, tmp_path: Path
) -> None:
    proofs = set()
    (tmp_path / "other").mkdir()
    with database("sqlite", tmp_path / "other") as other:
        for one in (engine, other):
            with one.begin() as connection:
                contacts.erase(connection, contacts.get(connection, contact(connection)), NOW)
                [row] = rows(connection, "erasures")
                proofs.add(row["proof"])
    assert len(proofs) == 2
    assert {len(proof) for proof in proofs} == {32}


def test_an_activity_told_twice_is_one(db: Connection) -> None:
    ada = contact(db)
    for _ in range(2):
        histories.add_activities(db, ACME, [(ada, visit("a")), (ada, visit("a"))], NOW)
    [kept] = histories.read_histories(db, [ada])[ada].activities
    assert (kept.id, kept.contact, kept.occurred_at) == ("a", str(ada), NOW)


@pytest.mark.parametrize("first", [0, 1])
def test_of_two_versions_of_an_activity_the_one_that_tells_more_stays(
    db: Connection, first: int
) -> None:
    ada = contact(db)
    versions = [visit("a"), visit("a", later(seconds=1), left_at="12:05")]
    for version in (versions[first], versions[1 - first]):
        histories.add_activities(db, ACME, [(ada, version)], NOW)
    [kept] = histories.read_histories(db, [ada])[ada].activities
    assert kept.attributes == {"left_at": "12:05"}


@pytest.mark.parametrize("came", [(0, 1), (1, 0)])
@pytest.mark.parametrize("made", ["12", "21"])
@pytest.mark.parametrize(("more", "holder"), [({}, "2"), ({"left_at": "12:05"}, "1")])
def test_an_activity_told_of_two_contacts_has_one_whoever_came_first(
    db: Connection, made: str, came: tuple[int, int], more: dict[str, str], holder: str
) -> None:
    ours = {one: contact(db, one) for one in made}
    versions = [(ours["1"], visit("a", **more)), (ours["2"], visit("a"))]
    first, last = (versions[one] for one in came)
    assert histories.add_activities(db, ACME, [first], NOW) == {first[0]}
    changed = histories.add_activities(db, ACME, [last], NOW)
    assert changed == (set(ours.values()) if last[0] == ours[holder] else set())
    found = histories.read_histories(db, list(ours.values()))
    assert [one for one in ours if found[ours[one]].activities] == [holder]


def test_two_connections_may_name_activities_alike(db: Connection) -> None:
    ada, bob = contact(db), contact(db, source=GLOBEX)
    histories.add_activities(db, ACME, [(ada, visit("a"))], NOW)
    histories.add_activities(db, GLOBEX, [(bob, visit("a"))], NOW)
    found = histories.read_histories(db, [ada, bob])
    assert [len(found[one].activities) for one in (ada, bob)] == [1, 1]


def test_activities_recorded_later_are_left_out_as_of_then(db: Connection) -> None:
    ada = contact(db)
    histories.add_activities(db, ACME, [(ada, visit("a"))], NOW)
    histories.add_activities(db, ACME, [(ada, visit("b"))], later(hours=1))
    known = histories.read_histories(db, [ada], later(minutes=59))[ada].activities
    assert [one.id for one in known] == ["a"]


def test_companies_are_told_of_those_who_ever_belonged_to_them(db: Connection) -> None:
    ada, bob, cleo = (contact(db, one) for one in "123")
    histories.add_profile_changes(
        db, ACME, [(ada, told(company_id="9")), (bob, told(company_id="8")), (cleo, told(x=1))]
    )
    assert companies.add_changes(db, ACME, [company(name="Acme")]) == {ada}
    found = histories.read_histories(db, [ada, bob])
    assert [fact.fields for fact in found[ada].companies["9"]] == [{"name": "Acme"}]
    assert found[bob].companies == {}


def test_a_company_of_which_nothing_new_is_told_concerns_nobody(db: Connection) -> None:
    ada = contact(db)
    histories.add_profile_changes(db, ACME, [(ada, told(company_id="9"))])
    companies.add_changes(db, ACME, [company(name="Acme")])
    assert companies.add_changes(db, ACME, [company(2, name="Acme")]) == set()
    assert companies.add_changes(db, ACME, [company(3, name="Acme SA")]) == {ada}


def test_an_unreadable_item_is_buried_once_and_resolved_once(db: Connection) -> None:
    for _ in range(2):
        dead_letters.bury(db, ACME, [(7, BrokenItem("page_on_hit", 0, "no id", "{}"))], NOW)
    [letter] = dead_letters.unresolved(db)
    assert (letter.connection, letter.receipt_id, letter.reason) == ("acme", 7, "no id")
    assert dead_letters.unresolved(db, "globex") == []
    assert dead_letters.count(db) == 1
    dead_letters.resolve(db, [letter.id], NOW)
    assert (dead_letters.unresolved(db, "acme"), dead_letters.count(db)) == ([], 0)
    assert [row["raw"] for row in rows(db, "dead_letters")] == [""], "not needed any more"


def test_an_erasure_takes_the_content_of_dead_letters_of_its_connection_alone(
    db: Connection,
) -> None:
    for receipt, source in ((7, ACME), (8, GLOBEX)):
        dead_letters.bury(db, source, [(receipt, BrokenItem("x", 0, "no id", "{}"))], NOW)
    contacts.erase(db, contacts.get(db, contact(db)), NOW)
    assert [one.raw for one in dead_letters.unresolved(db)] == ["", "{}"]


def test_after_an_erasure_no_number_of_a_polled_row_that_could_not_be_read_is_left(
    db: Connection,
) -> None:
    ada = contacts.get(db, contact(db, "4242"))
    letters = [
        (dead_letters.polled(ACME), BrokenItem("contacts", number, "no id", "{}"))
        for number in (4242, 43)
    ]
    dead_letters.bury(db, ACME, letters, NOW)
    contacts.erase(db, ada, NOW)
    left = dead_letters.unresolved(db)
    assert len(left) == 2
    assert not {4242, 43} & {letter.item for letter in left}


def test_the_database_keeps_what_belongs_together(engine: Engine) -> None:
    with pytest.raises(IntegrityError), engine.begin() as connection:
        histories.add_profile_changes(connection, ACME, [(4711, told(phone="1"))])


def test_errors_of_the_database_do_not_quote_what_was_stored(engine: Engine) -> None:
    change = (4711, told(email="ada@example.org"))
    with pytest.raises(IntegrityError) as caught, engine.begin() as connection:
        histories.add_profile_changes(connection, ACME, [change])
    assert "ada@example.org" not in str(caught.value)


def test_a_folder_may_have_any_name(tmp_path: Path) -> None:
    folder = tmp_path / "100% données?x=1#y"
    engine = open_main(folder / "main.db")
    engine.dispose()
    assert (folder / "main.db").exists()


def company(day: int = 1, **fields: str) -> CompanyChange:
    return CompanyChange("9", later(days=day), str(day), fields)


def score(contact_id: int) -> scores.Score:
    return scores.Score(contact_id, 1, 5, 0, 5, "D", "cold", True, NOW, NOW)
