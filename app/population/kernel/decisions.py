"""Decision tables in compiled code, by hit policy."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from app.language import ir

from .calls import ZERO, least_or_most
from .lanes import Span, Whole
from .lists import LocalStore, Ranked
from .sums import fold, total
from .writer import KNOWN, Case, Value, conjunction

if TYPE_CHECKING:
    from .expressions import Expressions, Found

_FIRST_HIT = ("first", "unique", "any")


def decide(e: Expressions, node: ir.Decide) -> Found:
    """A value, or under `rule order`, `output order` and `collect` a list."""
    for name, expr in node.inputs:
        e.locals[name] = e.find(expr)
    if node.hit in _FIRST_HIT:
        return _single(e, node)
    if node.hit == "priority":
        return _best(e, node)
    return _several(e, node)


def _row_test(e: Expressions, row: ir.DecisionRow) -> Value:
    return e.value(ir.And(row.tests[0].type, True, row.tests))


def _single(e: Expressions, node: ir.Decide) -> Value:
    """The output of the first row whose tests hold; under `first`, unknown once a row above is."""
    return e.w.first(
        [Case(partial(_row_test, e, row), partial(e.value, row.output), unknown_ends=node.hit == "first") for row in node.rows]
    )


def _rank(e: Expressions, node: ir.Decide, value: Value) -> str:
    """C text: the place of an output in `priorities`, their number where it is none of them."""
    rank = e.w.name("r")
    e.w.line(f"int {rank} = {len(node.priorities)};")
    for place, best in reversed(list(enumerate(node.priorities))):
        same = e.comparison("=", value, e.constant(best))
        e.w.line(f"if ({conjunction(same.ok, same.part)}) {rank} = {place};")
    return rank


def _best(e: Expressions, node: ir.Decide) -> Value:
    """Of the outputs that hit, the one that comes first in `priorities`; unknown once a row is."""
    w = e.w
    best, ok = w.name("r"), w.name("k")
    w.line(f"int {best} = {len(node.priorities)}; char {ok} = 1;")
    for row in node.rows:
        test = _row_test(e, row)
        with w.block(f"if ({conjunction(test.ok, test.part)})"):
            rank = _rank(e, node, e.value(row.output))
            w.line(f"if ({rank} < {best}) {best} = {rank};")
        if test.ok != KNOWN:
            w.line(f"if (!{test.ok}) {ok} = 0;")
    return w.choose([(f"{ok} && {best} == {place}", lambda value=value: e.constant(value)) for place, value in enumerate(node.priorities)])  # type: ignore[misc]


def _several(e: Expressions, node: ir.Decide) -> Found:
    w = e.w
    store = LocalStore(w, len(node.rows))
    at, ok = store.at, w.name("k")
    ranks = w.name("r")
    w.line(f"char {ok} = 1; int {ranks}[{len(node.rows)}];")
    for row in node.rows:
        test = _row_test(e, row)
        with w.block(f"if ({conjunction(test.ok, test.part)})"):
            output = e.value(row.output)
            if node.hit == "output order":
                w.line(f"{ranks}[{at}->n] = {_rank(e, node, output)};")
            store.append(output)
        if test.ok != KNOWN:
            w.line(f"if (!{test.ok}) {ok} = 0;")
    hits = store.kept(ok)
    if node.hit == "collect count":
        return Value(Whole(0, Span(0, len(node.rows))), (w.temp("i64", f"{at}->n"),), ok)
    if node.hit == "collect sum":
        return total(w, hits, ZERO)
    if node.hit in ("collect min", "collect max"):
        return fold(w, hits, lambda best, value: least_or_most(w, [best, value], smallest=node.hit == "collect min"))
    return Ranked(hits, ranks, len(node.priorities)) if node.hit == "output order" else hits
