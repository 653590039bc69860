"""Filters of the templates: points, shares and moments as the reader writes them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_timedelta
from flask import Flask
from flask_babel import get_locale, get_timezone
from markupsafe import Markup

from plugin.scoring.formats import Formats


def formats() -> Formats:
    """How the reader of this page writes values."""
    return Formats(get_locale(), ZoneInfo(str(get_timezone())))


def init_formats(app: Flask) -> None:
    """Add the filters, each named like its function here."""
    app.jinja_env.filters.update(
        points=_points,
        score=_score,
        number=_number,
        percent=_percent,
        moment=_moment,
        date=_date,
        day=_day,
        span=_span,
    )


def _points(micro: int) -> str:
    """Signed points of micro-points."""
    return formats().points(micro)


def _score(micro: int) -> str:
    """Unsigned points of micro-points: a score."""
    return formats().number(Fraction(micro, 1_000_000))


def _number(value: int | float | Fraction) -> str:
    return formats().number(Fraction(value))


def _percent(share: float | Fraction) -> str:
    return formats().percent(Fraction(share))


def _moment(moment: datetime | None) -> str:
    """Date and time in the reader's zone, exact for machines; a dash for never."""
    if moment is None:
        return "–"
    own = formats()
    shown = format_datetime(moment, "medium", tzinfo=own.zone, locale=own.locale)
    return Markup('<time datetime="{}">{}</time>').format(moment.isoformat(), shown)


def _day(moment: datetime | None) -> str:
    if moment is None:
        return "–"
    shown = formats().day(moment)
    return Markup('<time datetime="{}">{}</time>').format(moment.isoformat(), shown)


def _date(day: date) -> str:
    """A calendar day that is no moment."""
    return format_date(day, "long", locale=formats().locale)


def _span(span: timedelta) -> str:
    """Roughly how long: “3 hours”."""
    return format_timedelta(span, threshold=1.5, locale=formats().locale)
