"""Arithmetic on lanes: exact as long as 128 bits hold it, else floating with a bound on the error.

The bound of a real number is ulps * U * |r| + e. U is the spacing of the machine's longest floating numbers at
1, twice the rounding error of one operation, which leaves room for products of errors.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from .lanes import NARROW, ONE, CannotCompile, Mixed, Ratio, Real, Span, TooWide, Whole, real_join, real_of
from .writer import KNOWN, UNKNOWN, Value, Writer, as_real, conjunction, converted, exact_part, integer, real_part, scaled

MAX_ULPS = 1 << 20
EXACT_REAL = 1 << 53
_Operation = Callable[[Writer, Value, Value], Value]


def constant(value: Decimal) -> Value:
    """A written number."""
    sign, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)
    number = int("".join(map(str, digits))) * (-1 if sign else 1)
    scale = max(0, -exponent)
    number *= 10 ** max(0, exponent)
    while scale and number % 10 == 0:
        number, scale = number // 10, scale - 1
    return Value(Whole(scale, Span.of(number)), (integer(number),))


def known_constant(value: Value) -> int | None:
    """The whole number n of a constant's n / 10**scale; None where it is not written out."""
    lane = value.lane
    if not isinstance(lane, Whole) or value.ok != KNOWN:
        return None
    for bound in (lane.span.low, lane.span.high):
        if value.parts[0] == integer(bound):
            return bound
    return None


def to_real(w: Writer, value: Value) -> Value:
    """An exact or mixed number as a real one."""
    lane = value.lane
    if isinstance(lane, Real):
        return value
    if isinstance(lane, Mixed):
        wanted = real_join(real_of(lane.exact), lane.real)
        return w.hold(wanted, converted(value, wanted), value.ok)
    assert isinstance(lane, Whole | Ratio)
    span = lane.span if isinstance(lane, Whole) else lane.top
    ulps = 0 if isinstance(lane, Whole) and lane.scale == 0 and max(span.high, -span.low) <= EXACT_REAL else 4
    return w.hold(Real(ulps, False, span.low < 0), (as_real(value),), value.ok)


def error(value: Value) -> str:
    """The bound of a real number's error, as C text."""
    lane = value.lane
    assert isinstance(lane, Real)
    drift = f" + {value.parts[1]}" if lane.drift else ""
    return f"(ABS({value.parts[0]}) * ({lane.ulps} * U){drift})"


def operate(w: Writer, operation: _Operation, left: Value, right: Value) -> Value:
    """Apply an operation of two numbers; a mixed one is taken apart first. Wide results become real."""
    if isinstance(left.lane, Mixed):
        return apart(w, left, lambda part: operate(w, operation, part, right))
    if isinstance(right.lane, Mixed):
        return apart(w, right, lambda part: operate(w, operation, left, part))
    if isinstance(left.lane, Real) or isinstance(right.lane, Real):
        return operation(w, to_real(w, left), to_real(w, right))
    try:
        return operation(w, left, right)
    except TooWide:
        return operation(w, to_real(w, left), to_real(w, right))


def apart(w: Writer, mixed: Value, work: Callable[[Value], Value]) -> Value:
    """Work on whichever side of a mixed number holds."""
    return w.choose([(f"!{mixed.parts[0]}", lambda: work(exact_part(mixed))), (None, lambda: work(real_part(mixed)))])


def ratio(value: Value) -> tuple[str, Span, str, Span, int | None]:
    """Numerator and divisor of an exact number, with their ranges."""
    lane = value.lane
    if isinstance(lane, Ratio):
        return value.parts[0], lane.top, value.parts[1], lane.bottom, lane.fixed
    assert isinstance(lane, Whole)
    return value.parts[0], lane.span, "1", ONE, 1


def _scale(value: Value) -> int:
    assert isinstance(value.lane, Whole | Ratio)
    return value.lane.scale


def _exact(w: Writer, scale: int, top: tuple[str, Span], bottom: tuple[str, Span, int | None], ok: str) -> Value:
    text, span = top
    if bottom[2] == 1:
        whole = Whole(scale, span)
        return w.hold(whole, (text,), ok)
    lane = Ratio(scale, span, bottom[1], bottom[2])
    lane.ctypes()
    return w.hold(lane, (text, bottom[0]), ok)


# -- the four operations --------------------------------------------------------------------------


def add(w: Writer, left: Value, right: Value) -> Value:
    ok = conjunction(left.ok, right.ok)
    if isinstance(left.lane, Real) and isinstance(right.lane, Real):
        return _add_real(w, left, right, "+", ok)
    scale = max(_scale(left), _scale(right))
    (n, tops, d, bottoms, fixed), (m, topm, e, bottome, fixede) = ratio(left), ratio(right)
    tops, topm = tops.times(10 ** (scale - _scale(left))), topm.times(10 ** (scale - _scale(right)))
    if fixed is not None and fixed == fixede:
        kind = (tops + topm).ctype
        text = f"{scaled(n, kind, scale - _scale(left))} + {scaled(m, kind, scale - _scale(right))}"
        return _exact(w, scale, (text, tops + topm), (d, bottoms, fixed), ok)
    span = tops * bottome + topm * bottoms
    kind = span.ctype
    text = f"{scaled(n, kind, scale - _scale(left))} * {e} + {scaled(m, kind, scale - _scale(right))} * {d}"
    bottom = bottoms * bottome
    product = d if e == "1" else e if d == "1" else f"({bottom.ctype}){d} * {e}"
    both = fixed * fixede if fixed is not None and fixede is not None else None
    return _exact(w, scale, (text, span), (product, bottom, both), ok)


def negate(w: Writer, value: Value) -> Value:
    lane = value.lane
    if isinstance(lane, Mixed):
        return apart(w, value, lambda part: negate(w, part))
    if isinstance(lane, Real):
        return w.hold(Real(lane.ulps, lane.drift, True), (f"-{value.parts[0]}", *value.parts[1:]), value.ok)
    if isinstance(lane, Ratio):
        return w.hold(Ratio(lane.scale, -lane.top, lane.bottom, lane.fixed), (f"-{value.parts[0]}", value.parts[1]), value.ok)
    assert isinstance(lane, Whole)
    return w.hold(Whole(lane.scale, -lane.span), (f"-{value.parts[0]}",), value.ok)


def subtract(w: Writer, left: Value, right: Value) -> Value:
    return operate(w, add, left, negate(w, right))


def _add_real(w: Writer, left: Value, right: Value, sign: str, ok: str) -> Value:
    assert isinstance(left.lane, Real) and isinstance(right.lane, Real)
    text = f"{left.parts[0]} {sign} {right.parts[0]}"
    ulps = max(left.lane.ulps, right.lane.ulps) + 1
    if not (left.lane.signed or right.lane.signed or left.lane.drift or right.lane.drift) and ulps < MAX_ULPS:
        return w.hold(Real(ulps, False, False), (text,), ok)
    result = w.temp("real", text)
    drift = f"{error(left)} + {error(right)} + ABS({result}) * U"
    return w.hold(Real(0, True, left.lane.signed or right.lane.signed), (result, drift), ok)


def multiply(w: Writer, left: Value, right: Value) -> Value:
    ok = conjunction(left.ok, right.ok)
    if isinstance(left.lane, Real) and isinstance(right.lane, Real):
        return _multiply_real(w, left, right, ok)
    for one, other in ((left, right), (right, left)):
        factor = known_constant(one)
        if factor and factor % 10 == 0:
            # Tens only move the point: the range stays, and so does exactness.
            tens = len(str(factor)) - len(str(factor).rstrip("0"))
            return _moved(w, multiply(w, other, constant(Decimal(factor // 10**tens).scaleb(-_scale(one)))), tens)
    (n, tops, d, bottoms, fixed), (m, topm, e, bottome, fixede) = ratio(left), ratio(right)
    top = tops * topm
    bottom = bottoms * bottome
    product = d if e == "1" else e if d == "1" else f"({bottom.ctype}){d} * {e}"
    both = fixed * fixede if fixed is not None and fixede is not None else None
    return _exact(w, _scale(left) + _scale(right), (f"({top.ctype}){n} * {m}", top), (product, bottom, both), ok)


def _moved(w: Writer, value: Value, tens: int) -> Value:
    """An exact number times 10**tens, by its scale as far as that goes."""
    n, top, d, bottom, fixed = ratio(value)
    more = max(0, tens - _scale(value))
    text = scaled(n, top.times(10**more).ctype, more) if more else n
    return _exact(w, _scale(value) + more - tens, (text, top.times(10**more)), (d, bottom, fixed), value.ok)


def _multiply_real(w: Writer, left: Value, right: Value, ok: str) -> Value:
    assert isinstance(left.lane, Real) and isinstance(right.lane, Real)
    signed = left.lane.signed or right.lane.signed
    text = f"{left.parts[0]} * {right.parts[0]}"
    ulps = left.lane.ulps + right.lane.ulps + 1
    if not (left.lane.drift or right.lane.drift) and ulps < MAX_ULPS:
        return w.hold(Real(ulps, False, signed), (text,), ok)
    result, mine, theirs = w.temp("real", text), w.temp("real", error(left)), w.temp("real", error(right))
    drift = f"ABS({left.parts[0]}) * {theirs} + ABS({right.parts[0]}) * {mine} + {mine} * {theirs} + ABS({result}) * U"
    return w.hold(Real(0, True, signed), (result, drift), ok)


def divide(w: Writer, left: Value, right: Value) -> Value:
    """left / right, unknown for a zero divisor."""
    if isinstance(left.lane, Real) and isinstance(right.lane, Real):
        return _divide_real(w, left, right)
    divisor = known_constant(right)
    if divisor is not None and divisor > 0:
        assert isinstance(right.lane, Whole)
        return _divide_by_constant(w, left, divisor, right.lane.scale)
    (n, tops, d, bottoms, _), (m, topm, e, bottome, _) = ratio(left), ratio(right)
    ok = conjunction(left.ok, right.ok, w.temp("char", f"{m} != 0"))
    shift = _scale(left) - _scale(right)
    tops = (tops * bottome).times(10 ** max(0, -shift))
    bottom = bottoms * Span.of(max(topm.high, -topm.low))
    kind = tops.ctype
    numerator = scaled(n, kind, max(0, -shift)) + ("" if e == "1" else f" * {e}")
    if topm.low < 0:
        numerator = f"({m} < 0 ? -({numerator}) : {numerator})"
        tops = tops | -tops
        m = f"({m} < 0 ? -{m} : {m})"
    product = m if d == "1" else f"({bottom.ctype}){d} * {m}"
    held = w.temp(bottom.ctype, f"({product})")
    return _exact(w, max(0, shift), (numerator, tops), (f"({held} ? {held} : 1)", bottom, None), ok)


def _divide_by_constant(w: Writer, left: Value, divisor: int, scale: int) -> Value:
    """Twos and fives only move the point; what is left of the divisor stays below the line."""
    n, tops, d, bottoms, fixed = ratio(left)
    twos = fives = 0
    while divisor % 2 == 0:
        divisor, twos = divisor // 2, twos + 1
    while divisor % 5 == 0:
        divisor, fives = divisor // 5, fives + 1
    more = max(twos, fives)
    factor = 2 ** (more - twos) * 5 ** (more - fives)
    new_scale = _scale(left) + more - scale
    factor *= 10 ** max(0, -new_scale)
    span = tops.times(factor)
    text = f"({span.ctype}){n} * {integer(factor)}" if factor != 1 else n
    if divisor == 1:
        return _exact(w, max(0, new_scale), (text, span), (d, bottoms, fixed), left.ok)
    bottom = bottoms.times(divisor)
    product = integer(divisor) if d == "1" else f"({bottom.ctype}){d} * {integer(divisor)}"
    return _exact(w, max(0, new_scale), (text, span), (product, bottom, fixed * divisor if fixed is not None else None), left.ok)


def _divide_real(w: Writer, left: Value, right: Value) -> Value:
    assert isinstance(left.lane, Real) and isinstance(right.lane, Real)
    bound = w.temp("real", error(right))
    w.line(f"if (ABS({right.parts[0]}) <= {bound} && {bound} > 0 && {right.ok}) c->flag = 1;")
    nonzero = w.temp("char", f"{right.parts[0]} != 0")
    divisor = w.temp("real", f"({nonzero} ? {right.parts[0]} : 1)")
    ok = conjunction(left.ok, right.ok, nonzero)
    signed = left.lane.signed or right.lane.signed
    result = w.temp("real", f"{left.parts[0]} / {divisor}")
    ulps = left.lane.ulps + right.lane.ulps + 1
    if not (left.lane.drift or right.lane.drift) and ulps < MAX_ULPS:
        return Value(Real(ulps, False, signed), (result,), ok)
    drift = f"({error(left)} + ABS({result}) * {bound}) / (ABS({divisor}) - {bound} > 0 ? ABS({divisor}) - {bound} : 1) + ABS({result}) * U"
    return w.hold(Real(0, True, signed), (result, drift), ok)


# -- decisions ------------------------------------------------------------------------------------


def compare(w: Writer, left: Value, right: Value) -> str:
    """C text of -1, 0 or 1; a comparison the error could change flags the row."""
    if isinstance(left.lane, Mixed) or isinstance(right.lane, Mixed):
        result = w.name("o")
        w.line(f"int {result} = 0;")

        def store(_: Writer, mine: Value, theirs: Value) -> Value:
            w.line(f"{result} = {compare(w, mine, theirs)};")
            return Value(Whole(0, Span(0, 0)), ("0",))

        operate(w, store, left, right)
        return result
    if not isinstance(left.lane, Real) and not isinstance(right.lane, Real):
        try:
            return _compare_exact(left, right)
        except TooWide:
            pass
    left, right = to_real(w, left), to_real(w, right)
    bound = w.temp("real", f"{error(left)} + {error(right)}")
    gap = w.temp("real", f"{left.parts[0]} - {right.parts[0]}")
    known = conjunction(left.ok, right.ok)
    w.line(f"if ({known} && {bound} > 0 && ABS({gap}) <= {bound} + ABS({gap}) * U) c->flag = 1;")
    return f"SIGN({gap})"


def _compare_exact(left: Value, right: Value) -> str:
    scale = max(_scale(left), _scale(right))
    (n, tops, d, bottoms, _), (m, topm, e, bottome, _) = ratio(left), ratio(right)
    span = (tops.times(10 ** (scale - _scale(left))) * bottome) | (topm.times(10 ** (scale - _scale(right))) * bottoms)
    kind = span.ctype
    mine = scaled(n, kind, scale - _scale(left)) + ("" if e == "1" else f" * {e}")
    theirs = scaled(m, kind, scale - _scale(right)) + ("" if d == "1" else f" * {d}")
    return f"SIGN2({mine}, {theirs})"


def pick(w: Writer, values: list[Value], *, smallest: bool) -> Value:
    """The smallest or largest of several numbers, unknown where one is."""
    best = values[0]
    for value in values[1:]:
        order = w.temp("int", compare(w, value, best))
        ok = conjunction(best.ok, value.ok)
        other = best

        def mine(value: Value = value) -> Value:
            return value

        def theirs(other: Value = other) -> Value:
            return other

        chosen = w.choose([(f"{order} {'<' if smallest else '>'} 0", mine), (None, theirs)])
        best = Value(chosen.lane, chosen.parts, ok if ok in ("0", "1") else w.temp("char", ok))
    return best


def power(w: Writer, base: Value, exponent: Value) -> Value:
    """base ** exponent for a written whole exponent; others are left to the exact engine."""
    whole = known_constant(exponent)
    if whole is not None and isinstance(exponent.lane, Whole) and exponent.lane.scale:
        return UNKNOWN  # a number has no such power among the exact ones
    if whole is None or abs(whole) > 64:
        raise CannotCompile("a power whose exponent is not a written whole number up to 64")
    if whole == 0:
        return Value(constant(Decimal(1)).lane, ("1LL",), base.ok)
    result = constant(Decimal(1))
    for _ in range(abs(whole)):
        result = operate(w, multiply, result, base)
    return operate(w, divide, constant(Decimal(1)), result) if whole < 0 else result


def narrow(w: Writer, value: Value) -> Value:
    """A whole number in 64 bits; one beyond them becomes the largest there is, which is as far outside of everything it can be."""
    if not isinstance(value.lane, Whole) or value.lane.ctypes() == ("i64",):
        return value
    limit = NARROW - 1
    text = f"({value.part} > {limit}LL ? {limit}LL : {value.part} < -{limit}LL ? -{limit}LL : (i64){value.part})"
    return w.hold(Whole(value.lane.scale, Span(-limit, limit)), (text,), value.ok)


__all__ = ["add", "apart", "compare", "constant", "divide", "error", "multiply", "narrow", "negate", "operate", "pick", "power", "ratio", "subtract", "to_real"]
