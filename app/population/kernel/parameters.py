"""Reading parameters in compiled code: look-ups in tables, and progressive scales."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from app.language import Type, ir

from .given import given_lane, given_value
from .lanes import FLAG, Mixed, Nothing, Plain, Ratio, Real, Span, TooWide, Whole
from .numbers import compare, error, narrow, to_real
from .rounding import round_to
from .source import Source
from .tables import Form
from .writer import KNOWN, UNKNOWN, Value, Writer, assignments, conjunction, exact_part, integer, real_part, scaled

ABOVE, RATE = "above", "rate"


class ParameterCode:
    """Writes what reads the parameters of one law."""

    def __init__(self, source: Source, tables: Callable[[ir.Name, str], Form | None], given: Mapping[str, int], types: Callable[[ir.Name], Type]) -> None:
        self._types = types
        self._source = source
        self._tables = tables
        self._given = given

    def read(self, w: Writer, name: ir.Name, key: Value | None) -> Value:
        """A parameter's value; a figure given for the person goes before the table."""
        figures = self._tables(name, "")
        column = self._given.get(str(name))
        if column is not None:
            return self._given_first(w, name, key, figures, column)
        if figures is None:
            return UNKNOWN
        return self._look_up(w, name, key, figures)

    def _given_first(self, w: Writer, name: ir.Name, key: Value | None, figures: Form | None, column: int) -> Value:
        lane = figures.lane if figures is not None else given_lane(self._types(name))
        result = w.declare(w.mark(), lane)
        for line in given_value(column, result, w.name("g")):
            w.line(line)
        if figures is None:
            return result
        with w.block("else"):
            for line in assignments(self._look_up(w, name, key, figures), result):
                w.line(line)
        if key is not None and key.ok != KNOWN:
            w.line(f"if (!{key.ok}) {{ {result.parts[0]} = 0; {result.ok} = 0; }}")
        return result

    def _look_up(self, w: Writer, name: ir.Name, key: Value | None, figures: Form) -> Value:
        number = self._source.parameter(name)
        cast = "(char)" if figures.lane is FLAG else ""
        if key is None:
            return Value(figures.lane, (f"{cast}c->tab[{number}].value[0]",))
        if isinstance(key.lane, Nothing):
            return UNKNOWN
        text, fits = _key(w, key, figures)
        known = conjunction(key.ok, fits)
        look_up = f"{'find' if figures.dense else 'find_among'}(c, &c->tab[{number}], {text}"

        def found() -> tuple[str, str]:
            value, ok = w.name(), w.name("k")
            w.line(f"i64 {value} = 0; char {ok} = 0; if ({known}) {ok} = {look_up}, &{value});")
            return value, ok

        # A variable of this letter is set where it is declared, and never again.
        value, ok = w.once((look_up, known), found) if text.startswith("t_") and text.isidentifier() else found()
        return Value(figures.lane, (f"{cast}{value}",), ok)

    def progressive(self, w: Writer, name: ir.Name, amount: Value) -> Value:
        """An amount charged band by band; exact for exact amounts."""
        if isinstance(amount.lane, Nothing):
            return UNKNOWN
        if self._tables(name, ABOVE) is None:
            return UNKNOWN
        if isinstance(amount.lane, Mixed):
            exact, real = exact_part(amount), real_part(amount)
            return w.choose([(f"!{amount.parts[0]}", lambda: self.progressive(w, name, exact)), (None, lambda: self.progressive(w, name, real))])
        above, rate = self._tables(name, ABOVE), self._tables(name, RATE)
        assert above is not None and rate is not None
        numbers = self._source.parameter(name, ABOVE), self._source.parameter(name, RATE)
        if not isinstance(amount.lane, Real):
            try:
                return _progressive_exact(w, amount, numbers, above, rate)
            except TooWide:
                amount = to_real(w, amount)
        return _progressive_real(w, amount, numbers, above, rate)


def _key(w: Writer, key: Value, figures: Form) -> tuple[str, str]:
    """A key as the table has it, and whether it can be one of its keys: not where it falls between their decimals."""
    if isinstance(key.lane, Plain):
        return key.part, KNOWN
    if isinstance(key.lane, Whole) and key.lane.scale <= figures.key_scale:
        return _as_key(w, key, figures), KNOWN
    floor = round_to(w, key, Decimal(1).scaleb(-figures.key_scale), "floor")
    text = _as_key(w, floor, figures)
    if figures.match_from:
        return text, KNOWN
    fits = w.temp("char", f"{compare(w, key, floor)} == 0")
    if figures.left_from is not None:
        w.line(f"if ({conjunction(key.ok, f'!{fits}')} && {text} >= {figures.left_from}LL) c->flag = 1;")
    return text, fits


def _as_key(w: Writer, key: Value, figures: Form) -> str:
    """A whole number in the decimals of a table's keys, within 64 bits."""
    assert isinstance(key.lane, Whole)
    more = figures.key_scale - key.lane.scale
    if more == 0:
        return narrow(w, key).part
    lane = Whole(figures.key_scale, key.lane.span.times(10**more))
    return narrow(w, w.hold(lane, (scaled(key.part, lane.ctypes()[0], more),), key.ok)).part


def _progressive_exact(w: Writer, amount: Value, numbers: tuple[int, int], above: Form, rate: Form) -> Value:
    lane = amount.lane
    assert isinstance(lane, Whole | Ratio) and isinstance(above.lane, Whole) and isinstance(rate.lane, Whole)
    top = lane.span if isinstance(lane, Whole) else lane.top
    divisor = "1" if isinstance(lane, Whole) else amount.parts[1]
    bottom = Span(0, 1) if isinstance(lane, Whole) else lane.bottom
    scale = max(lane.scale, above.lane.scale)
    bounds = (above.lane.span.times(10 ** (scale - above.lane.scale)) * bottom) | top.times(10 ** (scale - lane.scale))
    span = (bounds + -bounds) * rate.lane.span
    kind = span.ctype
    result, part, j = w.name("v"), w.name(), w.name("j")
    w.line(f"{kind} {result} = 0, {part} = {scaled(amount.parts[0], kind, scale - lane.scale)};")
    with w.block(f"for (i64 {j} = 0; {j} < c->tab[{numbers[0]}].n; {j}++)"):
        w.line(f"{kind} low = ({kind})c->tab[{numbers[0]}].value[{j}] * {integer(10 ** (scale - above.lane.scale))} * {divisor};")
        w.line(f"if ({part} <= low) break;")
        w.line(f"{kind} high = {part};")
        w.line(f"if ({j} + 1 < c->tab[{numbers[0]}].n) {{ {kind} next = ({kind})c->tab[{numbers[0]}].value[{j} + 1] * {integer(10 ** (scale - above.lane.scale))} * {divisor}; if (next < high) high = next; }}")
        w.line(f"{result} += (high - low) * c->tab[{numbers[1]}].value[{j}];")
    whole = Whole(scale + rate.lane.scale, span)
    if isinstance(lane, Whole):
        return Value(whole, (result,), amount.ok)
    ratio = Ratio(whole.scale, span, lane.bottom, lane.fixed)
    ratio.ctypes()
    return Value(ratio, (result, divisor), amount.ok)


def _progressive_real(w: Writer, amount: Value, numbers: tuple[int, int], above: Form, rate: Form) -> Value:
    """The charge is continuous in the amount, so its error is the amount's times the largest rate."""
    assert isinstance(above.lane, Whole) and isinstance(rate.lane, Whole)
    result, steepest, j = w.name("v"), w.name("v"), w.name("j")
    w.line(f"real {result} = 0, {steepest} = 0;")
    with w.block(f"for (i64 {j} = 0; {j} < c->tab[{numbers[0]}].n; {j}++)"):
        w.line(f"real low = (real)c->tab[{numbers[0]}].value[{j}] / R(1e{above.lane.scale}), per = (real)c->tab[{numbers[1]}].value[{j}] / R(1e{rate.lane.scale});")
        w.line(f"if ({amount.parts[0]} <= low) break;")
        w.line(f"real high = {amount.parts[0]};")
        w.line(f"if ({j} + 1 < c->tab[{numbers[0]}].n) {{ real next = (real)c->tab[{numbers[0]}].value[{j} + 1] / R(1e{above.lane.scale}); if (next < high) high = next; }}")
        w.line(f"{result} += (high - low) * per; if (ABS(per) > {steepest}) {steepest} = ABS(per);")
    drift = f"{error(amount)} * {steepest} * 2 + ABS({amount.parts[0]}) * {steepest} * (64 * U)"
    return w.hold(Real(0, True, True), (result, drift), conjunction(amount.ok))


__all__ = ["ABOVE", "RATE", "ParameterCode"]
