"""Pages hold what they were given, in order, whichever way it came."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from plugin.storage.pages import BEGINNING, Book, Page, packed, unpacked

#: Fewer moments than items: much happens at once, and pages cannot be divided anywhere.
MOMENTS = st.integers(-3, 40)
SAID = st.sampled_from([{"a": 1}, {"a": True}, {"a": None}, {"b": "x"}])
ITEMS = st.lists(st.tuples(MOMENTS, st.booleans(), SAID), max_size=300)


def keep(items: list[tuple[int, bool, dict[str, Any]]], at_once: int) -> dict[int, bytes]:
    """The stored pages after the items came some at a time; true are activities, the rest facts."""
    stored: dict[int, bytes] = {}
    for start in range(0, len(items), at_once):
        book = Book(stored)
        for number, (moment, is_activity, said) in enumerate(items[start : start + at_once], start):
            if is_activity:
                book.put_activity([moment, f"id-{number}", "page_viewed"])
            else:
                book.put_fact(moment, f"order-{number}", said)
        stored |= book.changed()
    return stored


@given(ITEMS, st.integers(1, 120))
def test_everything_kept_is_found_again_in_order(
    items: list[tuple[int, bool, dict[str, Any]]], at_once: int
) -> None:
    pages = [unpacked(page) for _, page in sorted(keep(items, at_once).items())]
    happened = [(one[0], one[1]) for page in pages for one in page.activities]
    told = [(at, order, repr(page.said[said])) for page in pages for at, order, said in page.facts]
    numbered = list(enumerate(items))
    assert happened == sorted((one[0], f"id-{n}") for n, one in numbered if one[1])
    assert told == sorted((one[0], f"order-{n}", repr(one[2])) for n, one in numbered if not one[1])


@given(ITEMS, st.integers(1, 120))
def test_pages_are_short_unless_everything_happened_at_one_moment(
    items: list[tuple[int, bool, dict[str, Any]]], at_once: int
) -> None:
    stored = keep(items, at_once)
    for page in map(unpacked, stored.values()):
        moments = [one[0] for one in (*page.activities, *page.facts)]
        assert len(moments) <= 32 or len(set(moments)) == 1
    for (begin, page), (end, _) in pairwise(sorted(stored.items())):
        assert all(begin <= one[0] < end for one in unpacked(page).activities)


def test_a_history_that_grows_at_its_end_leaves_full_pages_behind() -> None:
    stored = keep([(moment, True, {}) for moment in range(96)], 1)
    assert [len(unpacked(page).activities) for _, page in sorted(stored.items())] == [32, 32, 32]


def test_a_fact_is_kept_once_in_whichever_page_it_is() -> None:
    facts = [(moment, False, {"a": 1}) for moment in range(96)]
    stored = keep(facts, 7)
    book = Book(stored)
    for number, (moment, _, said) in enumerate(facts):
        book.put_fact(moment, f"order-{number}", said)
    assert book.changed() == {}


def test_only_pages_that_changed_are_written_anew() -> None:
    stored = keep([(moment, True, {}) for moment in range(96)], 96)
    book = Book(stored)
    book.activity(3, "id-3")
    book.put_activity([40, "late", "page_viewed"])
    [begin] = [begin for begin in book.changed() if begin in stored]
    assert BEGINNING < begin <= 40


def test_a_page_says_what_repeats_once() -> None:
    page = unpacked(keep([(moment, False, {"a": "x" * 99}) for moment in range(30)], 1)[BEGINNING])
    assert page.said == [{"a": "x" * 99}]
    assert unpacked(packed(Page())) == Page()
