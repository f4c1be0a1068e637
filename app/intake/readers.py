"""One reader per kind of fact: a JSON value to a typed value, or a ValidationError that says what is wrong.

Readers are made once from the fact dictionary, with bounds and words bound in, because a career of 25 years
runs them a hundred times per request.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from operator import itemgetter
from typing import Any

from marshmallow import ValidationError

from app.language import Fact, YearMonth, region_name
from app.language.facts import DEFAULT_LIMIT

from .faults import FaultList, missing_field, null_value, pointer_to, refusal, shown

Reader = Callable[[Any], Any]

_WHOLE = re.compile(r"-?[0-9]{1,15}\Z")
_NUMBER = re.compile(r"-?[0-9]{1,15}(?:\.([0-9]{1,30}))?\Z")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_MONTH = re.compile(r"[0-9]{4}-[0-9]{2}\Z")
_REGION = re.compile(r"[0-9]{6}\Z")
# Whole numbers of a narrow range (years, months) are looked up rather than made and compared.
_TABLE_SIZE = 5000


def fact_reader(fact: Fact) -> Reader:
    """The reader of one fact of the dictionary."""
    if fact.kind == "enum":
        return enum_reader([code for code, _ in fact.values])
    if fact.kind == "date":
        return date_reader(fact.earliest, fact.latest)
    if fact.kind == "month":
        return month_reader(fact.earliest, fact.latest)
    if fact.kind in ("whole", "number"):
        return number_reader(fact.at_least, fact.at_most, fact.decimals)
    if fact.kind == "boolean":
        return read_boolean
    if fact.kind == "region":
        return read_region
    return list_reader(fact) if fact.kind == "list" else record_reader(fact.fields, fact.one_of)


# -- single values ----------------------------------------------------------------------------------


def _refuse_kind(value: Any, zh: str, en: str) -> ValidationError:
    if value is None:
        return ValidationError([null_value()])
    return refusal("wrong_type", f"应为{zh}。", f"must be {en}.")


def enum_reader(values: Iterable[str]) -> Reader:
    known = tuple(values)
    words = {each: each for each in known}

    def read(value: Any) -> str:
        if value.__class__ is not str:
            raise _refuse_kind(value, f"以下文字之一：{'、'.join(known)}", f"one of the texts {', '.join(known)}")
        if value not in words:
            zh = f"没有 '{shown(value)}' 这一选项。可选：{'、'.join(known)}。"
            raise refusal("unknown_value", zh, f"'{shown(value)}' is not one of {', '.join(known)}.")
        return words[value]

    return read


def read_boolean(value: Any) -> bool:
    if value is True or value is False:
        return value
    raise _refuse_kind(value, " true 或 false（不加引号）", "true or false, without quotes")


def read_region(value: Any) -> str:
    """A GB/T 2260 code. Raises ValidationError."""
    if value.__class__ is not str:
        raise _refuse_kind(value, "六位行政区划代码（写成文字，如 \"110000\"）", 'a six-digit region code as text, such as "110000"')
    if not _REGION.match(value) or region_name(value) is None:
        zh = f"没有行政区划代码 '{shown(value)}'。请用六位 GB/T 2260 代码，如 110000。"
        raise refusal("unknown_region", zh, f"there is no region '{shown(value)}'. Use a six-digit GB/T 2260 code, such as 110000.")
    return str(value)


def date_reader(earliest: date | None, latest: date | None) -> Reader:
    first, last = earliest or date.min, latest or date.max

    def read(value: Any) -> date:
        if value.__class__ is not str:
            raise _refuse_kind(value, "日期（写成文字，如 \"2025-08-31\"）", 'a date as text, such as "2025-08-31"')
        if not _DATE.match(value):
            raise refusal("wrong_form", "日期应写成 YYYY-MM-DD，如 2025-08-31。", "must be a date written YYYY-MM-DD, such as 2025-08-31.")
        try:
            day = date.fromisoformat(value)
        except ValueError:
            raise refusal("no_such_date", f"{value} 这一天不存在。请核对年月日。", f"there is no day {value}. Check year, month and day.") from None
        if day < first:
            raise refusal("too_early", f"不能早于 {first}。", f"must not be before {first}.")
        if day > last:
            raise refusal("too_late", f"不能晚于 {last}。", f"must not be after {last}.")
        return day

    return read


def month_reader(earliest: date | None, latest: date | None) -> Reader:
    first, last = YearMonth.of(earliest or date.min), YearMonth.of(latest or date.max)

    def read(value: Any) -> YearMonth:
        if value.__class__ is not str:
            raise _refuse_kind(value, "月份（写成文字，如 \"2025-08\"）", 'a month as text, such as "2025-08"')
        if not _MONTH.match(value):
            raise refusal("wrong_form", "月份应写成 YYYY-MM，如 2025-08。", "must be a month written YYYY-MM, such as 2025-08.")
        try:
            month = YearMonth.parse(value)
        except ValueError:
            zh = f"{value} 这个月不存在。月份为 01 至 12。"
            raise refusal("no_such_month", zh, f"there is no month {value}. Months run from 01 to 12.") from None
        if month < first:
            raise refusal("too_early", f"不能早于 {first}。", f"must not be before {first}.")
        if month > last:
            raise refusal("too_late", f"不能晚于 {last}。", f"must not be after {last}.")
        return month

    return read


def number_reader(at_least: Decimal | None, at_most: Decimal | None, decimals: int) -> Reader:
    """Exact numbers: decimal text of at most `decimals` places, or a JSON integer."""
    low = -DEFAULT_LIMIT if at_least is None else at_least
    high = DEFAULT_LIMIT if at_most is None else at_most
    table = _small_numbers(low, high) if decimals == 0 else {}
    parse = _parse_whole if decimals == 0 else _decimal_parser(decimals)
    plain = _WHOLE.match if decimals == 0 else re.compile(rf"-?[0-9]{{1,15}}(?:\.[0-9]{{1,{decimals}}})?\Z").match

    def read(value: Any) -> Decimal:
        # The class is asked first: True equals 1 as a key.
        if value.__class__ is int:
            if value in table:
                return table[value]
        elif value.__class__ is str and plain(value):
            number = Decimal(value)
            if low <= number <= high:
                return number
        return _in_bounds(parse(value), low, high)

    return read


def _in_bounds(number: Decimal, low: Decimal, high: Decimal) -> Decimal:
    if number < low:
        raise refusal("too_small", f"不能小于 {low:f}。", f"must not be less than {low:f}.")
    if number > high:
        raise refusal("too_large", f"不能大于 {high:f}。", f"must not be more than {high:f}.")
    return number


def _small_numbers(low: Decimal, high: Decimal) -> dict[int, Decimal]:
    return {each: Decimal(each) for each in range(int(low), int(high) + 1)} if high - low <= _TABLE_SIZE else {}


def _parse_whole(value: Any) -> Decimal:
    if value.__class__ is int or (value.__class__ is str and _WHOLE.match(value)):
        return Decimal(value)
    if value.__class__ is str:
        raise refusal("wrong_form", "应为整数，如 12。", "must be a whole number, such as 12.")
    if value.__class__ is Decimal:
        raise refusal("fraction", "应为整数，如 12；这里不能有小数。", "must be a whole number, such as 12; fractions have no place here.")
    raise _refuse_kind(value, "整数，如 12", "a whole number, such as 12")


def _decimal_parser(decimals: int) -> Callable[[Any], Decimal]:
    def parse(value: Any) -> Decimal:
        if value.__class__ is str:
            match = _NUMBER.match(value)
            if match is None:
                zh = "应为十进制数字，如 \"1.0873\"（不用逗号、空格或指数）。"
                raise refusal("wrong_form", zh, 'must be a decimal number such as "1.0873" (no commas, spaces or exponent).')
            places = match[1]
            if places is not None and len(places) > decimals:
                raise refusal("too_precise", f"小数至多 {decimals} 位。", f"may have at most {decimals} decimals.")
            return Decimal(value)
        if value.__class__ is int:
            return Decimal(value)
        if value.__class__ is Decimal:
            zh = "带小数的数请写成文字，如 \"1.0873\"，以保证精确。"
            raise refusal("fraction", zh, 'numbers with decimals are written as text, such as "1.0873", so that they stay exact.')
        raise _refuse_kind(value, "数字（写成文字，如 \"1.0873\"）", 'a number, written as text, such as "1.0873"')

    return parse


# -- lists and records ------------------------------------------------------------------------------


def record_reader(fields: Iterable[Fact], one_of: tuple[str, ...] = ()) -> Reader:
    """A record: fields by name, the required ones present, and at least one of `one_of`."""
    declared = tuple(fields)
    readers = {fact.name: fact_reader(fact) for fact in declared}
    required = frozenset(fact.name for fact in declared if fact.required)
    either = frozenset(one_of)

    def read(value: Any) -> dict[str, Any]:
        if value.__class__ is not dict:
            raise _refuse_kind(value, "对象（{字段: 值}）", "an object of fields and values")
        faults = FaultList()
        found: dict[str, Any] = {}
        for name, each in value.items():
            reader = readers.get(name)
            if reader is None:
                faults.unknown_field(name, readers, pointer_to(name))
                continue
            try:
                found[name] = reader(each)
            except ValidationError as error:
                faults.extend(error, pointer_to(name))
        _add_missing(value, declared, one_of, faults)
        faults.refuse()
        return found

    def quick(value: Any) -> dict[str, Any]:
        """The same for a record without a fault; whatever goes wrong is told by `read`."""
        try:
            found = {name: readers[name](each) for name, each in value.items()}
        except (KeyError, AttributeError, ValidationError):
            return read(value)
        if not required <= found.keys() or (either and either.isdisjoint(found)):
            return read(value)
        return found

    return quick


def object_reader(
    readers: Mapping[str, Reader], required: tuple[str, ...] = (), zh: str = "应为对象 { … }。", en: str = "must be an object."
) -> Callable[[Any], dict[str, Any]]:
    """An object of these members and no others; `zh` and `en` say what is expected where it is none."""

    def read(value: Any) -> dict[str, Any]:
        if value.__class__ is not dict:
            raise refusal("wrong_type", zh, en)
        faults = FaultList()
        found: dict[str, Any] = {}
        for name, each in value.items():
            if name not in readers:
                faults.unknown_field(name, readers, pointer_to(name))
                continue
            try:
                found[name] = readers[name](each)
            except ValidationError as error:
                faults.extend(error, pointer_to(name))
        for name in required:
            if name not in value:
                faults.add(missing_field(pointer_to(name)))
        faults.refuse()
        return found

    return read


def _add_missing(value: dict[str, Any], declared: tuple[Fact, ...], one_of: tuple[str, ...], faults: FaultList) -> None:
    for fact in declared:
        if fact.required and fact.name not in value:
            faults.add(missing_field(pointer_to(fact.name)))
    if one_of and not any(name in value for name in one_of):
        fault = refusal("missing", f"{'、'.join(one_of)} 至少填写一项。", f"give at least one of {', '.join(one_of)}.")
        faults.extend(fault, "")


def list_reader(fact: Fact) -> Reader:
    """A list of records, as a tuple of dicts that hold only the fields given, in the order the dictionary says."""
    order = None if fact.order_by is None else itemgetter(fact.order_by)
    read_item = record_reader(fact.fields, fact.one_of)
    most = fact.max_items

    def read(value: Any) -> tuple[dict[str, Any], ...]:
        if value.__class__ is not list:
            raise _refuse_kind(value, "列表 [ … ]", "a list [ ... ]")
        if len(value) > most:
            raise refusal("too_many_items", f"至多 {most} 项，现有 {len(value)} 项。", f"may have at most {most} items; there are {len(value)}.")
        try:
            items = [read_item(item) for item in value]
        except ValidationError:
            raise _all_faults(value) from None
        if order is not None:
            items.sort(key=order)
        return tuple(items)

    def _all_faults(items: list[Any]) -> ValidationError:
        faults = FaultList()
        for index, item in enumerate(items):
            try:
                read_item(item)
            except ValidationError as error:
                faults.extend(error, f"/{index}")
        return ValidationError(list(faults.faults))

    return read
