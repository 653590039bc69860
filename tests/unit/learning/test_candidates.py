"""Rules to be tried: no dates, no protected fields without a word, and one row a count."""

from __future__ import annotations

import numpy as np
import pytest
from builders import contact, profile, visit
from learning_kit import SEED

from plugin.learning.candidates import Candidate, candidates
from plugin.learning.card import learn_card
from plugin.learning.corrections import learn_corrections
from plugin.learning.dates import is_moment
from plugin.learning.table import Table


def found_of(**fields: object) -> tuple[Candidate, ...]:
    return candidates([contact(visit("/", 1), profile(2, **fields))] * 60)[0]


def levels(found: tuple[Candidate, ...], field: str) -> list[object]:
    return [one.keys["if"] for one in found if one.field == field][1:]


@pytest.mark.parametrize(
    "moment",
    [
        *("2026-01-05 10:00:00", "2026-01-05T10:00:00+00:00", "05/01/2026", "2026/01/05"),
        *("20260105", "1767607200", "1767607200000", "10:00", 1767607200),
    ],
)
def test_the_moment_of_a_bulk_import_is_no_level(moment: object) -> None:
    assert is_moment(moment)
    assert levels(found_of(imported=moment), "imported") == []


@pytest.mark.parametrize("value", ["Retail", "10-50", "75001", "2026", 12, 250_000, "1.5"])
def test_what_is_no_moment_is_still_tried(value: object) -> None:
    assert not is_moment(value)
    assert len(levels(found_of(told=value), "told")) == 1


def test_a_protected_field_is_left_out_by_name_until_it_is_used() -> None:
    past = contact(visit("/", 1), profile(2, industry="Software", birth_date="x"))
    found, left_out = candidates([past] * 60)
    assert left_out == {"birth_date": "age"}
    assert "birth_date" not in {one.field for one in found}
    used, left_out = candidates([past] * 60, {"birth_date"})
    assert left_out == {}
    assert {one.field: one.trait for one in used if one.field} == {
        "industry": None,
        "birth_date": "age",
    }


def test_counts_of_the_same_in_the_same_time_are_one_family() -> None:
    found = [one for one in found_of() if one.keys.get("activity") == "page_viewed"]
    families = [one.family for one in found]
    assert len(found) == 12
    assert len(set(families)) == 4
    ever = {one.family for one in found if one.keys["limit"]["per"] == "ever"}
    assert len(ever) == 1


def counted() -> Table:
    """Contacts that win the more often the more pages they saw, told by three columns."""
    chance = np.random.default_rng(SEED)
    pages = chance.poisson(3, 4_000)
    won = chance.random(4_000) < 0.02 + 0.03 * np.minimum(pages, 10)
    columns = {str(most): np.minimum(pages, most).astype(np.int8) for most in (1, 3, 10)}
    return Table(
        columns, won, np.arange(4_000), np.arange(4_000.0), dict.fromkeys(columns, "pages")
    )


def test_a_card_and_corrections_take_one_row_of_a_family() -> None:
    table = counted()
    assert [row.indicator.column for row in learn_card(table).rows] == ["10"]
    few = table.take(np.arange(400))
    # Rules that see who came three times, and no more.
    present = 5.0 * few.columns["3"]
    assert len(learn_corrections(few, present).rows) == 1
