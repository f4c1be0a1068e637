"""Rules read with facts still open: the meaning of every expression where an answer may still come.

Values are those of the exact engine, None (known to stay unknown) included; beside them stands `Open`. An unknown operand
settles an expression whatever is still open beside it, as it does in the exact engine. Where the engine takes a default for
a fact that was not given (`or_else`, `= null`), an open fact keeps the expression open: the answer may be another.
Of branches that an open test leaves undecided, the facts count as ones that may be asked later.

Expressions become closures over a `View`, made once a program; `app/engine/emitter.py` is the same language for known facts.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from app.language import ir
from app.language.types import MonthType, NumberType

from .case import UNSET, Case, TooLong
from .dependencies import Dependencies
from .emitter import keyed_by
from .open_lists import ListReading
from .open_values import Open, later_of
from .program import Program


@dataclass(slots=True)
class View:
    """One case being read: its facts and figures in `case`, the facts still open as a set, values by definition number."""

    case: Case
    open: int
    memo: list[Any]
    locals: dict[str, Any] = field(default_factory=dict)


Read = Callable[[View], Any]
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
_PLAIN: dict[str, Callable[[Any, Any], Any]] = {
    "add": operator.add, "sub": operator.sub, "mul": operator.mul, "duration_add": operator.add, "duration_sub": operator.sub,
}  # fmt: skip


class OpenReading(ListReading):
    """The definitions of a program, as functions of a `View`. `space` is the program's, in the arithmetic wanted."""

    def __init__(self, program: Program, dependencies: Dependencies, facts: dict[str, int], space: dict[str, Any], number: Callable[[Decimal], Any]) -> None:
        super().__init__(space)
        self._program = program
        self._dependencies = dependencies
        self._facts = facts
        self._number = number
        self._owner = 0
        self._definitions: dict[int, Read] = {}

    # -- definitions --------------------------------------------------------------------------

    def definition(self, view: View, number: int) -> Any:
        """The value of a definition, computed once a view."""
        value = view.memo[number]
        if value is UNSET:
            read = self._definitions.get(number)
            if read is None:
                read = self._definitions[number] = self._wordings(number)
            kept, view.locals = view.locals, {}
            value = view.memo[number] = read(view)
            view.locals = kept
        return value

    def _wordings(self, number: int) -> Read:
        definition = self._program.definitions[number]
        self._owner = number
        wordings: list[tuple[Read | None, Read]] = []
        for version in definition.versions:
            body = self.compile(version.body)
            if version.rounding is not None and isinstance(definition.type, NumberType) and definition.kind != "condition":
                body = self._rounded(body, version.rounding.step, version.rounding.mode)
            wordings.append((None if version.guard is None else self.compile(version.guard), body))

        def read(view: View) -> Any:
            for index, (guard, body) in enumerate(wordings):
                applies = True if guard is None else guard(view)
                if applies is None:
                    return None
                if applies.__class__ is Open:
                    rest = [part for pair in wordings[index:] for part in pair if part is not None and part is not guard]
                    return applies.also(speculative(rest, view))
                if applies:
                    return body(view)
            return None

        return read

    def _rounded(self, body: Read, step: Decimal, mode: str) -> Read:
        round_to = self.space["round_to"]

        def read(view: View) -> Any:
            value = body(view)
            return value if value is None or value.__class__ is Open else round_to(value, step, mode)

        return read

    # -- expressions --------------------------------------------------------------------------

    def compile(self, node: ir.Expr) -> Read:
        """The function that reads an expression."""
        handler: Callable[[Any], Read] = getattr(self, f"_{type(node).__name__.lower()}")
        return handler(node)

    def _const(self, node: ir.Const) -> Read:
        value = self._number(node.value) if isinstance(node.value, Decimal) else node.value
        return lambda _: value

    def _factref(self, node: ir.FactRef) -> Read:
        name, bit = node.name, 1 << self._facts[node.name]
        unanswered = Open(bit, bit, bit)
        return lambda view: unanswered if view.open & bit else view.case.facts[name]

    def _local(self, node: ir.Local) -> Read:
        name = node.name
        return lambda view: view.locals[name]

    def _definitionref(self, node: ir.DefinitionRef) -> Read:
        number = self._program.number_of[node.name]
        return lambda view: self.definition(view, number)

    def _asof(self, _: ir.AsOf) -> Read:
        return lambda view: view.case.as_of

    def _regionref(self, _: ir.RegionRef) -> Read:
        return lambda view: view.case.region

    def _parameterat(self, node: ir.ParameterAt) -> Read:
        number = self._program.parameter_number[node.name]
        if node.key is None:
            single = self.space["single"]
            return lambda view: single(view.case, number)
        lookup = self.space["lookup"]
        return self.lifted([self.compile(node.key)], lambda view, key: lookup(view.case, number, key))

    def _progressive(self, node: ir.Progressive) -> Read:
        number, progressive = self._program.parameter_number[node.name], self.space["progressive"]
        return self.lifted([self.compile(node.amount)], lambda view, amount: progressive(view.case, number, amount))

    def _field(self, node: ir.Field) -> Read:
        name = node.field
        return self.lifted([self.compile(node.record)], lambda _, record: record.get(name))

    def _arithmetic(self, node: ir.Arithmetic) -> Read:
        sides = [self.compile(node.left), self.compile(node.right)]
        if node.op == "div":
            divide, owner = self.space["divide"], self._owner
            return self.lifted(sides, lambda view, left, right: divide(view.case, owner, left, right))
        function = _PLAIN.get(node.op) or self.space[node.op]
        return self.lifted(sides, lambda _, left, right: function(left, right))

    def _negate(self, node: ir.Negate) -> Read:
        return self.lifted([self.compile(node.operand)], lambda _, value: -value)

    def _compare(self, node: ir.Compare) -> Read:
        sides, test = [self.compile(node.left), self.compile(node.right)], _COMPARE[node.op]
        if isinstance(node.left.type, NumberType):
            compare = self.space["compare"]
            return self.lifted(sides, lambda _, left, right: test(compare(left, right), 0))
        return self.lifted(sides, lambda _, left, right: test(left, right))

    def _isnull(self, node: ir.IsNull) -> Read:
        operand = self.compile(node.operand)

        def read(view: View) -> Any:
            value = operand(view)
            return value.with_default() if value.__class__ is Open else value is None

        return read

    def _and(self, node: ir.And) -> Read:
        return self.junction([self.compile(item) for item in node.items], settling=False)

    def _or(self, node: ir.Or) -> Read:
        return self.junction([self.compile(item) for item in node.items], settling=True)

    def _not(self, node: ir.Not) -> Read:
        return self.lifted([self.compile(node.operand)], lambda _, value: not value)

    def _if(self, node: ir.If) -> Read:
        test, then, otherwise = self.compile(node.condition), self.compile(node.then), self.compile(node.otherwise)

        def read(view: View) -> Any:
            held = test(view)
            if held is None:
                return None
            if held.__class__ is Open:
                return held.also(speculative([then, otherwise], view))
            return then(view) if held else otherwise(view)

        return read

    def _round(self, node: ir.Round) -> Read:
        return self._rounded(self.compile(node.operand), node.step, node.mode)

    def _call(self, node: ir.Call) -> Read:
        if node.function == "or_else":
            return self._or_else(node)
        owner, function = self._owner, self.space.get(f"f_{node.function}")
        arguments = [self.compile(each) for each in node.arguments]
        if node.function == "modulo":
            assert function is not None
            return self.lifted(arguments, lambda view, left, divisor: function(view.case, owner, left, divisor))
        return self.lifted(arguments, self.listed(node.function))

    def _or_else(self, node: ir.Call) -> Read:
        first, other = (self.compile(each) for each in node.arguments)

        def read(view: View) -> Any:
            value = first(view)
            if value.__class__ is Open:
                instead = other(view)
                return (value if instead is None else value.with_default()).also(later_of(instead))
            return other(view) if value is None else value

        return read

    # -- lists, through whose items the reading goes --------------------------------------------

    def _for(self, node: ir.For) -> Read:
        return self.per_item(self.compile(node.source), node.variable, self.compile(node.body), self.named(node.body), lambda _, values: values)

    def _filter(self, node: ir.Filter) -> Read:
        keyed = keyed_by(node)
        if keyed is None:
            return self.per_item(self.compile(node.source), node.variable, self.compile(node.condition), self.named(node.condition), self.kept)
        fact, name, key = keyed
        matching = self.space["matching"]
        return self.lifted([self._factref(fact), self.compile(key)], lambda view, _, value: matching(view.case, fact.name, name, value))

    def _quantified(self, node: ir.Quantified) -> Read:
        settle = self.some if node.kind == "some" else self.every
        return self.per_item(self.compile(node.source), node.variable, self.compile(node.condition), self.named(node.condition), settle)

    def _sequence(self, node: ir.Sequence) -> Read:
        span = self.space["months_from" if isinstance(node.first.type, MonthType) else "numbers_from"]
        return self.lifted([self.compile(node.first), self.compile(node.last)], lambda _, first, last: span(first, last))

    def _index(self, node: ir.Index) -> Read:
        item_at = self.space["item_at"]
        return self.lifted([self.compile(node.source), self.compile(node.position)], lambda _, source, position: item_at(source, position))

    def _listof(self, node: ir.ListOf) -> Read:
        items = [self.compile(item) for item in node.items]
        return lambda view: [item(view) for item in items]

    def _recordof(self, node: ir.RecordOf) -> Read:
        entries = [(name, self.compile(value)) for name, value in node.entries]
        return lambda view: {name: value(view) for name, value in entries}

    def _carry(self, node: ir.Carry) -> Read:
        source, start, step = self.compile(node.source), self.compile(node.start), self.compile(node.next)
        return self.carried(source, start, step, (node.variable, node.previous), collect=node.collect, named=self.named(node.next))

    def _decide(self, node: ir.Decide) -> Read:
        inputs = [(name, self.compile(each)) for name, each in node.inputs]
        rows = [(row.line, self.junction([self.compile(test) for test in row.tests], settling=False), self.compile(row.output)) for row in node.rows]
        priorities = [self._number(each) if isinstance(each, Decimal) else each for each in node.priorities]
        return self.decided(inputs, rows, node.hit, priorities, self._owner)

    def named(self, node: ir.Expr) -> int:
        """All facts that an expression can come to, whatever the case."""
        uses = self._program.reads([node])
        names = {*uses.facts, *(fact for number in uses.definitions for fact in self._dependencies.facts_of(number))}
        return sum(1 << self._facts[name] for name in names)


def speculative(parts: list[Read], view: View) -> int:
    """The facts that branches may ask for which an open test leaves undecided."""
    later, kept = 0, view.locals
    for part in parts:
        try:
            later |= later_of(part(view))
        except (TooLong, ArithmeticError):
            view.locals = kept
    return later
