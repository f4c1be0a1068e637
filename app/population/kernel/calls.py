"""The functions of the rule language in compiled code; their meaning stands in `app.engine.runtime`."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING

from app.language import ir

from .lanes import DAY, FLAG, LENGTH, MONTH, CannotCompile, Nothing, Plain, Row, Span, Whole
from .lists import Consumer, FactRows, Items, LocalStore, Mapped, Stored, capacity, stored
from .numbers import constant, divide, multiply, negate, operate, pick, subtract
from .rounding import round_to
from .sums import fold, total
from .writer import KNOWN, UNKNOWN, Value, Writer, conjunction

if TYPE_CHECKING:
    from .expressions import Expressions, Found

TWELVE, ZERO = constant(Decimal(12)), constant(Decimal(0))
YEARS = Span(-9_999, 9_999)
_TEXT_FUNCTIONS = frozenset("contains starts_with ends_with substring upper_case lower_case string_length".split())


def call(e: Expressions, node: ir.Call) -> Found:
    """A function call other than or_else. Raises CannotCompile."""
    name = node.function
    if name in _LIST_CALLS and not (name in ("min", "max") and len(node.arguments) > 1):
        return _LIST_CALLS[name](e, node)
    if name in ("min", "max") and len(node.arguments) == 1:
        return _extreme(e, node)
    values = [e.value(argument) for argument in node.arguments]
    if any(isinstance(value.lane, Nothing) for value in values):
        return UNKNOWN
    if name in _TEXT_FUNCTIONS:
        return _text(e, node, values)
    return _CALLS[name](e.w, values)


# -- lists ----------------------------------------------------------------------------------------


def any_or_all(w: Writer, items: Items, *, every: bool) -> Value:
    """Three-valued: settled by one false (all) or one true (any) item, else unknown if an item is."""
    settled, open_ = w.name("b"), w.name("k")
    w.line(f"char {settled} = 0, {open_} = 0;")

    def item(value: Value) -> None:
        if isinstance(value.lane, Nothing):
            w.line(f"{open_} = 1;")
            return
        settles = f"!{value.part}" if every else value.part
        w.line(f"if ({conjunction(value.ok, settles)}) {settled} = 1;")
        if value.ok != KNOWN:
            w.line(f"if (!{value.ok}) {open_} = 1;")

    known = items.loop(w, item)
    ok = w.temp("char", conjunction(known, f"({settled} | !{open_})"))
    return w.hold(FLAG, ((f"!{settled}" if every else settled) + f" && {ok}",), ok)


def item_at(w: Writer, items: Items, position: Value) -> Value:
    """The item at a position from 1, or from the end if negative; unknown outside the list."""
    if isinstance(items, FactRows):
        count = f"({items.end} - {items.first})"
        place = w.temp("i64", f"{position.part} > 0 ? {position.part} - 1 : {count} + {position.part}")
        ok = w.temp("char", f"{conjunction(items.ok, position.ok)} && {position.part} != 0 && {place} >= 0 && {place} < {count}")
        return Value(Row(items.fact), (w.temp("i64", f"{ok} ? {items.first} + {place} : 0"),), ok)
    kept = stored(w, items)
    place = w.temp("i64", f"{position.part} > 0 ? {position.part} - 1 : {kept.at}->n + {position.part}")
    ok = w.temp("char", f"{conjunction(kept.ok, position.ok)} && {position.part} != 0 && {place} >= 0 && {place} < {kept.at}->n")
    return w.choose([(ok, lambda: kept.item(place))])


def _items(e: Expressions, node: ir.Call) -> Items:
    return e.items(node.arguments[0])


def _sum(e: Expressions, node: ir.Call) -> Value:
    (source,) = node.arguments
    if isinstance(source, ir.For) and isinstance(source.body, ir.Field) and source.body.record == ir.Local(source.body.record.type, source.body.record.nullable, source.variable):
        items = e.items(source.source)
        whole = e.rules.facts.narrow_sum(e.w, items, source.body.field) if isinstance(items, FactRows) else None
        if whole is not None:
            return whole
    return total(e.w, _items(e, node), ZERO)


def _count(e: Expressions, node: ir.Call) -> Value:
    w = e.w
    changes = _distinct_in_order(e, node.arguments[0])
    if changes is not None:
        return changes
    items = _items(e, node)
    if isinstance(items, FactRows):
        return Value(Whole(0, Span(0, items.most)), (w.temp("i64", f"{items.end} - {items.first}"),), items.ok)
    count = w.name("n")
    w.line(f"i64 {count} = 0;")

    def item(_: Value) -> None:
        w.line(f"{count}++;")

    known = items.loop(w, item)
    return Value(Whole(0, Span(0, items.most)), (count,), known)


def _distinct_in_order(e: Expressions, node: ir.Expr) -> Value | None:
    """How many values the field a list of facts is ordered by takes: one more than its changes."""
    if not isinstance(node, ir.Call) or node.function != "distinct_values" or _ordered_field(e, node.arguments[0]) is None:
        return None
    w, items = e.w, e.items(node.arguments[0].source)  # type: ignore[attr-defined]
    assert isinstance(items, FactRows)
    field = _ordered_field(e, node.arguments[0]) or ""
    known, count = e.rules.facts.changes(w, items, field)
    return Value(Whole(0, Span(0, items.most)), (count,), known)


def _ordered_field(e: Expressions, node: ir.Expr) -> str | None:
    """The field of `list.field` where the list of facts is ordered by it."""
    if not isinstance(node, ir.For) or not isinstance(node.source, ir.FactRef) or not isinstance(node.body, ir.Field):
        return None
    if not isinstance(node.body.record, ir.Local) or node.body.record.name != node.variable:
        return None
    return node.body.field if e.rules.facts.order_of(node.source.name) == node.body.field else None


def _mean(e: Expressions, node: ir.Call) -> Value:
    w, items, count = e.w, _items(e, node), e.w.name("n")
    w.line(f"i64 {count} = 0;")

    def counted(item: Value, consume: Consumer) -> None:
        w.line(f"{count}++;")
        consume(item)

    inner = Mapped(items.source, items.apart) if isinstance(items, Mapped) and items.apart is not None else items
    sum_ = total(w, Mapped(inner, counted), ZERO)
    return operate(w, divide, sum_, Value(Whole(0, Span(0, items.most)), (count,), sum_.ok))


def _extreme(e: Expressions, node: ir.Call) -> Value:
    w, smallest = e.w, node.function == "min"

    def step(best: Value, value: Value) -> Value:
        return least_or_most(w, [best, value], smallest=smallest)

    ordered = _first_or_last(e, node.arguments[0], smallest=smallest)
    return ordered if ordered is not None else fold(w, _items(e, node), step)


def _first_or_last(e: Expressions, node: ir.Expr, *, smallest: bool) -> Value | None:
    """The smallest or largest of the field a list of facts is ordered by: its first or last item's."""
    field = _ordered_field(e, node)
    if field is None:
        return None
    row = item_at(e.w, e.items(node.source), constant(Decimal(1 if smallest else -1)))  # type: ignore[attr-defined]
    return e.rules.facts.field(e.w, row, field)


def least_or_most(w: Writer, values: list[Value], *, smallest: bool) -> Value:
    """Of numbers, or of days, months and lengths of time."""
    if not isinstance(values[0].lane, Plain):
        return pick(w, values, smallest=smallest)
    best = values[0]
    for value in values[1:]:
        text = f"({value.part} {'<' if smallest else '>'} {best.part} ? {value.part} : {best.part})"
        best = w.hold(best.lane, (text,), conjunction(best.ok, value.ok))
    return best


def _all_any(e: Expressions, node: ir.Call) -> Value:
    return any_or_all(e.w, _items(e, node), every=node.function == "all")


def _contains(e: Expressions, node: ir.Call) -> Value:
    items, value = _items(e, node), e.value(node.arguments[1])
    found = any_or_all(e.w, Mapped(items, lambda item, consume: consume(e.comparison("=", item, value))), every=False)
    return Value(found.lane, found.parts, conjunction(found.ok, value.ok))


def _distinct(e: Expressions, node: ir.Call) -> Stored:
    """Kept in order; items that rise are new without a search."""
    w, items = e.w, _items(e, node)
    store = LocalStore(w, capacity(items))
    at, rising, most = store.at, w.name("k"), store.most
    w.line(f"char {rising} = 1;")
    lanes: list[tuple[str, ...]] = []

    def item(value: Value) -> None:
        if not isinstance(value.lane, Plain | Whole) or "i128" in value.lane.ctypes():
            raise CannotCompile("distinct_values of such items")
        lanes.append(value.lane.ctypes())
        kept.append(value)
        w.line(f"if ({at}->n < {most}) add_distinct({at}->p0, {at}->k, &{at}->n, &{rising}, {value.part}, {value.ok}); else c->flag = 1;")

    kept: list[Value] = []
    known = items.loop(w, item)
    lane = kept[0].lane if kept else LENGTH
    if lane is FLAG:
        raise CannotCompile("distinct_values of yes/no values")
    return store.of_lane(lane, known)


_LIST_CALLS: dict[str, Callable[[Expressions, ir.Call], Found]] = {
    "sum": _sum,
    "count": _count,
    "mean": _mean,
    "all": _all_any,
    "any": _all_any,
    "list_contains": _contains,
    "distinct_values": _distinct,
}


# -- numbers --------------------------------------------------------------------------------------


def _absolute(w: Writer, values: list[Value]) -> Value:
    (value,) = values
    return pick(w, [value, negate(w, value)], smallest=False)


def _modulo(w: Writer, values: list[Value]) -> Value:
    left, right = values
    quotient = round_to(w, operate(w, divide, left, right), Decimal(1), "floor")
    return subtract(w, left, operate(w, multiply, right, quotient))


def truncated(w: Writer, value: Value) -> Value:
    """The whole part, as 64-bit whole number."""
    whole = round_to(w, value, Decimal(1), "down")
    if not isinstance(whole.lane, Whole) or whole.lane.scale or whole.lane.ctypes() != ("i64",):
        raise CannotCompile("a number of months or days that does not fit 64 bits")
    return whole


# -- calendar -------------------------------------------------------------------------------------


def calendar_arithmetic(w: Writer, op: str, left: Value, right: Value) -> Value:
    """Dates, months and lengths of time."""
    ok = conjunction(left.ok, right.ok)
    if op == "month_diff":
        return w.hold(Whole(0, Span(-120_000, 120_000)), (f"{left.part} - {right.part}",), ok)
    if op in ("date_diff", "duration_add", "duration_sub"):
        return w.hold(LENGTH, (f"{left.part} {'+' if op == 'duration_add' else '-'} {right.part}",), ok)
    amount = right if isinstance(right.lane, Plain) else truncated(w, right)
    sign = "-" if "sub" in op else ""
    lane = MONTH if op.startswith("month") else DAY
    function = {"month": "add_months_month", "date_months": "add_months_day", "date_days": "add_days"}[_unit(op)]
    return _checked(w, lane, function, [left.part, f"{sign}{amount.part}"], ok)


def _unit(op: str) -> str:
    return "month" if op.startswith("month") else "date_months" if op.endswith("months") else "date_days"


def _checked(w: Writer, lane: Plain, function: str, arguments: list[str], ok: str) -> Value:
    """A call that may find that there is no such day."""
    value, known = w.name(), w.name("k")
    w.line(f"i64 {value} = 0; char {known} = 0; if ({ok}) {known} = {function}(c, {', '.join(arguments)}, &{value});")
    return Value(lane, (value,), known)


def _add_months(w: Writer, values: list[Value]) -> Value:
    day, months = values
    amount = truncated(w, months)
    function = "add_months_month" if day.lane == MONTH else "add_months_day"
    assert isinstance(day.lane, Plain)
    return _checked(w, day.lane, function, [day.part, amount.part], conjunction(day.ok, amount.ok))


def _add_days(w: Writer, values: list[Value]) -> Value:
    day, days = values
    amount = truncated(w, days)
    return _checked(w, DAY, "add_days", [day.part, amount.part], conjunction(day.ok, amount.ok))


def _make_date(w: Writer, values: list[Value]) -> Value:
    parts = [truncated(w, value) for value in values]
    return _checked(w, DAY, "make_date", [part.part for part in parts], conjunction(*(part.ok for part in parts)))


def _part(which: str, span: Span) -> Callable[[Writer, list[Value]], Value]:
    def read(w: Writer, values: list[Value]) -> Value:
        (value,) = values
        in_month = f"{value.part} / 12" if which == "year" else f"{value.part} % 12 + 1"
        text = in_month if value.lane == MONTH else f"{which}_of(c, {value.part})"
        return w.hold(Whole(0, span), (text,), value.ok)

    return read


def _year_month(w: Writer, values: list[Value]) -> Value:
    (value,) = values
    return value if value.lane == MONTH else w.hold(MONTH, (f"month_index_of(c, {value.part})",), value.ok)


def _first_day(w: Writer, values: list[Value]) -> Value:
    return w.hold(DAY, (f"first_day({values[0].part})",), values[0].ok)


def _last_day(w: Writer, values: list[Value]) -> Value:
    return w.hold(DAY, (f"first_day({values[0].part} + 1) - 1",), values[0].ok)


def _months_between(w: Writer, values: list[Value]) -> Value:
    start, end = values
    text = f"{end.part} - {start.part}" if start.lane == MONTH else f"months_between(c, {start.part}, {end.part})"
    return w.hold(Whole(0, Span(-120_000, 120_000)), (text,), conjunction(start.ok, end.ok))


def _years_between(w: Writer, values: list[Value]) -> Value:
    months = _months_between(w, values)
    return w.hold(Whole(0, YEARS), (f"{months.part} / 12",), months.ok)


def _days_between(w: Writer, values: list[Value]) -> Value:
    start, end = values
    if start.lane == MONTH:
        raise CannotCompile("days between months")
    return w.hold(Whole(0, Span(-4_000_000, 4_000_000)), (f"{end.part} - {start.part}",), conjunction(start.ok, end.ok))


_CALLS: dict[str, Callable[[Writer, list[Value]], Value]] = {
    "abs": _absolute,
    "floor": lambda w, values: round_to(w, values[0], Decimal(1), "floor"),
    "ceiling": lambda w, values: round_to(w, values[0], Decimal(1), "ceiling"),
    "modulo": _modulo,
    "min": lambda w, values: least_or_most(w, values, smallest=True),
    "max": lambda w, values: least_or_most(w, values, smallest=False),
    "date": _make_date,
    "year_month": _year_month,
    "year": _part("year", YEARS),
    "month": _part("month", Span(0, 12)),
    "day": _part("day", Span(0, 31)),
    "first_day": _first_day,
    "last_day": _last_day,
    "add_days": _add_days,
    "add_months": _add_months,
    "months_between": _months_between,
    "years_between": _years_between,
    "days_between": _days_between,
    "in_years": lambda w, values: operate(w, divide, values[0], TWELVE),
    "in_months": lambda w, values: operate(w, multiply, values[0], TWELVE),
}


# -- text -----------------------------------------------------------------------------------------


def _text(e: Expressions, node: ir.Call, values: list[Value]) -> Value:
    """A function of one text that varies; what else it takes is written out, so its results stand in a table."""
    constants: list[str] = []
    for argument in node.arguments[1:]:
        if not isinstance(argument, ir.Const):
            raise CannotCompile(f"{node.function} with more than its first value not written out")
        constants.append(str(argument.value))
    return e.rules.text_function(node.function, values[0], tuple(constants))


__all__ = ["any_or_all", "calendar_arithmetic", "call", "item_at", "least_or_most", "truncated"]
