"""N1: at any past date the lines sum to the score, and today's is the value in the platform.

``MATURO_HISTORIES`` says how many contacts; `make torture` takes 10,000.
"""

from __future__ import annotations

import os
from datetime import datetime
from random import Random

from firm_kit import Firm, shipped

from connectors.mautic.standin.hooks import process_queue
from plugin.scoring.companies import with_companies
from plugin.scoring.evaluate import Evaluation, evaluate, whole_points
from plugin.scoring.history import history
from plugin.services.rescore import LiveScorecard, live_scorecard
from plugin.storage import connections, histories, ledger, scores
from plugin.storage.engine import for_reading

HISTORIES = int(os.environ.get("MATURO_HISTORIES", "300"))
PATHS = ("/", "/pricing", "/demo", "/blog/1", "/careers", "/case-studies/nova", "/product")


def test_n01_lines_sum_to_the_score_at_any_past_date_and_to_the_platforms_value(firm: Firm) -> None:
    firm.scorecard(shipped("b2b"))
    firm.standin.queued = True
    chance, began = Random(20_260_302), firm.now
    people = [_live(firm, chance, number) for number in range(HISTORIES)]
    process_queue(firm.standin)
    firm.settle()
    with for_reading(firm.runtime.engine).begin() as connection:
        source = connections.find(connection, firm.runtime.vault, "mautic")
        assert source is not None
        ids = scores.scored_contacts(connection, source.id)
        stored = scores.read_scores(connection, list(ids.values()))
        recorded = histories.read_histories(connection, list(ids.values()))
        live = live_scorecard(connection)
        lines = {one: ledger.read_lines(connection, one) for one in ids.values()}
    assert {str(one) for one in people} == ids.keys()
    for one in people:
        own = ids[str(one)]
        found = evaluate(live.card, lines[own], firm.now)
        assert _sum(found) == found.score == stored[own].score.score
        assert whole_points(found.score) == firm.platform(one)["score"]
        for _ in range(3):
            then = began + (firm.now - began) * chance.random()
            past = evaluate(live.card, lines[own], then)
            assert _sum(past) == past.score == _from_scratch(live, recorded[own], then)


def _live(firm: Firm, chance: Random, number: int) -> int:
    """Some visits and forms, over days that overlap those of the others."""
    contact = firm.submit_form(email=f"p{number}@firm{number % 40}.example")
    for _ in range(chance.randint(0, 4)):
        firm.wait(minutes=chance.choice([1, 20, 600]))
        firm.visit(chance.choice(PATHS), contact)
    if chance.random() < 0.4:
        firm.submit_form(
            contact, email=f"p{number}@firm{number % 40}.example", phone="+33 1 23 45 67 89"
        )
    return contact


def _sum(found: Evaluation) -> int:
    return sum(each.points for each in (*found.contributions, *found.adjustments))


def _from_scratch(live: LiveScorecard, stored: histories.StoredHistory, at: datetime) -> int:
    past = history(stored.activities, with_companies(stored.facts, stored.companies))
    return evaluate(live.card, live.fold(past).lines, at).score
