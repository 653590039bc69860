"""PHP's serialised values, read back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.mautic.php_values import elements, unserialize
from connectors.mautic.standin import php

_KEYS = st.integers(-5, 5) | st.text(max_size=5)
_VALUES = st.recursive(
    st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.dictionaries(_KEYS, inner, max_size=4),
    max_leaves=10,
)


@given(_VALUES)
def test_what_php_writes_is_read_back(value):
    assert unserialize(php.serialize(value)) == value


@given(st.text() | st.binary().map(lambda raw: raw.decode("latin-1")))
def test_anything_else_is_nothing(text):
    unserialize(text)


@given(_VALUES, st.integers(0, 60))
def test_what_was_cut_off_is_nothing_or_what_is_whole(value, length):
    written = php.serialize(value)
    assert unserialize(written[:length]) in (None, value) or length < len(written)


@pytest.mark.parametrize("text", [None, "", "N;", 'O:3:"Foo":0:{}', "a:1:{i:0;", 's:9:"ab";'])
def test_nulls_objects_and_fragments_are_nothing(text):
    assert unserialize(text) is None


def test_a_tower_of_arrays_is_not_climbed():
    assert unserialize("a:1:{i:0;" * 5000 + "i:1;" + "}" * 5000) is None


def test_elements_are_those_of_an_array_and_of_nothing_else():
    assert elements(unserialize('a:2:{i:0;d:1.5;i:7;s:3:"é?";}')) == [1.5, "é?"]
    assert elements("text") == elements(None) == []
