"""What became of contacts, beside what their score said before: by band, by rule, by threshold."""

from __future__ import annotations

from firm_kit import Firm

from connectors.mautic.standin.author import ADMIN
from connectors.mautic.standin.hooks import changing
from connectors.mautic.standin.saving import save
from plugin.services.reports import ask_for, refresh_due
from plugin.services.results import RESULTS, Results, newest_results

CARD = """
name: Firm
groups:
  - id: all
    dimension: engagement
    rules:
      - {id: demo, kind: activity, points: 30, activity: form_submitted, form: demo_form}
      - {id: news, kind: activity, points: 10, activity: form_submitted, form: newsletter}
      - {id: blog, kind: activity, points: 25, activity: page_viewed, url: "*/blog"}
      - {id: fair, kind: activity, points: 5, activity: page_viewed, url: "*/fair"}
bands:
  - {id: cold}
  - {id: warm, enter: 20, leave: 15}
  - {id: ready, enter: 50, leave: 45}
outcomes:
  won: {tag: customer}
  lost: {tag: lost}
verdicts:
  accepted: {tag: sales-accepted}
  rejected: {tag: sales-rejected}
  reason: sales-reason
"""


def _tagged(firm: Firm, contact: int, *tags: str) -> None:
    held = firm.standin.find(contact)
    assert held is not None
    with changing(firm.standin) as events:
        save(firm.standin, held, {"tags": list(tags)}, ADMIN, events)


def _person(firm: Firm, name: str, *paths: str, form: str = "Demo form") -> int:
    contact = firm.submit_form(form=form, email=f"{name}@nova.example")
    for path in paths:
        firm.visit(path, contact)
    return contact


def _results(firm: Firm) -> Results:
    firm.settle()
    ask_for(firm.runtime.engine, RESULTS, firm.now)
    refresh_due(firm.runtime.engine, firm.now)
    found = newest_results(firm.runtime.engine)
    assert found is not None
    assert found.at == firm.now
    return found.results


def _firm_of_judged(firm: Firm) -> None:
    """Demos are won, blogs are not: of each ten who read the blog one."""
    firm.scorecard(CARD)
    buyers = [_person(firm, f"buyer{number}") for number in range(4)]
    readers = [_person(firm, f"reader{n}", "/blog", form="Newsletter") for n in range(12)]
    both = _person(firm, "both", "/blog")
    firm.settle()
    firm.wait(days=1)
    for contact in (*buyers, both, readers[0]):
        _tagged(firm, contact, "customer")
    for contact in readers[1:]:
        _tagged(firm, contact, "lost")
    firm.settle()


def test_r60_the_share_of_won_contacts_by_the_best_band_they_had_before(firm: Firm) -> None:
    _firm_of_judged(firm)
    found = _results(firm).outcomes
    assert (found.all.count, found.all.good) == (17, 6)
    shares = {band: (share.count, share.good) for band, share in found.bands.items()}
    assert shares == {"ready": (1, 1), "warm": (16, 5)}
    assert {cell: one.count for cell, one in found.matrix.items()} == {
        ("D", "warm"): 16,
        ("D", "ready"): 1,
    }


def test_r60_what_came_after_the_outcome_does_not_count(firm: Firm) -> None:
    firm.scorecard(CARD)
    ada = _person(firm, "ada")
    firm.wait(days=1)
    _tagged(firm, ada, "lost")
    firm.wait(days=1)
    firm.visit("/blog", ada)
    found = _results(firm).outcomes
    assert list(found.bands) == ["warm"]
    assert list(found.rules) == ["demo"]


def test_r60_sales_verdicts_judge_bands_and_rules_with_their_reasons(firm: Firm) -> None:
    firm.scorecard(CARD)
    good, bad = _person(firm, "good", "/blog"), _person(firm, "bad", "/blog")
    firm.settle()
    firm.wait(hours=1)
    _tagged(firm, good, "sales-accepted")
    _tagged(firm, bad, "sales-rejected", "sales-reason:no budget")
    found = _results(firm)
    ready = found.verdicts.bands["ready"]
    assert (ready.count, ready.good, ready.precision) == (2, 1, 0.5)
    assert found.verdicts.rules["demo"].count == 2
    assert dict(found.reasons) == {"no budget": 1}


def test_n09_rules_that_never_fire_and_that_lift_who_is_lost_are_named(firm: Firm) -> None:
    _firm_of_judged(firm)
    found = _results(firm)
    assert found.faults == {"fair": "dead", "blog": "harmful", "news": "harmful"}
    assert found.fired == {"demo": 5, "news": 12, "blog": 13}


def test_r61_a_threshold_tells_its_volume_and_its_precision(firm: Firm) -> None:
    _firm_of_judged(firm)
    found = _results(firm)
    for threshold, volume, precision in ((20, 17, 6 / 17), (36, 1, 1.0), (56, 0, None)):
        assert found.above(threshold) == volume
        assert found.outcomes.above(threshold).precision == precision


def test_r60_the_week_in_which_bands_were_entered_is_told(firm: Firm) -> None:
    firm.scorecard(CARD)
    _person(firm, "ada", "/blog")
    firm.settle()
    firm.wait(days=7)
    found = _results(firm)
    entered = {week: count for week, counts in found.entered.items() for count in counts.values()}
    assert sum(entered.values()) == 1
    assert list(found.entered)[-1] == firm.now.date()
    assert len(found.entered) == 26


def test_a_report_is_computed_again_when_it_is_due_and_not_before(firm: Firm) -> None:
    firm.scorecard(CARD)
    engine = firm.runtime.engine
    assert refresh_due(engine, firm.now) == 3
    assert refresh_due(engine, firm.now) == 0
    firm.wait(minutes=11)
    assert refresh_due(engine, firm.now) == 2
    # What is told by weeks waits an hour.
    firm.wait(minutes=50)
    assert refresh_due(engine, firm.now) == 3
