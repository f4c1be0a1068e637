"""Decision tables: cells to IR, and the proof that a table has a row for every case and not two."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date, timedelta
from decimal import Decimal
from itertools import product

from . import ir
from .errors import ExpressionError, Fault, Place, RuleError
from .lowering import Lowering
from .model import DecisionClause, Text
from .trees import Trees
from .types import BOOLEAN, NUMBER, BooleanType, DateType, ListType, MonthType, NumberType, StringType, Type, YearMonth, join

MAX_COMBINATIONS = 200_000
_ANY = ("-", "")
_SINGLE_HIT = ("unique", "any", "first", "priority")


def lower_decision(clause: DecisionClause, lowering: Lowering, trees: Trees) -> ir.Expr:
    """Lower a decision table and check it for gaps and overlaps. Raises RuleError."""
    inputs = [_lower_text(text, lowering, trees) for text in clause.inputs]
    rows: list[ir.DecisionRow] = []
    with ExitStack() as stack:
        subjects = [
            ir.Local(expr.type, expr.nullable, stack.enter_context(lowering.binding(f"input_{position}", expr.type, expr.nullable)))
            for position, expr in enumerate(inputs, 1)
        ]
        for tests, output in clause.rows:
            lowered = tuple(_lower_cell(cell, subject, lowering, trees) for cell, subject in zip(tests, subjects, strict=True))
            rows.append(ir.DecisionRow(lowered, _lower_text(output, lowering, trees), output.place.line))
    kind = _output_type(clause, rows)
    priorities = tuple(_priority(text, lowering, trees) for text in clause.priorities)
    names = tuple((subject.name, expr) for subject, expr in zip(subjects, inputs, strict=True))
    decide = ir.Decide(_result_type(clause.hit, kind), True, clause.hit, names, tuple(rows), priorities, clause.file)
    _check(decide, clause)
    return decide


def _located(text: Text, work: Callable[[], ir.Expr]) -> ir.Expr:
    try:
        return work()
    except ExpressionError as error:
        raise RuleError([Fault(text.place, error.message)]) from None


def _lower_text(text: Text, lowering: Lowering, trees: Trees) -> ir.Expr:
    return _located(text, lambda: lowering.lower(trees.parse(text.text)))


def _lower_cell(cell: Text, subject: ir.Local, lowering: Lowering, trees: Trees) -> ir.Expr:
    if cell.text.strip() in _ANY:
        return ir.Const(BOOLEAN, False, True)
    return _located(cell, lambda: lowering.lower_tests(trees.parse_tests(cell.text), subject))


def _priority(text: Text, lowering: Lowering, trees: Trees) -> ir.Scalar:
    lowered = _lower_text(text, lowering, trees)
    if not isinstance(lowered, ir.Const):
        raise RuleError([Fault(text.place, "'priorities' lists the outputs as written values.")])
    return lowered.value


def _output_type(clause: DecisionClause, rows: list[ir.DecisionRow]) -> Type:
    if not rows:
        raise RuleError([Fault(Place(clause.file, 1), "the decision table has no rows.")])
    kind = rows[0].output.type
    for row in rows[1:]:
        joined = join(kind, row.output.type)
        if joined is None:
            place = Place(clause.file, row.line)
            raise RuleError([Fault(place, f"this row gives {row.output.type}, the rows above {kind}. All rows need one type and unit.")])
        kind = joined
    return kind


def _result_type(hit: str, kind: Type) -> Type:
    if hit in ("rule order", "output order", "collect"):
        return ListType(kind)
    return NUMBER if hit == "collect count" else kind


# -- completeness ---------------------------------------------------------------------------------


def _check(decide: ir.Decide, clause: DecisionClause) -> None:
    """Every combination of input values must hit a row; under `unique` exactly one, under `any` equal ones."""
    axes = [_axis(name, expr, decide) for name, expr in decide.inputs]
    combinations = 1
    for axis in axes:
        combinations *= max(len(axis), 1)
    if combinations > MAX_COMBINATIONS:
        place = Place(clause.file, decide.rows[0].line)
        raise RuleError([Fault(place, f"the table has {combinations} different cases, too many to check. Split it in two.")])
    matching = [[_matches(row.tests[position], axis, Place(decide.file, row.line)) for position, axis in enumerate(axes)] for row in decide.rows]
    for case in product(*(range(len(axis)) for axis in axes)):
        hits = [index for index, row in enumerate(matching) if all(row[axis][value] for axis, value in enumerate(case))]
        shown = _describe(clause, axes, case)
        if not hits and decide.hit in _SINGLE_HIT:
            raise RuleError(
                [Fault(Place(clause.file, decide.rows[-1].line), f"the table has a gap: no row for {shown}. Add a row, or a last row of '-'.")]
            )
        if len(hits) > 1 and _conflict(decide, hits):
            lines = " and ".join(str(decide.rows[hit].line) for hit in hits[:2])
            place = Place(clause.file, decide.rows[hits[1]].line)
            raise RuleError([Fault(place, f"rows overlap: lines {lines} both match {shown}. Narrow one, or choose the hit policy first.")])


def _conflict(decide: ir.Decide, hits: list[int]) -> bool:
    if decide.hit == "unique":
        return True
    return decide.hit == "any" and any(decide.rows[hit].output != decide.rows[hits[0]].output for hit in hits)


def _describe(clause: DecisionClause, axes: list[list[ir.Scalar]], case: tuple[int, ...]) -> str:
    return ", ".join(f"{text.text} = {_show(axes[index][case[index]])}" for index, text in enumerate(clause.inputs))


def _show(value: ir.Scalar) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f'"{value}"' if isinstance(value, str) else str(value)


def _axis(name: str, expr: ir.Expr, decide: ir.Decide) -> list[ir.Scalar]:
    """One value for each stretch of an input that no test tells apart."""
    kind = expr.type
    if isinstance(kind, BooleanType):
        return [True, False]
    constants = [constant for row in decide.rows for test in row.tests for constant in _constants(test, name)]
    if isinstance(kind, StringType):
        written = dict.fromkeys(value for value in constants if isinstance(value, str))
        return list(kind.values) if kind.values is not None else [*written, "(anything else)"]
    if isinstance(kind, NumberType):
        return list(_stretches(sorted({value for value in constants if isinstance(value, Decimal)}), Decimal(1)))
    if isinstance(kind, MonthType):
        return list(_month_stretches(sorted({value for value in constants if isinstance(value, YearMonth)})))
    if isinstance(kind, DateType):
        return list(_date_stretches(sorted({value for value in constants if isinstance(value, date)})))
    raise RuleError([Fault(Place(decide.file, decide.rows[0].line), f"an input of a decision table cannot be a {kind}.")])


def _constants(test: ir.Expr, name: str) -> Iterator[ir.Scalar]:
    for node in ir.walk(test):
        if isinstance(node, ir.Compare) and isinstance(node.left, ir.Local) and node.left.name == name and isinstance(node.right, ir.Const):
            yield node.right.value


def _stretches(points: list[Decimal], beyond: Decimal) -> Iterator[Decimal]:
    if not points:
        yield Decimal(0)
        return
    yield points[0] - beyond
    for index, point in enumerate(points):
        yield point
        yield (point + points[index + 1]) / 2 if index + 1 < len(points) else point + beyond


def _month_stretches(points: list[YearMonth]) -> Iterator[YearMonth]:
    yield from sorted({YearMonth(point + step) for point in points for step in (-1, 0, 1)}) or [YearMonth(0)]


def _date_stretches(points: list[date]) -> Iterator[date]:
    yield from sorted({point + timedelta(days=step) for point in points for step in (-1, 0, 1)}) or [date(2000, 1, 1)]


def _matches(test: ir.Expr, axis: list[ir.Scalar], place: Place) -> list[bool]:
    return [_holds(test, value, place) for value in axis]


def _holds(test: ir.Expr, value: ir.Scalar, place: Place) -> bool:
    if isinstance(test, ir.Const):
        return test.value is True
    if isinstance(test, ir.And):
        return all(_holds(item, value, place) for item in test.items)
    if isinstance(test, ir.Or):
        return any(_holds(item, value, place) for item in test.items)
    if isinstance(test, ir.Not):
        return not _holds(test.operand, value, place)
    if isinstance(test, ir.IsNull):
        return False
    if isinstance(test, ir.Compare) and isinstance(test.left, ir.Local) and isinstance(test.right, ir.Const):
        return _compare(test.op, value, test.right.value)
    raise RuleError([Fault(place, "a cell may only compare its input with written values.")])


def _compare(op: str, left: ir.Scalar, right: ir.Scalar) -> bool:
    if op == "=":
        return left == right
    if op == "!=":
        return left != right
    assert left is not None and right is not None
    return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[op]  # type: ignore[operator]
