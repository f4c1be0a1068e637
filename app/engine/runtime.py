"""What generated code calls: the meaning of every operation and function of the rule language for one case.

`namespace(arithmetic)` binds the functions that depend on the numbers in use; the others stand here as
they are. None is an unknown value throughout.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from app.language import Standing, YearMonth

from .case import MAX_SEQUENCE, UNSET, Case, Reading, TooLong
from .dates import FIRST_YEAR, LAST_YEAR, completed_months, completed_years, date_add_days, date_add_months, date_diff, date_sub_days, date_sub_months
from .numbers import Arithmetic
from .tables import Table

# -- lists ----------------------------------------------------------------------------------------


def each(source: Iterable[Any], body: Callable[[Any], Any]) -> list[Any]:
    return [body(item) for item in source]


def keep(source: Iterable[Any], test: Callable[[Any], Any]) -> list[Any] | None:
    kept = []
    for item in source:
        held = test(item)
        if held is None:
            return None
        if held:
            kept.append(item)
    return kept


def some(source: Iterable[Any], test: Callable[[Any], Any]) -> bool | None:
    return _any([test(item) for item in source])


def every(source: Iterable[Any], test: Callable[[Any], Any]) -> bool | None:
    return _all([test(item) for item in source])


def _any(items: Sequence[Any]) -> bool | None:
    if any(item is True for item in items):
        return True
    return None if None in items else False


def _all(items: Sequence[Any]) -> bool | None:
    if any(item is False for item in items):
        return False
    return None if None in items else True


def carry(source: Iterable[Any], state: Any, body: Callable[[Any, Any], Any]) -> Any:
    for item in source:
        state = body(item, state)
    return state


def collect(source: Iterable[Any], state: Any, body: Callable[[Any, Any], Any]) -> list[Any]:
    states = []
    for item in source:
        state = body(item, state)
        states.append(state)
    return states


def _span(first: int, last: int) -> range:
    """The whole numbers from first to last. Raises TooLong where nobody can mean that many."""
    if last - first > MAX_SEQUENCE:
        raise TooLong(f"a sequence from {first} to {last} is too long")
    return range(first, last + 1)


def item_counted(source: Sequence[Any], position: Any) -> Any:
    """The item at a whole position, counted from 1 or (negative) from the end; None where there is none."""
    index = int(position)
    if index == 0 or abs(index) > len(source):
        return None
    return source[index - 1] if index > 0 else source[index]


def months_from(first: YearMonth, last: YearMonth) -> list[YearMonth]:
    return [YearMonth(month) for month in _span(first, last)]


# -- decision tables and coverage -----------------------------------------------------------------


def hit(case: Case, owner: int, hits: list[tuple[int, Callable[[], Any]]]) -> Any:
    line, output = hits[-1]
    case.rows_hit[owner, line] = None
    return output()


def branch(case: Case, owner: int, name: str, taken: bool, value: Any) -> Any:
    case.branches[owner, name, taken] = None
    return value


# -- text -----------------------------------------------------------------------------------------


def _year_month(day: date | YearMonth) -> YearMonth:
    return day if isinstance(day, YearMonth) else YearMonth.of(day)


_PLAIN: dict[str, Callable[..., Any]] = {
    "date_add_months": date_add_months,
    "date_sub_months": date_sub_months,
    "date_add_days": date_add_days,
    "date_sub_days": date_sub_days,
    "date_diff": date_diff,
    "each": each,
    "keep": keep,
    "some": some,
    "every": every,
    "carry": carry,
    "collect": collect,
    "item_counted": item_counted,
    "months_from": months_from,
    "hit": hit,
    "branch": branch,
    "f_contains": lambda text, part: part in text,
    "f_starts_with": lambda text, part: text.startswith(part),
    "f_ends_with": lambda text, part: text.endswith(part),
    "f_upper_case": str.upper,
    "f_lower_case": str.lower,
    "f_all": _all,
    "f_any": _any,
    "f_year_month": _year_month,
    "f_first_day": lambda month: date(month.year, month.month, 1),
    "f_last_day": lambda month: date(month.year, month.month, monthrange(month.year, month.month)[1]),
    "f_abs": abs,
}


def namespace(arithmetic: Arithmetic, tables: list[Table]) -> dict[str, Any]:
    """Everything generated code may name, for one arithmetic and one set of parameter tables."""
    number, compare, settled = arithmetic.number, arithmetic.compare, arithmetic.settled
    zero, twelve = number(Decimal(0)), number(Decimal(12))
    whole = Decimal(1)
    singles, finders = [table.single() for table in tables], [table.finder() for table in tables]

    def integer(value: int) -> Any:
        return number(Decimal(value))

    def floor(value: Any) -> Any:
        return arithmetic.round_to(value, whole, "floor")

    def ceiling(value: Any) -> Any:
        return arithmetic.round_to(value, whole, "ceiling")

    def divide(case: Case, owner: int, left: Any, right: Any) -> Any:
        result = arithmetic.divide(left, right)
        if result is None:
            case.zero_divisions[owner] = None
        return result

    def modulo(case: Case, owner: int, left: Any, right: Any) -> Any:
        quotient = divide(case, owner, left, right)
        return None if quotient is None else left - right * floor(quotient)

    def total(items: Iterable[Any]) -> Any:
        result = zero
        for item in items:
            if item is None:
                return None
            result = result + item
        return result

    def mean(items: Sequence[Any]) -> Any:
        added = total(items)
        return None if added is None or not items else arithmetic.divide(added, integer(len(items)))

    def extreme(pick: Callable[[list[Any]], Any]) -> Callable[..., Any]:
        def function(*values: Any) -> Any:
            items = values[0] if len(values) == 1 and isinstance(values[0], list) else list(values)
            # By identity: a number asks whether what it is compared with is a number, which is slow.
            return None if not items or any([item is None for item in items]) else pick(items)

        return function

    def numbers_from(first: Any, last: Any) -> list[Any]:
        return [integer(value) for value in _span(int(ceiling(first)), int(floor(last)))]

    def truncated(value: Any) -> int:
        return int(arithmetic.round_to(value, whole, "down"))

    def same(left: Any, right: Any) -> bool:
        if isinstance(left, Decimal | Fraction):
            return compare(left, right) == 0
        return bool(left == right)

    def contains(items: Sequence[Any], value: Any) -> bool | None:
        return _any([None if item is None else same(item, value) for item in items])

    def distinct(items: Sequence[Any]) -> list[Any]:
        return list(dict.fromkeys([settled(item) if isinstance(item, Decimal) else item for item in items]))

    def item_at(source: Sequence[Any], position: Any) -> Any:
        index = int(settled(position))
        return item_counted(source, index) if index == position else None

    def matching(case: Case, fact: str, field: str, key: Any) -> list[Any] | None:
        source = case.facts[fact]
        if source is None or key is None:
            return None
        index = case.indexes.get((fact, field))
        if index is None:
            index = {}
            for item in source:
                index.setdefault(item[field], []).append(item)
            case.indexes[fact, field] = index
        return index.get(settled(key) if isinstance(key, Decimal) else key, [])

    def make_date(year: Any, month: Any, day: Any) -> date | None:
        try:
            return date(truncated(year), truncated(month), truncated(day))
        except (ValueError, OverflowError):
            return None

    def month_add(month: YearMonth, months: Any) -> YearMonth | None:
        moved = month + truncated(months)
        return YearMonth(moved) if 12 * FIRST_YEAR <= moved < 12 * (LAST_YEAR + 1) else None

    def month_sub(month: YearMonth, months: Any) -> YearMonth | None:
        return month_add(month, -months)

    def add_months(day: Any, months: Any) -> Any:
        return month_add(day, months) if isinstance(day, YearMonth) else date_add_months(day, truncated(months))

    def substring(text: str, start: Any, length: Any) -> str:
        begin, size = truncated(start), truncated(length)
        first = begin - 1 if begin > 0 else max(len(text) + begin, 0)
        return text[first : first + max(size, 0)]

    def single(case: Case, parameter: int) -> Any:
        given = case.given_parameters.get(parameter)
        reading = singles[parameter] if given is None else Reading(given[None], Standing.OFFICIAL, None, given=True)
        if reading is None:
            case.unpublished[parameter, None] = None
            return None
        case.readings[parameter, None] = reading
        return reading.value

    def lookup(case: Case, parameter: int, key: Any) -> Any:
        if key is None:
            return None
        if isinstance(key, Decimal):
            key = settled(key)
        given = case.given_parameters.get(parameter)
        if given is not None:
            value = given.get(key, given.get(None))
            if value is not None:
                case.readings[parameter, key] = Reading(value, Standing.OFFICIAL, None, given=True)
                return value
        reading = finders[parameter](key) or tables[parameter].extend(case, key)
        if reading is None:
            case.unpublished[parameter, key] = None
            return None
        case.readings[parameter, key] = reading
        return reading.value

    def peek(case: Case, parameter: int, key: Any, keyed: bool) -> Any:
        """Read a parameter; one that is unknown is not counted as missing."""
        known_missing = (parameter, key) in case.unpublished
        value = lookup(case, parameter, key) if keyed else single(case, parameter)
        if not known_missing:
            case.unpublished.pop((parameter, key), None)
        return value

    def progressive(case: Case, parameter: int, amount: Any) -> Any:
        result = zero
        bands = tables[parameter].bands
        if not bands:
            case.unpublished[parameter, None] = None
            return None
        for index, (above, rate, _) in enumerate(bands):
            if compare(amount, above) <= 0:
                break
            top = bands[index + 1][0] if index + 1 < len(bands) else amount
            upper = top if compare(top, amount) < 0 else amount
            result = result + (upper - above) * rate
            case.rows_hit[-1 - parameter, index] = None
        return result

    def collected(case: Case, owner: int, policy: str, hits: list[tuple[int, Callable[[], Any]]], priorities: list[Any]) -> Any:
        values = []
        for line, output in hits:
            case.rows_hit[owner, line] = None
            values.append(output())
        if policy == "priority":
            return next((value for value in priorities if contains(values, value)), None)
        if policy == "output order":
            return sorted(values, key=lambda value: next((rank for rank, other in enumerate(priorities) if same(value, other)), len(priorities)))
        if policy == "collect count":
            return integer(len(values))
        if policy == "collect sum":
            return total(values)
        if policy in ("collect min", "collect max"):
            return extreme(min if policy == "collect min" else max)(*values) if values else None
        return values if policy in ("collect", "rule order") else None

    return {
        **_PLAIN,
        "UNSET": UNSET,
        "compare": compare,
        "round_to": arithmetic.round_to,
        "divide": divide,
        "pow": arithmetic.power,
        "month_diff": lambda left, right: integer(int(left) - int(right)),
        "numbers_from": numbers_from,
        "month_add": month_add,
        "month_sub": month_sub,
        "item_at": item_at,
        "matching": matching,
        "f_substring": substring,
        "single": single,
        "lookup": lookup,
        "peek": peek,
        "progressive": progressive,
        "collected": collected,
        "f_floor": floor,
        "f_ceiling": ceiling,
        "f_modulo": modulo,
        "f_min": extreme(min),
        "f_max": extreme(max),
        "f_sum": total,
        "f_mean": mean,
        "f_count": lambda items: integer(len(items)),
        "f_list_contains": contains,
        "f_distinct_values": distinct,
        "f_string_length": lambda text: integer(len(text)),
        "f_date": make_date,
        "f_year": lambda day: integer(day.year),
        "f_month": lambda day: integer(day.month),
        "f_day": lambda day: integer(day.day),
        "f_add_days": lambda day, days: date_add_days(day, truncated(days)),
        "f_add_months": add_months,
        "f_months_between": lambda start, end: integer(completed_months(start, end)),
        "f_years_between": lambda start, end: integer(completed_years(start, end)),
        "f_days_between": lambda start, end: integer((end - start).days),
        "f_in_years": lambda months: arithmetic.divide(months, twelve),
        "f_in_months": lambda years: years * twelve,
    }
