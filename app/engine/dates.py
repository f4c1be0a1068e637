"""Days and months reckoned with, as generated code calls them; None where a day would lie beyond the calendar."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from typing import Any

from app.language import YearMonth

FIRST_YEAR, LAST_YEAR = 1, 9999


def date_add_months(day: date, months: int) -> date | None:
    index = 12 * day.year + day.month - 1 + int(months)
    year, month = divmod(index, 12)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def date_sub_months(day: date, months: int) -> date | None:
    return date_add_months(day, -months)


def date_add_days(day: date, days: int) -> date | None:
    try:
        return day + timedelta(days=int(days))
    except OverflowError:
        return None


def date_sub_days(day: date, days: int) -> date | None:
    return date_add_days(day, -days)


def date_diff(left: date, right: date) -> int:
    return (left - right).days


def completed_months(start: Any, end: Any) -> int:
    """Whole months; a month without the day is complete on its last day (民法典 第二百零三条)."""
    if isinstance(start, YearMonth):
        return int(end) - int(start)
    if end < start:
        return -completed_months(end, start)
    months: int = 12 * (end.year - start.year) + end.month - start.month
    due = date_add_months(start, months)
    return months if due is not None and due <= end else months - 1


def completed_years(start: Any, end: Any) -> int:
    months = completed_months(start, end)
    return months // 12 if months >= 0 else -(-months // 12)
