"""Decision tables in compiled code, by hit policy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.language import ir

from .calls import ZERO
from .lanes import CannotCompile, Span, Whole
from .lists import Store, Stored, struct_type, total
from .writer import UNKNOWN, Value, conjunction

if TYPE_CHECKING:
    from .expressions import Expressions, Found

_FIRST_HIT = ("first", "unique", "any")


def decide(e: Expressions, node: ir.Decide) -> Found:
    """Raises CannotCompile for the policies priority and output order."""
    for name, expr in node.inputs:
        e.locals[name] = e.find(expr)
    if node.hit in _FIRST_HIT:
        return _single(e, node)
    if node.hit in ("priority", "output order"):
        raise CannotCompile(f"a decision table of the hit policy '{node.hit}'")
    return _several(e, node)


def _row_test(e: Expressions, row: ir.DecisionRow) -> Value:
    return e.value(ir.And(row.tests[0].type, True, row.tests))


def _single(e: Expressions, node: ir.Decide) -> Value:
    """The output of the first row whose tests hold; under `first`, unknown once a row above is."""
    arms = []
    for row in node.rows:
        tests: list[Value] = []

        def holds(row: ir.DecisionRow = row, tests: list[Value] = tests) -> str:
            tests.append(_row_test(e, row))
            return conjunction(tests[0].ok, tests[0].part)

        arms.append((holds, lambda row=row: e.value(row.output)))
        if node.hit == "first":
            arms.append((lambda tests=tests: "0" if tests[0].ok == "1" else f"!{tests[0].ok}", lambda: UNKNOWN))
    return e.w.ladder(arms)


def _several(e: Expressions, node: ir.Decide) -> Found:
    w = e.w
    name, at, ok = w.name("l"), w.name("q"), w.name("k")
    place = w.mark()
    store = Store(w, at, len(node.rows))
    w.line(f"char {ok} = 1;")
    for row in node.rows:
        test = _row_test(e, row)
        with w.block(f"if ({conjunction(test.ok, test.part)})"):
            store.append(e.value(row.output))
        if test.ok != "1":
            w.line(f"if (!{test.ok}) {ok} = 0;")
    lane = store.close()
    place.lines = [f"{struct_type(lane, len(node.rows))} {name}_;", f"__typeof__(&{name}_) {at} = &{name}_; {at}->n = 0;"]
    hits = Stored(at, lane, len(node.rows), ok)
    if node.hit == "collect count":
        return Value(Whole(0, Span(0, len(node.rows))), (w.temp("i64", f"{at}->n"),), ok)
    if node.hit == "collect sum":
        return total(w, hits, ZERO)
    if node.hit in ("collect min", "collect max"):
        from .calls import _pick
        from .lists import fold

        return fold(w, hits, lambda best, value: _pick(w, [best, value], smallest=node.hit == "collect min"))
    return hits
