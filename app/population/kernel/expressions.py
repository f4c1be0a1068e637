"""A typed rule expression as C: one method for each kind of node of `app.language.ir`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol

from app.language import YearMonth, ir
from app.language.types import ListType, MonthType

from . import calls
from .facts import FactColumns
from .lanes import DAY, FLAG, LENGTH, MONTH, TEXT, CannotCompile, Lane, Nothing, Plain, Record, Row, Whole
from .lists import Counted, FactRows, Items, Mapped, NoItems, Required, Store, Stored, capacity, stored, struct_type
from .numbers import add, compare, constant, divide, multiply, narrow, negate, operate, power, round_to, subtract
from .writer import KNOWN, UNKNOWN, Value, Writer, conjunction, fields_of

Found = Value | Items
EPOCH_ORDINAL = 719_163
MAX_STEPS = 10_000
_NEVER = Value(FLAG, ("0",), "0")
_SIGNS = {"=": "==", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


class Rules(Protocol):
    """What an expression asks of the law around it."""

    facts: FactColumns

    def definition(self, w: Writer, name: ir.Name) -> Found: ...
    def parameter(self, w: Writer, name: ir.Name, key: Value | None) -> Value: ...
    def bands(self, w: Writer, name: ir.Name, amount: Value) -> Value: ...
    def text(self, text: str) -> str: ...
    def text_function(self, function: str, text: Value, constants: tuple[str, ...]) -> Value: ...
    def as_of(self) -> str: ...


@dataclass
class Expressions:
    """Writes expressions into one function."""

    w: Writer
    rules: Rules
    locals: dict[str, Found] = field(default_factory=dict)

    # -- entry points -------------------------------------------------------------------------

    def find(self, node: ir.Expr) -> Found:
        """A value or a list. Raises CannotCompile."""
        method: Callable[[ir.Expr], Found] = getattr(self, "_" + type(node).__name__.lower())
        return method(node)

    def value(self, node: ir.Expr) -> Value:
        found = self.find(node)
        if not isinstance(found, Value):
            raise CannotCompile("a list stands where one value is needed")
        return found

    def items(self, node: ir.Expr) -> Items:
        found = self.find(node)
        if isinstance(found, Value):
            if isinstance(found.lane, Nothing):
                return NoItems()
            raise CannotCompile("one value stands where a list is needed")
        return found

    def flag(self, node: ir.Expr) -> Value:
        """A yes/no value; what is never known is an unknown one."""
        value = self.value(node)
        return _NEVER if isinstance(value.lane, Nothing) else value

    @contextmanager
    def bound(self, name: str, what: Found) -> Iterator[None]:
        before = self.locals.get(name)
        self.locals[name] = what
        try:
            yield
        finally:
            if before is None:
                del self.locals[name]
            else:
                self.locals[name] = before

    # -- leaves -------------------------------------------------------------------------------

    def _const(self, node: ir.Const) -> Value:
        return self.constant(node.value)

    def constant(self, value: ir.Scalar) -> Value:
        """A written value."""
        if value is None:
            return UNKNOWN
        if isinstance(value, bool):
            return Value(FLAG, ("1" if value else "0",))
        if isinstance(value, Decimal):
            return constant(value)
        if isinstance(value, str):
            return Value(TEXT, (self.rules.text(value),))
        if isinstance(value, YearMonth):
            return Value(MONTH, (f"{int(value)}LL",))
        if isinstance(value, int):
            return Value(LENGTH, (f"{value}LL",))
        return Value(DAY, (f"({value.toordinal() - EPOCH_ORDINAL}LL)",))

    def _factref(self, node: ir.FactRef) -> Found:
        return self.rules.facts.read(self.w, node.name)

    def _local(self, node: ir.Local) -> Found:
        return self.locals[node.name]

    def _definitionref(self, node: ir.DefinitionRef) -> Found:
        return self.rules.definition(self.w, node.name)

    def _asof(self, _: ir.AsOf) -> Value:
        return Value(DAY, (self.rules.as_of(),))

    def _regionref(self, _: ir.RegionRef) -> Value:
        return Value(TEXT, ("c->region",))

    def _parameterat(self, node: ir.ParameterAt) -> Value:
        return self.rules.parameter(self.w, node.name, None if node.key is None else self.value(node.key))

    def _progressive(self, node: ir.Progressive) -> Value:
        return self.rules.bands(self.w, node.name, self.value(node.amount))

    def _field(self, node: ir.Field) -> Value:
        record = self.value(node.record)
        if isinstance(record.lane, Row):
            return self.rules.facts.field(self.w, record, node.field)
        if isinstance(record.lane, Nothing):
            return UNKNOWN
        found = fields_of(record)[node.field]
        return Value(found.lane, found.parts, conjunction(record.ok, found.ok))

    # -- operators ----------------------------------------------------------------------------

    def _arithmetic(self, node: ir.Arithmetic) -> Value:
        left, right = self.value(node.left), self.value(node.right)
        if isinstance(left.lane, Nothing) or isinstance(right.lane, Nothing):
            return UNKNOWN
        w = self.w
        if node.op == "pow":
            return power(w, left, right)
        if node.op == "sub":
            return subtract(w, left, right)
        numbers = {"add": add, "mul": multiply, "div": divide}
        if node.op in numbers:
            return operate(w, numbers[node.op], left, right)
        return calls.calendar_arithmetic(w, node.op, left, right)

    def _negate(self, node: ir.Negate) -> Value:
        value = self.value(node.operand)
        if value.lane == LENGTH:
            return Value(LENGTH, (f"(-{value.part})",), value.ok)
        return value if isinstance(value.lane, Nothing) else negate(self.w, value)

    def _compare(self, node: ir.Compare) -> Value:
        left, right = self.value(node.left), self.value(node.right)
        return self.comparison(node.op, left, right)

    def comparison(self, op: str, left: Value, right: Value) -> Value:
        if isinstance(left.lane, Nothing) or isinstance(right.lane, Nothing):
            return _NEVER
        ok = conjunction(left.ok, right.ok)
        if isinstance(left.lane, Plain):
            return self.w.hold(FLAG, (f"{left.part} {_SIGNS[op]} {right.part}",), ok)
        return self.w.hold(FLAG, (f"{compare(self.w, left, right)} {_SIGNS[op]} 0",), ok)

    def _isnull(self, node: ir.IsNull) -> Value:
        found = self.find(node.operand)
        ok = found.ok if isinstance(found, Value | FactRows) else stored(self.w, found).ok
        return Value(FLAG, ("1" if ok == "0" else "0" if ok == KNOWN else f"(!{ok})",))

    def _and(self, node: ir.And) -> Value:
        return self._junction(node.items, settling="0")

    def _or(self, node: ir.Or) -> Value:
        return self._junction(node.items, settling="1")

    def _junction(self, items: tuple[ir.Expr, ...], settling: str) -> Value:
        """Three-valued; the parts after one that settles it are not computed."""
        w = self.w
        result, known = w.name("b"), w.name("k")
        w.line(f"char {result} = {'1' if settling == '0' else '0'}, {known} = 1;")
        w.line("do {")
        for item in items:
            value = self.value(item)
            if isinstance(value.lane, Nothing):
                w.line(f"{known} = 0;")
                continue
            settled = f"!{value.part}" if settling == "0" else value.part
            w.line(f"if ({conjunction(value.ok, settled)}) {{ {result} = {settling}; {known} = 1; break; }}")
            if value.ok != KNOWN:
                w.line(f"if (!{value.ok}) {known} = 0;")
        w.line("} while (0);")
        return Value(FLAG, (f"({result} & {known})",), known)

    def _not(self, node: ir.Not) -> Value:
        value = self.value(node.operand)
        if isinstance(value.lane, Nothing):
            return value
        return self.w.hold(FLAG, (f"(!{value.part}) & {value.ok}",), value.ok)

    def _if(self, node: ir.If) -> Found:
        condition = self.value(node.condition)
        if isinstance(condition.lane, Nothing):
            return UNKNOWN
        yes, no = conjunction(condition.ok, condition.part), conjunction(condition.ok, f"!{condition.part}")
        if isinstance(node.type, ListType):
            return self.choose_list([(yes, node.then), (no, node.otherwise)])
        return self.w.choose([(yes, lambda: self.value(node.then)), (no, lambda: self.value(node.otherwise))])

    def choose_list(self, arms: list[tuple[str, ir.Expr]]) -> Stored:
        """The list of the first arm whose condition holds, kept in memory."""
        w = self.w
        name, at, ok = w.name("l"), w.name("q"), w.name("k")
        place = w.mark()
        store = Store(w, at, 0)
        w.line("do {")
        for condition, node in arms:
            with w.block(f"if ({condition})"):
                items = self.items(node)
                store.most = max(store.most, capacity(items))
                known = items.loop(w, store.append)
                w.line(f"{ok} = {known}; break;")
        w.line("} while (0);")
        lane = store.close()
        place.lines = [f"{struct_type(lane, max(store.most, 1))} {name}_;", f"__typeof__(&{name}_) {at} = &{name}_; {at}->n = 0; char {ok} = 0;"]
        return Stored(at, lane, store.most, ok)

    def _round(self, node: ir.Round) -> Value:
        value = self.value(node.operand)
        return value if isinstance(value.lane, Nothing) else round_to(self.w, value, node.step, node.mode)

    # -- lists --------------------------------------------------------------------------------

    def _for(self, node: ir.For) -> Items:
        source = self.items(node.source)

        def each(item: Value, consume: Callable[[Value], None]) -> None:
            with self.bound(node.variable, item):
                consume(self.value(node.body))

        return Mapped(source, each)

    def _filter(self, node: ir.Filter) -> Items:
        source = self.items(node.source)
        run = self._stretch(node, source) or self._with_key(node, source)
        if run is not None:
            return run

        def each(item: Value, consume: Callable[[Value], None]) -> str | None:
            with self.bound(node.variable, item):
                test = self.value(node.condition)
            if isinstance(test.lane, Nothing):
                return "1"
            with self.w.block(f"if ({conjunction(test.ok, test.part)})"):
                consume(item)
            return None if test.ok == KNOWN else f"!{test.ok}"

        return Mapped(source, each)

    def _with_key(self, node: ir.Filter, source: Items) -> Items | None:
        """`facts[field = key]` with a field that every item has is a look-up: where the key is unknown so is the list, even an empty one."""
        condition = node.condition
        if not isinstance(node.source, ir.FactRef) or not isinstance(condition, ir.Compare) or condition.op != "=":
            return None
        left = condition.left
        if not isinstance(left, ir.Field) or left.nullable or not _is_local(left.record, node.variable) or _reads_local(condition.right, node.variable):
            return None
        found = self.value(condition.right)
        if isinstance(found.lane, Nothing):
            return NoItems()
        key = self.w.hold(found.lane, found.parts, found.ok)

        def each(item: Value, consume: Callable[[Value], None]) -> None:
            with self.bound(node.variable, item):
                test = self.comparison("=", self.value(left), key)
            with self.w.block(f"if ({conjunction(test.ok, test.part)})"):
                consume(item)

        return Required(Mapped(source, each), key.ok)

    def _stretch(self, node: ir.Filter, source: Items) -> Items | None:
        """`list[field <= key]` and the like where the list is kept in the order of that field: a stretch found by halving."""
        if not isinstance(source, FactRows):
            return None
        parts = node.condition.items if isinstance(node.condition, ir.And) else (node.condition,)
        tests: list[tuple[str, ir.Expr]] = []
        field = self.rules.facts.ordered_by(source.fact)
        for part in parts:
            if field is None or not isinstance(part, ir.Compare) or part.op == "!=" or not isinstance(part.left, ir.Field):
                return None
            if part.left.field != field or not _is_local(part.left.record, node.variable) or _reads_local(part.right, node.variable):
                return None
            tests.append((part.op, part.right))
        keys = [(op, self.value(right)) for op, right in tests]
        plain = (DAY, MONTH)
        if not all(key.lane in plain or (isinstance(key.lane, Whole) and key.lane.scale == 0 and key.lane.ctypes() == ("i64",)) for _, key in keys):
            return None
        assert field is not None
        looked_up = isinstance(node.source, ir.FactRef) and len(tests) == 1 and tests[0][0] == "="
        return self.rules.facts.run(self.w, source, field, keys, looked_up=looked_up)

    def _quantified(self, node: ir.Quantified) -> Value:
        source = self.items(node.source)

        def each(item: Value, consume: Callable[[Value], None]) -> None:
            with self.bound(node.variable, item):
                consume(self.value(node.condition))

        return calls.any_or_all(self.w, Mapped(source, each), every=node.kind == "every")

    def _sequence(self, node: ir.Sequence) -> Items:
        first, last = self.value(node.first), self.value(node.last)
        if isinstance(first.lane, Nothing) or isinstance(last.lane, Nothing):
            return NoItems()
        ok = self.w.temp("char", conjunction(first.ok, last.ok))
        if isinstance(node.first.type, MonthType):
            return Counted(self.w.temp("i64", first.part), self.w.temp("i64", last.part), ok, MONTH, MAX_STEPS)
        first, last = round_to(self.w, first, Decimal(1), "ceiling"), round_to(self.w, last, Decimal(1), "floor")
        first, last = narrow(self.w, first), narrow(self.w, last)
        assert isinstance(first.lane, Whole) and isinstance(last.lane, Whole)
        span = first.lane.span | last.lane.span
        return Counted(self.w.temp("i64", first.part), self.w.temp("i64", last.part), ok, Whole(0, span), min(MAX_STEPS, span.high - span.low) + 1)

    def _index(self, node: ir.Index) -> Value:
        source, position = self.items(node.source), self.value(node.position)
        if isinstance(position.lane, Nothing):
            return UNKNOWN
        if not isinstance(position.lane, Whole) or position.lane.scale:
            raise CannotCompile("a position that may not be a whole number")
        return calls.item_at(self.w, source, narrow(self.w, position))

    def _listof(self, node: ir.ListOf) -> Items:
        w = self.w
        name, at = w.name("l"), w.name("q")
        place = w.mark()
        most = len(node.items)
        store = Store(w, at, most)
        for item in node.items:
            store.append(self.value(item))
        lane = store.close()
        place.lines = [f"{struct_type(lane, most)} {name}_;", f"__typeof__(&{name}_) {at} = &{name}_; {at}->n = 0;"]
        return Stored(at, lane, most, KNOWN)

    def _recordof(self, node: ir.RecordOf) -> Value:
        fields: list[tuple[str, Lane]] = []
        parts: list[str] = []
        for name, expr in node.entries:
            value = self.value(expr)
            fields.append((name, value.lane))
            parts += [*value.parts, value.ok]
        return Value(Record(tuple(fields)), tuple(parts))

    def _call(self, node: ir.Call) -> Found:
        if node.function == "or_else":
            return self._or_else(node)
        return calls.call(self, node)

    def _or_else(self, node: ir.Call) -> Found:
        first, second = node.arguments
        found = self.find(first)
        if not isinstance(found, Value):
            return self._list_or_else(found, second)
        if found.ok == KNOWN:
            return found
        return self.w.choose([(found.ok, lambda: Value(found.lane, found.parts)), (None, lambda: self.value(second))])

    def _list_or_else(self, first: Items, second: ir.Expr) -> Stored:
        """The first list kept in memory, and the second in its place where the first is unknown."""
        w = self.w
        name, at, ok = w.name("l"), w.name("q"), w.name("k")
        place = w.mark()
        store = Store(w, at, capacity(first))
        w.line(f"{ok} = {first.loop(w, store.append)};")
        with w.block(f"if (!{ok})"):
            w.line(f"{at}->n = 0;")
            items = self.items(second)
            store.most = max(store.most, capacity(items))
            w.line(f"{ok} = {items.loop(w, store.append)};")
        lane = store.close()
        place.lines = [f"{struct_type(lane, max(store.most, 1))} {name}_;", f"__typeof__(&{name}_) {at} = &{name}_; {at}->n = 0; char {ok} = 0;"]
        return Stored(at, lane, store.most, ok)

    # -- structures ---------------------------------------------------------------------------

    def _carry(self, node: ir.Carry) -> Found:
        from .carry import carry

        return carry(self, node)

    def _decide(self, node: ir.Decide) -> Found:
        from .decisions import decide

        return decide(self, node)


def _is_local(node: ir.Expr, name: str) -> bool:
    return isinstance(node, ir.Local) and node.name == name


def _reads_local(node: ir.Expr, name: str) -> bool:
    return any(_is_local(inner, name) for inner in ir.walk(node))


__all__ = ["Expressions", "Found", "Rules"]
