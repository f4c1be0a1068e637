"""Syntax tree to typed IR: resolves every name, checks types and units.

One `Lowering` serves one scheme's scope. Errors are ExpressionError; the caller knows the place.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, cast

from lark import Token, Tree

from . import ir
from .arithmetic import arithmetic, compare
from .calls import SPECIAL_CALLS, dotted_name
from .errors import ExpressionError, suggestion
from .functions import FUNCTIONS
from .literals import temporal_literal
from .parser import SyntaxTree
from .scope import ParameterSymbol, Scope
from .types import (
    BOOLEAN,
    LITERAL_NUMBER,
    MONTH,
    NULL,
    NUMBER,
    STRING,
    BooleanType,
    DateType,
    DurationType,
    ListType,
    MonthType,
    NullType,
    NumberType,
    RecordType,
    StringType,
    Type,
    join,
)
from .types import DATE as DATE_TYPE


@dataclass(frozen=True, slots=True)
class _Local:
    name: str
    expr: ir.Expr
    is_item: bool


class Lowering:
    """Lowers expressions in one scope; loop variables get unique names."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self._locals: list[_Local] = []
        self._counter = 0

    # -- entry points -------------------------------------------------------------------------

    def lower(self, tree: SyntaxTree) -> ir.Expr:
        """Lower an expression tree."""
        handler = getattr(self, f"_{tree.data}", None)
        if handler is None:
            raise ExpressionError(f"'{tree.data}' is not part of the rule language.")
        try:
            return cast(ir.Expr, handler(tree.children))
        except ExpressionError as error:
            if error.line_offset == 0 and not tree.meta.empty:
                error.line_offset = tree.meta.line - 1
            raise

    def lower_tests(self, tree: SyntaxTree, subject: ir.Expr) -> ir.Expr:
        """Lower one decision-table cell to a boolean over `subject`."""
        if tree.data == "none_of":
            return ir.Not(BOOLEAN, subject.nullable, self.lower_tests(cast(SyntaxTree, tree.children[-1]), subject))
        tests = [self._test(cast(SyntaxTree, child), subject) for child in tree.children]
        return tests[0] if len(tests) == 1 else _or(tests)

    @contextmanager
    def binding(self, name: str, kind: Type, nullable: bool = False, *, item: bool = False) -> Iterator[str]:
        """Make a loop variable visible; yields its unique name. Refuses one that hides another name."""
        if not item and (self._hides(name) or any(local.name == name for local in self._locals)):
            raise ExpressionError(f"the variable '{name}' hides another '{name}'. Choose another name.")
        self._counter += 1
        unique = f"v{self._counter}_{name}" if name.isascii() else f"v{self._counter}"
        self._locals.append(_Local(name, ir.Local(kind, nullable, unique), item))
        try:
            yield unique
        finally:
            self._locals.pop()

    def _hides(self, name: str) -> bool:
        return self.scope.value(name) is not None or self.scope.parameter(name) is not None

    # -- literals -----------------------------------------------------------------------------

    def _number(self, children: list[Token]) -> ir.Expr:
        return ir.Const(LITERAL_NUMBER, False, Decimal(str(children[0])))

    def _string(self, children: list[Token]) -> ir.Expr:
        try:
            text = json.loads(str(children[0]))
        except ValueError:
            raise ExpressionError(f'{children[0]} is not a readable text; use \\" and \\\\ for quotes and backslashes.') from None
        return ir.Const(StringType((text,)), False, text)

    def _at_literal(self, children: list[Token]) -> ir.Expr:
        return temporal_literal(str(children[0])[2:-1])

    def _true(self, _: object) -> ir.Expr:
        return ir.Const(BOOLEAN, False, True)

    def _false(self, _: object) -> ir.Expr:
        return ir.Const(BOOLEAN, False, False)

    def _null(self, _: object) -> ir.Expr:
        return ir.Const(NULL, True, None)

    def _list(self, children: list[SyntaxTree | None]) -> ir.Expr:
        items = tuple(self.lower(child) for child in children if child is not None)
        if not items:
            raise ExpressionError("an empty list has no type here. Use a filter that finds nothing, or leave it out.")
        kind = items[0].type
        for item in items[1:]:
            joined = join(kind, item.type)
            if joined is None:
                raise ExpressionError(f"a list needs items of one type, not {kind} and {item.type}.")
            kind = joined
        return ir.ListOf(ListType(kind, any(item.nullable for item in items)), False, items)

    def _record(self, children: list[SyntaxTree | None]) -> ir.Expr:
        entries: list[tuple[str, ir.Expr]] = []
        for child in children:
            if child is None:
                continue
            name = str(child.children[0])
            if any(name == known for known, _ in entries):
                raise ExpressionError(f"the record names '{name}' twice.")
            entries.append((name, self.lower(cast(SyntaxTree, child.children[2 if len(child.children) > 2 else 1]))))
        kind = RecordType(tuple((name, expr.type, expr.nullable) for name, expr in entries))
        return ir.RecordOf(kind, False, tuple(entries))

    # -- names --------------------------------------------------------------------------------

    def _name(self, children: list[Token]) -> ir.Expr:
        return self._resolve(str(children[0]))

    def _resolve(self, name: str) -> ir.Expr:
        found = self._local(name)
        if found is not None:
            return found
        value = self.scope.value(name)
        if value is not None:
            return value
        parameter = self.scope.parameter(name)
        if parameter is not None:
            return self._parameter_value(parameter)
        locals_ = [local.name for local in self._locals]
        raise ExpressionError(f"unknown name '{name}'.{suggestion(name, [*self.scope.known_names(), *locals_])}")

    def _local(self, name: str) -> ir.Expr | None:
        for local in reversed(self._locals):
            if local.name == name:
                return local.expr
            if local.is_item and isinstance(local.expr.type, RecordType):
                field = local.expr.type.field(name)
                if field is None:
                    continue
                if any(other.name == name for other in self._locals):
                    raise ExpressionError(f"'{name}' could be the item's field or the variable. Write item.{name} or rename the variable.")
                return ir.Field(field[0], field[1], local.expr, name)
        return None

    def _parameter_value(self, symbol: ParameterSymbol) -> ir.Expr:
        if symbol.bands:
            raise ExpressionError(f"'{symbol.name.local}' is a scale of bands. Use progressive(amount, {symbol.name.local}).")
        if symbol.key_type is None:
            return ir.ParameterAt(symbol.type, symbol.nullable, symbol.name, None)
        if symbol.default_key is None:
            raise ExpressionError(
                f"'{symbol.name.local}' has a value for each {symbol.key_type}. "
                f"Say which: at({symbol.name.local}, ...), or give the parameter a line 'at:'."
            )
        return ir.ParameterAt(symbol.type, True, symbol.name, symbol.default_key())

    def _path(self, children: list[SyntaxTree]) -> ir.Expr:
        dotted = dotted_name(Tree("path", cast("list[Token | Tree[Token]]", children)))
        if dotted is not None and self._local(dotted.split(".")[0]) is None and self.scope.scheme_prefix(dotted):
            return self._resolve_path(dotted)
        field = str(children[1])
        return self._field(self.lower(children[0]), field)

    def _resolve_path(self, dotted: str) -> ir.Expr:
        value = self.scope.value(dotted)
        if value is not None:
            return value
        parameter = self.scope.parameter(dotted)
        if parameter is not None:
            return self._parameter_value(parameter)
        head, _, last = dotted.rpartition(".")
        if (self.scope.value(head) or self.scope.parameter(head)) is not None:
            return self._field(self._resolve_path(head), last)
        raise ExpressionError(f"unknown name '{dotted}'.{suggestion(dotted, self.scope.known_names())}")

    def _field(self, record: ir.Expr, field: str) -> ir.Expr:
        kind = record.type
        if isinstance(kind, DateType | MonthType) and field in ("year", "month", "day"):
            return self._call_function(field, (record,))
        if isinstance(kind, ListType) and isinstance(kind.item, RecordType):
            with self.binding("item", kind.item, item=True) as unique:
                body = self._field(ir.Local(kind.item, kind.item_nullable, unique), field)
            return ir.For(ListType(body.type, body.nullable), record.nullable, unique, record, body)
        found = kind.field(field) if isinstance(kind, RecordType) else None
        if found is None:
            names = kind.names() if isinstance(kind, RecordType) else []
            raise ExpressionError(f"{kind} has no part '{field}'.{suggestion(field, names)}")
        return ir.Field(found[0], found[1] or record.nullable, record, field)

    # -- operators ----------------------------------------------------------------------------

    def _arithmetic(self, children: list[SyntaxTree | Token]) -> ir.Expr:
        left, symbol, right = children
        return arithmetic(str(symbol), self.lower(cast(SyntaxTree, left)), self.lower(cast(SyntaxTree, right)))

    def _negate(self, children: list[SyntaxTree]) -> ir.Expr:
        operand = self.lower(children[1])
        if isinstance(operand, ir.Const) and isinstance(operand.value, Decimal):
            return ir.Const(operand.type, False, -operand.value)
        if not isinstance(operand.type, NumberType | DurationType):
            raise ExpressionError(f"'-' does not work on {operand.type}.")
        return ir.Negate(operand.type, operand.nullable, operand)

    def _compare(self, children: list[SyntaxTree | Token]) -> ir.Expr:
        left, symbol, right = children
        return compare(str(symbol), self.lower(cast(SyntaxTree, left)), self.lower(cast(SyntaxTree, right)))

    def _between(self, children: list[SyntaxTree]) -> ir.Expr:
        value, _, low, _, high = children
        subject = self.lower(value)
        return _and([compare(">=", subject, self.lower(low)), compare("<=", subject, self.lower(high))])

    def _in_range(self, children: list[SyntaxTree]) -> ir.Expr:
        return self._range_test(children[2], self.lower(children[0]))

    def _in_list(self, children: list[SyntaxTree]) -> ir.Expr:
        subject, source = self.lower(children[0]), self.lower(children[2])
        if isinstance(source, ir.ListOf):
            return _or([compare("=", subject, item) for item in source.items])
        if isinstance(source.type, ListType):
            return self._call_function("list_contains", (source, subject))
        return compare("=", subject, source)

    def _in_tests(self, children: list[SyntaxTree]) -> ir.Expr:
        subject = self.lower(children[0])
        return _or([self._test(child, subject) for child in children[2:]])

    def _test(self, tree: SyntaxTree, subject: ir.Expr) -> ir.Expr:
        if tree.data == "test_compare":
            return compare(str(tree.children[0]), subject, self.lower(cast(SyntaxTree, tree.children[1])))
        if tree.data == "test_range":
            return self._range_test(cast(SyntaxTree, tree.children[0]), subject)
        value = cast(SyntaxTree, tree.children[0])
        if value.data == "negation" and not isinstance(subject.type, BooleanType):
            inner = compare("=", subject, self.lower(cast(SyntaxTree, value.children[1])))
            return ir.Not(BOOLEAN, inner.nullable, inner)
        return compare("=", subject, self.lower(value))

    def _range_test(self, tree: SyntaxTree, subject: ir.Expr) -> ir.Expr:
        opening, low, _, high, closing = tree.children
        above = ">=" if str(opening) == "[" else ">"
        below = "<=" if str(closing) == "]" else "<"
        first, last = self.lower(cast(SyntaxTree, low)), self.lower(cast(SyntaxTree, high))
        return _and([compare(above, subject, first), compare(below, subject, last)])

    def _any_of(self, children: list[SyntaxTree | Token]) -> ir.Expr:
        return _or([self._boolean(child, "or") for child in children if isinstance(child, Tree)])

    def _all_of(self, children: list[SyntaxTree | Token]) -> ir.Expr:
        return _and([self._boolean(child, "and") for child in children if isinstance(child, Tree)])

    def _negation(self, children: list[SyntaxTree]) -> ir.Expr:
        operand = self._boolean(children[1], "not")
        return ir.Not(BOOLEAN, operand.nullable, operand)

    def _boolean(self, tree: SyntaxTree, where: str) -> ir.Expr:
        expr = self.lower(tree)
        if not isinstance(expr.type, BooleanType | NullType):
            raise ExpressionError(f"'{where}' needs a condition that is true or false, not {expr.type}.")
        return expr

    # -- structure ----------------------------------------------------------------------------

    def _conditional(self, children: list[SyntaxTree]) -> ir.Expr:
        condition = self._boolean(children[1], "if")
        then, otherwise = self.lower(children[3]), self.lower(children[5])
        kind = join(then.type, otherwise.type)
        if kind is None:
            raise ExpressionError(f"both branches of 'if' need one type and unit, not {then.type} and {otherwise.type}.")
        return ir.If(kind, condition.nullable or then.nullable or otherwise.nullable, condition, then, otherwise)

    def _sequence(self, children: list[SyntaxTree]) -> ir.Expr:
        first, last = self.lower(children[0]), self.lower(children[-1])
        kind = join(first.type, last.type)
        if not isinstance(kind, NumberType | MonthType):
            raise ExpressionError(f"a sequence runs from a number to a number or a month to a month, not {first.type} to {last.type}.")
        item: Type = MONTH if isinstance(kind, MonthType) else (NUMBER if kind.unit is None else kind)
        return ir.Sequence(ListType(item), first.nullable or last.nullable, first, last)

    def _iteration(self, children: list[SyntaxTree]) -> ir.Expr:
        name, source = str(children[1]), self._source(children[3], "for")
        with self.binding(name, *_item(source)) as unique:
            body = self.lower(children[5])
        return ir.For(ListType(body.type, body.nullable), source.nullable, unique, source, body)

    def _quantified(self, children: list[SyntaxTree]) -> ir.Expr:
        kind, name = str(children[0]), str(children[1])
        source = self._source(children[3], kind)
        with self.binding(name, *_item(source)) as unique:
            condition = self._boolean(children[5], kind)
        nullable = source.nullable or condition.nullable
        return ir.Quantified(BOOLEAN, nullable, cast(Literal["some", "every"], kind), unique, source, condition)

    def _source(self, tree: SyntaxTree, where: str) -> ir.Expr:
        source = self.lower(tree)
        if not isinstance(source.type, ListType):
            raise ExpressionError(f"'{where}' runs over a list, not {source.type}.")
        return source

    def _brackets(self, children: list[SyntaxTree]) -> ir.Expr:
        source = self.lower(children[0])
        if not isinstance(source.type, ListType):
            raise ExpressionError(f"[...] picks from a list, not from {source.type}.")
        with self.binding("item", *_item(source), item=True) as unique:
            inner = self.lower(children[1])
        if isinstance(inner.type, NumberType):
            if any(isinstance(node, ir.Local) and node.name == unique for node in ir.walk(inner)):
                raise ExpressionError("a position in [...] cannot depend on the item. Write a condition, such as [item > 0].")
            return ir.Index(source.type.item, True, source, inner)
        if not isinstance(inner.type, BooleanType | NullType):
            raise ExpressionError(f"[...] needs a condition or a position, not {inner.type}.")
        return ir.Filter(source.type, source.nullable or inner.nullable, unique, source, inner)

    # -- calls --------------------------------------------------------------------------------

    def _call(self, children: list[SyntaxTree | Token | None]) -> ir.Expr:
        name = str(children[0])
        arguments = [cast(SyntaxTree, child) for child in children[1:] if child is not None]
        special = SPECIAL_CALLS.get(name)
        if special is not None:
            found = special(self, arguments)
            if found is not None:
                return found
        if name not in FUNCTIONS:
            raise ExpressionError(f"unknown function '{name}'.{suggestion(name, [*FUNCTIONS, *SPECIAL_CALLS])}")
        return self._call_function(name, tuple(self.lower(argument) for argument in arguments))

    def _call_function(self, name: str, arguments: tuple[ir.Expr, ...]) -> ir.Expr:
        if name != "or_else" and any(isinstance(argument.type, NullType) for argument in arguments):
            return ir.Const(_type_despite_null(name, arguments), True, None)
        kind, extra = FUNCTIONS[name].signature(arguments)
        if name == "or_else":
            return ir.Call(kind, arguments[1].nullable, name, arguments)
        return ir.Call(kind, extra or any(argument.nullable for argument in arguments), name, arguments)


def _or(items: list[ir.Expr]) -> ir.Expr:
    return items[0] if len(items) == 1 else ir.Or(BOOLEAN, any(item.nullable for item in items), tuple(items))


def _and(items: list[ir.Expr]) -> ir.Expr:
    return items[0] if len(items) == 1 else ir.And(BOOLEAN, any(item.nullable for item in items), tuple(items))


def _item(source: ir.Expr) -> tuple[Type, bool]:
    """The type of a list's items and whether they may be unknown."""
    assert isinstance(source.type, ListType)
    return source.type.item, source.type.item_nullable


def _type_despite_null(name: str, arguments: tuple[ir.Expr, ...]) -> Type:
    """The type of a call with the literal null among its arguments: null stands for whatever fits."""
    first: ExpressionError | None = None
    for kind in (LITERAL_NUMBER, STRING, DATE_TYPE, MONTH, BOOLEAN, ListType(LITERAL_NUMBER, True), ListType(BOOLEAN, True)):
        filled = tuple(ir.Const(kind, True, None) if isinstance(each.type, NullType) else each for each in arguments)
        try:
            return FUNCTIONS[name].signature(filled)[0]
        except ExpressionError as error:
            first = first or error
    assert first is not None
    raise first
