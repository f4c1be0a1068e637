"""Days and months within bounds. Every function of the calendar keeps order in each of its operands, so that the ends tell."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from app.language import YearMonth

from ..dates import completed_months, completed_years, date_add_months
from .frame import Frame, round_to
from .values import ONE, UNKNOWN, Bound, Span, perhaps_unknown, point, the_point

FIRST_DAY, LAST_DAY = date.min.toordinal(), date.max.toordinal()
FIRST_MONTH, LAST_MONTH = 12, 12 * 10_000 - 1
Make = Callable[[Any], int]


def days(frame: Frame, span: Span) -> tuple[date, date]:
    """The first and the last day that a span can be."""
    low, high = frame.range(span)
    return date.fromordinal(_within(low, FIRST_DAY, LAST_DAY)), date.fromordinal(_within(high, FIRST_DAY, LAST_DAY))


def months(frame: Frame, span: Span) -> tuple[YearMonth, YearMonth]:
    low, high = frame.range(span)
    return YearMonth(_within(low, FIRST_MONTH, LAST_MONTH)), YearMonth(_within(high, FIRST_MONTH, LAST_MONTH))


def _within(value: Decimal, least: int, most: int) -> int:
    return least if value <= least else most if value >= most else int(value)


def _whole(low: int, high: int) -> Span:
    return Span(Decimal(low), Decimal(high))


def ends(frame: Frame, span: Span, *, month: bool, make: Make) -> Span:
    """A function that keeps order, of a day or month."""
    first, last = months(frame, span) if month else days(frame, span)
    return _whole(make(first), make(last))


def part(frame: Frame, span: Span, name: str, *, month: bool) -> Span:
    """The year, month or day of a day or month."""
    first, last = months(frame, span) if month else days(frame, span)
    if name == "year":
        return _whole(first.year, last.year)
    if name == "month":
        return _whole(first.month, last.month) if first.year == last.year else _whole(1, 12)
    assert isinstance(first, date) and isinstance(last, date)
    return _whole(first.day, last.day) if (first.year, first.month) == (last.year, last.month) else _whole(1, 31)


def year_month(frame: Frame, span: Span) -> Span:
    return ends(frame, span, month=False, make=YearMonth.of)


def first_day(frame: Frame, span: Span) -> Span:
    return ends(frame, span, month=True, make=lambda month: date(month.year, month.month, 1).toordinal())


def last_day(frame: Frame, span: Span) -> Span:
    return ends(frame, span, month=True, make=lambda month: date(month.year, month.month, monthrange(month.year, month.month)[1]).toordinal())


def between(frame: Frame, start: Span, end: Span, *, month: bool, years: bool) -> Span:
    """Completed months or years; more with a later end, fewer with a later start."""
    if month and not years:
        return frame.subtract(end, start)
    starts, finishes = (months(frame, start), months(frame, end)) if month else (days(frame, start), days(frame, end))
    count = completed_years if years else completed_months
    return _whole(count(starts[1], finishes[0]), count(starts[0], finishes[1]))


def add_to_month(frame: Frame, month: Span, count: Span) -> Bound:
    """A month that many months on; unknown before the year 1 and after 9999. Part months are dropped."""
    return _in_time(frame, frame.add(month, frame.rounded(count, ONE, "down")), FIRST_MONTH, LAST_MONTH)


def add_days(frame: Frame, day: Span, count: Span) -> Bound:
    return _in_time(frame, frame.add(day, count), FIRST_DAY, LAST_DAY)


def add_months(frame: Frame, day: Span, count: Span) -> Bound:
    """The same day that many months on, or the month's last day."""
    first, last = days(frame, day)
    low, high = (round_to(each, ONE, "down") for each in frame.range(count))
    unknown = False
    found = []
    for start, moved, edge in ((first, low, FIRST_DAY), (last, high, LAST_DAY)):
        reached = None if abs(moved) > LAST_MONTH else date_add_months(start, int(moved))
        unknown = unknown or reached is None
        found.append(edge if reached is None else reached.toordinal())
    if found[0] > found[1] or (unknown and low == high and first == last):
        return UNKNOWN
    return perhaps_unknown(_whole(found[0], found[1]), unknown)


def _in_time(frame: Frame, span: Span, first: int, last: int) -> Bound:
    low, high = frame.range(span)
    if high < first or low > last:
        return UNKNOWN
    if first <= low and high <= last:
        return span
    return Span(max(low, Decimal(first)), min(high, Decimal(last)), unknown=True)


def make_date(frame: Frame, year: Span, month: Span, day: Span) -> Bound:
    """A day from its parts; unknown if it does not exist."""
    parts = [the_point(frame.rounded(frame.flat(each), ONE, "down")) for each in (year, month, day)]
    if None not in parts:
        try:
            return point(Decimal(date(*(int(each) for each in parts if each is not None)).toordinal()))
        except (ValueError, OverflowError):
            return UNKNOWN
    low, high = (_within(each, date.min.year, date.max.year) for each in frame.range(year))
    return Span(Decimal(date(low, 1, 1).toordinal()), Decimal(date(high, 12, 31).toordinal()), unknown=True)


