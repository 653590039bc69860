"""R59: what sales say of a contact in the platform comes back, is kept, and can be seen."""

from __future__ import annotations

from firm_kit import Firm

from connectors.mautic.standin.author import ADMIN
from connectors.mautic.standin.hooks import changing
from connectors.mautic.standin.saving import save
from plugin.services.verdicts import verdicts

CARD = """
name: Firm
groups:
  - id: all
    dimension: engagement
    rules:
      - {id: demo, kind: activity, points: 35, activity: form_submitted}
bands:
  - {id: cold}
  - {id: ready, enter: 20, tag: ready, on_rise: [{call: {within: 1d}}]}
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


def test_r59_a_rejection_with_its_reason_is_kept_with_the_band_and_costs_no_point(
    firm: Firm,
) -> None:
    firm.scorecard(CARD)
    ada = firm.submit_form(email="ada@example.org")
    firm.settle()
    firm.wait(hours=1)
    _tagged(firm, ada, "sales-rejected")
    firm.settle()
    firm.wait(hours=1)
    _tagged(firm, ada, "sales-reason:no budget")
    firm.settle()
    [one] = verdicts(firm.runtime.engine)
    assert (one.contact, one.word, one.reason, one.band) == (
        f"mautic/{ada}",
        "rejected",
        "no budget",
        "ready",
    )
    assert (firm.now - one.at).total_seconds() == 3600
    assert firm.platform(ada)["score"] == 35
    assert len(firm.standin.notes) == 1


def test_r59_a_replay_says_nothing_twice_and_a_later_acceptance_stands_beside_it(
    firm: Firm,
) -> None:
    firm.scorecard(CARD)
    ada = firm.submit_form(email="ada@example.org")
    _tagged(firm, ada, "sales-rejected")
    firm.wait(days=1)
    _tagged(firm, ada, "-sales-rejected", "sales-accepted")
    for receipt in firm.runtime.inbox.read(0, 1000):
        firm.runtime.inbox.append(receipt)
    firm.settle()
    assert [one.word for one in verdicts(firm.runtime.engine)] == ["accepted", "rejected"]
