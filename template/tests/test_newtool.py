"""Newtool's connector keeps the contract that every connector keeps."""

import pytest
from example_of_newtool import EXAMPLE

from connectors.conformance import checks


@pytest.mark.parametrize("check", checks(EXAMPLE), ids=str)
def test_it_keeps_the_contract(check):
    check()
