"""Evaluates expressions through the real engine, in both arithmetics."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from app.engine import Request
from app.engine.case import Case
from app.engine.evaluate import new_case
from app.engine.given import Given
from app.engine.numbers import CERTIFIED, RATIONAL, Arithmetic, show
from app.engine.program import Program
from app.language import Rulebook, ir, load_rulebook
from app.language.lowering import Lowering
from app.language.parser import parse_expression
from app.language.symbols import SchemeScope
from tests.conftest import HEAD, NAME, TODAY, write

PARAMETERS = """\
parameters:
  rate: {value: 0.08}
  base:
    unit: CNY/month
    by: year
    values: {2023: 6000, 2024: 6500.50}
  scale:
    unit: CNY
    bands: [{above: 0, rate: 0.1}, {above: 1000, rate: 0.2}]
definitions:
  twice: {value: 2}
"""


@cache
def playground() -> Rulebook:
    with tempfile.TemporaryDirectory() as folder:
        return load_rulebook(write(Path(folder), {"test.yaml": HEAD + PARAMETERS}))


def lower(text: str) -> ir.Expr:
    """The typed meaning of an expression. Raises ExpressionError."""
    return Lowering(SchemeScope(playground()._symbols, NAME)).lower(parse_expression(text))


def evaluate(text: str, facts: Mapping[str, Any] | None = None, arithmetic: Arithmetic = CERTIFIED) -> Any:
    """An expression's value in one arithmetic."""
    program = Program(playground().at(TODAY))
    program.ensure([NAME])
    program.compile_expression("probe", lower(text))
    request = Request(as_of=TODAY, schemes=(NAME,), facts=dict(facts or {}))
    case: Case = new_case(request, program, Given({}, {}), arithmetic)
    with arithmetic.context():
        return program.space(arithmetic)["probe"](case)


def same(expression: str, expected: str, facts: Mapping[str, Any] | None = None) -> None:
    """Assert that two expressions have one value, in both arithmetics."""
    for arithmetic in (CERTIFIED, RATIONAL):
        found, wanted = evaluate(expression, facts, arithmetic), evaluate(expected, facts, arithmetic)
        assert shown(found) == shown(wanted), f"{expression} is {found!r}, not {wanted!r} ({arithmetic.name})"


def shown(value: Any) -> Any:
    """A value as a reader sees it: numbers to 12 decimals, their zeros dropped."""
    if isinstance(value, Decimal | Fraction):
        return Decimal(show(value)).normalize()
    if isinstance(value, Mapping):
        return {name: shown(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [shown(each) for each in value]
    return (type(value), value)
