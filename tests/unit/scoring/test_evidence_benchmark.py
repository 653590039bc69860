"""N4: no signature is enough alone, all together catch what was published and spare people."""

from __future__ import annotations

from benchmarks.evidence import share_caught, streams
from plugin.scoring.evidence import SIGNATURES

PUBLISHED = ("sweep", "address farm", "unsubscribe pair")


def test_each_signature_alone_misses_one_of_the_three_and_together_they_catch_all() -> None:
    machines, _ = streams(seed=3, each=40)
    for rule in SIGNATURES:
        assert min(share_caught(machines[name], rule) for name in PUBLISHED) == 0
    assert [share_caught(found, None) for found in machines.values()] == [1.0] * 5


def test_humans_are_spared_but_for_a_few_who_are_faster_than_the_page() -> None:
    _, humans = streams(seed=3, each=100)
    alarms = {name: share_caught(found, None) for name, found in humans.items()}
    assert alarms.pop("keen reader") <= 0.1
    assert set(alarms.values()) == {0.0}


def test_the_same_seed_gives_the_same_streams() -> None:
    assert streams(seed=5, each=2) == streams(seed=5, each=2)
