"""How a value of the rule language is held in compiled code: its lane, decided before anything runs.

An exact number is a whole number scaled by a power of ten (`Whole`) or such a number over a whole divisor
(`Ratio`), in 64 or 128 bits by the range it can take. What fits neither is a `Real`: a floating number with a
bound on its error. `Mixed` is exact or real, known when it runs. Ranges always hold 0, which is what an
unknown value is kept as.
"""

from __future__ import annotations

from dataclasses import dataclass

NARROW = 1 << 62
WIDE = 1 << 125


class CannotCompile(Exception):
    """A rule that has no compiled form: why, and `where`, the rule by name. Its places are left to the exact engine."""

    def __init__(self, reason: str, where: str | None = None) -> None:
        self.reason, self.where = reason, where
        super().__init__(reason if where is None else f"{where}: {reason}")


class TooWide(Exception):
    """A number's possible range does not fit 128 bits; the caller goes on with a real number."""


@dataclass(frozen=True, slots=True)
class Span:
    """The whole numbers from `low` to `high`; always holds 0."""

    low: int
    high: int

    @staticmethod
    def of(*values: int) -> Span:
        return Span(min(0, *values), max(0, *values))

    @property
    def ctype(self) -> str:
        """The C type it fits. Raises TooWide."""
        largest = max(-self.low, self.high)
        if largest >= WIDE:
            raise TooWide
        return "i64" if largest < NARROW else "i128"

    def __or__(self, other: Span) -> Span:
        return Span(min(self.low, other.low), max(self.high, other.high))

    def __add__(self, other: Span) -> Span:
        return Span(self.low + other.low, self.high + other.high)

    def __mul__(self, other: Span) -> Span:
        return Span.of(*(a * b for a in (self.low, self.high) for b in (other.low, other.high)))

    def __neg__(self) -> Span:
        return Span(-self.high, -self.low)

    def times(self, factor: int) -> Span:
        return Span.of(self.low * factor, self.high * factor)


ONE = Span(0, 1)


@dataclass(frozen=True, slots=True)
class Whole:
    """value = n / 10**scale; parts (n)."""

    scale: int
    span: Span

    def ctypes(self) -> tuple[str, ...]:
        return (self.span.ctype,)


@dataclass(frozen=True, slots=True)
class Ratio:
    """value = n / d / 10**scale with d > 0; parts (n, d). `fixed` is d where it is the same for everybody."""

    scale: int
    top: Span
    bottom: Span
    fixed: int | None = None

    def ctypes(self) -> tuple[str, ...]:
        return (self.top.ctype, self.bottom.ctype)


@dataclass(frozen=True, slots=True)
class Real:
    """value = r within r * ulps * U, plus e where `drift`; parts (r) or (r, e). `signed`: may be negative."""

    ulps: int
    drift: bool
    signed: bool

    def ctypes(self) -> tuple[str, ...]:
        return ("real", "real") if self.drift else ("real",)


@dataclass(frozen=True, slots=True)
class Mixed:
    """Exact where part t is 0, else real; parts (t, those of `exact`, those of `real`)."""

    exact: Whole | Ratio
    real: Real

    def ctypes(self) -> tuple[str, ...]:
        return ("char", *self.exact.ctypes(), *self.real.ctypes())


@dataclass(frozen=True, slots=True)
class Plain:
    """A yes/no (flag), a text as its code (text), a day since 1970-01-01 (day), 12 * year + month - 1 (month), a length of time (span)."""

    kind: str

    def ctypes(self) -> tuple[str, ...]:
        return ("char",) if self.kind == "flag" else ("i64",)


@dataclass(frozen=True, slots=True)
class Row:
    """An item of a list of facts, by its place in the column; part (index)."""

    fact: str

    def ctypes(self) -> tuple[str, ...]:
        return ("i64",)


@dataclass(frozen=True, slots=True)
class Record:
    """Named values; per field the parts of its lane and whether it is known."""

    fields: tuple[tuple[str, Lane], ...]

    def ctypes(self) -> tuple[str, ...]:
        return tuple(kind for _, lane in self.fields for kind in (*lane.ctypes(), "char"))


@dataclass(frozen=True, slots=True)
class Nothing:
    """The lane of what is never known; no parts."""

    def ctypes(self) -> tuple[str, ...]:
        return ()


Number = Whole | Ratio | Real | Mixed
Lane = Number | Plain | Row | Record | Nothing
NOTHING = Nothing()
FLAG, TEXT, DAY, MONTH, LENGTH = (Plain(kind) for kind in ("flag", "text", "day", "month", "span"))


def _fits(lane: Whole | Ratio) -> bool:
    try:
        lane.ctypes()
    except TooWide:
        return False
    return True


def exact_join(left: Whole | Ratio, right: Whole | Ratio) -> Whole | Ratio | None:
    """The exact lane that holds both; None where it does not fit 128 bits."""
    scale = max(left.scale, right.scale)

    def top(lane: Whole | Ratio) -> Span:
        return (lane.span if isinstance(lane, Whole) else lane.top).times(10 ** (scale - lane.scale))

    joined: Whole | Ratio
    if isinstance(left, Whole) and isinstance(right, Whole):
        joined = Whole(scale, top(left) | top(right))
    else:
        bottoms = [lane.bottom if isinstance(lane, Ratio) else ONE for lane in (left, right)]
        fixed = left.fixed if isinstance(left, Ratio) and isinstance(right, Ratio) and left.fixed == right.fixed else None
        joined = Ratio(scale, top(left) | top(right), bottoms[0] | bottoms[1], fixed)
    return joined if _fits(joined) else None


def real_join(left: Real, right: Real) -> Real:
    return Real(max(left.ulps, right.ulps), left.drift or right.drift, left.signed or right.signed)


def real_of(lane: Whole | Ratio) -> Real:
    """The real lane of an exact one: conversions and divisions rounded once each."""
    span = lane.span if isinstance(lane, Whole) else lane.top
    if span == Span(0, 0):
        return Real(0, False, False)
    return Real(4, False, span.low < 0)


def join(left: Lane, right: Lane) -> Lane:
    """The lane that holds values of both. Raises CannotCompile where there is none."""
    if left == right or isinstance(right, Nothing):
        return left
    if isinstance(left, Nothing):
        return right
    if isinstance(left, Record) and isinstance(right, Record):
        names = [name for name, _ in left.fields]
        if names != [name for name, _ in right.fields]:
            raise CannotCompile("two records of different shape meet")
        return Record(tuple((name, join(mine, theirs)) for (name, mine), (_, theirs) in zip(left.fields, right.fields, strict=True)))
    if isinstance(left, Whole | Ratio | Real | Mixed) and isinstance(right, Whole | Ratio | Real | Mixed):
        return _number_join(left, right)
    raise CannotCompile(f"values of two kinds meet ({left}, {right})")


def _number_join(left: Number, right: Number) -> Number:
    exacts = [lane.exact if isinstance(lane, Mixed) else lane for lane in (left, right) if not isinstance(lane, Real)]
    reals = [lane.real if isinstance(lane, Mixed) else lane for lane in (left, right) if isinstance(lane, Mixed | Real)]
    if reals and exacts and all(isinstance(lane, Whole) and lane.span == Span(0, 0) for lane in exacts):
        return real_join(reals[0], reals[-1])
    exact = exacts[0] if len(exacts) == 1 else exact_join(exacts[0], exacts[1]) if exacts else None
    if exacts and exact is None:
        reals += [real_of(lane) for lane in exacts]
    if not reals:
        assert exact is not None
        return exact
    real = reals[0]
    for other in reals[1:]:
        real = real_join(real, other)
    return real if exact is None else Mixed(exact, real)
