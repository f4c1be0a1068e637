"""Bounds of rules: a typed expression over what moves, as an abstract evaluation of the same nodes that the exact engine compiles.

`Enclosure` is of one case and of what moves in it (a fact, or a definition that is stated); `over` looks at one interval.
What does not rest on what moves is bound once. Where nothing is known of a construct its bound is ANYTHING, never a guess.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Context, Decimal, localcontext
from typing import Any

from app.language import ir
from app.language.types import BooleanType, NumberType, StringType

from . import calendar, lists
from .frame import Frame
from .functions import call, equal
from .moving import MOVES, Moving
from .values import (
    ANY_TRUTH,
    ANYTHING,
    FALSE,
    TRUE,
    UNKNOWN,
    Among,
    Anything,
    Bound,
    Entries,
    Items,
    Span,
    exactly,
    is_unknown,
    known,
    may_be_unknown,
    perhaps_unknown,
    truths,
)

Locals = dict[str, Bound]
_WORKING = Context(prec=100, Emax=999_999, Emin=-999_999, traps=[])


class Enclosure(Moving):
    """The rules of one case, asked about intervals of what moves in it."""

    def over(self, first: Decimal, last: Decimal) -> Look:
        """What is known while what moves lies from `first` to `last` (a day by its ordinal, a month by its number)."""
        return Look(self, Frame(first, last))


class Look:
    """The rules over one interval; each definition is bound once."""

    def __init__(self, enclosure: Moving, frame: Frame) -> None:
        self.frame = frame
        self._of = enclosure
        self._known: dict[int, Bound] = {}
        self._handlers: dict[type[ir.Expr], Callable[[Any, Locals], Bound]] = {
            ir.Const: lambda node, _: exactly(node.value),
            ir.FactRef: lambda node, _: enclosure.fact(node.name),
            ir.Local: lambda node, names: names[node.name],
            ir.DefinitionRef: lambda node, _: self._definition(enclosure.program.number_of[node.name]),
            ir.AsOf: lambda _, __: exactly(enclosure.probe.request.as_of),
            ir.RegionRef: lambda _, __: exactly(enclosure.probe.request.region),
            ir.ParameterAt: self._parameter,
            ir.Progressive: self._progressive,
            ir.Field: lambda node, names: lists.field(self._of_node(node.record, names), node.field),
            ir.Arithmetic: self._arithmetic,
            ir.Negate: lambda node, names: self.frame.lift([self._of_node(node.operand, names)], self.frame.negate),
            ir.Compare: self._compare,
            ir.IsNull: self._is_null,
            ir.And: lambda node, names: self._junction(node.items, names, settling=False),
            ir.Or: lambda node, names: self._junction(node.items, names, settling=True),
            ir.Not: self._not,
            ir.If: self._if,
            ir.For: self._for,
            ir.Filter: self._filter,
            ir.Quantified: self._quantified,
            ir.Sequence: self._sequence,
            ir.Index: self._index,
            ir.ListOf: lambda node, names: Items(tuple((self._of_node(item, names), True) for item in node.items)),
            ir.RecordOf: lambda node, names: Entries({name: self._of_node(each, names) for name, each in node.entries}),
            ir.Call: self._call,
            ir.Round: lambda node, names: self.frame.lift([self._of_node(node.operand, names)], lambda span: self.frame.rounded(span, node.step, node.mode)),
            ir.Carry: self._carry,
            ir.Decide: self._decide,
        }

    def definition(self, number: int) -> Bound:
        """The bound of a definition, benefit or condition."""
        try:
            with localcontext(_WORKING):
                return self._definition(number)
        except RecursionError:
            return ANYTHING

    def check(self, index: int) -> frozenset[bool | str | None]:
        """The truths that a check between facts may have."""
        with localcontext(_WORKING):
            return truths(self._of_node(self._of.program.checks[index].holds, {}))

    # -- definitions --------------------------------------------------------------------------

    def _definition(self, number: int) -> Bound:
        found = self._known.get(number)
        if found is None:
            found = MOVES if number == self._of.moves else self._wordings(number) if number in self._of.touched else self._of.untouched(number)
            self._known[number] = found
        return found

    def _wordings(self, number: int) -> Bound:
        """The wording that holds, or those that may; latest first."""
        definition = self._of.program.definitions[number]
        result: Bound | None = None
        for version in definition.versions:
            truth = ANY_TRUTH if version.guard is None else truths(self._of_node(version.guard, {}))
            if version.guard is not None and None in truth:
                result = self.frame.either(result, UNKNOWN)
            if True in truth:
                body = self._of_node(version.body, {})
                rounding = version.rounding
                if rounding is not None and isinstance(definition.type, NumberType):
                    body = self.frame.lift([body], lambda span, to=rounding: self.frame.rounded(span, to.step, to.mode))
                result = self.frame.either(result, body)
            if version.guard is None or False not in truth:
                break
        return UNKNOWN if result is None else result

    def _of_node(self, node: ir.Expr, names: Locals) -> Bound:
        if self._of.still(node):
            return self._of.kept(node, lambda: self._handlers[type(node)](node, names))
        return self._handlers[type(node)](node, names)

    # -- figures, operators -------------------------------------------------------------------

    def _parameter(self, node: ir.ParameterAt, names: Locals) -> Bound:
        number = self._of.program.parameter_number[node.name]
        if node.key is None:
            return self._of.figures.single(number)
        return self._of.figures.at(self.frame, number, self._of_node(node.key, names))

    def _progressive(self, node: ir.Progressive, names: Locals) -> Bound:
        number = self._of.program.parameter_number[node.name]
        return self.frame.lift([self._of_node(node.amount, names)], lambda span: self._of.figures.progressive(self.frame, number, span))

    def _arithmetic(self, node: ir.Arithmetic, names: Locals) -> Bound:
        frame, op = self.frame, node.op
        operands = [self._of_node(node.left, names), self._of_node(node.right, names)]
        if op in ("add", "duration_add"):
            return frame.lift(operands, frame.add)
        if op in ("sub", "duration_sub", "month_diff", "date_diff"):
            return frame.lift(operands, frame.subtract)
        if op in ("mul", "div", "pow"):
            return frame.lift(operands, {"mul": frame.multiply, "div": frame.divide, "pow": frame.power}[op])
        signed: Callable[[Span], Span] = frame.negate if "_sub" in op else lambda span: span
        add = {"month": calendar.add_to_month, "months": calendar.add_months, "days": calendar.add_days}["month" if op.startswith("month") else op.rpartition("_")[2]]
        return frame.lift(operands, lambda day, count: add(frame, day, signed(count)))

    def _compare(self, node: ir.Compare, names: Locals) -> Bound:
        left, right = self._of_node(node.left, names), self._of_node(node.right, names)
        if is_unknown(left) or is_unknown(right):
            return UNKNOWN
        unknown = may_be_unknown(left) or may_be_unknown(right)
        if isinstance(node.left.type, StringType | BooleanType):
            same = equal(self.frame, known(left), known(right))
            found = same if node.op == "=" else frozenset(each if each is None else not each for each in same)
            return perhaps_unknown(Among(found), unknown)
        if not isinstance(left, Span) or not isinstance(right, Span):
            return Among(ANY_TRUTH)
        less, same_, greater = self.frame.signs(left, right)
        holds = {"=": same_, "!=": less or greater, "<": less, "<=": less or same_, ">": greater, ">=": greater or same_}[node.op]
        fails = {"=": less or greater, "!=": same_, "<": greater or same_, "<=": greater, ">": less or same_, ">=": less}[node.op]
        return perhaps_unknown(Among(frozenset(truth for truth, may in ((True, holds), (False, fails)) if may)), unknown)

    def _is_null(self, node: ir.IsNull, names: Locals) -> Bound:
        operand = self._of_node(node.operand, names)
        return TRUE if is_unknown(operand) else Among(frozenset({True, False})) if may_be_unknown(operand) else FALSE

    def _junction(self, items: tuple[ir.Expr, ...], names: Locals, *, settling: bool) -> Bound:
        return lists.any_of([(truths(self._of_node(item, names)), True) for item in items], settling=settling)

    def _not(self, node: ir.Not, names: Locals) -> Bound:
        return Among(frozenset(each if each is None else not each for each in truths(self._of_node(node.operand, names))))

    def _if(self, node: ir.If, names: Locals) -> Bound:
        truth = truths(self._of_node(node.condition, names))
        result: Bound | None = UNKNOWN if None in truth else None
        if True in truth:
            result = self.frame.either(result, self._of_node(node.then, names))
        if False in truth:
            result = self.frame.either(result, self._of_node(node.otherwise, names))
        return UNKNOWN if result is None else result

    def _call(self, node: ir.Call, names: Locals) -> Bound:
        if node.function == "or_else":
            value = self._of_node(node.arguments[0], names)
            if not may_be_unknown(value):
                return value
            other = self._of_node(node.arguments[1], names)
            if isinstance(value, Anything):
                return ANYTHING
            return other if is_unknown(value) else self.frame.either(known(value), other)
        return call(self.frame, node, [self._of_node(each, names) for each in node.arguments])

    # -- lists --------------------------------------------------------------------------------

    def _each(self, source: ir.Expr, names: Locals, build: Callable[[Items], Bound]) -> Bound:
        """`build` of a list's items; nothing is known of a list without bounds."""
        found = self._of_node(source, names)
        if is_unknown(found):
            return UNKNOWN
        return perhaps_unknown(build(found), found.unknown) if isinstance(found, Items) else ANYTHING

    def _for(self, node: ir.For, names: Locals) -> Bound:
        return self._each(node.source, names, lambda found: Items(tuple((self._of_node(node.body, {**names, node.variable: item}), sure) for item, sure in found.items)))

    def _filter(self, node: ir.Filter, names: Locals) -> Bound:
        def test(item: Bound) -> frozenset[bool | str | None]:
            return truths(self._of_node(node.condition, {**names, node.variable: item}))

        unknown = False
        if isinstance(node.condition, ir.Compare) and node.variable not in self._of.free(node.condition.right):
            # The key of a look-up that is unknown leaves the list unknown, an empty one too.
            unknown = may_be_unknown(self._of_node(node.condition.right, names))
        return perhaps_unknown(self._each(node.source, names, lambda found: lists.keep(found._replace(unknown=False), test)), unknown)

    def _quantified(self, node: ir.Quantified, names: Locals) -> Bound:
        def build(found: Items) -> Bound:
            tests = [(truths(self._of_node(node.condition, {**names, node.variable: item})), sure) for item, sure in found.items]
            return lists.any_of(tests, settling=node.kind == "some")

        return self._each(node.source, names, build)

    def _sequence(self, node: ir.Sequence, names: Locals) -> Bound:
        return self.frame.lift([self._of_node(node.first, names), self._of_node(node.last, names)], lambda first, last: lists.sequence(self.frame, first, last))

    def _index(self, node: ir.Index, names: Locals) -> Bound:
        position = self._of_node(node.position, names)

        def build(found: Items) -> Bound:
            return self.frame.lift([position], lambda span: lists.at(self.frame, found, span))

        return self._each(node.source, names, build)

    def _carry(self, node: ir.Carry, names: Locals) -> Bound:
        start = self._of_node(node.start, names)

        def build(found: Items) -> Bound:
            state, states = start, []
            for item, sure in found.items:
                after = self._of_node(node.next, {**names, node.variable: item, node.previous: state})
                states.append((after, sure))
                state = after if sure else self.frame.either(state, after)
            return Items(tuple(states)) if node.collect else state

        return self._each(node.source, names, build)

    # -- decision tables ----------------------------------------------------------------------

    def _decide(self, node: ir.Decide, names: Locals) -> Bound:
        inside = {**names, **{name: self._of_node(each, names) for name, each in node.inputs}}
        one = node.hit in ("first", "unique", "any")
        result: Bound | None = None
        hits: list[tuple[Bound, bool]] = []
        for row in node.rows:
            truth = truths(self._junction(row.tests, inside, settling=False))
            if None in truth and node.hit not in ("unique", "any"):
                result = self.frame.either(result, UNKNOWN)
            if True in truth:
                hits.append((self._of_node(row.output, inside), truth == {True}))
                if one:
                    result = self.frame.either(result, hits[-1][0])
            if (truth == {True} and one) or (truth == {None} and node.hit not in ("unique", "any")):
                return UNKNOWN if result is None else result
        return self.frame.either(result, UNKNOWN if one else self._collected(node, Items(tuple(hits))))

    def _collected(self, node: ir.Decide, hits: Items) -> Bound:
        if node.hit == "collect count":
            return lists.count(hits)
        if node.hit == "collect sum":
            return lists.total(self.frame, hits)
        if node.hit in ("collect min", "collect max"):
            return lists.extreme(self.frame, hits, greatest=node.hit == "collect max")
        if node.hit in ("collect", "rule order"):
            return hits
        if node.hit == "priority":
            result: Bound = UNKNOWN
            for item, _ in hits.items:
                result = self.frame.either(result, item)
            return result
        return ANYTHING
