"""Lists in compiled code: loops that hand each item to whoever asks, stored only where an item is needed twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from .lanes import NOTHING, Lane, Row, join
from .writer import KNOWN, Mark, Value, Writer, conjunction, converted

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
class Products:
    """Of the items of a list of facts those that have a field (column `&col[left]`), times one that all of them have: in this lane.

    `rest` passes on what stands for an item that lacks it.
    """

    source: FactRows
    left: int
    right: int
    lane: Lane
    rest: Callable[[Value, Consumer], None]

    def add_to(self, w: Writer, total: str, consume: Consumer) -> None:
        """Add them all up as if each item had the field, then take off what was none, and pass on what stands for it."""
        columns, index = f"&col[{self.left}], &col[{self.right}]", w.name("i")
        w.line(f"{total} += sum_products({columns}, {self.source.first}, {self.source.end});")
        following = f"next_unknown(&col[{self.left}], {{}}, {self.source.end})"
        with w.block(f"for (i64 {index} = {following.format(self.source.first)}; {index} < {self.source.end}; {index} = {following.format(f'{index} + 1')})"):
            w.line(f"{total} -= product_at({columns}, {index});")
            self.rest(Value(Row(self.source.fact), (index,)), consume)


@dataclass(frozen=True, slots=True)
class Mapped:
    """`for` and `[...]`: each item through code that may pass it on, changed or not, or spoil the list.

    `apart` is the same where an item is one of several values: it passes each on in code of its own, in its own lane.
    `products` is the same again where most of these values are plain products.
    """

    source: Items
    each: Callable[[Value, Consumer], str | None]
    apart: Callable[[Value, Consumer], str | None] | None = None
    products: Products | None = None

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


__all__ = ["Counted", "FactRows", "Items", "LocalStore", "Mapped", "NoItems", "Ranked", "Required", "Store", "Stored", "capacity", "stored", "struct_type"]
