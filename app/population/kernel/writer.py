"""C text under construction: values with their parts, lines, and places that are filled in later."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from .lanes import NOTHING, Lane, Mixed, Nothing, Ratio, Real, Record, Whole, join

KNOWN = "1"
_BRACE = re.compile("[{}]")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Value:
    """A value in C: one expression for each part of its lane, and whether it is known. Unknown values have zero parts."""

    lane: Lane
    parts: tuple[str, ...]
    ok: str = KNOWN

    @property
    def part(self) -> str:
        (only,) = self.parts
        return only


UNKNOWN = Value(NOTHING, (), "0")


@dataclass(slots=True)
class Mark:
    """A place in the text that is written when what belongs there is known."""

    lines: list[str] = field(default_factory=list)


Arm = tuple[str | None, Callable[[], Value]]


@dataclass(frozen=True, slots=True)
class Case:
    """One of several values: where `test` (a yes/no; None: always) holds. `unknown_ends`: an unknown test makes it all unknown."""

    test: Callable[[], Value] | None
    build: Callable[[], Value]
    unknown_ends: bool = False


class Writer:
    """The body of one C function."""

    def __init__(self) -> None:
        self._lines: list[str | Mark] = []
        self._count = 0
        self._scopes: list[dict[Hashable, Any]] = [{}]

    def text(self) -> str:
        flat: list[str] = []
        for line in self._lines:
            flat.extend(line.lines if isinstance(line, Mark) else [line])
        return "\n".join(flat)

    def name(self, letter: str = "t") -> str:
        self._count += 1
        return f"{letter}_{self._count}"

    def line(self, text: str) -> None:
        self._lines.append(text)
        for brace in _BRACE.findall(text):
            if brace == "{":
                self._scopes.append({})
            else:
                self._scopes.pop()

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """What `make` writes, or what it wrote before in this block of C or one around it: for what stays as it is while a person is answered."""
        for scope in self._scopes:
            if key in scope:
                return cast(T, scope[key])
        made = make()
        self._scopes[-1][key] = made
        return made

    def mark(self) -> Mark:
        place = Mark()
        self._lines.append(place)
        return place

    def temp(self, ctype: str, text: str) -> str:
        if text.isidentifier():
            return text
        name = self.name()
        self.line(f"{ctype} {name} = {text};")
        return name

    def hold(self, lane: Lane, parts: tuple[str, ...], ok: str = KNOWN) -> Value:
        """Put computed parts into variables."""
        held = tuple(self.temp(ctype, text) for ctype, text in zip(lane.ctypes(), parts, strict=True))
        return Value(lane, held, ok if ok in ("0", "1") else self.temp("char", ok))

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        self.line(head + " {")
        yield
        self.line("}")

    def declare(self, place: Mark, lane: Lane, letter: str = "v") -> Value:
        """A variable of a lane, declared at `place` as unknown; to be assigned."""
        parts = tuple(self.name(letter) for _ in lane.ctypes())
        ok = self.name("k")
        place.lines += [f"{ctype} {name} = {zero};" for ctype, name, zero in zip(lane.ctypes(), parts, zeros(lane), strict=True)]
        place.lines.append(f"char {ok} = 0;")
        return Value(lane, parts, ok)

    def choose(self, arms: Sequence[Arm]) -> Value:
        """The value of the first arm whose condition holds; unknown where none does. The other arms are not computed."""
        place = self.mark()
        found: list[tuple[Value, Mark]] = []
        self.line("do {")
        for condition, build in arms:
            found.append(self._arm(condition, build))
        self.line("} while (0);")
        return self._joined(place, found)

    def first(self, cases: Sequence[Case]) -> Value:
        """The value of the first case whose test, computed in its turn, holds; unknown where none does."""
        place = self.mark()
        found: list[tuple[Value, Mark]] = []
        self.line("do {")
        for case in cases:
            test = case.test() if case.test is not None else None
            if test is None or not isinstance(test.lane, Nothing):
                found.append(self._arm(None if test is None else conjunction(test.ok, test.part), case.build))
            if test is not None and case.unknown_ends and test.ok != KNOWN:
                self.line("break;" if test.ok == "0" else f"if (!{test.ok}) break;")
                found.append((UNKNOWN, Mark()))
        self.line("} while (0);")
        return self._joined(place, found)

    def _arm(self, condition: str | None, build: Callable[[], Value]) -> tuple[Value, Mark]:
        self.line("{" if condition is None else f"if ({condition}) {{")
        value = build()
        mark = self.mark()
        self.line("} break;" if condition is None else "break; }")
        return value, mark

    def _joined(self, place: Mark, found: list[tuple[Value, Mark]]) -> Value:
        """A variable, declared before, that holds whichever value was computed."""
        lane: Lane = NOTHING
        for value, _ in found:
            lane = join(lane, value.lane)
        result = self.declare(place, lane)
        for value, mark in found:
            mark.lines = assignments(value, result)
        return result


def conjunction(*tests: str) -> str:
    """All tests hold; the trivial ones left out."""
    kept = dict.fromkeys(test for test in tests if test != KNOWN)
    if "0" in kept:
        return "0"
    return KNOWN if not kept else next(iter(kept)) if len(kept) == 1 else "(" + " & ".join(kept) + ")"


def assignments(value: Value, target: Value) -> list[str]:
    """Lines that store a value in a variable of a wider lane."""
    lines = [f"{name} = {text};" for name, text in zip(target.parts, converted(value, target.lane), strict=True) if name != text]
    return [*lines, f"{target.ok} = {value.ok};"]


def integer(value: int) -> str:
    """A whole number as a C constant."""
    if -(1 << 63) < value < 1 << 63:
        return f"{value}LL" if value >= 0 else f"({value}LL)"
    high, low = divmod(abs(value), 1 << 64)
    text = f"(((i128){high}ULL << 64) | {low}ULL)"
    return text if value > 0 else f"(-{text})"


def scaled(text: str, ctype: str, by: int) -> str:
    """`text` times 10**by, in a C type."""
    return text if by == 0 and ctype == "i64" else f"(({ctype}){text})" if by == 0 else f"(({ctype}){text} * {integer(10**by)})"


def zeros(lane: Lane) -> tuple[str, ...]:
    if isinstance(lane, Ratio):
        return ("0", "1")
    if isinstance(lane, Mixed):
        return ("0", *zeros(lane.exact), *zeros(lane.real))
    if isinstance(lane, Record):
        return tuple(text for _, each in lane.fields for text in (*zeros(each), "0"))
    return tuple("0" for _ in lane.ctypes())


def exact_part(value: Value) -> Value:
    """The exact side of a mixed number."""
    assert isinstance(value.lane, Mixed)
    return Value(value.lane.exact, value.parts[1 : 1 + len(value.lane.exact.ctypes())], value.ok)


def real_part(value: Value) -> Value:
    """The real side of a mixed number."""
    assert isinstance(value.lane, Mixed)
    return Value(value.lane.real, value.parts[1 + len(value.lane.exact.ctypes()) :], value.ok)


def as_real(value: Value) -> str:
    """An exact number as a floating one, rounded at most four times (a division takes as long as several products)."""
    lane = value.lane
    if isinstance(lane, Whole):
        return f"(real){value.parts[0]}" if lane.scale == 0 else f"((real){value.parts[0]} * {power_of_ten(-lane.scale)})"
    assert isinstance(lane, Ratio)
    below = "" if lane.scale == 0 else f" * {power_of_ten(-lane.scale)}"
    return f"((real){value.parts[0]} / (real){value.parts[1]}{below})"


def power_of_ten(scale: int) -> str:
    return f"R(1e{scale})"


def converted(value: Value, lane: Lane) -> tuple[str, ...]:
    """The parts of a value in a wider lane."""
    if isinstance(value.lane, Nothing):
        return zeros(lane)
    if isinstance(lane, Whole):
        assert isinstance(value.lane, Whole)
        return (scaled(value.parts[0], lane.span.ctype, lane.scale - value.lane.scale),)
    if isinstance(lane, Ratio):
        assert isinstance(value.lane, Whole | Ratio)
        bottom = value.parts[1] if isinstance(value.lane, Ratio) else "1"
        return (scaled(value.parts[0], lane.top.ctype, lane.scale - value.lane.scale), bottom)
    if isinstance(lane, Real):
        return _to_real(value, lane)
    if isinstance(lane, Mixed):
        return _to_mixed(value, lane)
    if isinstance(lane, Record):
        return _to_record(value, lane)
    return value.parts


def _to_real(value: Value, lane: Real) -> tuple[str, ...]:
    if isinstance(value.lane, Real):
        return (*value.parts, "0")[: len(lane.ctypes())]
    if isinstance(value.lane, Mixed):
        exact, real = as_real(exact_part(value)), real_part(value)
        first = f"({value.parts[0]} ? {real.parts[0]} : {exact})"
        return (first, f"({value.parts[0]} ? {real.parts[1]} : 0)" if len(real.parts) > 1 else "0")[: len(lane.ctypes())]
    return (as_real(value), "0")[: len(lane.ctypes())]


def _to_mixed(value: Value, lane: Mixed) -> tuple[str, ...]:
    if isinstance(value.lane, Mixed):
        return (value.parts[0], *converted(exact_part(value), lane.exact), *converted(real_part(value), lane.real))
    if isinstance(value.lane, Real):
        return ("1", *zeros(lane.exact), *converted(value, lane.real))
    return ("0", *converted(value, lane.exact), *zeros(lane.real))


def _to_record(value: Value, lane: Record) -> tuple[str, ...]:
    assert isinstance(value.lane, Record)
    parts: list[str] = []
    for (name, wanted), field_value in zip(lane.fields, fields_of(value).values(), strict=True):
        assert name
        parts += [*converted(field_value, wanted), field_value.ok]
    return tuple(parts)


def fields_of(value: Value) -> dict[str, Value]:
    """The fields of a record, each known where the record and the field are."""
    assert isinstance(value.lane, Record)
    found, position = {}, 0
    for name, lane in value.lane.fields:
        width = len(lane.ctypes())
        parts = value.parts[position : position + width]
        found[name] = Value(lane, parts, value.parts[position + width])
        position += width + 1
    return found
