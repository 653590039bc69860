"""Points, moments and durations as text in the language of the reader."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Literal
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time, format_timedelta
from babel.numbers import format_decimal, format_percent

from .scorecard import MICRO


@dataclass(frozen=True, slots=True)
class Formats:
    """How one language writes values, moments in the time zone of the scorecard."""

    locale: Locale
    zone: ZoneInfo

    def points(self, micro: int) -> str:
        """Signed points, shown to the hundredth: ``+2.5``."""
        value = Decimal(micro) / MICRO
        return format_decimal(value, format="+#,##0.##;-#,##0.##", locale=self.locale)

    def number(self, value: int | Fraction) -> str:
        """A number, shown to the hundredth."""
        exact = Decimal(value.numerator) / value.denominator
        return format_decimal(exact, format="#,##0.##", locale=self.locale)

    def percent(self, share: Fraction) -> str:
        """A share of one as a percentage."""
        return format_percent(float(share), format=None, locale=self.locale)

    def day(self, moment: datetime) -> str:
        """The calendar day of a moment."""
        return format_date(moment.astimezone(self.zone), "long", locale=self.locale)

    def time(self, moment: datetime) -> str:
        """The time of day of a moment."""
        return format_time(moment, "short", tzinfo=self.zone, locale=self.locale)

    def span(self, span: timedelta) -> str:
        """A duration in its largest whole unit of days, hours or minutes."""
        day, hour = timedelta(days=1), timedelta(hours=1)
        unit: Literal["minute", "hour", "day"]
        unit = "minute" if span % hour else "hour" if span % day else "day"
        return format_timedelta(span, granularity=unit, threshold=10**9, locale=self.locale)
