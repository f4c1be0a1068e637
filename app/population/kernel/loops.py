"""What expressions make of lists: loops, filters, sequences, and lists that one of several conditions chooses."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING

from app.language import ir
from app.language.types import MonthType

from . import calls
from .lanes import DAY, MONTH, Nothing, Whole
from .lists import Counted, FactRows, Items, LocalStore, Mapped, NoItems, Products, Required, Stored, capacity
from .numbers import narrow
from .rounding import round_to
from .writer import KNOWN, Value, conjunction

if TYPE_CHECKING:
    from .expressions import Expressions

MAX_STEPS = 10_000


def first_list(e: Expressions, arms: list[tuple[str, ir.Expr]]) -> Stored:
    """The list of the first arm whose condition holds, kept in memory."""
    w = e.w
    store = LocalStore(w)
    ok = store.flag()
    w.line("do {")
    for condition, node in arms:
        with w.block(f"if ({condition})"):
            items = e.items(node)
            store.grow(items)
            known = items.loop(w, store.append)
            w.line(f"{ok} = {known}; break;")
    w.line("} while (0);")
    return store.kept(ok)


def list_or_else(e: Expressions, first: Items, second: ir.Expr) -> Stored:
    """The first list kept in memory, and the second in its place where the first is unknown."""
    w = e.w
    store = LocalStore(w, capacity(first))
    ok = store.flag()
    w.line(f"{ok} = {first.loop(w, store.append)};")
    with w.block(f"if (!{ok})"):
        w.line(f"{store.at}->n = 0;")
        items = e.items(second)
        store.grow(items)
        w.line(f"{ok} = {items.loop(w, store.append)};")
    return store.kept(ok)


def each_item(e: Expressions, node: ir.For) -> Items:
    source = e.items(node.source)

    def each(item: Value, consume: Callable[[Value], None]) -> None:
        with e.bound(node.variable, item):
            consume(e.value(node.body))

    def apart(item: Value, consume: Callable[[Value], None]) -> None:
        with e.bound(node.variable, item):
            _alternatives(e, node.body, consume)

    return Mapped(source, each, apart if _may_differ(node.body) else None, _products(e, node, source))


def _products(e: Expressions, node: ir.For, source: Items) -> Products | None:
    """`or_else(r.a, b) * r.c`, of fields `a` and `c` of the facts themselves."""
    body, name = node.body, node.variable
    if not isinstance(source, FactRows) or not isinstance(body, ir.Arithmetic) or body.op != "mul" or not isinstance(body.left, ir.Call) or not _may_differ(body.left):
        return None
    (first, second), factor = body.left.arguments, body.right
    if not isinstance(first, ir.Field) or not isinstance(factor, ir.Field) or not _is_local(first.record, name) or not _is_local(factor.record, name):
        return None

    def rest(item: Value, consume: Callable[[Value], None]) -> None:
        with e.bound(name, item):
            _alternatives(e, second, lambda found: consume(e.arithmetic("mul", found, e.value(factor))))

    return e.rules.facts.products(source, first.field, factor.field, rest)


def _alternatives(e: Expressions, node: ir.Expr, consume: Callable[[Value], None]) -> None:
    """`or_else(a, b) * c` is `a * c` where a is known, and elsewhere `b * c`."""
    if isinstance(node, ir.Arithmetic) and _may_differ(node.left):
        _alternatives(e, node.left, lambda left: consume(e.arithmetic(node.op, left, e.value(node.right))))
        return
    if not _may_differ(node):
        consume(e.value(node))
        return
    first, second = node.arguments  # type: ignore[attr-defined]
    found = e.value(first)
    with e.w.block(f"if ({found.ok})"):
        consume(Value(found.lane, found.parts))
    if found.ok != KNOWN:
        with e.w.block("else"):
            _alternatives(e, second, consume)


def _may_differ(node: ir.Expr) -> bool:
    if isinstance(node, ir.Arithmetic):
        return _may_differ(node.left)
    return isinstance(node, ir.Call) and node.function == "or_else"


def filtered(e: Expressions, node: ir.Filter) -> Items:
    source = e.items(node.source)
    run = _stretch(e, node, source) or _with_key(e, node, source)
    if run is not None:
        return run

    def each(item: Value, consume: Callable[[Value], None]) -> str | None:
        with e.bound(node.variable, item):
            test = e.value(node.condition)
        if isinstance(test.lane, Nothing):
            return "1"
        with e.w.block(f"if ({conjunction(test.ok, test.part)})"):
            consume(item)
        return None if test.ok == KNOWN else f"!{test.ok}"

    return Mapped(source, each)


def _with_key(e: Expressions, node: ir.Filter, source: Items) -> Items | None:
    """`facts[field = key]` with a field that every item has is a look-up: where the key is unknown so is the list, even an empty one."""
    condition = node.condition
    if not isinstance(node.source, ir.FactRef) or not isinstance(condition, ir.Compare) or condition.op != "=":
        return None
    left = condition.left
    if not isinstance(left, ir.Field) or left.nullable or not _is_local(left.record, node.variable) or _reads_local(condition.right, node.variable):
        return None
    found = e.value(condition.right)
    if isinstance(found.lane, Nothing):
        return NoItems()
    key = e.w.hold(found.lane, found.parts, found.ok)

    def each(item: Value, consume: Callable[[Value], None]) -> None:
        with e.bound(node.variable, item):
            test = e.comparison("=", e.value(left), key)
        with e.w.block(f"if ({conjunction(test.ok, test.part)})"):
            consume(item)

    return Required(Mapped(source, each), key.ok)


def _stretch(e: Expressions, node: ir.Filter, source: Items) -> Items | None:
    """`list[field <= key]` and the like where the list is kept in the order of that field: a stretch found by halving."""
    if not isinstance(source, FactRows):
        return None
    parts = node.condition.items if isinstance(node.condition, ir.And) else (node.condition,)
    tests: list[tuple[str, ir.Expr]] = []
    field = e.rules.facts.ordered_by(source.fact)
    for part in parts:
        if field is None or not isinstance(part, ir.Compare) or part.op == "!=" or not isinstance(part.left, ir.Field):
            return None
        if part.left.field != field or not _is_local(part.left.record, node.variable) or _reads_local(part.right, node.variable):
            return None
        tests.append((part.op, part.right))
    keys = [(op, e.value(right)) for op, right in tests]
    plain = (DAY, MONTH)
    if not all(key.lane in plain or (isinstance(key.lane, Whole) and key.lane.scale == 0 and key.lane.ctypes() == ("i64",)) for _, key in keys):
        return None
    assert field is not None
    looked_up = isinstance(node.source, ir.FactRef) and len(tests) == 1 and tests[0][0] == "="
    return e.rules.facts.run(e.w, source, field, keys, looked_up=looked_up)


def quantified(e: Expressions, node: ir.Quantified) -> Value:
    source = e.items(node.source)

    def each(item: Value, consume: Callable[[Value], None]) -> None:
        with e.bound(node.variable, item):
            consume(e.value(node.condition))

    return calls.any_or_all(e.w, Mapped(source, each), every=node.kind == "every")


def sequence(e: Expressions, node: ir.Sequence) -> Items:
    first, last = e.value(node.first), e.value(node.last)
    if isinstance(first.lane, Nothing) or isinstance(last.lane, Nothing):
        return NoItems()
    ok = e.w.temp("char", conjunction(first.ok, last.ok))
    if isinstance(node.first.type, MonthType):
        return Counted(e.w.temp("i64", first.part), e.w.temp("i64", last.part), ok, MONTH, MAX_STEPS)
    first, last = round_to(e.w, first, Decimal(1), "ceiling"), round_to(e.w, last, Decimal(1), "floor")
    first, last = narrow(e.w, first), narrow(e.w, last)
    assert isinstance(first.lane, Whole) and isinstance(last.lane, Whole)
    span = first.lane.span | last.lane.span
    return Counted(e.w.temp("i64", first.part), e.w.temp("i64", last.part), ok, Whole(0, span), min(MAX_STEPS, span.high - span.low) + 1)


def _is_local(node: ir.Expr, name: str) -> bool:
    return isinstance(node, ir.Local) and node.name == name


def _reads_local(node: ir.Expr, name: str) -> bool:
    return any(_is_local(each, name) for each in ir.walk(node))
