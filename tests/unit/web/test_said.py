from __future__ import annotations

from plugin.web.said import sayer

say = sayer(
    {
        "Mautic %(version)s answers": "Mautic %(version)s répond",
        "%(where)s: %(why)s": "%(where)s : %(why)s",
        "the API is off; switch it on": "l’API est coupée ; activez-la",
        "Give it the right.": "Donnez-lui le droit.",
        "Give it the right. Then test again.": "Donnez-lui le droit, puis testez.",
        "Costs 100 % of it.": "Coûte 100 % de cela.",
    }
)


def test_a_known_sentence_is_said_with_its_values() -> None:
    assert say("Mautic 6.0.3 answers") == "Mautic 6.0.3 répond"


def test_a_value_that_is_a_sentence_itself_is_said_too() -> None:
    text = "GET /api/contacts: the API is off; switch it on"
    assert say(text) == "GET /api/contacts : l’API est coupée ; activez-la"


def test_sentences_behind_each_other_are_said_one_by_one_the_longest_run_first() -> None:
    assert (
        say("Give it the right. Costs 100 % of it.") == "Donnez-lui le droit. Coûte 100 % de cela."
    )
    assert say("Give it the right. Then test again.") == "Donnez-lui le droit, puis testez."


def test_what_is_not_known_stays_as_it_is() -> None:
    assert say("Something else.") == "Something else."
    assert say("Give it the right. Something else.") == "Donnez-lui le droit. Something else."
    assert say("") == ""


def test_signs_that_mean_something_in_patterns_or_formats_are_plain_text() -> None:
    odd = sayer({"50 %% (of %(n)s)?": "50 %% (de %(n)s) ?", "a.b": "c"})
    assert odd("axb") == "axb"
    assert odd("50 % (of 7)?") == "50 % (de 7) ?"
    assert sayer({"Is %(n)s (ok)?": "%(n)s, oui ?"})("Is 5%(x)s (ok)?") == "5%(x)s, oui ?"
