"""A table of outcomes is read as people export it, and what is unclear is said, not guessed."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from plugin.services.outcome_file import Columns, OutcomeTable, UnreadableTable, read_outcomes

PARIS = ZoneInfo("Europe/Paris")


def read(text: str, asked: Columns | None = None) -> OutcomeTable:
    return read_outcomes(text, asked or Columns(), PARIS)


@pytest.mark.parametrize(
    "text",
    [
        "email,status,date\nAda@Nova.example,Won,2026-03-31\n",
        "\ufeffCourriel;Statut;Date de clôture\nada@nova.example;Gagné;31/03/2026\n",
        "date\temail\toutcome\n2026-03-31 00:00\tada@nova.example\tclosed won\n",
    ],
)
def test_columns_and_words_are_recognised_in_both_languages(text: str) -> None:
    [one] = read(text).told
    assert (one.email, one.outcome) == ("ada@nova.example", "won")
    assert one.at == datetime(2026, 3, 30, 22, tzinfo=UTC)


def test_columns_and_words_may_be_named() -> None:
    asked = Columns("Contact", "Phase", "Fin", {"won": ["Signé"], "lost": ["Abandon"]})
    text = "Contact,email,Phase,Fin\na@x.example,b@x.example,signé,2026-01-02\n"
    [one] = read(text, asked).told
    assert (one.email, one.outcome) == ("a@x.example", "won")


def test_rows_that_are_unclear_are_left_out_with_their_line_and_reason() -> None:
    rows = ["nobody,won,2026-01-02", "a@x.example,perhaps,2026-01-02", "a@x.example,won,03/31/2026"]
    table = read("\n".join(["email,status,date", *rows, "b@x.example,lost,2026-01-02"]))
    assert [one.email for one in table.told] == ["b@x.example"]
    assert [(one.line, one.why) for one in table.unread] == [
        (2, "no e-mail address"),
        (3, '"perhaps" is neither won, lost nor open'),
        (4, '"03/31/2026" is no day, as 2026-03-31 or 31/03/2026'),
    ]


@pytest.mark.parametrize("text", ["", "name,date\n", "email,status,stage,date\n"])
def test_a_table_without_the_columns_is_refused_with_what_it_has(text: str) -> None:
    with pytest.raises(UnreadableTable, match="the first line has"):
        read(text)


def test_a_column_that_was_named_and_is_not_there_is_said() -> None:
    with pytest.raises(UnreadableTable, match='no column "Mail"; the first line has: email, date'):
        read("email,date\n", Columns(email="Mail"))
