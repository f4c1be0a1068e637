"""Rounding of lanes to a step, exactly, or flagged where the error of a floating number reaches a boundary."""

from __future__ import annotations

from decimal import Decimal

from app.language.ir import RoundingMode

from .lanes import NARROW, WIDE, Mixed, Ratio, Real, Span, TooWide, Whole
from .numbers import apart, error, ratio, to_real
from .writer import Value, Writer, integer, power_of_ten, scaled

# What a rounded number may come to. A person who has a larger one is left to the exact engine, so that what follows stays in 64 bits.
LARGEST = 10**9
HALVES = ("half up", "half even", "half down")
EXACT_MODES = {"half up": 0, "half even": 1, "half down": 2, "up": 3, "down": 4, "ceiling": 5, "floor": 6}


def round_to(w: Writer, value: Value, step: Decimal, mode: RoundingMode) -> Value:
    """The multiple of `step` (1, 2 or 5 of a decimal place) that `mode` chooses, exactly or flagged."""
    lane = value.lane
    if isinstance(lane, Mixed):
        return apart(w, value, lambda part: round_to(w, part, step, mode))
    digit, decimals = _step(step)
    if isinstance(lane, Real):
        return _round_real(w, value, digit, decimals, mode)
    assert isinstance(lane, Whole | Ratio)
    if isinstance(lane, Whole) and digit == 1 and lane.scale <= decimals:
        return value
    n, tops, d, bottoms, fixed = ratio(value)
    up, down = max(0, decimals - lane.scale), max(0, lane.scale - decimals)
    try:
        top = tops.times(10**up)
        bottom = bottoms.times(digit * 10**down)
        kind = "i128" if "i128" in (top.ctype, bottom.ctype) else "i64"
        if (top + top).high >= WIDE:
            raise TooWide
    except TooWide:
        return _round_real(w, to_real(w, value), digit, decimals, mode)
    below = integer(digit * 10**down) if d == "1" else scaled(d, kind, 0) + f" * {integer(digit * 10**down)}"
    text = f"{'round128' if kind == 'i128' else 'round64'}({scaled(n, kind, up)}, {below}, {EXACT_MODES[mode]})"
    largest = max(top.high, -top.low) // (digit * 10**down * (fixed or 1)) + 1
    span = Span(-largest if top.low < 0 else 0, largest).times(digit)
    return _held(w, Whole(max(0, decimals), span.times(10 ** max(0, -decimals))), f"({span.ctype}){text} * {integer(digit * 10 ** max(0, -decimals))}", value.ok)


def _held(w: Writer, lane: Whole, text: str, ok: str) -> Value:
    """A rounded number; where its lane could hold one above the largest, such a row is flagged and the number taken for 0."""
    limit = LARGEST * 10**lane.scale
    if limit >= NARROW or max(lane.span.high, -lane.span.low) <= limit:
        return w.hold(lane, (text,), ok)
    span = Span(-limit if lane.span.low < 0 else 0, limit)
    return w.hold(Whole(lane.scale, span), (f"{'held64' if lane.span.ctype == 'i64' else 'held128'}(c, {text}, {integer(limit)})",), ok)


def _step(step: Decimal) -> tuple[int, int]:
    """A step as (1, 2 or 5, its decimal place)."""
    shortest = step.normalize()
    (digit,) = shortest.as_tuple().digits
    exponent = shortest.as_tuple().exponent
    assert isinstance(exponent, int)
    return digit, -exponent


def _round_real(w: Writer, value: Value, digit: int, decimals: int, mode: RoundingMode) -> Value:
    """Scale to steps; where the error reaches a boundary, or the number does not fit, flag the row."""
    power = power_of_ten(abs(decimals))
    text = f"{value.parts[0]} * {power}" if decimals >= 0 else f"{value.parts[0]} / {power}"
    shifted = w.temp("real", f"({text})" if digit == 1 else f"({text}) / {digit}")
    grow = f"{error(value)} {'*' if decimals >= 0 else '/'} {power}" + ("" if digit == 1 else f" / {digit}")
    bound = w.temp("real", f"{grow} + ({error(value)} > 0 ? ABS({shifted}) * (3 * U) : 0)")
    near = 1 if mode in HALVES else 0
    limit = min(LARGEST * 10**decimals if decimals >= 0 else LARGEST // 10**-decimals, 10**18)
    call = f"round_real(c, {shifted}, {bound}, {near}, {EXACT_MODES[mode]}, {value.ok}, {limit})"
    factor = digit * 10 ** max(0, -decimals)
    signed = isinstance(value.lane, Real) and value.lane.signed
    span = Span(-limit if signed else 0, limit).times(factor)
    return w.hold(Whole(max(0, decimals), span), (f"({span.ctype}){call} * {integer(factor)}" if factor != 1 else call,), value.ok)
