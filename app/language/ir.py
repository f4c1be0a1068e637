"""The typed form of a rule: what an expression means, with every name resolved.

The exact engine compiles it to Python over decimals; the population kernel compiles the same
nodes over columns. Nodes are immutable and compare by value. `nullable` says the value may be unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Literal

from .types import Type, YearMonth

Scalar = Decimal | str | bool | date | YearMonth | int | None

RoundingMode = Literal["half up", "half even", "half down", "up", "down", "ceiling", "floor"]
HitPolicy = Literal[
    "unique", "any", "first", "priority", "rule order", "output order",
    "collect", "collect sum", "collect min", "collect max", "collect count",
]  # fmt: skip
ROUNDING_MODES: tuple[RoundingMode, ...] = ("half up", "half even", "half down", "up", "down", "ceiling", "floor")


@dataclass(frozen=True, slots=True)
class Name:
    """A rule's full name: the scheme and the definition, parameter or condition in it."""

    scheme: str
    local: str

    def __str__(self) -> str:
        return f"{self.scheme}.{self.local}"


@dataclass(frozen=True, slots=True)
class Expr:
    type: Type
    nullable: bool


@dataclass(frozen=True, slots=True)
class Const(Expr):
    value: Scalar


@dataclass(frozen=True, slots=True)
class FactRef(Expr):
    name: str


@dataclass(frozen=True, slots=True)
class Local(Expr):
    """A loop variable, `item` of a filter, `previous` of a carry."""

    name: str


@dataclass(frozen=True, slots=True)
class DefinitionRef(Expr):
    """A definition, benefit or condition (conditions are booleans)."""

    name: Name


@dataclass(frozen=True, slots=True)
class AsOf(Expr):
    """The day the question is asked."""


@dataclass(frozen=True, slots=True)
class RegionRef(Expr):
    """The region the question is asked for."""


@dataclass(frozen=True, slots=True)
class ParameterAt(Expr):
    """A parameter's value; `key` None for a parameter that has one value."""

    name: Name
    key: Expr | None


@dataclass(frozen=True, slots=True)
class Progressive(Expr):
    """`amount` charged band by band with the rates of a bands parameter."""

    amount: Expr
    name: Name


@dataclass(frozen=True, slots=True)
class Field(Expr):
    record: Expr
    field: str


@dataclass(frozen=True, slots=True)
class Arithmetic(Expr):
    """`op` names the operation and its operand kinds.

    Numbers: add, sub, mul, div, pow. Months: month_add, month_sub, month_diff. Dates: date_add_months,
    date_sub_months, date_add_days, date_sub_days, date_diff. Durations: duration_add, duration_sub.
    """

    op: str
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Negate(Expr):
    operand: Expr


@dataclass(frozen=True, slots=True)
class Compare(Expr):
    op: Literal["=", "!=", "<", "<=", ">", ">="]
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class IsNull(Expr):
    """Whether a value is unknown; itself never unknown."""

    operand: Expr


@dataclass(frozen=True, slots=True)
class And(Expr):
    items: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Or(Expr):
    items: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Not(Expr):
    operand: Expr


@dataclass(frozen=True, slots=True)
class If(Expr):
    condition: Expr
    then: Expr
    otherwise: Expr


@dataclass(frozen=True, slots=True)
class For(Expr):
    variable: str
    source: Expr
    body: Expr


@dataclass(frozen=True, slots=True)
class Filter(Expr):
    variable: str
    source: Expr
    condition: Expr


@dataclass(frozen=True, slots=True)
class Quantified(Expr):
    kind: Literal["some", "every"]
    variable: str
    source: Expr
    condition: Expr


@dataclass(frozen=True, slots=True)
class Sequence(Expr):
    """The whole numbers (or calendar months) from first to last; empty when last < first."""

    first: Expr
    last: Expr


@dataclass(frozen=True, slots=True)
class Index(Expr):
    """The k-th item, from 1; negative counts from the end; unknown outside the list."""

    source: Expr
    position: Expr


@dataclass(frozen=True, slots=True)
class ListOf(Expr):
    items: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class RecordOf(Expr):
    entries: tuple[tuple[str, Expr], ...]


@dataclass(frozen=True, slots=True)
class Call(Expr):
    function: str
    arguments: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Round(Expr):
    """`operand` rounded to a multiple of `step`."""

    operand: Expr
    step: Decimal
    mode: RoundingMode


@dataclass(frozen=True, slots=True)
class Carry(Expr):
    """A value carried through a list in order: state = start; for each item, state = next.

    `next` sees the item and the state before as `previous`. `collect` keeps every state as a list
    instead of the last.
    """

    variable: str
    previous: str
    source: Expr
    start: Expr
    next: Expr
    collect: bool


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """One row: all tests must hold; `line` is its line in `DecisionTable.file`."""

    tests: tuple[Expr, ...]
    output: Expr
    line: int


@dataclass(frozen=True, slots=True)
class Decide(Expr):
    """A decision table. `hit` is one of DMN's policies by name; `inputs` are bound to locals the tests read.

    `priorities` orders the outputs of the policies priority and output order, best first.
    """

    hit: HitPolicy
    inputs: tuple[tuple[str, Expr], ...]
    rows: tuple[DecisionRow, ...]
    priorities: tuple[Scalar, ...]
    file: str


def children(node: Expr) -> Iterator[Expr]:
    """Yield the direct sub-expressions of a node."""
    for name in _parts(type(node)):  # type: ignore[arg-type]  # a class is hashable, whatever its instances are
        value = getattr(node, name)
        if isinstance(value, Expr):
            yield value
        else:
            yield from _expressions(value)


@cache
def _parts(kind: type) -> tuple[str, ...]:
    """The fields of a kind of node that may hold others."""
    return tuple(field.name for field in fields(kind) if "Expr" in str(field.type) or "DecisionRow" in str(field.type))


def _expressions(value: object) -> Iterator[Expr]:
    if isinstance(value, Expr):
        yield value
    elif isinstance(value, DecisionRow):
        yield from value.tests
        yield value.output
    elif isinstance(value, tuple):
        for item in value:
            yield from _expressions(item)


def walk(node: Expr) -> Iterator[Expr]:
    """Yield a node and everything below it, in the order it is written."""
    waiting = [node]
    while waiting:
        found = waiting.pop()
        yield found
        waiting += reversed(tuple(children(found)))


def rewrite(node: Expr, change: Callable[[Expr], Expr]) -> Expr:
    """A node with `change` applied to everything below it, then to itself; the same object where nothing changes."""
    kept: dict[str, object] = {}
    for field in fields(node):
        old = getattr(node, field.name)
        new = _rewritten(old, change)
        if new is not old:
            kept[field.name] = new
    return change(replace(node, **kept) if kept else node)  # type: ignore[arg-type]


def _rewritten(value: object, change: Callable[[Expr], Expr]) -> object:
    if isinstance(value, Expr):
        return rewrite(value, change)
    if isinstance(value, DecisionRow):
        tests, output = _rewritten(value.tests, change), rewrite(value.output, change)
        same = tests is value.tests and output is value.output
        return value if same else replace(value, tests=tests, output=output)  # type: ignore[arg-type]
    if isinstance(value, tuple):
        items = tuple(_rewritten(item, change) for item in value)
        return value if all(new is old for new, old in zip(items, value, strict=True)) else items
    return value
