"""What storage promises of lists: the order for sales in pages, searches, arrivals, reports."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection

from plugin.storage import accounts, arrivals, contacts, histories, identities, reports, scores
from plugin.storage import verdicts as said
from plugin.storage.accounts import StoredAccount
from plugin.storage.identities import Identity
from plugin.storage.ranking import (
    Ranked,
    count,
    count_identified,
    counts,
    distribution,
    of_account,
    ranked,
)
from plugin.storage.scores import Crossing, Score
from plugin.storage.verdicts import StoredVerdict
from tests.contract.storage_kit import ACME, NOW, contact, later, rows, visit

BANDS = ["cold", "warm", "hot"]
_PLAIN = Score(0, 1, 0, 0, 0, "D", "cold", True, NOW, NOW)


def test_pages_of_the_order_neither_repeat_nor_lose_a_contact(db: Connection) -> None:
    for number in range(23):
        band = (*BANDS, "gone")[number % 4]
        _scored(db, str(number), band=band, score=number % 3, last_active=(None, NOW)[number % 2])
    whole = ranked(db, BANDS, limit=99)
    assert [one.score.band for one in whole] == sorted(
        (one.score.band for one in whole), key=["hot", "warm", "cold", "gone"].index
    )
    for size in (1, 2, 7):
        shown: list[Ranked] = []
        while page := ranked(db, BANDS, limit=size, after=shown[-1].place if shown else None):
            shown += page
        assert shown == whole
    assert counts(db) == {"hot": 6, "warm": 6, "cold": 6, "gone": 5}


def test_a_page_of_one_band_goes_on_in_that_band(db: Connection) -> None:
    for number in range(5):
        _scored(db, str(number), band="warm", score=number)
    _scored(db, "9", band="cold", score=9)
    first = ranked(db, BANDS, "warm", limit=3)
    rest = ranked(db, BANDS, "warm", limit=3, after=first[-1].place)
    assert [one.score.score for one in first + rest] == [4, 3, 2, 1, 0]


def test_a_person_is_listed_found_and_counted_by_the_contact_that_leads(db: Connection) -> None:
    leader, other = _scored(db, "1", score=5), _scored(db, "2", score=5, leads=False)
    visitor = _scored(db, "3", identified=False)
    identities.save(db, dict.fromkeys((leader, other), Identity("Ada", account="name:acme")))
    listed = (ranked(db, BANDS), ranked(db, BANDS, text="ada"), of_account(db, "name:acme", 9))
    assert [[one.score.contact_id for one in found] for found in listed] == [[leader]] * 3
    assert (counts(db), distribution(db)) == ({"cold": 1}, {0: 1})
    assert (count(db), count_identified(db)) == (3, 2)
    crossed = [Crossing(one, 1, "cold", "hot", 5, NOW) for one in (leader, other, visitor)]
    scores.record_crossings(db, crossed)
    assert [one.crossing for one in scores.last_crossings(db, 9)] == [crossed[2], crossed[0]]
    assert len(scores.crossings_since(db, NOW)) == 2


def test_a_search_finds_words_in_any_part_without_accents_and_as_they_are(db: Connection) -> None:
    zoe, ada = _scored(db, "1"), _scored(db, "2")
    known = {zoe: Identity("Zoé Łuc", "z@firm.example", "Ça & Là 100%"), ada: Identity("Ada")}
    identities.save(db, known)
    for text, found in (("ZOE", [zoe]), ("ca firm", [zoe]), ("100%", [zoe]), ("a%d", [])):
        assert [one.score.contact_id for one in ranked(db, BANDS, text=text)] == found, text
    assert identities.read(db, [zoe, ada]) == known


def test_a_frequent_name_is_found_page_by_page_too(db: Connection) -> None:
    numbers = {str(number): number for number in range(1_003)}
    people = contacts.register(db, ACME, list(numbers))
    scores.save_scores(
        db, [replace(_PLAIN, contact_id=people[one], score=numbers[one]) for one in numbers]
    )
    identities.save(db, dict.fromkeys(people.values(), Identity("Ada")))
    first = ranked(db, BANDS, text="ada", limit=2)
    assert [one.score.score for one in first] == [1_002, 1_001]
    [third] = ranked(db, BANDS, text="ada", limit=1, after=first[-1].place)
    assert third.score.score == 1_000


def test_only_the_newest_arrivals_are_kept_and_only_of_what_is_new(db: Connection) -> None:
    ada = contact(db)
    for _ in range(2):
        histories.add_activities(db, ACME, [(ada, visit("a")), (ada, visit("b"))], NOW)
    first, second = arrivals.newest(db)[::-1]
    assert (first.activity_id, second.activity_id) == ("a", "b")
    assert arrivals.newest(db, after=first.id) == [second]
    arrivals.add(db, [(ada, visit(str(number))) for number in range(arrivals.KEPT)], NOW)
    arrivals.expire(db)
    assert len(rows(db, "arrivals")) == arrivals.KEPT
    assert arrivals.newest(db, limit=1)[0].id == arrivals.last_id(db)


def test_who_is_erased_leaves_no_arrival_no_name_and_no_verdict(db: Connection) -> None:
    ada = contact(db)
    identities.save(db, {ada: Identity("Ada")})
    histories.add_activities(db, ACME, [(ada, visit("a"))], NOW)
    said.add(db, StoredVerdict(ada, NOW, "rejected", "budget"))
    contacts.erase(db, contacts.get(db, ada), NOW)
    for table in ("arrivals", "identities", "verdicts"):
        assert rows(db, table) == [], table


def test_a_merge_leaves_arrivals_and_verdicts_to_the_survivor(db: Connection) -> None:
    loser, survivor = contact(db, "1"), contact(db, "2")
    identities.save(db, {loser: Identity("Ada"), survivor: Identity("Ada")})
    histories.add_activities(db, ACME, [(loser, visit("a"))], NOW)
    said.add(db, StoredVerdict(loser, NOW, "accepted", None))
    contacts.merge(db, loser, survivor)
    assert [one.contact_id for one in arrivals.newest(db)] == [survivor]
    assert [one.word for one in said.read(db, [survivor])[survivor]] == ["accepted"]
    assert identities.read(db, [loser, survivor]) == {survivor: Identity("Ada")}


def test_a_report_is_due_at_first_when_its_time_came_and_when_it_is_asked_for(
    db: Connection,
) -> None:
    assert reports.is_due(db, "results", NOW)
    assert reports.read(db, "results") is None
    reports.save(db, "results", {"a": 1}, NOW, later(hours=1))
    assert not reports.is_due(db, "results", NOW)
    assert reports.is_due(db, "results", later(hours=1))
    reports.ask(db, "results", NOW)
    assert reports.is_due(db, "results", NOW)
    found = reports.read(db, "results")
    assert found is not None
    assert (found.content, found.computed_at) == ({"a": 1}, NOW)


def test_accounts_are_ranked_in_pages_and_found_by_name(db: Connection) -> None:
    ranking = [
        StoredAccount(f"name:{n}", f"Firm {n}", n // 2, 1, 0, ("director",)) for n in range(5)
    ]
    for _ in range(2):
        accounts.replace_all(db, ranking)
    first = accounts.ranked(db, limit=3)
    rest = accounts.ranked(db, (first[-1].score, first[-1].key), limit=3)
    assert [one.key[-1] for one in first + rest] == ["4", "3", "2", "1", "0"]
    assert accounts.ranked(db, text="firm 3") == [ranking[3]]


def _scored(db: Connection, platform_id: str, **given: object) -> int:
    one = contact(db, platform_id)
    scores.save_scores(db, [replace(_PLAIN, contact_id=one, **given)])  # type: ignore[arg-type]
    return one
