"""The functions of the rule language: what each takes, gives and means.

The examples are the documentation and the tests: each says `expression` equals `result`.
Implementations stand with each engine; `tests/language/test_functions.py` holds them to the examples.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .arithmetic import DAY_UNIT, MONTH_UNIT
from .errors import ExpressionError
from .ir import Expr
from .types import (
    BOOLEAN,
    DATE,
    MONTH,
    STRING,
    BooleanType,
    DateType,
    DurationType,
    ListType,
    MonthType,
    NumberType,
    RecordType,
    StringType,
    Type,
    join,
)
from .units import ONE, Unit, parse_unit

YEAR_UNIT = parse_unit("year")
_ORDERED = (NumberType, DateType, MonthType, DurationType)

Signature = Callable[[tuple[Expr, ...]], tuple[Type, bool]]


@dataclass(frozen=True, slots=True)
class Function:
    """`signature` types a call (result type, whether it can be unknown although its arguments are known)."""

    name: str
    usage: str
    meaning: str
    signature: Signature
    examples: tuple[tuple[str, str], ...]


def _need(condition: bool, message: str) -> None:
    if not condition:
        raise ExpressionError(message)


def _count(arguments: tuple[Expr, ...], count: int, usage: str) -> None:
    _need(len(arguments) == count, f"{usage} takes {count} value{'s' if count != 1 else ''}, not {len(arguments)}.")


def _number(expr: Expr, usage: str) -> NumberType:
    kind = expr.type
    if not isinstance(kind, NumberType):
        raise ExpressionError(f"{usage} needs a number, not {kind}.")
    return kind


def _same_number(usage: str) -> Signature:
    def signature(arguments: tuple[Expr, ...]) -> tuple[Type, bool]:
        _count(arguments, 1, usage)
        return _number(arguments[0], usage), False

    return signature


def _two_numbers(usage: str) -> Signature:
    def signature(arguments: tuple[Expr, ...]) -> tuple[Type, bool]:
        _count(arguments, 2, usage)
        result = join(_number(arguments[0], usage), _number(arguments[1], usage))
        if result is None:
            raise ExpressionError(f"{usage} needs two numbers of the same unit, not {arguments[0].type} and {arguments[1].type}.")
        return result, True

    return signature


def _extreme(usage: str) -> Signature:
    def signature(arguments: tuple[Expr, ...]) -> tuple[Type, bool]:
        _need(len(arguments) > 0, f"{usage} needs at least one value.")
        first = arguments[0].type
        if len(arguments) == 1 and isinstance(first, ListType):
            _need(isinstance(first.item, _ORDERED), f"{usage} needs values that have an order, not {first.item}.")
            return first.item, True
        result: Type = first
        for argument in arguments:
            joined = join(result, argument.type)
            if joined is None or not isinstance(argument.type, _ORDERED):
                raise ExpressionError(f"{usage} needs values of one type and unit that have an order, not {result} and {argument.type}.")
            result = joined
        return result, False

    return signature


def _number_list(usage: str, *, empty_is_unknown: bool) -> Signature:
    def signature(arguments: tuple[Expr, ...]) -> tuple[Type, bool]:
        _count(arguments, 1, usage)
        kind = arguments[0].type
        if not isinstance(kind, ListType) or not isinstance(kind.item, NumberType):
            raise ExpressionError(f"{usage} needs a list of numbers, not {kind}.")
        return kind.item, empty_is_unknown or kind.item_nullable

    return signature


def _list_count(arguments: tuple[Expr, ...]) -> tuple[Type, bool]:
    _count(arguments, 1, "count(list)")
    _need(isinstance(arguments[0].type, ListType), f"count(list) needs a list, not {arguments[0].type}.")
    return NumberType(ONE), False


def _same_list(arguments: tuple[Expr, ...]) -> tuple[Type, bool]:
    usage = "distinct_values(list)"
    _count(arguments, 1, usage)
    kind = arguments[0].type
    if not isinstance(kind, ListType) or isinstance(kind.item, ListType | RecordType):
        raise ExpressionError(f"{usage} needs a list of numbers, texts, dates or booleans, not {kind}.")
    return kind, False


def _list_contains(arguments: tuple[Expr, ...]) -> tuple[Type, bool]:
    usage = "list_contains(list, value)"
    _count(arguments, 2, usage)
    kind = arguments[0].type
    if not isinstance(kind, ListType) or join(kind.item, arguments[1].type) is None:
        raise ExpressionError(f"{usage} needs a list and a value of its items' type, not {kind} and {arguments[1].type}.")
    return BOOLEAN, kind.item_nullable


def _booleans(usage: str) -> Signature:
    def signature(arguments: tuple[Expr, ...]) -> tuple[Type, bool]:
        _count(arguments, 1, usage)
        kind = arguments[0].type
        if not isinstance(kind, ListType) or not isinstance(kind.item, BooleanType):
            raise ExpressionError(f"{usage} needs a list of booleans, not {kind}.")
        return BOOLEAN, kind.item_nullable

    return signature


def _strings(usage: str, count: int, result: Type) -> Signature:
    def signature(arguments: tuple[Expr, ...]) -> tuple[Type, bool]:
        _count(arguments, count, usage)
        for argument in arguments:
            _need(isinstance(argument.type, StringType), f"{usage} needs text, not {argument.type}.")
        return result, False

    return signature


def _substring(arguments: tuple[Expr, ...]) -> tuple[Type, bool]:
    usage = "substring(text, start, length)"
    _count(arguments, 3, usage)
    _need(isinstance(arguments[0].type, StringType), f"{usage} needs text, not {arguments[0].type}.")
    _number(arguments[1], usage)
    _number(arguments[2], usage)
    return STRING, False


def _calendar_part(usage: str, kinds: tuple[type, ...]) -> Signature:
    def signature(arguments: tuple[Expr, ...]) -> tuple[Type, bool]:
        _count(arguments, 1, usage)
        _need(isinstance(arguments[0].type, kinds), f"{usage} does not work on {arguments[0].type}.")
        return NumberType(ONE), False

    return signature


def _convert(usage: str, kinds: tuple[type, ...], result: Type) -> Signature:
    def signature(arguments: tuple[Expr, ...]) -> tuple[Type, bool]:
        _count(arguments, 1, usage)
        _need(isinstance(arguments[0].type, kinds), f"{usage} does not work on {arguments[0].type}.")
        return result, False

    return signature


def _date(arguments: tuple[Expr, ...]) -> tuple[Type, bool]:
    usage = "date(year, month, day)"
    _count(arguments, 3, usage)
    for argument in arguments:
        _number(argument, usage)
    return DATE, True


def _add_months(arguments: tuple[Expr, ...]) -> tuple[Type, bool]:
    usage = "add_months(date, months)"
    _count(arguments, 2, usage)
    _need(isinstance(arguments[0].type, DateType | MonthType), f"{usage} does not work on {arguments[0].type}.")
    unit = _number(arguments[1], usage).unit
    _need(unit in (None, MONTH_UNIT), f"{usage} needs a number of months, not {arguments[1].type}.")
    return arguments[0].type, True


def _add_days(arguments: tuple[Expr, ...]) -> tuple[Type, bool]:
    usage = "add_days(date, days)"
    _count(arguments, 2, usage)
    _need(isinstance(arguments[0].type, DateType), f"{usage} does not work on {arguments[0].type}.")
    unit = _number(arguments[1], usage).unit
    _need(unit in (None, DAY_UNIT), f"{usage} needs a number of days, not {arguments[1].type}.")
    return DATE, True


def _between(usage: str, unit: Unit) -> Signature:
    def signature(arguments: tuple[Expr, ...]) -> tuple[Type, bool]:
        _count(arguments, 2, usage)
        _need(
            arguments[0].type == arguments[1].type and isinstance(arguments[0].type, DateType | MonthType),
            f"{usage} needs two dates, not {arguments[0].type} and {arguments[1].type}.",
        )
        return NumberType(unit), False

    return signature


def _change_unit(usage: str, source: Unit, result: Unit) -> Signature:
    def signature(arguments: tuple[Expr, ...]) -> tuple[Type, bool]:
        _count(arguments, 1, usage)
        unit = _number(arguments[0], usage).unit
        _need(unit in (None, source), f"{usage} needs a number of {source}, not {arguments[0].type}.")
        return NumberType(result), False

    return signature


def _or_else(arguments: tuple[Expr, ...]) -> tuple[Type, bool]:
    usage = "or_else(value, otherwise)"
    _count(arguments, 2, usage)
    result = join(arguments[0].type, arguments[1].type)
    if result is None:
        raise ExpressionError(f"{usage} needs two values of one type and unit, not {arguments[0].type} and {arguments[1].type}.")
    return result, False


FUNCTIONS: dict[str, Function] = {
    function.name: function
    for function in (
        Function("abs", "abs(n)", "the number without its sign", _same_number("abs(n)"), (("abs(-3.5)", "3.5"), ("abs(null)", "null"))),
        Function("floor", "floor(n)", "the next whole number downwards", _same_number("floor(n)"), (("floor(3.9)", "3"), ("floor(-3.1)", "-4"))),
        Function("ceiling", "ceiling(n)", "the next whole number upwards", _same_number("ceiling(n)"), (("ceiling(3.1)", "4"), ("ceiling(-3.9)", "-3"))),
        Function("modulo", "modulo(n, divisor)", "what is left after dividing, with the divisor's sign", _two_numbers("modulo(n, divisor)"), (("modulo(14, 12)", "2"), ("modulo(-1, 12)", "11"), ("modulo(5, 0)", "null"))),
        Function("min", "min(a, b, ...) or min(list)", "the smallest; unknown for an empty list", _extreme("min(...)"), (("min(3, 1, 2)", "1"), ("min([3, 1, 2])", "1"), ('min(date("2025-02-01"), date("2025-01-31"))', 'date("2025-01-31")'), ("min(3, null)", "null"))),
        Function("max", "max(a, b, ...) or max(list)", "the largest; unknown for an empty list", _extreme("max(...)"), (("max(3, 1, 2)", "3"), ("max([0.6, 0.55])", "0.6"), ("max([1, 2][item > 5])", "null"))),
        Function("sum", "sum(list)", "the total; 0 for an empty list; unknown if an item is", _number_list("sum(list)", empty_is_unknown=False), (("sum([1.10, 2.20])", "3.30"), ("sum([1, 2][item > 5])", "0"), ("sum([1, null])", "null"))),
        Function("mean", "mean(list)", "the average; unknown for an empty list", _number_list("mean(list)", empty_is_unknown=True), (("mean([1, 2, 4.5])", "2.5"), ("mean([1][item > 5])", "null"))),
        Function("count", "count(list)", "how many items", _list_count, (("count([7, 8, 9])", "3"),)),
        Function("all", "all(list)", "whether every item is true (three-valued)", _booleans("all(list)"), (("all([true, true])", "true"), ("all([true, null])", "null"), ("all([false, null])", "false"))),
        Function("any", "any(list)", "whether some item is true (three-valued)", _booleans("any(list)"), (("any([false, true])", "true"), ("any([false, null])", "null"), ("any([true, null])", "true"))),
        Function("distinct_values", "distinct_values(list)", "the items without repeats, in order", _same_list, (("count(distinct_values([1, 2, 1]))", "2"), ("distinct_values([3, 1, 3])", "[3, 1]"))),
        Function("list_contains", "list_contains(list, value)", "whether the value is an item", _list_contains, (("list_contains([1, 2], 2)", "true"), ('list_contains(["a"], "b")', "false"))),
        Function("string_length", "string_length(text)", "how many characters", _strings("string_length(text)", 1, NumberType(ONE)), (('string_length("社保")', "2"),)),
        Function("contains", "contains(text, part)", "whether the text holds the part", _strings("contains(text, part)", 2, BOOLEAN), (('contains("110105", "01")', "true"),)),
        Function("starts_with", "starts_with(text, part)", "whether the text begins with the part", _strings("starts_with(text, part)", 2, BOOLEAN), (('starts_with("110105", "11")', "true"), ('starts_with("310000", "11")', "false"))),
        Function("ends_with", "ends_with(text, part)", "whether the text ends with the part", _strings("ends_with(text, part)", 2, BOOLEAN), (('ends_with("110000", "0000")', "true"),)),
        Function("substring", "substring(text, start, length)", "a part of the text, counting from 1", _substring, (('substring("110105", 1, 2)', '"11"'),)),
        Function("upper_case", "upper_case(text)", "the text in capitals", _strings("upper_case(text)", 1, STRING), (('upper_case("a1")', '"A1"'),)),
        Function("lower_case", "lower_case(text)", "the text in small letters", _strings("lower_case(text)", 1, STRING), (('lower_case("A1")', '"a1"'),)),
        Function("date", 'date("2025-01-31") or date(year, month, day)', "a day; unknown if it does not exist", _date, (("date(2025, 1, 31)", 'date("2025-01-31")'), ("date(2025, 2, 30)", "null"), ('date("2025-03-01") - date("2025-02-28")', 'duration("P1D")'))),
        Function("year_month", 'year_month("2025-01") or year_month(date)', "a calendar month", _convert("year_month(date)", (DateType, MonthType), MONTH), (('year_month(date("2025-01-31"))', 'year_month("2025-01")'), ('year_month("2025-11") + 3', 'year_month("2026-02")'), ('year_month("2026-02") - year_month("2025-11")', "3"))),
        Function("year", "year(date)", "the calendar year, also written date.year", _calendar_part("year(date)", (DateType, MonthType)), (('year(date("2025-08-31"))', "2025"), ('year_month("2025-08").year', "2025"))),
        Function("month", "month(date)", "the calendar month 1 to 12, also written date.month", _calendar_part("month(date)", (DateType, MonthType)), (('month(date("2025-08-31"))', "8"),)),
        Function("day", "day(date)", "the day of the month, also written date.day", _calendar_part("day(date)", (DateType,)), (('day(date("2025-08-31"))', "31"),)),
        Function("first_day", "first_day(month)", "the first day of a calendar month", _convert("first_day(month)", (MonthType,), DATE), (('first_day(year_month("2025-02"))', 'date("2025-02-01")'),)),
        Function("last_day", "last_day(month)", "the last day of a calendar month", _convert("last_day(month)", (MonthType,), DATE), (('last_day(year_month("2024-02"))', 'date("2024-02-29")'),)),
        Function("add_days", "add_days(date, days)", "that many days on; part days are dropped", _add_days, (('add_days(date("2025-02-27"), 2)', 'date("2025-03-01")'), ('add_days(date("2025-01-01"), -1)', 'date("2024-12-31")'), ('add_days(date("2025-01-01"), 1.9)', 'date("2025-01-02")'))),
        Function("add_months", "add_months(date, months)", "the same day that many months on, or the month's last day where that day does not exist; part months are dropped", _add_months, (('add_months(date("2025-01-31"), 1)', 'date("2025-02-28")'), ('add_months(year_month("2025-11"), 2)', 'year_month("2026-01")'), ('add_months(date("2024-02-29"), -12)', 'date("2023-02-28")'))),
        Function("months_between", "months_between(from, to)", "completed months from one date to another; negative if the second is earlier", _between("months_between(from, to)", MONTH_UNIT), (('months_between(date("2025-01-31"), date("2025-02-28"))', "1"), ('months_between(date("2025-01-31"), date("2025-02-27"))', "0"), ('months_between(date("1965-05-12"), date("2025-07-12"))', "722"), ('months_between(date("2025-03-01"), date("2025-02-01"))', "-1"))),
        Function("years_between", "years_between(from, to)", "completed years from one date to another", _between("years_between(from, to)", YEAR_UNIT), (('years_between(date("1965-05-12"), date("2025-05-11"))', "59"), ('years_between(date("1965-05-12"), date("2025-05-12"))', "60"))),
        Function("days_between", "days_between(from, to)", "days from one date to another", _between("days_between(from, to)", DAY_UNIT), (('days_between(date("2024-02-28"), date("2024-03-01"))', "2"),)),
        Function("in_years", "in_years(months)", "months as years, exactly (a twelfth each)", _change_unit("in_years(months)", MONTH_UNIT, YEAR_UNIT), (("in_years(18)", "1.5"), ("in_years(4) * 3", "1"))),
        Function("in_months", "in_months(years)", "years as months", _change_unit("in_months(years)", YEAR_UNIT, MONTH_UNIT), (("in_months(1.5)", "18"),)),
        Function("or_else", "or_else(value, otherwise)", "the value, or the other one where it is unknown", _or_else, (("or_else(null, 3)", "3"), ("or_else(2, 3)", "2"))),
    )
}  # fmt: skip
