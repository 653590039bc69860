from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from plugin.scoring.conditions import compile_condition
from plugin.scoring.operators import OPERATORS

FIELD = {"field": "x"}


@pytest.mark.parametrize(
    ("operator", "operand", "value", "expected"),
    [
        ("equals", "Software", "  SOFTWARE ", True),
        ("equals", "Straße", "STRASSE", True),
        ("equals", "Software", "Softwares", False),
        ("equals", 5, "5.0", True),
        ("equals", 5, "five", False),
        ("equals", "5", 5, True),
        ("equals", True, "1", True),
        ("equals", True, "no", False),
        ("equals", False, 0, True),
        ("equals", True, "perhaps", False),
        ("equals", "vip", ["new", "VIP"], True),
        ("equals", "vip", ["new"], False),
        ("not_equals", "France", "Spain", True),
        ("not_equals", "France", "france", False),
        ("not_equals", "vip", ["new", "vip"], False),
        ("not_equals", True, "perhaps", False),
        ("in", ["FR", "BE"], "be", True),
        ("in", ["FR", "BE"], "de", False),
        ("in", [5, "BE"], "5", True),
        ("contains", "direct", "Sales Director", True),
        ("contains", "direct", "Manager", False),
        ("contains", "vip", ["VIP"], True),
        ("contains", "vi", ["VIP"], False),
        ("matches", "*@gmail.*", "a@GMAIL.com", True),
        ("matches", "*@gmail.*", "a@example.org", False),
        ("matches", "75*", "75011", True),
        ("matches", "dir.*", "director", False),
        ("matches", "a*b*c", "a--b--b--c", True),
        ("matches", "a*b*c", "a--c--b", False),
        ("matches", "form [fr]?", "Form [FR]?", True),
        ("between", [50, 200], "50", True),
        ("between", [50, 200], 200, True),
        ("between", [50, 200], 200.5, False),
        ("between", [50, 200], "many", False),
        ("at_least", 9, ["3", "9"], True),
        ("at_least", 9, "8.999", False),
        ("at_least", 9, "NaN", False),
        ("at_most", 3, "3", True),
        ("at_most", 3, 4, False),
        ("before", "2000-01-01", "1999-12-31", True),
        ("before", "2000-01-01", "2000-01-01", False),
        ("after", "2000-01-01", "2000-01-02T08:00:00+00:00", True),
        ("after", "2000-01-01", "last year", False),
        ("present", True, "x", True),
        ("present", True, 0, True),
        ("present", True, " ", False),
        ("present", False, [], True),
        ("present", False, "x", False),
    ],
)
def test_operators(operator: str, operand: Any, value: Any, expected: bool) -> None:
    assert compile_condition({**FIELD, operator: operand}).holds({"x": value}) is expected


OPERANDS: dict[str, Any] = {"in": ["a"], "between": [1, 2], "at_least": 1, "at_most": 1}
OPERANDS |= {"valid": "email", "free_mail": True, "level": "manager"}
OPERANDS |= {"before": "2026-01-01", "after": "2026-01-01", "present": True}


@pytest.mark.parametrize("operator", sorted(OPERATORS))
@pytest.mark.parametrize("profile", [{}, {"x": None}, {"x": ""}, {"x": []}])
def test_an_unknown_value_satisfies_nothing_and_is_no_mismatch(
    operator: str, profile: dict[str, Any]
) -> None:
    asked = {**FIELD, operator: OPERANDS.get(operator, "a")}
    assert not compile_condition(asked).holds(profile)
    if operator != "present":
        assert not compile_condition({"not": asked}).holds(profile)


def test_only_present_false_is_true_of_an_unknown_value() -> None:
    assert compile_condition({**FIELD, "present": False}).holds({})
    assert compile_condition({"not": {**FIELD, "present": True}}).holds({})


def test_a_value_that_cannot_be_read_is_as_good_as_unknown() -> None:
    big = {**FIELD, "at_least": 100}
    assert not compile_condition({"not": big}).holds({"x": "a lot"})
    assert not compile_condition({"not": big}).holds({"x": ["a lot", "5"]})
    assert compile_condition({"not": big}).holds({"x": "99"})


KNOWN_YES, KNOWN_NO = {"field": "a", "equals": 1}, {"field": "a", "equals": 2}
UNKNOWN = {"field": "b", "equals": 1}


@pytest.mark.parametrize(
    ("tree", "expected"),
    [
        ({"all": [KNOWN_YES, KNOWN_YES]}, True),
        ({"all": [KNOWN_YES, UNKNOWN]}, False),
        ({"all": [KNOWN_YES]}, True),
        ({"any": [KNOWN_NO, KNOWN_YES]}, True),
        ({"any": [KNOWN_NO, KNOWN_NO]}, False),
        ({"any": [UNKNOWN, KNOWN_YES]}, True),
        ({"not": KNOWN_NO}, True),
        ({"not": {"all": [KNOWN_YES, UNKNOWN]}}, False),
        ({"not": {"all": [KNOWN_NO, UNKNOWN]}}, True),
        ({"not": {"any": [KNOWN_NO, UNKNOWN]}}, False),
        ({"field": "a", "at_least": 1, "at_most": 1}, True),
        ({"field": "a", "at_least": 1, "at_most": 0}, False),
    ],
)
def test_all_any_and_not_know_of_the_unknown(tree: Any, expected: bool) -> None:
    assert compile_condition(tree).holds({"a": "1"}) is expected


def test_a_composite_profile_needs_the_full_match() -> None:
    family = compile_condition(
        {"all": [{"field": "age", "between": [40, 50]}, {"field": "children", "at_least": 2}]}
    )
    assert family.fields == ("age", "children")
    assert family.holds({"age": 45, "children": 2})
    assert not family.holds({"age": 45})
    assert not family.holds({"age": 20, "children": 2})


@pytest.mark.parametrize(
    ("tree", "messages"),
    [
        ("phone", ["must be a condition, such as {field: country, equals: France}"]),
        ({"equals": 1}, {"field": ["must name a field of the profile"]}),
        ({"field": " ", "equals": 1}, {"field": ["must name a field of the profile"]}),
        ({**FIELD, "equal": 1}, {"equal": ['is not known here; did you mean "equals"?']}),
        ({**FIELD, "in": "FR"}, {"in": ["must be a list of values"]}),
        ({**FIELD, "between": [5]}, {"between": ["must be two numbers, such as [50, 200]"]}),
        ({**FIELD, "between": [5, 1]}, {"between": ["must name the lower number first"]}),
        ({**FIELD, "at_least": "5"}, {"at_least": ["must be a number"]}),
        ({**FIELD, "at_most": True}, {"at_most": ["must be a number"]}),
        ({**FIELD, "before": "soon"}, {"before": ["must be a day such as 2026-03-31"]}),
        ({**FIELD, "present": "yes"}, {"present": ["must be true or false"]}),
        ({**FIELD, "equals": None}, {"equals": ["must be one value, not a list or nothing"]}),
        ({"all": FIELD}, {"all": ["must be a list of conditions"]}),
        ({"any": []}, {"any": ["must be a list of conditions"]}),
        (
            {"all": [FIELD], "field": "y"},
            ['"all" must stand alone; put it in a list of its own'],
        ),
        (
            {"all": [KNOWN_YES, {"not": {**FIELD, "present": 1}}, "y"]},
            {
                "all": {
                    1: {"not": {"present": ["must be true or false"]}},
                    2: ["must be a condition, such as {field: country, equals: France}"],
                }
            },
        ),
    ],
)
def test_a_bad_condition_names_every_mistake_at_its_place(tree: Any, messages: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        compile_condition(tree)
    assert caught.value.messages == messages


def test_a_field_without_an_operator_says_which_there_are() -> None:
    with pytest.raises(ValidationError, match="must be compared by one of: equals, not_equals"):
        compile_condition(FIELD)


def test_an_unheard_of_operator_lists_what_is_allowed() -> None:
    with pytest.raises(ValidationError, match="allowed: equals, not_equals, in"):
        compile_condition({**FIELD, "zzzz": 1})


def test_conditions_of_one_text_are_equal() -> None:
    assert compile_condition(KNOWN_YES) == compile_condition(dict(KNOWN_YES))
    assert compile_condition(KNOWN_YES) != compile_condition(KNOWN_NO)


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(st.sampled_from(sorted(OPERATORS)), json)
def test_no_value_a_platform_may_send_breaks_an_operator(operator: str, value: Any) -> None:
    condition = compile_condition({**FIELD, operator: OPERANDS.get(operator, "a")})
    assert condition.holds({"x": value}) in (True, False)
