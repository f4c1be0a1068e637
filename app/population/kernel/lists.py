"""Lists in compiled code: loops that hand each item to whoever asks, stored only where an item is needed twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from .lanes import NOTHING, CannotCompile, Lane, Mixed, Nothing, Ratio, Real, Row, Span, TooWide, Whole, join
from .numbers import add, operate
from .writer import KNOWN, Mark, Value, Writer, as_real, assignments, conjunction, converted, exact_part, real_part, scaled

Consumer = Callable[[Value], None]
MAX_STORED = 2_048


class Items(Protocol):
    """A list: `most` items at most. `loop` writes code that runs `consume` once an item, and returns whether the list is known."""

    @property
    def most(self) -> int: ...

    def loop(self, w: Writer, consume: Consumer) -> str: ...


@dataclass(frozen=True, slots=True)
class FactRows:
    """The items of a list of facts, as places in its column. `count` and `first` are C names."""

    fact: str
    first: str
    end: str
    ok: str
    most: int

    def loop(self, w: Writer, consume: Consumer) -> str:
        index = w.name("i")
        with w.block(f"for (i64 {index} = {self.first}; {index} < {self.end}; {index}++)"):
            consume(Value(Row(self.fact), (index,)))
        return self.ok


@dataclass(frozen=True, slots=True)
class NoItems:
    """A list that is never known."""

    most: int = 0

    def loop(self, w: Writer, consume: Consumer) -> str:  # noqa: ARG002 - there is nothing to loop over
        return "0"


@dataclass(frozen=True, slots=True)
class Required:
    """A list that is known only where something else is too."""

    items: Items
    ok: str

    @property
    def most(self) -> int:
        return self.items.most

    def loop(self, w: Writer, consume: Consumer) -> str:
        return conjunction(self.items.loop(w, consume), self.ok)


@dataclass(frozen=True, slots=True)
class Mapped:
    """`for` and `[...]`: each item through code that may pass it on, changed or not, or spoil the list."""

    source: Items
    each: Callable[[Value, Consumer], str | None]

    @property
    def most(self) -> int:
        return self.source.most

    def loop(self, w: Writer, consume: Consumer) -> str:
        spoiled = w.name("k")
        w.line(f"char {spoiled} = 1;")
        found: list[str] = []

        def item(value: Value) -> None:
            spoils = self.each(value, consume)
            if spoils is not None:
                found.append(spoils)
                w.line(f"if ({spoils}) {spoiled} = 0;")

        known = self.source.loop(w, item)
        return conjunction(known, spoiled) if found else known


@dataclass(frozen=True, slots=True)
class Counted:
    """The whole numbers from first to last, as numbers or months."""

    first: str
    last: str
    ok: str
    lane: Lane
    most: int

    def loop(self, w: Writer, consume: Consumer) -> str:
        index = w.name("i")
        w.line(f"if ({self.ok} && {self.last} - {self.first} > MAX_SEQUENCE) c->flag = 1;")
        with w.block(f"else if ({self.ok}) for (i64 {index} = {self.first}; {index} <= {self.last}; {index}++)"):
            consume(Value(self.lane, (index,)))
        return self.ok


@dataclass(frozen=True, slots=True)
class Stored:
    """Items in memory: `at` is a C struct with n, ok, parts p0.. and k."""

    at: str
    lane: Lane
    most: int
    ok: str

    def item(self, index: str, known: str = KNOWN) -> Value:
        parts = tuple(f"{self.at}->p{number}[{index}]" for number in range(len(self.lane.ctypes())))
        return Value(self.lane, parts, conjunction(known, f"{self.at}->k[{index}]"))

    def loop(self, w: Writer, consume: Consumer) -> str:
        index = w.name("i")
        with w.block(f"for (i64 {index} = 0; {index} < {self.at}->n; {index}++)"):
            item = self.item(index)
            consume(w.hold(self.lane, item.parts, item.ok))
        return self.ok


@dataclass(frozen=True, slots=True)
class Ranked:
    """Kept items in the order of their ranks (0 to `last`, in the C array `ranks`), equals as they stand."""

    items: Stored
    ranks: str
    last: int

    @property
    def most(self) -> int:
        return self.items.most

    def loop(self, w: Writer, consume: Consumer) -> str:
        rank = w.name("i")
        with w.block(f"for (int {rank} = 0; {rank} <= {self.last}; {rank}++)"):
            index = w.name("i")
            with w.block(f"for (i64 {index} = 0; {index} < {self.items.at}->n; {index}++) if ({self.ranks}[{index}] == {rank})"):
                item = self.items.item(index)
                consume(w.hold(self.items.lane, item.parts, item.ok))
        return self.items.ok


def struct_type(lane: Lane, most: int) -> str:
    """The C type of a stored list."""
    parts = " ".join(f"{ctype} p{number}[{most}];" for number, ctype in enumerate(lane.ctypes()))
    return f"struct {{ i64 n; char ok; {parts} char k[{most}]; }}"


def capacity(items: Items) -> int:
    return min(items.most, MAX_STORED)


class Store:
    """Appends items to a stored list whose lane is known only when all have been seen."""

    def __init__(self, w: Writer, at: str, most: int) -> None:
        self.w, self.at, self.most = w, at, most
        self.found: list[tuple[Value, Mark]] = []

    def append(self, value: Value) -> None:
        self.found.append((value, self.w.mark()))

    def close(self) -> Lane:
        lane: Lane = NOTHING
        for value, _ in self.found:
            lane = join(lane, value.lane)
        for value, mark in self.found:
            parts = converted(value, lane)
            stores = [f"{self.at}->p{number}[{self.at}->n] = {text};" for number, text in enumerate(parts)]
            body = " ".join([*stores, f"{self.at}->k[{self.at}->n] = {value.ok};", f"{self.at}->n++;"])
            mark.lines = [f"if ({self.at}->n >= {self.most}) c->flag = 1; else {{ {body} }}"]
        return lane


class LocalStore(Store):
    """A list in memory of the function being written, declared where it is begun once its lane and length are known."""

    def __init__(self, w: Writer, most: int = 0) -> None:
        self._name = w.name("l")
        super().__init__(w, w.name("q"), most)
        self._place = w.mark()
        self._flags: list[str] = []

    def flag(self) -> str:
        """A truth declared with the list, false at first."""
        self._flags.append(self.w.name("k"))
        return self._flags[-1]

    def grow(self, items: Items) -> None:
        """Have room for all of a list."""
        self.most = max(self.most, capacity(items))

    def kept(self, ok: str) -> Stored:
        """The finished list, known where `ok` holds."""
        return self.of_lane(self.close(), ok)

    def of_lane(self, lane: Lane, ok: str) -> Stored:
        """The same, of items that were stored by other means."""
        flags = "".join(f" char {name} = 0;" for name in self._flags)
        declared = f"{struct_type(lane, max(self.most, 1))} {self._name}_;"
        self._place.lines = [declared, f"__typeof__(&{self._name}_) {self.at} = &{self._name}_; {self.at}->n = 0;{flags}"]
        return Stored(self.at, lane, self.most, ok)


def stored(w: Writer, items: Items) -> Stored:
    """Keep a list in memory of this function."""
    if isinstance(items, Stored):
        return items
    store = LocalStore(w, capacity(items))
    return store.kept(items.loop(w, store.append))


# -- what is made of a list -----------------------------------------------------------------------


def total(w: Writer, items: Items, zero: Value) -> Value:
    """The sum; exact as long as the items are whole, and otherwise what is not whole summed apart."""
    place, found = w.mark(), w.name("k")
    w.line(f"char {found} = 1;")
    state: list[tuple[Lane, Value]] = []

    def item(value: Value) -> None:
        w.line(f"if (!{value.ok}) {found} = 0;")
        if isinstance(value.lane, Nothing):
            return
        if isinstance(value.lane, Whole):
            lane: Lane = Whole(value.lane.scale, Span(value.lane.span.low * items.most, value.lane.span.high * items.most))
        elif isinstance(value.lane, Ratio) and value.lane.fixed is not None:
            top = value.lane.top
            lane = Ratio(value.lane.scale, Span(top.low * items.most, top.high * items.most), value.lane.bottom, value.lane.fixed)
        else:
            _split_sum(value)
            return
        try:
            lane.ctypes()
        except TooWide:
            _split_sum(value)
            return
        sum_ = w.declare(place, lane)
        state.append((lane, sum_))
        if isinstance(lane, Ratio):
            w.line(f"{sum_.parts[1]} = {value.parts[1]};")
        w.line(f"{sum_.parts[0]} += {scaled(value.parts[0], lane.ctypes()[0], 0)};")

    def _split_sum(value: Value) -> None:
        """Whole items in one sum, the others in a real one."""
        real = _sum_of_reals(value.lane, items.most)
        exact = _whole_side(value.lane, items.most)
        lane: Lane = real if exact is None else Mixed(exact, real)
        sum_ = w.declare(place, lane)
        state.append((lane, sum_))
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

    known = items.loop(w, item)
    ok = conjunction(known, found)
    if not state:
        return Value(zero.lane, zero.parts, ok)
    lane, sum_ = state[0]
    if isinstance(lane, Mixed):
        whole, rest = exact_part(sum_), real_part(sum_)
        both = w.choose([(f"!{sum_.parts[0]}", lambda: Value(whole.lane, whole.parts)), (None, lambda: operate(w, add, Value(whole.lane, whole.parts), Value(rest.lane, rest.parts)))])
        return Value(both.lane, both.parts, w.temp("char", ok))
    if isinstance(lane, Ratio):
        return Value(lane, (sum_.parts[0], w.temp(lane.ctypes()[1], f"({sum_.parts[1]} ? {sum_.parts[1]} : 1)")), w.temp("char", ok))
    return Value(lane, sum_.parts, ok if ok in ("0", "1") else w.temp("char", ok))


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


__all__ = ["Counted", "FactRows", "Items", "LocalStore", "Mapped", "NoItems", "Ranked", "Required", "Store", "Stored", "capacity", "fold", "stored", "struct_type", "total"]
