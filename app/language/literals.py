"""Dates, months and durations written out in an expression."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import cast

from . import ir
from .errors import ExpressionError
from .parser import SyntaxTree
from .types import DATE, MONTH, DurationType, YearMonth

_YEARS_MONTHS = re.compile(r"(-)?P(?:(\d+)Y)?(?:(\d+)M)?\Z")
_DAYS = re.compile(r"(-)?P(\d+)D\Z")


def literal_text(arguments: list[SyntaxTree]) -> str | None:
    """The text of a call with one text in quotes, None for any other."""
    if len(arguments) == 1 and arguments[0].data == "string":
        return cast(str, json.loads(str(arguments[0].children[0])))
    return None


def temporal_literal(text: str) -> ir.Expr:
    """A date or a duration, as `@"..."` holds either."""
    return duration_literal(text) if text.lstrip("-").startswith("P") else date_literal(text)


def date_literal(text: str) -> ir.Expr:
    try:
        if len(text) != 10:
            raise ValueError
        return ir.Const(DATE, False, date.fromisoformat(text))
    except ValueError:
        raise ExpressionError(f'"{text}" is not a date that exists. Write it as date("2025-01-31").') from None


def duration_literal(text: str) -> ir.Expr:
    days = _DAYS.match(text)
    if days:
        return ir.Const(DurationType("days"), False, int(days[2]) * (-1 if days[1] else 1))
    match = _YEARS_MONTHS.match(text)
    if not match or (match[2] is None and match[3] is None):
        raise ExpressionError(f'"{text}" is not a duration. Write "P1Y6M" (years, months) or "P10D" (days).')
    months = 12 * int(match[2] or 0) + int(match[3] or 0)
    return ir.Const(DurationType("months"), False, -months if match[1] else months)


def month_literal(text: str) -> ir.Expr:
    try:
        return ir.Const(MONTH, False, YearMonth.parse(text))
    except ValueError:
        raise ExpressionError(f'"{text}" is not a month. Write it as YYYY-MM, such as year_month("2025-01").') from None
