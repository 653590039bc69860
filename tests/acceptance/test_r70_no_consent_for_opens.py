"""R70: without consent for opens they are not used, and that is shown."""

from __future__ import annotations

import pytest
from firm_kit import Firm
from mail_kit import card, known, open_mail, send

CARD = card(
    """
{id: opened, kind: activity, points: 4, activity: email_opened}
{id: visited, kind: activity, points: 2, activity: page_viewed}
""",
    "consent: {opens: {field: position, equals: tracking allowed}, unless_known: deny}",
)


@pytest.mark.parametrize(
    ("lang", "sentence"),
    [
        ("en", "does not count: there is no consent to use it."),
        ("fr", "ne compte pas : il n’y a pas de consentement pour l’utiliser."),
    ],
)
def test_r70_opens_without_consent_are_not_used_and_shown_as_such(
    firm: Firm, lang: str, sentence: str
) -> None:
    firm.scorecard(CARD)
    ada = known(firm)
    eve = firm.submit_form(email="eve@example.org", position="Tracking allowed")
    for contact in (ada, eve):
        open_mail(firm, send(firm, contact))
        firm.visit("/", contact)
    firm.settle()
    assert (firm.platform(ada)["score"], firm.platform(eve)["score"]) == (2, 6)
    [told] = firm.explain(ada, lang).not_counted
    assert told.rule == "opened"
    assert sentence in told.sentence.replace("\u00a0", " ")
    assert not firm.explain(eve, lang).not_counted
