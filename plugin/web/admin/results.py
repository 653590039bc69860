"""Results: does the score tell who is won, and what would another threshold bring?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from plugin.scoring.evaluate import whole_points
from plugin.scoring.scorecard import Scorecard
from plugin.services.feed import card_in_force
from plugin.services.reports import ask_for
from plugin.services.results import RESULTS, newest_results

from .access import needs
from .bands import rule_names, shades
from .running import running

#: Points in a row, and from where on rows are shown one by one.
_BAR, _LOWEST = 10, -20


blueprint = Blueprint("results", __name__, url_prefix="/admin/results")


@blueprint.get("")
@needs("viewer")
def show() -> str:
    card, found = card_in_force(running().engine), newest_results(running().engine)
    if found is None:
        return render_template("results/none.html")
    thresholds = _thresholds(card)
    asked = request.args.get("threshold", type=int)
    return render_template(
        "results/show.html",
        found=found.results,
        computed_at=found.at,
        card=card,
        bands=shades(card),
        rules=rule_names(card),
        thresholds=thresholds,
        asked=asked if asked is not None else max(thresholds.values(), default=0),
        distribution=list(_bars(found.results.points)),
    )


@blueprint.get("/threshold")
@needs("viewer")
def threshold() -> str:
    found, asked = newest_results(running().engine), request.args.get("threshold", 0, int)
    results = found.results if found else None
    return render_template("results/threshold.html", found=results, asked=asked)


@blueprint.post("/compute")
@needs("marketer")
def compute() -> Response:
    ask_for(running().engine, RESULTS, running().clock())
    flash(_("The worker computes the results anew. Load the page again in a moment."))
    return redirect(url_for("results.show"))


def _thresholds(card: Scorecard) -> dict[str, int]:
    return {band.id: whole_points(band.enter) for band in card.bands if band.enter is not None}


def _bars(points: Mapping[int, int]) -> Iterator[tuple[int | None, int, int]]:
    """From which points on (``None``: all below), to which, and how many contacts have them."""
    if not points:
        return
    first = max(min(points) // _BAR, _LOWEST // _BAR)
    below = sum(count for one, count in points.items() if one < first * _BAR)
    if below:
        yield None, first * _BAR - 1, below
    for low in range(first * _BAR, max(points) + 1, _BAR):
        yield low, low + _BAR - 1, sum(points.get(one, 0) for one in range(low, low + _BAR))
