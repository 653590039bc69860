"""A month of a small firm, heard by webhooks, by polling and by both; and with most things lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from firm_kit import Firm
from story_kit import START, known_to_us, name_of, play, polled, scored, small_firm, stage_of

from connectors.mautic.standin.losses import Losses
from plugin.scoring.evaluate import whole_points
from plugin.scoring.scorecard import MICRO
from tests.torture import long_form

SEED = 20260302
NOBODY = "http://127.0.0.1:9/hooks/mautic"
END = START + timedelta(days=32)
#: What the scorecard has set where the band is; who never rose has none.
STAGES = {"cold": (None, 1), "warm": (2,), "hot": (3,)}


def by_webhook(firm: Firm) -> None:
    play(firm, SEED, lambda _: firm.settle())


def by_polling(firm: Firm) -> None:
    firm.standin.hooks.clear()
    polled(firm)
    play(firm, SEED, lambda day: polled(firm) if day % 6 == 5 else None)


def by_both(firm: Firm) -> None:
    polled(firm)
    play(firm, SEED, lambda day: polled(firm) if day % 6 == 5 else None)


def with_losses(firm: Firm) -> None:
    """A third of the deliveries is lost; twice we are down, until the platform gives us up."""
    polled(firm)
    [hook] = firm.standin.hooks.values()
    firm.standin.losses = Losses(0.3, seed=1)

    def each_day(day: int) -> None:
        if day in (8, 20):
            hook.url = NOBODY
        if day == 12:
            hook.url = firm.hook
        if day % 6 == 5:
            polled(firm)

    play(firm, SEED, each_day)
    assert not hook.published
    heard_of = [sent.status == 200 for sent in firm.standin.sent]
    assert 0.2 < sum(heard_of) / len(heard_of) < 0.8


@cache
def undisturbed() -> dict[str, str]:
    """The scores of the month by webhook and polling, when nothing goes wrong."""
    return heard(by_both)


def heard(how: Callable[[Firm], None], version: str = "6.0.3") -> dict[str, str]:
    """Points and band of everybody at the end, which the platform holds as well.

    People are named by their e-mail: under which id they go on after a merge, the version decides.
    """
    with TemporaryDirectory() as folder, small_firm(Path(folder), version) as firm:
        how(firm)
        firm.now = END
        firm.settle()
        assert firm.standin.deleted
        assert known_to_us(firm) <= set(firm.standin.contacts), "who is gone is still known"
        told: dict[str, str] = {}
        for contact, score in scored(firm).items():
            explained = firm.explain(contact).score
            told[name_of(firm, contact)] = f"{explained / MICRO} {score.band}"
            if not firm.standin.contacts[contact].anonymous:
                held = firm.platform(contact)
                assert (held["score"], held["band"]) == (whole_points(explained), score.band)
                assert held["tags"] == [f"band-{score.band}"]
                assert stage_of(firm, contact) in STAGES[score.band]
        return told


@pytest.mark.parametrize(
    ("how", "version"),
    [
        pytest.param(by_webhook, "4.4.13", marks=long_form),
        (by_polling, "6.0.3"),
        pytest.param(by_webhook, "6.0.3", marks=long_form),
        pytest.param(by_polling, "4.4.13", marks=long_form),
    ],
)
def test_r63_the_month_gives_the_same_scores_however_it_is_heard(
    how: Callable[[Firm], None], version: str
) -> None:
    """In Mautic 4.4 a merge keeps the older contact, from Mautic 5 on the visitor."""
    assert heard(how, version) == undisturbed()


def test_r63_what_was_lost_is_found_again_by_reconciliation() -> None:
    assert heard(with_losses) == undisturbed()
