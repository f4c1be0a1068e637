"""Syntax tree to typed IR: resolves every name, checks types and units.

One `Lowering` serves one scheme's scope. Errors are ExpressionError; the caller knows the place.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal, Protocol, cast

from lark import Token, Tree

from . import ir
from .arithmetic import arithmetic, compare
from .errors import ExpressionError, suggestion
from .functions import FUNCTIONS
from .parser import SyntaxTree
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
    YearMonth,
    join,
)
from .types import DATE as DATE_TYPE

_YEARS_MONTHS = re.compile(r"(-)?P(?:(\d+)Y)?(?:(\d+)M)?\Z")
_DAYS = re.compile(r"(-)?P(\d+)D\Z")
_LIST_TOKENS: dict[type[Type], tuple[str, ...]] = {}


@dataclass(frozen=True, slots=True)
class ParameterSymbol:
    """What an expression needs to know of a parameter. `default_key` is None where it has one value."""

    name: ir.Name
    type: Type
    key_type: Type | None
    default_key: Callable[[], ir.Expr] | None
    bands: bool
    nullable: bool


class Scope(Protocol):
    """Resolves names as one scheme sees them."""

    def value(self, name: str) -> ir.Expr | None:
        """A fact, definition, condition, `as_of` or `region` by its (possibly dotted) name."""

    def parameter(self, name: str) -> ParameterSymbol | None:
        """A parameter by its (possibly dotted) name."""

    def known_names(self) -> list[str]:
        """Every name, for suggestions."""

    def scheme_prefix(self, name: str) -> bool:
        """Whether a dotted name begins a scheme's id."""


@dataclass(frozen=True, slots=True)
class _Local:
    name: str
    expr: ir.Expr
    is_item: bool


class Lowering:
    """Lowers expressions in one scope; loop variables get unique names."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
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
        return self._scope.value(name) is not None or self._scope.parameter(name) is not None

    # -- literals -----------------------------------------------------------------------------

    def _number(self, children: list[Token]) -> ir.Expr:
        return ir.Const(LITERAL_NUMBER, False, Decimal(str(children[0])))

    def _string(self, children: list[Token]) -> ir.Expr:
        try:
            text = json.loads(str(children[0]))
        except ValueError:
            raise ExpressionError(f"{children[0]} is not a readable text; use \\\" and \\\\ for quotes and backslashes.") from None
        return ir.Const(StringType((text,)), False, text)

    def _at_literal(self, children: list[Token]) -> ir.Expr:
        return _temporal(str(children[0])[2:-1])

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
        value = self._scope.value(name)
        if value is not None:
            return value
        parameter = self._scope.parameter(name)
        if parameter is not None:
            return self._parameter_value(parameter)
        locals_ = [local.name for local in self._locals]
        raise ExpressionError(f"unknown name '{name}'.{suggestion(name, [*self._scope.known_names(), *locals_])}")

    def _local(self, name: str) -> ir.Expr | None:
        for local in reversed(self._locals):
            if local.name == name:
                return local.expr
            if local.is_item and isinstance(local.expr.type, RecordType):
                field = local.expr.type.field(name)
                if field is None:
                    continue
                if any(other.name == name for other in self._locals):
                    raise ExpressionError(
                        f"'{name}' could be the item's field or the variable. Write item.{name} or rename the variable."
                    )
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
        dotted = _dotted(Tree("path", cast("list[Token | Tree[Token]]", children)))
        if dotted is not None and self._local(dotted.split(".")[0]) is None and self._scope.scheme_prefix(dotted):
            return self._resolve_dotted(dotted)
        field = str(children[1])
        return self._field(self.lower(children[0]), field)

    def _resolve_dotted(self, dotted: str) -> ir.Expr:
        value = self._scope.value(dotted)
        if value is not None:
            return value
        parameter = self._scope.parameter(dotted)
        if parameter is not None:
            return self._parameter_value(parameter)
        head, _, last = dotted.rpartition(".")
        if (self._scope.value(head) or self._scope.parameter(head)) is not None:
            return self._field(self._resolve_dotted(head), last)
        raise ExpressionError(f"unknown name '{dotted}'.{suggestion(dotted, self._scope.known_names())}")

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
        return ir.Filter(source.type, source.nullable, unique, source, inner)

    # -- calls --------------------------------------------------------------------------------

    def _call(self, children: list[SyntaxTree | Token | None]) -> ir.Expr:
        name = str(children[0])
        arguments = [cast(SyntaxTree, child) for child in children[1:] if child is not None]
        special = _SPECIAL.get(name)
        if special is not None:
            found = special(self, arguments)
            if found is not None:
                return found
        if name not in FUNCTIONS:
            raise ExpressionError(f"unknown function '{name}'.{suggestion(name, [*FUNCTIONS, *_SPECIAL])}")
        return self._call_function(name, tuple(self.lower(argument) for argument in arguments))

    def _call_function(self, name: str, arguments: tuple[ir.Expr, ...]) -> ir.Expr:
        if name != "or_else" and any(isinstance(argument.type, NullType) for argument in arguments):
            return ir.Const(_type_despite_null(name, arguments), True, None)
        kind, extra = FUNCTIONS[name].signature(arguments)
        if name == "or_else":
            return ir.Call(kind, arguments[1].nullable, name, arguments)
        return ir.Call(kind, extra or any(argument.nullable for argument in arguments), name, arguments)

    def _at(self, arguments: list[SyntaxTree]) -> ir.Expr:
        if len(arguments) != 2:
            raise ExpressionError("at(parameter, key) takes a parameter and a key.")
        symbol = self._parameter_argument(arguments[0], "at(parameter, key)")
        if symbol.key_type is None:
            raise ExpressionError(f"'{symbol.name.local}' has one value for all times. Use it without at(...).")
        key = self.lower(arguments[1])
        if join(symbol.key_type, key.type) is None:
            raise ExpressionError(f"'{symbol.name.local}' is looked up by {symbol.key_type}, not by {key.type}.")
        return ir.ParameterAt(symbol.type, True, symbol.name, key)

    def _progressive(self, arguments: list[SyntaxTree]) -> ir.Expr:
        usage = "progressive(amount, scale)"
        if len(arguments) != 2:
            raise ExpressionError(f"{usage} takes an amount and a scale of bands.")
        symbol = self._parameter_argument(arguments[1], usage)
        if not symbol.bands:
            raise ExpressionError(f"'{symbol.name.local}' is not a scale. Give the parameter 'bands:'.")
        amount = self.lower(arguments[0])
        if join(symbol.key_type or NUMBER, amount.type) is None:
            raise ExpressionError(f"the bands of '{symbol.name.local}' are in {symbol.key_type}, the amount is {amount.type}.")
        return ir.Progressive(amount.type, amount.nullable, amount, symbol.name)

    def _parameter_argument(self, tree: SyntaxTree, usage: str) -> ParameterSymbol:
        name = _dotted(tree)
        symbol = None if name is None else self._scope.parameter(name)
        if symbol is None:
            shown = name or "this"
            raise ExpressionError(f"{usage}: '{shown}' is not a parameter.{suggestion(shown, self._scope.known_names())}")
        return symbol

    def _date_literal(self, arguments: list[SyntaxTree]) -> ir.Expr | None:
        text = _literal_text(arguments)
        return None if text is None else _temporal_date(text)

    def _month_literal(self, arguments: list[SyntaxTree]) -> ir.Expr | None:
        text = _literal_text(arguments)
        if text is None:
            return None
        try:
            return ir.Const(MONTH, False, YearMonth.parse(text))
        except ValueError:
            raise ExpressionError(f'"{text}" is not a month. Write it as YYYY-MM, such as year_month("2025-01").') from None

    def _duration_literal(self, arguments: list[SyntaxTree]) -> ir.Expr | None:
        text = _literal_text(arguments)
        if text is None:
            raise ExpressionError('duration("P1Y6M") takes one text, such as "P18M" or "P10D".')
        return _duration(text)

    def _rounding(self, arguments: list[SyntaxTree], mode: ir.RoundingMode) -> ir.Expr:
        if len(arguments) != 2:
            raise ExpressionError("a rounding function takes a number and how many decimals to keep.")
        operand, scale = self.lower(arguments[0]), self.lower(arguments[1])
        if isinstance(operand.type, NullType):
            operand = ir.Const(LITERAL_NUMBER, True, None)
        if not isinstance(operand.type, NumberType):
            raise ExpressionError(f"only numbers can be rounded, not {operand.type}.")
        if not isinstance(scale, ir.Const) or not isinstance(scale.value, Decimal) or scale.value != int(scale.value) or abs(scale.value) > 12:
            raise ExpressionError("how many decimals to keep must be a whole number between -12 and 12, written out.")
        return ir.Round(operand.type, operand.nullable, operand, Decimal(1).scaleb(-int(scale.value)), mode)


_SPECIAL: dict[str, Callable[[Lowering, list[SyntaxTree]], ir.Expr | None]] = {
    "at": Lowering._at,
    "progressive": Lowering._progressive,
    "date": Lowering._date_literal,
    "year_month": Lowering._month_literal,
    "duration": Lowering._duration_literal,
    "round_half_up": lambda lowering, arguments: lowering._rounding(arguments, "half up"),
    "round_half_even": lambda lowering, arguments: lowering._rounding(arguments, "half even"),
    "round_half_down": lambda lowering, arguments: lowering._rounding(arguments, "half down"),
    "round_up": lambda lowering, arguments: lowering._rounding(arguments, "up"),
    "round_down": lambda lowering, arguments: lowering._rounding(arguments, "down"),
}


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


def _dotted(tree: SyntaxTree | Token) -> str | None:
    if isinstance(tree, Token):
        return None
    if tree.data == "name":
        return str(tree.children[0])
    if tree.data == "path":
        head = _dotted(tree.children[0])
        return None if head is None else f"{head}.{tree.children[1]}"
    return None


def _literal_text(arguments: list[SyntaxTree]) -> str | None:
    if len(arguments) == 1 and arguments[0].data == "string":
        return cast(str, json.loads(str(arguments[0].children[0])))
    return None


def _temporal(text: str) -> ir.Expr:
    return _duration(text) if text.lstrip("-").startswith("P") else _temporal_date(text)


def _temporal_date(text: str) -> ir.Expr:
    try:
        if len(text) != 10:
            raise ValueError
        return ir.Const(DATE_TYPE, False, date.fromisoformat(text))
    except ValueError:
        raise ExpressionError(f'"{text}" is not a date that exists. Write it as date("2025-01-31").') from None


def _duration(text: str) -> ir.Expr:
    days = _DAYS.match(text)
    if days:
        return ir.Const(DurationType("days"), False, int(days[2]) * (-1 if days[1] else 1))
    match = _YEARS_MONTHS.match(text)
    if not match or (match[2] is None and match[3] is None):
        raise ExpressionError(f'"{text}" is not a duration. Write "P1Y6M" (years, months) or "P10D" (days).')
    months = 12 * int(match[2] or 0) + int(match[3] or 0)
    return ir.Const(DurationType("months"), False, -months if match[1] else months)


__all__ = ["STRING", "Lowering", "ParameterSymbol", "Scope"]
