"""Calls that are more than a function of values: look-ups in parameters, written dates, roundings."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Protocol

from lark import Token

from . import ir
from .errors import ExpressionError, suggestion
from .literals import date_literal, duration_literal, literal_text, month_literal
from .parser import SyntaxTree
from .scope import ParameterSymbol, Scope
from .types import LITERAL_NUMBER, NUMBER, NullType, NumberType, join


class Lowerer(Protocol):
    """What a special call needs of the lowering it stands in."""

    scope: Scope

    def lower(self, tree: SyntaxTree) -> ir.Expr: ...


def dotted_name(tree: SyntaxTree | Token) -> str | None:
    """`a.b.c` as text, None for anything but names joined by dots."""
    if isinstance(tree, Token):
        return None
    if tree.data == "name":
        return str(tree.children[0])
    if tree.data == "path":
        head = dotted_name(tree.children[0])
        return None if head is None else f"{head}.{tree.children[1]}"
    return None


def _at(lowering: Lowerer, arguments: list[SyntaxTree]) -> ir.Expr:
    if len(arguments) != 2:
        raise ExpressionError("at(parameter, key) takes a parameter and a key.")
    symbol = _parameter_argument(lowering, arguments[0], "at(parameter, key)")
    if symbol.key_type is None:
        raise ExpressionError(f"'{symbol.name.local}' has one value for all times. Use it without at(...).")
    key = lowering.lower(arguments[1])
    if join(symbol.key_type, key.type) is None:
        raise ExpressionError(f"'{symbol.name.local}' is looked up by {symbol.key_type}, not by {key.type}.")
    return ir.ParameterAt(symbol.type, True, symbol.name, key)


def _progressive(lowering: Lowerer, arguments: list[SyntaxTree]) -> ir.Expr:
    usage = "progressive(amount, scale)"
    if len(arguments) != 2:
        raise ExpressionError(f"{usage} takes an amount and a scale of bands.")
    symbol = _parameter_argument(lowering, arguments[1], usage)
    if not symbol.bands:
        raise ExpressionError(f"'{symbol.name.local}' is not a scale. Give the parameter 'bands:'.")
    amount = lowering.lower(arguments[0])
    if join(symbol.key_type or NUMBER, amount.type) is None:
        raise ExpressionError(f"the bands of '{symbol.name.local}' are in {symbol.key_type}, the amount is {amount.type}.")
    return ir.Progressive(amount.type, amount.nullable or symbol.nullable, amount, symbol.name)


def _parameter_argument(lowering: Lowerer, tree: SyntaxTree, usage: str) -> ParameterSymbol:
    name = dotted_name(tree)
    symbol = None if name is None else lowering.scope.parameter(name)
    if symbol is None:
        shown = name or "this"
        raise ExpressionError(f"{usage}: '{shown}' is not a parameter.{suggestion(shown, lowering.scope.known_names())}")
    return symbol


def _date(_: Lowerer, arguments: list[SyntaxTree]) -> ir.Expr | None:
    text = literal_text(arguments)
    return None if text is None else date_literal(text)


def _year_month(_: Lowerer, arguments: list[SyntaxTree]) -> ir.Expr | None:
    text = literal_text(arguments)
    return None if text is None else month_literal(text)


def _duration(_: Lowerer, arguments: list[SyntaxTree]) -> ir.Expr | None:
    text = literal_text(arguments)
    if text is None:
        raise ExpressionError('duration("P1Y6M") takes one text, such as "P18M" or "P10D".')
    return duration_literal(text)


def _round(lowering: Lowerer, arguments: list[SyntaxTree], mode: ir.RoundingMode) -> ir.Expr:
    if len(arguments) != 2:
        raise ExpressionError("a rounding function takes a number and how many decimals to keep.")
    operand, scale = lowering.lower(arguments[0]), lowering.lower(arguments[1])
    if isinstance(operand.type, NullType):
        operand = ir.Const(LITERAL_NUMBER, True, None)
    if not isinstance(operand.type, NumberType):
        raise ExpressionError(f"only numbers can be rounded, not {operand.type}.")
    if not isinstance(scale, ir.Const) or not isinstance(scale.value, Decimal) or scale.value != int(scale.value) or abs(scale.value) > 12:
        raise ExpressionError("how many decimals to keep must be a whole number between -12 and 12, written out.")
    return ir.Round(operand.type, operand.nullable, operand, Decimal(1).scaleb(-int(scale.value)), mode)


def _rounds(mode: ir.RoundingMode) -> SpecialCall:
    return lambda lowering, arguments: _round(lowering, arguments, mode)


# A special call may give None: then the function of the same name is meant.
SpecialCall = Callable[[Lowerer, list[SyntaxTree]], ir.Expr | None]
SPECIAL_CALLS: dict[str, SpecialCall] = {
    "at": _at,
    "progressive": _progressive,
    "date": _date,
    "year_month": _year_month,
    "duration": _duration,
    "round_half_up": _rounds("half up"),
    "round_half_even": _rounds("half even"),
    "round_half_down": _rounds("half down"),
    "round_up": _rounds("up"),
    "round_down": _rounds("down"),
}
