"""R44: a download that comes from a mail gives more than the same download on the site."""

from __future__ import annotations

from firm_kit import Firm
from mail_kit import ASSET, card, click, known, send

CARD = card(
    """
{id: download, kind: activity, points: 5, activity: asset_downloaded, asset: case-study}
{id: from-mail, kind: activity, points: 3, activity: asset_downloaded, attributes: {email_id: '*'}}
"""
)


def test_r44_a_download_from_a_mail_gives_more_than_on_the_site(firm: Firm) -> None:
    firm.scorecard(CARD)
    ada, eve = known(firm), known(firm, "eve@example.org")
    click(firm, send(firm, ada), ASSET)
    # Mautic tells of a download on the site only by polling; as a hit it reads the same.
    firm.visit("/asset/3:case-study", eve)
    firm.settle()
    assert firm.points(ada) == {"download": 5, "from-mail": 3}
    assert firm.points(eve) == {"download": 5}
    assert (firm.platform(ada)["score"], firm.platform(eve)["score"]) == (8, 5)
