"""What is made of a list: its sum, its smallest or largest item."""

from __future__ import annotations

from collections.abc import Callable

from .lanes import NOTHING, CannotCompile, Lane, Mixed, Nothing, Ratio, Real, Span, TooWide, Whole
from .lists import Consumer, Items, Mapped
from .numbers import add, operate
from .writer import Value, Writer, as_real, assignments, conjunction, exact_part, real_part, scaled


def total(w: Writer, items: Items, zero: Value) -> Value:
    """The sum; exact as long as the items are whole, and otherwise what is not whole summed apart."""
    place, found = w.mark(), w.name("k")
    w.line(f"char {found} = 1;")
    sums: dict[Lane, Value] = {}

    def sum_of(lane: Lane) -> Value:
        if lane not in sums:
            sums[lane] = w.declare(place, lane)
        return sums[lane]

    def item(value: Value) -> None:
        if value.ok != "1":
            w.line(f"if (!{value.ok}) {found} = 0;")
        if not isinstance(value.lane, Nothing):
            _add_item(w, value, items.most, sum_of)

    ok = conjunction(_each_lane(w, items, item, sum_of), found)
    result = Value(zero.lane, zero.parts)
    for number, (lane, sum_) in enumerate(sums.items()):
        finished = _finished(w, lane, sum_)
        result = operate(w, add, result, finished) if number else finished
    return Value(result.lane, result.parts, ok if ok in ("0", "1") else w.temp("char", ok))


def _each_lane(w: Writer, items: Items, consume: Consumer, sum_of: Callable[[Lane], Value]) -> str:
    """Run `consume` once an item, in the item's own lane; returns whether the list is known. Products are added up here."""
    if not isinstance(items, Mapped) or items.apart is None:
        return items.loop(w, consume)
    exact = None if items.products is None else _exact_sum(items.products.lane, items.most)
    if items.products is None or exact is None or exact.ctypes() != ("i64",):
        return Mapped(items.source, items.apart).loop(w, consume)
    items.products.add_to(w, sum_of(exact).part, consume)
    return items.products.source.ok


def _add_item(w: Writer, value: Value, most: int, sum_of: Callable[[Lane], Value]) -> None:
    """Add an item to the sum of its lane."""
    exact = _exact_sum(value.lane, most)
    if exact is None:
        _add_split(w, value, most, sum_of)
        return
    sum_ = sum_of(exact)
    if isinstance(exact, Ratio):
        w.line(f"{sum_.parts[1]} = {value.parts[1]};")
    w.line(f"{sum_.parts[0]} += {scaled(value.parts[0], exact.ctypes()[0], 0)};")


def _exact_sum(lane: Lane, most: int) -> Whole | Ratio | None:
    """Where so many exact items can be summed exactly; None where they cannot."""
    found: Whole | Ratio
    if isinstance(lane, Whole):
        found = Whole(lane.scale, Span(lane.span.low * most, lane.span.high * most))
    elif isinstance(lane, Ratio) and lane.fixed is not None:
        found = Ratio(lane.scale, Span(lane.top.low * most, lane.top.high * most), lane.bottom, lane.fixed)
    else:
        return None
    try:
        found.ctypes()
    except TooWide:
        return None
    return found


def _add_split(w: Writer, value: Value, most: int, sum_of: Callable[[Lane], Value]) -> None:
    """Whole items in one sum, the others in a real one."""
    real = _sum_of_reals(value.lane, most)
    exact = _whole_side(value.lane, most)
    lane: Lane = real if exact is None else Mixed(exact, real)
    sum_ = sum_of(lane)
    parts = real_part(sum_) if isinstance(lane, Mixed) else sum_
    if exact is None:
        _accumulate(w, value, parts)
        return
    mine = exact_part(value) if isinstance(value.lane, Mixed) else value
    is_whole = "1" if not isinstance(value.lane, Mixed) else f"!{value.parts[0]}"
    if isinstance(mine.lane, Ratio):
        is_whole = conjunction(is_whole, f"{mine.parts[1]} == 1")
    w.line(f"if ({is_whole}) {sum_.parts[1]} += {scaled(mine.parts[0], exact.ctypes()[0], 0)};")
    with w.block("else"):
        w.line(f"{sum_.parts[0]} = 1;")
        _accumulate(w, value, parts)


def _finished(w: Writer, lane: Lane, sum_: Value) -> Value:
    """A sum as a value: of one that is split, both sides together."""
    if isinstance(lane, Mixed):
        whole, rest = exact_part(sum_), real_part(sum_)
        both = w.choose([(f"!{sum_.parts[0]}", lambda: Value(whole.lane, whole.parts)), (None, lambda: operate(w, add, Value(whole.lane, whole.parts), Value(rest.lane, rest.parts)))])
        return Value(both.lane, both.parts)
    if isinstance(lane, Ratio):
        return Value(lane, (sum_.parts[0], w.temp(lane.ctypes()[1], f"({sum_.parts[1]} ? {sum_.parts[1]} : 1)")))
    return Value(lane, sum_.parts)


def _whole_side(lane: Lane, most: int) -> Whole | None:
    """Where to sum those items that are whole; None where none can be."""
    exact = lane.exact if isinstance(lane, Mixed) else lane
    if isinstance(exact, Real) or not isinstance(exact, Whole | Ratio):
        return None
    span = exact.span if isinstance(exact, Whole) else exact.top
    side = Whole(exact.scale, Span(span.low * most, span.high * most))
    try:
        side.ctypes()
    except TooWide:
        return None
    return side


def _sum_of_reals(lane: Lane, most: int) -> Real:
    real = lane.real if isinstance(lane, Mixed) else lane if isinstance(lane, Real) else Real(4, False, False)
    exact = lane.exact if isinstance(lane, Mixed) else lane if isinstance(lane, Whole | Ratio) else None
    signed = real.signed or (exact is not None and (exact.span if isinstance(exact, Whole) else exact.top).low < 0)
    drift = signed or real.drift
    return Real(max(4, real.ulps) + most if not drift else 0, drift, signed)


def _accumulate(w: Writer, value: Value, target: Value) -> None:
    """target += value, in floating numbers; what the error grows by goes into its drift."""
    lane = value.lane
    if isinstance(lane, Mixed):
        part, drift = f"({value.parts[0]} ? {real_part(value).parts[0]} : {as_real(exact_part(value))})", real_part(value).parts[1:]
        ulps = max(4, lane.real.ulps)
    elif isinstance(lane, Real):
        part, drift, ulps = value.parts[0], value.parts[1:], lane.ulps
    else:
        part, drift, ulps = as_real(value), (), 4
    term = w.temp("real", part)
    w.line(f"{target.parts[0]} += {term};")
    if len(target.parts) > 1:
        w.line(f"{target.parts[1]} += ABS({term}) * ({ulps} * U) + ABS({target.parts[0]}) * U{' + ' + drift[0] if drift else ''};")


def fold(w: Writer, items: Items, step: Callable[[Value, Value], Value]) -> Value:
    """The first item, then each next one through `step`; unknown where an item is or there is none."""
    place, seen, found = w.mark(), w.name("k"), w.name("k")
    w.line(f"char {seen} = 0, {found} = 1;")
    state: list[Value] = []

    def item(value: Value) -> None:
        if isinstance(value.lane, Nothing):
            w.line(f"{found} = 0;")
            return
        held = w.hold(value.lane, value.parts, value.ok)
        best = w.declare(place, value.lane)
        state.append(best)
        w.line(f"if (!{held.ok}) {found} = 0;")
        known = Value(held.lane, held.parts)
        chosen = w.choose([(f"!{seen}", lambda: known), (None, lambda: step(Value(best.lane, best.parts), known))])
        if chosen.lane != best.lane:
            raise CannotCompile("the smallest or largest of such numbers")
        for line in assignments(chosen, best):
            w.line(line)
        w.line(f"{seen} = 1;")

    known = items.loop(w, item)
    if not state:
        return Value(NOTHING, (), "0")
    return Value(state[0].lane, state[0].parts, w.temp("char", conjunction(known, seen, found)))


__all__ = ["fold", "total"]
