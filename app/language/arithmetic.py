"""Operand kinds and units of + - * / ** and of comparisons."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal, cast

from .errors import ExpressionError
from .ir import Arithmetic, Compare, Const, Expr, IsNull, Not
from .types import (
    BOOLEAN,
    DATE,
    MONTH,
    BooleanType,
    DateType,
    DurationType,
    ListType,
    MonthType,
    NullType,
    NumberType,
    RecordType,
    StringType,
    Type,
    join,
)
from .units import ONE, Unit, parse_unit

MONTH_UNIT = parse_unit("month")
DAY_UNIT = parse_unit("day")

_SYMBOLS = {"+": "add", "-": "sub", "*": "mul", "/": "div", "**": "pow"}


def arithmetic(symbol: str, left: Expr, right: Expr) -> Expr:
    """Type `left symbol right`. Raises ExpressionError on operands or units that do not go together."""
    if isinstance(left.type, NumberType) and isinstance(right.type, NumberType):
        return _numbers(symbol, left, right, left.type, right.type)
    found = _calendar(symbol, left.type, right.type)
    if found is None:
        raise ExpressionError(f"'{symbol}' does not work on {left.type} and {right.type}.{_hint(left.type, right.type)}")
    op, result = found
    leaves_calendar = isinstance(result, DateType | MonthType)  # a day before the year 1 or after 9999 is unknown
    return Arithmetic(result, leaves_calendar or left.nullable or right.nullable, op, left, right)


def _numbers(symbol: str, left: Expr, right: Expr, a: NumberType, b: NumberType) -> Expr:
    nullable = left.nullable or right.nullable or symbol == "/"
    op = _SYMBOLS[symbol]
    if op in ("add", "sub"):
        if a.unit is not None and b.unit is not None and a.unit != b.unit:
            verb = "added to" if op == "add" else "subtracted from"
            first, second = (right, left) if op == "sub" else (left, right)
            raise ExpressionError(f"{_unit_of(first)} cannot be {verb} {_unit_of(second)}. Both sides of '{symbol}' need the same unit.")
        return Arithmetic(NumberType(a.unit if a.unit is not None else b.unit), nullable, op, left, right)
    if op == "mul":
        return Arithmetic(NumberType(_combine(a.unit, b.unit, divide=False)), nullable, op, left, right)
    if op == "div":
        nullable = left.nullable or right.nullable or not (isinstance(right, Const) and right.value != 0)
        if isinstance(right, Const) and right.value == 0:
            raise ExpressionError("division by 0 has no value. Divide by something else.")
        return Arithmetic(NumberType(_combine(a.unit, b.unit, divide=True)), nullable, op, left, right)
    return _power(left, right, a, nullable)


def _power(left: Expr, right: Expr, base: NumberType, nullable: bool) -> Expr:
    exponent = right.value if isinstance(right, Const) else None
    if isinstance(exponent, Decimal) and exponent == int(exponent) and 0 <= exponent <= 1000:
        unit = None if base.unit is None else base.unit.to_the(int(exponent))
        return Arithmetic(NumberType(unit), nullable, "pow", left, right)
    if base.unit not in (None, ONE) or right.type not in (NumberType(None), NumberType(ONE)):
        raise ExpressionError(f"only a pure number can be raised to a power that is not fixed; here {_unit_of(left)} ** {_unit_of(right)}.")
    return Arithmetic(NumberType(base.unit), True, "pow", left, right)


def _combine(a: Unit | None, b: Unit | None, *, divide: bool) -> Unit | None:
    if b is None:
        return a
    base = ONE if a is None else a
    return base / b if divide else base * b


def _calendar(symbol: str, a: Type, b: Type) -> tuple[str, Type] | None:
    if isinstance(a, MonthType):
        if isinstance(b, NumberType) and b.unit in (None, MONTH_UNIT):
            return {"+": ("month_add", MONTH), "-": ("month_sub", MONTH)}.get(symbol)
        if isinstance(b, MonthType) and symbol == "-":
            return "month_diff", NumberType(MONTH_UNIT)
    if isinstance(a, DateType):
        if isinstance(b, DurationType):
            op = {"+": "date_add_", "-": "date_sub_"}.get(symbol)
            return None if op is None else (op + b.kind, DATE)
        if isinstance(b, DateType) and symbol == "-":
            return "date_diff", DurationType("days")
    if isinstance(a, DurationType) and a == b:
        op = {"+": "duration_add", "-": "duration_sub"}.get(symbol)
        return None if op is None else (op, a)
    return None


def compare(symbol: str, left: Expr, right: Expr) -> Expr:
    """Type a comparison. `x = null` and `x != null` ask whether x is known. Raises ExpressionError."""
    if isinstance(right.type, NullType) or isinstance(left.type, NullType):
        operand = left if isinstance(right.type, NullType) else right
        if symbol not in ("=", "!="):
            raise ExpressionError(f"null has no order. Ask '= null' or '!= null' instead of '{symbol} null'.")
        asked = IsNull(BOOLEAN, False, operand)
        return asked if symbol == "=" else Not(BOOLEAN, False, asked)
    _check_comparable(symbol, left, right)
    operator = cast(Literal["=", "!=", "<", "<=", ">", ">="], symbol)
    return Compare(BOOLEAN, left.nullable or right.nullable, operator, left, right)


def _check_comparable(symbol: str, left: Expr, right: Expr) -> None:
    a, b = left.type, right.type
    if isinstance(a, NumberType) and isinstance(b, NumberType):
        if a.unit is not None and b.unit is not None and a.unit != b.unit:
            raise ExpressionError(f"{_unit_of(left)} cannot be compared with {_unit_of(right)}.")
        return
    if isinstance(a, ListType | RecordType) or join(a, b) is None:
        raise ExpressionError(f"{a} cannot be compared with {b}.{_hint(a, b)}")
    if isinstance(a, StringType) and isinstance(b, StringType):
        _check_enumeration(left, right)
    if symbol not in ("=", "!=") and isinstance(a, StringType | BooleanType):
        raise ExpressionError(f"'{symbol}' does not work on {a}. Only numbers, dates, months and durations have an order.")


def _check_enumeration(left: Expr, right: Expr) -> None:
    for one, other in ((left, right), (right, left)):
        kind = one.type
        if (
            isinstance(other, Const)
            and not isinstance(one, Const)
            and isinstance(kind, StringType)
            and kind.values
            and other.value not in kind.values
        ):
            raise ExpressionError(f'"{other.value}" is not one of the values {", ".join(kind.values)}.')


def _unit_of(expr: Expr) -> str:
    kind = expr.type
    if isinstance(kind, NumberType):
        return "a pure number" if kind.unit is None or kind.unit == ONE else str(kind.unit)
    return str(kind)


def _hint(a: Type, b: Type) -> str:
    if {type(a), type(b)} == {DateType, MonthType}:
        return " Turn the date into its month with year_month(...)."
    if {type(a), type(b)} == {DateType, StringType}:
        return ' Write a date as date("2025-01-01").'
    if {type(a), type(b)} == {MonthType, StringType}:
        return ' Write a month as year_month("2025-01").'
    if {type(a), type(b)} == {DateType, NumberType}:
        return " Use add_days(date, days), add_months(date, months) or a duration."
    return ""
