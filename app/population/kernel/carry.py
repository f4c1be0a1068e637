"""`carry`: a value taken through a list in order, held in C variables from one item to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.language import ir

from .lanes import CannotCompile, Lane, Nothing, Plain, Record, Span, Whole, join
from .lists import Consumer, Mapped
from .writer import Value, Writer, assignments, fields_of

if TYPE_CHECKING:
    from .expressions import Expressions, Found

STATE_LIMIT = 10**12
TRIES = 4


def carry(e: Expressions, node: ir.Carry) -> Found:
    """The last state, or with `collect` every state as a list. Raises CannotCompile where its numbers grow without end."""
    source = e.items(node.source)
    start = e.value(node.start)
    lane = _state_lane(e, node, start.lane)
    w = e.w
    state = w.declare(w.mark(), lane, "s")
    for line in assignments(start, state):
        w.line(line)

    def step(item: Value) -> None:
        with e.bound(node.variable, item), e.bound(node.previous, state):
            following = e.value(node.next)
        for line in _guarded(w, following, state):
            w.line(line)

    if node.collect:

        def each(item: Value, consume: Consumer) -> None:
            step(item)
            consume(w.hold(lane, state.parts, state.ok))

        return Mapped(source, each)
    known = source.loop(w, step)
    return Value(lane, state.parts, state.ok if known == "1" else w.temp("char", f"{state.ok} & {known}"))


def _state_lane(e: Expressions, node: ir.Carry, start: Lane) -> Lane:
    """The lane that holds the start and every state after it; found by trying the step on a scratch function."""
    lane = _widened(start)
    for _ in range(TRIES):
        following = _lane_after(e, node, lane)
        wider = _widened(join(lane, following))
        if wider == lane:
            return lane
        lane = wider
    raise CannotCompile("a carried number that gains decimals at every step; round it")


def _lane_after(e: Expressions, node: ir.Carry, lane: Lane) -> Lane:
    kept, e.w = e.w, Writer()
    found: list[Lane] = []
    try:
        state = e.w.declare(e.w.mark(), lane, "s")

        def item(value: Value) -> None:
            with e.bound(node.variable, value), e.bound(node.previous, state):
                found.append(e.value(node.next).lane)

        e.items(node.source).loop(e.w, item)
    finally:
        e.w = kept
    return found[0] if found else lane


def _widened(lane: Lane) -> Lane:
    """States are kept within +-10**12 units; a person beyond is left to the exact engine."""
    if isinstance(lane, Whole):
        limit = STATE_LIMIT * 10**lane.scale
        return Whole(lane.scale, Span(-limit, limit))
    if isinstance(lane, Record):
        return Record(tuple((name, _widened(each)) for name, each in lane.fields))
    if isinstance(lane, Plain | Nothing):
        return lane
    raise CannotCompile("a carried number that is not rounded")


def _copied(w: Writer, value: Value) -> Value:
    """A value in variables of its own: a field may be what another one was before, which changes first."""
    names = [w.name() for _ in value.parts]
    for ctype, name, text in zip(value.lane.ctypes(), names, value.parts, strict=True):
        w.line(f"{ctype} {name} = {text};")
    ok = w.name("k")
    w.line(f"char {ok} = {value.ok};")
    return Value(value.lane, tuple(names), ok)


def _guarded(w: Writer, value: Value, state: Value) -> list[str]:
    """Store a state; one beyond its range flags the row and is kept as nothing."""
    if isinstance(value.lane, Whole) and isinstance(state.lane, Whole):
        limit = state.lane.span.high // 10 ** (state.lane.scale - value.lane.scale)
        text = value.parts[0]
        test = f"({text} > {limit}LL || {text} < -{limit}LL)"
        (stored,) = assignments(value, state)[:1]
        return [f"if {test} {{ c->flag = 1; {state.parts[0]} = 0; }} else {{ {stored} }}", f"{state.ok} = {value.ok};"]
    if isinstance(value.lane, Record) and isinstance(state.lane, Record):
        lines: list[str] = []
        for mine, theirs in zip(fields_of(value).values(), fields_of(state).values(), strict=True):
            lines += _guarded(w, _copied(w, mine), theirs)
        return [*lines, f"{state.ok} = {value.ok};"]
    return assignments(value, state)
