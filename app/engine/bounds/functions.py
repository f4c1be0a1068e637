"""The functions of the rule language on bounds, by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from itertools import product
from typing import Any

from app.language import ir
from app.language.types import ListType, MonthType

from . import calendar, lists
from .frame import Frame
from .values import (
    ANY_TRUTH,
    ANYTHING,
    INFINITY,
    ONE,
    UNKNOWN,
    WIDE,
    ZERO,
    Among,
    Bound,
    Items,
    Span,
    exactly,
    is_unknown,
    may_be_unknown,
    perhaps_unknown,
    point,
    the_point,
    truths,
    words,
)

_TWELVE = point(Decimal(12))
_MOST_TEXTS = 256
_TEXT: dict[str, Callable[..., Any]] = {
    "contains": lambda text, part: part in text,
    "starts_with": lambda text, part: text.startswith(part),
    "ends_with": lambda text, part: text.endswith(part),
    "upper_case": str.upper,
    "lower_case": str.lower,
    "string_length": lambda text: Decimal(len(text)),
}
_TRUTHS = frozenset({"contains", "starts_with", "ends_with"})
_ORDERED: dict[str, Callable[..., Bound]] = {
    "abs": lambda frame, number: frame.extreme([(number, True), (frame.negate(number), True)], greatest=True),
    "floor": lambda frame, number: frame.rounded(number, ONE, "floor"),
    "ceiling": lambda frame, number: frame.rounded(number, ONE, "ceiling"),
    "modulo": lambda frame, number, divisor: _modulo(frame, number, divisor),
    "date": calendar.make_date,
    "days_between": lambda frame, start, end: frame.subtract(end, start),
    "in_years": lambda frame, number: frame.divide(number, _TWELVE),
    "in_months": lambda frame, number: frame.multiply(number, _TWELVE),
    "first_day": calendar.first_day,
    "last_day": calendar.last_day,
}


def call(frame: Frame, node: ir.Call, arguments: Sequence[Bound]) -> Bound:
    """A function of bounds (of `or_else` the evaluator takes care itself)."""
    name = node.function
    if name in _TEXT or name == "substring":
        return _of_texts(frame, name, arguments)
    if name in ("min", "max"):
        return _extreme(frame, node, arguments, greatest=name == "max")
    if isinstance(node.arguments[0].type, ListType):
        return _of_list(frame, name, arguments)
    if name in _ORDERED:
        return frame.lift(arguments, lambda *spans: _ORDERED[name](frame, *spans))
    return _of_calendar(frame, name, arguments, month=isinstance(node.arguments[0].type, MonthType))


def _of_calendar(frame: Frame, name: str, arguments: Sequence[Bound], *, month: bool) -> Bound:
    if name == "year_month":
        return arguments[0] if month else frame.lift(arguments, lambda day: calendar.year_month(frame, day))
    if name in ("year", "month", "day"):
        return frame.lift(arguments, lambda day: calendar.part(frame, day, name, month=month))
    if name in ("months_between", "years_between"):
        return frame.lift(arguments, lambda start, end: calendar.between(frame, start, end, month=month, years=name == "years_between"))
    if name == "add_months":
        add = calendar.add_to_month if month else calendar.add_months
        return frame.lift(arguments, lambda day, count: add(frame, day, count))
    return ANYTHING


def _modulo(frame: Frame, number: Span, divisor: Span) -> Bound:
    """What is left after dividing: between nothing and the divisor, exactly where the quotient's whole part is one number."""
    quotient = frame.divide(number, divisor)
    if not isinstance(quotient, Span) or quotient.unknown:
        return quotient
    whole = frame.rounded(frame.flat(quotient), ONE, "floor")
    if whole.low == whole.high and not whole.low.is_infinite():
        return frame.subtract(number, frame.multiply(divisor, whole))
    low, high = frame.range(divisor)
    return Span(min(ZERO, low), max(ZERO, high))


def _extreme(frame: Frame, node: ir.Call, arguments: Sequence[Bound], *, greatest: bool) -> Bound:
    if len(arguments) == 1 and isinstance(node.arguments[0].type, ListType):
        return _of_list(frame, "max" if greatest else "min", arguments)
    return lists.extreme(frame, Items(tuple((each, True) for each in arguments)), greatest=greatest)


def _of_list(frame: Frame, name: str, arguments: Sequence[Bound]) -> Bound:
    if any(is_unknown(each) for each in arguments):
        return UNKNOWN
    unknown = any(may_be_unknown(each) for each in arguments)
    if name == "count":
        return lists.counted(arguments[0])
    items = arguments[0]
    if not isinstance(items, Items):
        return Among(ANY_TRUTH) if name in ("all", "any", "list_contains") else ANYTHING
    result: Bound
    if name == "sum":
        result = lists.total(frame, items)
    elif name == "mean":
        result = lists.mean(frame, items)
    elif name in ("min", "max"):
        result = lists.extreme(frame, items, greatest=name == "max")
    elif name in ("all", "any"):
        result = lists.any_of([(truths(item), certain) for item, certain in items.items], settling=name == "any")
    elif name == "distinct_values":
        result = lists.distinct(items)
    elif name == "list_contains":
        result = lists.any_of([(equal(frame, item, arguments[1]), certain) for item, certain in items.items])
    else:
        return ANYTHING
    return perhaps_unknown(result, unknown)


def equal(frame: Frame, left: Bound, right: Bound) -> frozenset[bool | str | None]:
    """Whether an item may be a value that is known; unknown where the item is."""
    if is_unknown(left):
        return UNKNOWN.values
    found: set[bool | str | None] = {None} if may_be_unknown(left) else set()
    if isinstance(left, Span) and isinstance(right, Span):
        less, same, greater = frame.signs(left, right)
        return frozenset(found | ({True} if same else set()) | ({False} if less or greater else set()))
    texts, others = words(left), words(right)
    if texts is None or others is None:
        return frozenset(found | {True, False})
    if texts & others:
        found.add(True)
    if len(texts) > 1 or len(others) > 1 or texts != others:
        found.add(False)
    return frozenset(found)


def _of_texts(frame: Frame, name: str, arguments: Sequence[Bound]) -> Bound:
    """A function of texts, tried on every text there may be."""
    if any(is_unknown(each) for each in arguments):
        return UNKNOWN
    unknown = any(may_be_unknown(each) for each in arguments)
    choices = [words(each) for each in arguments if not isinstance(each, Span)]
    numbers = [the_point(frame.rounded(frame.flat(each), ONE, "down")._replace(unknown=False)) for each in arguments if isinstance(each, Span)]
    texts = [each for each in choices if each is not None]
    size = 1
    for each in texts:
        size *= max(len(each), 1)
    if len(texts) < len(choices) or None in numbers or size > _MOST_TEXTS:
        anything: Bound = Among(ANY_TRUTH) if name in _TRUTHS else Span(ZERO, INFINITY) if name == "string_length" else ANYTHING
        return perhaps_unknown(anything, unknown)
    result: Bound | None = None
    for chosen in product(*texts):
        value = _substring(str(chosen[0]), *(int(each) for each in numbers if each is not None)) if name == "substring" else _TEXT[name](*chosen)
        result = frame.either(result, exactly(value))
    return perhaps_unknown(UNKNOWN if result is None else result, unknown)


def _substring(text: str, start: int, length: int) -> str:
    first = start - 1 if start > 0 else max(len(text) + start, 0)
    return text[first : first + max(length, 0)]


__all__ = ["WIDE", "call", "equal"]
