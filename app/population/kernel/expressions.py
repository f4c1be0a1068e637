"""A typed rule expression as C: one method for each kind of node of `app.language.ir`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol

from app.language import YearMonth, ir
from app.language.types import ListType

from . import calls, loops
from .facts import FactColumns
from .lanes import DAY, FLAG, LENGTH, MONTH, TEXT, CannotCompile, Lane, Nothing, Plain, Record, Row, Whole
from .lists import FactRows, Items, LocalStore, NoItems, stored
from .numbers import add, compare, constant, divide, multiply, narrow, negate, operate, power, subtract
from .rounding import round_to
from .writer import KNOWN, UNKNOWN, Value, Writer, conjunction, fields_of

Found = Value | Items
EPOCH_ORDINAL = 719_163
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
        return self.arithmetic(node.op, self.value(node.left), self.value(node.right))

    def arithmetic(self, op: str, left: Value, right: Value) -> Value:
        """An operation of numbers, dates and lengths of time, by its name in the typed rules."""
        if isinstance(left.lane, Nothing) or isinstance(right.lane, Nothing):
            return UNKNOWN
        w = self.w
        if op == "pow":
            return power(w, left, right)
        if op == "sub":
            return subtract(w, left, right)
        numbers = {"add": add, "mul": multiply, "div": divide}
        if op in numbers:
            return operate(w, numbers[op], left, right)
        return calls.calendar_arithmetic(w, op, left, right)

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
            return loops.first_list(self, [(yes, node.then), (no, node.otherwise)])
        return self.w.choose([(yes, lambda: self.value(node.then)), (no, lambda: self.value(node.otherwise))])

    def _round(self, node: ir.Round) -> Value:
        value = self.value(node.operand)
        return value if isinstance(value.lane, Nothing) else round_to(self.w, value, node.step, node.mode)

    # -- lists --------------------------------------------------------------------------------

    def _for(self, node: ir.For) -> Items:
        return loops.each_item(self, node)

    def _filter(self, node: ir.Filter) -> Items:
        return loops.filtered(self, node)

    def _quantified(self, node: ir.Quantified) -> Value:
        return loops.quantified(self, node)

    def _sequence(self, node: ir.Sequence) -> Items:
        return loops.sequence(self, node)

    def _index(self, node: ir.Index) -> Value:
        source, position = self.items(node.source), self.value(node.position)
        if isinstance(position.lane, Nothing):
            return UNKNOWN
        if not isinstance(position.lane, Whole) or position.lane.scale:
            raise CannotCompile("a position that may not be a whole number")
        return calls.item_at(self.w, source, narrow(self.w, position))

    def _listof(self, node: ir.ListOf) -> Items:
        store = LocalStore(self.w, len(node.items))
        for item in node.items:
            store.append(self.value(item))
        return store.kept(KNOWN)

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
            return loops.list_or_else(self, found, second)
        if found.ok == KNOWN:
            return found
        return self.w.choose([(found.ok, lambda: Value(found.lane, found.parts)), (None, lambda: self.value(second))])

    # -- structures ---------------------------------------------------------------------------

    def _carry(self, node: ir.Carry) -> Found:
        from .carry import carry

        return carry(self, node)

    def _decide(self, node: ir.Decide) -> Found:
        from .decisions import decide

        return decide(self, node)
