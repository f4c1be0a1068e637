"""Figures given for a person: read from their columns into the lane of what they replace, or left to the exact engine."""

from __future__ import annotations

from app.language import Type
from app.language.types import BooleanType, DateType, MonthType, NumberType

from .lanes import DAY, FLAG, MONTH, TEXT, Lane, Mixed, Number, Plain, Ratio, Real, Span, Whole
from .writer import Value, exact_part, integer

DECIMALS = 12


def given_lane(kind: Type) -> Lane:
    """The lane of figures given in place of a rule that has none of its own."""
    if isinstance(kind, NumberType):
        return Whole(6, Span(-(10**18), 10**18))
    plain: dict[type, Plain] = {BooleanType: FLAG, DateType: DAY, MonthType: MONTH}
    return plain.get(type(kind), TEXT)


def given_value(column: int, target: Value, name: str) -> list[str]:
    """Lines `if (given) {...}` that store a given figure by way of a variable of this name; to be followed by `else`."""
    lane = target.lane
    if isinstance(lane, Plain) and lane.kind in ("flag", "day"):
        load, ctype = ("ld_bit", "char") if lane.kind == "flag" else ("ld_i32", "i64")
        return [f"{ctype} {name}; if ({load}(&c->given[{column}], c->row, &{name})) {{ {target.parts[0]} = {name}; {target.ok} = 1; }}"]
    if isinstance(lane, Whole | Ratio | Mixed | Real):
        body = " ".join([*_number(lane, target, name), f"{target.ok} = 1;"])
        return [f"i128 {name}; if (ld_i128(&c->given[{column}], c->row, &{name})) {{ {body} }}"]
    return [f"if (known(&c->given[{column}], c->row)) c->flag = 1;"]


def _number(lane: Number, target: Value, name: str) -> list[str]:
    if isinstance(lane, Mixed):
        return ["".join(_number(lane.exact, exact_part(target), name)), f"{target.parts[0]} = 0;"]
    if isinstance(lane, Real):
        return [f"c->flag = 1; {target.parts[0]} = 0;"]
    span = lane.span if isinstance(lane, Whole) else lane.top
    down = DECIMALS - lane.scale
    divisible = f"{name} % {integer(10**down)} == 0" if down > 0 else "1"
    text = f"{name} / {integer(10**down)}" if down > 0 else f"{name} * {integer(10**-down)}"
    divisor = (lane.fixed or 1) if isinstance(lane, Ratio) else 1
    low, high = -(-span.low // divisor), span.high // divisor
    inside = f"{text} >= {integer(low)} && {text} <= {integer(high)}"
    times = "" if divisor == 1 else f" * {integer(divisor)}"
    lines = [f"if ({divisible} && {inside}) {target.parts[0]} = {text}{times}; else c->flag = 1;"]
    return [*lines, f"{target.parts[1]} = {integer(divisor)};"] if isinstance(lane, Ratio) else lines
