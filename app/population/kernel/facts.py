"""Facts in compiled code: which column holds what, and the C that reads it for the person at hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.language import Fact, FactDictionary
from app.language.facts import DEFAULT_LIMIT

from .lanes import DAY, FLAG, MONTH, TEXT, Lane, Row, Span, Whole
from .lists import Consumer, FactRows, Products
from .writer import Value, Writer, conjunction

_LOADS = {"enum": "code8", "region": "code16", "date": "i32", "month": "i32", "number": "wide", "boolean": "bit"}


@dataclass(frozen=True, slots=True)
class Column:
    """One Arrow column as the kernel takes it: a fact, a field of its items, or (`head`) a list's or record's own validity and offsets."""

    fact: str
    field: str | None
    spec: Fact
    head: bool = False

    def lane(self) -> Lane:
        spec = self.spec
        if spec.kind in ("whole", "number"):
            factor = 10**spec.decimals
            low, high = spec.at_least if spec.at_least is not None else -DEFAULT_LIMIT, spec.at_most if spec.at_most is not None else DEFAULT_LIMIT
            return Whole(spec.decimals, Span.of(int(low * factor), int(high * factor)))
        return {"enum": TEXT, "region": TEXT, "date": DAY, "month": MONTH, "boolean": FLAG}[spec.kind]

    @property
    def narrow(self) -> bool:
        """A whole number that fits 32 bits."""
        lane = self.lane()
        return isinstance(lane, Whole) and self.spec.kind == "whole" and max(lane.span.high, -lane.span.low) < 1 << 31

    @property
    def load(self) -> str:
        if self.spec.kind == "whole":
            return "i32" if self.narrow else "i64"
        if self.spec.kind == "number" and self.lane().ctypes() == ("i128",):
            return "i128"
        return _LOADS[self.spec.kind]


class FactColumns:
    """The columns of a fact dictionary, numbered."""

    def __init__(self, dictionary: FactDictionary) -> None:
        self.dictionary = dictionary
        self.columns: list[Column] = []
        self._number: dict[tuple[str, str | None], int] = {}
        for name, fact in dictionary.facts.items():
            self._add(Column(name, None, fact, head=fact.kind in ("list", "record")))
            for each in fact.fields:
                self._add(Column(name, each.name, each))

    def _add(self, column: Column) -> None:
        self._number[column.fact, column.field] = len(self.columns)
        self.columns.append(column)

    def number(self, fact: str, field: str | None = None) -> int:
        return self._number[fact, field]

    def order_of(self, fact: str) -> str | None:
        return self.dictionary.facts[fact].order_by

    def ordered_by(self, fact: str) -> str | None:
        """The field a list is kept in order of, where it is 32 bits wide, so that `run` can halve its way to a key."""
        field = self.order_of(fact)
        if field is None:
            return None
        column = self.columns[self.number(fact, field)]
        return field if column.spec.kind in ("date", "month") or column.narrow else None

    def read(self, w: Writer, name: str) -> Value | FactRows:
        """A fact of the person at hand."""
        number = self.number(name)
        fact = self.dictionary.facts[name]
        if fact.kind == "record":
            return Value(Row(name), ("c->row",), w.temp("char", f"known(&col[{number}], c->row)"))
        if fact.kind != "list":
            return self._load(w, number, "c->row")
        return w.once(("list", number), lambda: self._list(w, name, number))

    def _list(self, w: Writer, name: str, number: int) -> FactRows:
        first, end, ok = w.name("i"), w.name("i"), w.name("k")
        w.line(f"i64 {first}, {end}; char {ok} = list_of(&col[{number}], c->row, &{first}, &{end});")
        return FactRows(name, first, end, ok, self.dictionary.facts[name].max_items)

    def field(self, w: Writer, row: Value, name: str) -> Value:
        """A field of an item; `row` is the item's place in the list's columns."""
        assert isinstance(row.lane, Row)
        number = self.number(row.lane.fact, name)
        return self._load(w, number, row.part, row.ok)

    def run(self, w: Writer, source: FactRows, field: str, tests: list[tuple[str, Value]], *, looked_up: bool) -> FactRows:
        """The items whose ordering field passes comparisons with keys: a stretch of the list.

        An unknown key spoils the list where the other tests leave an item; one that is looked up does in any case.
        """
        column = f"&col[{self.number(source.fact, field)}]"
        first, end = w.name("i"), w.name("i")
        keys = conjunction(*(key.ok for _, key in tests))
        w.line(f"i64 {first} = {source.first}, {end} = {source.end};")
        for op, key in tests:
            known = "" if key.ok == "1" else f"if ({key.ok}) "
            if op in ("=", ">", ">="):
                w.line(f"{known}from_key({column}, {key.part}{' + 1' if op == '>' else ''}, &{first}, &{end});")
            if op in ("=", "<", "<="):
                w.line(f"{known}below_key({column}, {key.part}{'' if op == '<' else ' + 1'}, &{first}, &{end});")
        ok = source.ok
        if keys != "1":
            ok = w.temp("char", conjunction(source.ok, keys if looked_up else f"({keys} | ({first} == {end}))"))
            w.line(f"if (!{ok}) {end} = {first};")
        return FactRows(source.fact, first, end, ok, source.most)

    def changes(self, w: Writer, source: FactRows, field: str) -> tuple[str, str]:
        """Whether a list is known, and how many values the field it is ordered by takes."""
        return source.ok, w.temp("i64", f"{source.ok} ? changes(&col[{self.number(source.fact, field)}], {source.first}, {source.end}) : 0")

    def narrow_sum(self, w: Writer, source: FactRows, field: str) -> Value | None:
        """The sum of a field of 32-bit whole numbers; None where it is of another kind."""
        column = self.columns[self.number(source.fact, field)]
        lane = column.lane()
        if not isinstance(lane, Whole) or not column.narrow:
            return None
        total, ok = w.name(), w.name("k")
        span = Span(lane.span.low * source.most, lane.span.high * source.most)
        small = int(max(span.high, -span.low) < 1 << 31)
        w.line(f"i64 {total} = 0; char {ok} = {source.ok} && sum_narrow(&col[{self.number(source.fact, field)}], {source.first}, {source.end}, {small}, &{total});")
        return Value(Whole(lane.scale, span), (total,), ok)

    def products(self, source: FactRows, left: str, right: str, rest: Callable[[Value, Consumer], None]) -> Products | None:
        """A number that items may have times a whole number of 32 bits that they all have; None where the fields are of another kind."""
        first, second = self.number(source.fact, left), self.number(source.fact, right)
        mine, theirs = self.columns[first], self.columns[second]
        if mine.load != "wide" or not theirs.narrow or not theirs.spec.required:
            return None
        number, whole = mine.lane(), theirs.lane()
        assert isinstance(number, Whole)
        assert isinstance(whole, Whole)
        return Products(source, first, second, Whole(number.scale, number.span * whole.span), rest)

    def _load(self, w: Writer, number: int, index: str, where: str = "1") -> Value:
        return w.once(("load", number, index, where), lambda: self._read(w, self.columns[number], number, index, where))

    @staticmethod
    def _read(w: Writer, column: Column, number: int, index: str, where: str) -> Value:
        value, ok = w.name(), w.name("k")
        lane = column.lane()
        (ctype,) = lane.ctypes()
        if column.field is not None and column.spec.required:
            # A row with an item that lacks it was flagged before.
            load = f"at_{column.load}(&col[{number}], {index})"
            w.line(f"{ctype} {value} = {load if where == '1' else f'{where} ? {load} : 0'};")
            return Value(lane, (value,), where)
        load = f"ld_{column.load}(&col[{number}], {index}, &{value})"
        # Where there is no item, the column may have no memory to read from either.
        guarded = load if where == "1" else f"{where} && {load}"
        w.line(f"{ctype} {value}{'' if where == '1' else ' = 0'}; char {ok} = {guarded};")
        return Value(lane, (value,), ok)


__all__ = ["Column", "FactColumns"]
