"""Random expressions, typed as they are written."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.population.kernel.random_ground import (
    DAYS,
    NUMBERS,
    OTHER_NUMBERS,
    OTHERS,
    WORDS,
    Make,
)


@dataclass
class RandomExpressions:
    """Expressions over the facts, the parameters and what is `made` so far, by the type they have."""

    seed: int
    size: int = 40
    depth: int = 3
    random: random.Random = field(init=False)
    locals: list[tuple[str, str]] = field(default_factory=list)
    made: dict[str, list[str]] = field(default_factory=dict)
    count: int = 0

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)

    # -- names ----------------------------------------------------------------------------------

    @contextmanager
    def bound(self, kind: str, name: str = "") -> Iterator[str]:
        self.count += 1
        name = name or f"u{self.count}"
        self.locals.append((name, kind))
        try:
            yield name
        finally:
            self.locals.pop()

    def _known(self, kind: str) -> list[str]:
        found = [name for name, each in self.locals if each == kind]
        return found * 3 + self.made.get(kind, [])

    def _items(self, field_kind: str) -> list[str]:
        """Fields of records at hand."""
        fields = {each: _FIELDS.get(each, {}).get(field_kind, []) for each in ("rows", "events", "lots")}
        own = {"number": ["n"], "boolean": ["f"], "day": ["d"]}.get(field_kind, [])
        found = [f"{name}.{each}" for name, kind in self.locals for each in (own if kind == "record" else fields.get(kind, []))]
        return found * 2 + [f"{name}.{each}" for name in self.made.get("record", []) for each in own]

    def _pick(self, *makers: Make, leaf: list[str], depth: int) -> str:
        if depth <= 0 or self.random.random() < 0.15:
            return self.random.choice(leaf)
        return self.random.choice(makers)(depth - 1)

    def _source(self, *, sequence: bool = False) -> tuple[str, str]:
        """A list and what its items are; a sequence stands only in `for` and `carry`."""
        pick = self.random.random()
        if pick < 0.25:
            return "rows", "rows"
        if pick < 0.35:
            return "events", "events"
        if pick < 0.45:
            return "lots", "lots"
        if pick < 0.65:
            name = self.random.choice(["rows", "rows", "events", "lots"])
            with self.bound(name, "item"):
                test = self._item_test(name)
            return f"{name}[{test}]", name
        if pick < 0.8:
            first = self.random.choice(["1", "small", "the_year", "around", "rows[1].year", "1.5"])
            text = f"{first} .. {first} + {self.random.choice(['5', '3.5', 'around', '0', 'small / 10'])}"
            return text if sequence else f"(for each_one in {text} return each_one)", "number"
        if pick < 0.85:
            text = f"begun .. begun + {self.random.choice(['3', 'months / 100', '-1'])}"
            return text if sequence else f"(for each_one in {text} return each_one)", "month"
        return self.numbers(1), "number"

    def _item_test(self, name: str) -> str:
        ordered = {"rows": "year", "events": "day", "lots": "size"}[name]
        key: Callable[[], str] = {"rows": lambda: self.random.choice(["the_year", "2015", "claim.year", self.number(1)]), "events": lambda: self.day(1), "lots": lambda: self.number(1)}[name]
        tests = [lambda: f"{ordered} {self.random.choice(_COMPARE)} {key()}"] * 3
        if name == "rows":
            tests += [lambda: f"paid {self.random.choice(_COMPARE)} {self.random.choice(['12', 'small', 'around'])}", lambda: "paid = small"]
        if name == "events":
            tests += [lambda: f"tag = {self.text(1)}", lambda: "tag = mode"]
        parts = [self.random.choice(tests)() for _ in range(self.random.choice([1, 1, 1, 2]))]
        if self.random.random() < 0.2:
            parts.append(self.boolean(1))
        return " and ".join(parts)

    # -- numbers --------------------------------------------------------------------------------

    def number(self, depth: int) -> str:
        leaf = [*_NUMBER_FACTS, *NUMBERS, *self._known("number"), *self._items("number"), "one", "minus", "by_year", "unset_single", *OTHER_NUMBERS]
        return self._pick(
            self._sum, self._sum, self._product, self._quotient, self._choice("number"), self._rounded, self._function, self._looked_up, self._looked_up,
            self._reduced, self._reduced, self._reduced, self._reduced, self._calendar_number, self._else("number"), self._power, self._progressive, self._at_position, leaf=leaf, depth=depth,
        )  # fmt: skip

    def _sum(self, depth: int) -> str:
        return f"({self.number(depth)} {self.random.choice('+-')} {self.number(depth)})"

    def _product(self, depth: int) -> str:
        return f"({self.number(depth)} * {self.number(depth)})"

    def _quotient(self, depth: int) -> str:
        divisor = self.random.choice(["3", "12", "7", "0.08", "-4", "160"]) if self.random.random() < 0.4 else self.number(depth)
        return f"({self.number(depth)} / {divisor})" if divisor not in ("0",) else self.number(depth)

    def _choice(self, kind: str) -> Make:
        return lambda depth: f"(if {self.boolean(depth)} then {getattr(self, kind)(depth)} else {getattr(self, kind)(depth)})"

    def _else(self, kind: str) -> Make:
        return lambda depth: f"or_else({getattr(self, kind)(depth)}, {getattr(self, kind)(depth)})"

    def _rounded(self, depth: int) -> str:
        mode = self.random.choice(["half_up", "half_even", "half_down", "up", "down"])
        return self.random.choice([f"round_{mode}({self.number(depth)}, {self.random.choice([2, 0, -2, 3])})", f"floor({self.number(depth)})", f"ceiling({self.number(depth)})"])

    def _function(self, depth: int) -> str:
        a, b = self.number(depth), self.number(depth)
        return self.random.choice([f"abs({a})", f"modulo({a}, {b})", f"min({a}, {b})", f"max({a}, {b}, {self.number(0)})", f"-({a})", f"string_length({self.text(depth)})", f"modulo({a}, 12)"])

    def _power(self, depth: int) -> str:
        exponent = self.random.choice(["2", "2", "3", "0", "1", "-1", "12", "5", "around"])
        return f"({self.number(depth)}) ** {exponent}"

    def _looked_up(self, depth: int) -> str:
        number, whole = self.number(depth), self.random.choice(["the_year", "small", "claim.year", f"floor({self.number(0)})"])
        return self.random.choice([
            f"at({self.random.choice(['by_year', 'with_gaps', 'grown', 'set_on', 'unset', 'rungs', 'grown_raw'])}, {whole})",
            f"at({self.random.choice(['by_year', 'grown', 'rungs', 'set_on'])}, {number})",
            f"at(stepped, {number})", f"at(ages, {self.random.choice(['months', 'months_between(born, claim)'])})", f"at(since, {self.day(depth)})",
            f"at({self.random.choice(['monthly', 'monthly_exact', 'month_grown'])}, {self.month(depth)})", f"at(coded, {self.text(depth)})",
        ])  # fmt: skip

    def _progressive(self, depth: int) -> str:
        return f"progressive({self.number(depth)}, {self.random.choice(['scale', 'low_scale'])})"

    def _reduced(self, depth: int) -> str:
        if self.random.random() < 0.3:
            return self.random.choice([f"count({self._source()[0]})" if self.random.random() < 0.5 else "count(distinct_values(rows.year))", "sum(rows.paid)", "max(rows.year)", "min(lots.size)", "sum(rows.index)", "mean(events.amount)", "count(distinct_values(rows.tag))", "sum(lots.big)"])
        function = self.random.choice(["sum", "sum", "min", "max", "mean", "count"])
        return f"{function}({self.numbers(depth)})"

    def _calendar_number(self, depth: int) -> str:
        day, other = self.day(depth), self.day(depth)
        return self.random.choice([
            f"({day}).year", f"({day}).month", f"day({day})", f"year({self.month(depth)})", f"({self.month(depth)}).month",
            f"in_months(years_between({day}, {other})) / in_months(1)", f"in_years(months_between({day}, {other})) / in_years(12)",
            f"in_years(months_between({self.month(depth)}, {self.month(depth)})) / in_years(in_months(1))",
            f'(days_between({day}, {other}) / days_between(date("2000-01-01"), date("2000-01-02")))', "in_years(months) / in_years(in_months(1))",
            f"(({self.month(depth)} - {self.month(depth)}) / in_months(1))",
        ])  # fmt: skip

    def _at_position(self, depth: int) -> str:
        position = self.random.choice(["1", "-1", "2", "around", "small", "-5"])
        if self.random.random() < 0.5:
            return f"({self.numbers(depth)})[{position}]"
        name = self.random.choice(["rows", "events", "lots"])
        return f"{name}[{position}].{self.random.choice(_FIELDS[name]['number'])}"

    def numbers(self, depth: int) -> str:
        """A list of numbers."""
        if depth <= 0 and self._known("numbers") and self.random.random() < 0.5:
            return self.random.choice(self._known("numbers"))
        pick = self.random.random()
        if depth <= 0 or pick < 0.1:
            return self.random.choice(["rows.paid", "rows.index", "rows.base", "events.amount", "lots.size", "lots.price", f"[{self.number(0)}, {self.number(0)}, {self.number(0)}]"])
        if pick < 0.55:
            source = self._source(sequence=True)
            with self.bound(source[1]) as name:
                body = self.number(depth - 1)
            return f"(for {name} in {source[0]} return {body})"
        if pick < 0.65:
            return f"({self.numbers(depth - 1)})[item {self.random.choice(_COMPARE)} {self.number(0)}]"
        if pick < 0.75:
            return f"distinct_values({self.numbers(depth - 1)})"
        if pick < 0.85:
            return f"[{self.number(depth - 1)}, {self.number(depth - 1)}, {self.number(0)}]"
        if pick < 0.95:
            return f"(if {self.boolean(depth - 1)} then {self.numbers(depth - 1)} else {self.numbers(0)})"
        return f"or_else({self.numbers(0)}, {self.numbers(0)})"

    # -- truths ---------------------------------------------------------------------------------

    def boolean(self, depth: int) -> str:
        leaf = ["flag", "open", "file.valid", "yes", *OTHERS, "true", "false", *self._known("boolean") * 2, *self._items("boolean"), f"({self.random.choice(_NUMBER_FACTS)} > 1)", "(kind = \"a\")"]
        return self._pick(
            self._compare, self._compare, self._compare, self._compare_other, self._junction, self._junction, self._not, self._choice("boolean"), self._is_null, self._within,
            self._quantified, self._quantified, self._else("boolean"), self._of_text, self._of_list, leaf=leaf, depth=depth,
        )  # fmt: skip

    def flags(self, depth: int) -> str:
        """A list of truths."""
        source = self._source(sequence=True)
        with self.bound(source[1]) as name:
            body = self.boolean(depth - 1)
        return f"(for {name} in {source[0]} return {body})"

    def record(self, depth: int) -> str:
        return f"{{n: {self.number(depth)}, f: {self.boolean(depth - 1)}, d: {self.day(depth - 1)}}}"

    def _compare(self, depth: int) -> str:
        return f"({self.number(depth)} {self.random.choice(_COMPARE)} {self.number(depth)})"

    def _compare_other(self, depth: int) -> str:
        kind = self.random.choice(["day", "month"])
        a, b = getattr(self, kind)(depth), getattr(self, kind)(depth)
        length = f"({self.day(0)} - {self.day(0)} {self.random.choice(_COMPARE)} duration(\"P100D\"))"
        return self.random.choice([f"({a} {self.random.choice(_COMPARE)} {b})", f"({self.text(depth)} {self.random.choice(['=', '!='])} {self.text(depth)})", length, f"({self.boolean(0)} = {self.boolean(0)})"])

    def _junction(self, depth: int) -> str:
        word = self.random.choice([" and ", " or "])
        return "(" + word.join(self.boolean(depth) for _ in range(self.random.choice([2, 2, 3]))) + ")"

    def _not(self, depth: int) -> str:
        return f"not({self.boolean(depth)})"

    def _is_null(self, depth: int) -> str:
        what = self.random.choice([self.number, self.boolean, self.day, self.text, self.numbers, self.month])(depth)
        return f"(({what}) {self.random.choice(['=', '!='])} null)"

    def _within(self, depth: int) -> str:
        a, b, c = self.number(depth), self.number(0), self.number(0)
        day = self.day(depth)
        return self.random.choice([
            f"({a} between {b} and {c})", f"({a} in [{b}..{c}))", f"({a} in (< {b}, [{b}..{c}]))", f'({self.text(depth)} in ("a", "bb", "x"))',
            f'({day} in [date("2000-02-29")..date("2016-02-29")])', f"({a} in {self.numbers(depth)})",
        ])  # fmt: skip

    def _quantified(self, depth: int) -> str:
        source = self._source()
        with self.bound(source[1]) as name:
            body = self.boolean(depth)
        return f"({self.random.choice(['some', 'every'])} {name} in {source[0]} satisfies {body})"

    def _of_text(self, depth: int) -> str:
        return f'{self.random.choice(["contains", "starts_with", "ends_with"])}({self.text(depth)}, "{self.random.choice(["a", "b", "1", "保", "00"])}")'

    def _of_list(self, depth: int) -> str:
        return self.random.choice([f"list_contains({self.numbers(depth)}, {self.number(0)})", f"all({self.flags(depth)})", f"any({self.flags(depth)})", "list_contains(rows.tag, mode)", "all(rows.sure)", f"list_contains(rows.year, {self.number(0)})"])

    # -- days, months, texts --------------------------------------------------------------------

    def day(self, depth: int) -> str:
        leaf = ["born", "claim", "any_day", "as_of", "key_day", "file.made", *(f'date("{day}")' for day in DAYS[:3]), *self._known("day"), *self._items("day")]
        return self._pick(self._moved_day, self._moved_day, self._made_day, self._choice("day"), self._else("day"), self._extreme("day"), self._coded_day, self._day_of_list, leaf=leaf, depth=depth)

    def _moved_day(self, depth: int) -> str:
        length = self.random.choice(["P1M", "P18M", "P10D", "P1Y", "P100Y", "P400D"])
        return self.random.choice([f'({self.day(depth)} {self.random.choice("+-")} duration("{length}"))', f"add_months({self.day(depth)}, {self.random.choice(['months', '-1', '12', '1.9', 'months_between(born, claim)', 'in_months(1) * ' + self.number(0)])})", f"({self.day(depth)} + ({self.day(0)} - {self.day(0)}))"])

    def _made_day(self, depth: int) -> str:
        month = self.month(depth)
        return self.random.choice([f"date({self.random.choice(['the_year', '2015', self.number(0)])}, {self.random.choice(['small', '2', '12', self.number(0)])}, {self.random.choice(['29', '31', 'small', self.number(0)])})", f"first_day({month})", f"last_day({month})"])

    def _coded_day(self, depth: int) -> str:
        return f"at(coded_day, {self.text(depth)})"

    def _day_of_list(self, depth: int) -> str:
        return self.random.choice(["max(events.day)", "min(rows.day)", "events[1].day", "rows[-1].day", "max(distinct_values(rows.day))"])

    def _extreme(self, kind: str) -> Make:
        return lambda depth: f"{self.random.choice(['min', 'max'])}({getattr(self, kind)(depth)}, {getattr(self, kind)(depth)})"

    def month(self, depth: int) -> str:
        leaf = ["begun", "any_month", "key_month", 'year_month("2016-02")', *self._known("month"), *self._items("month")]
        return self._pick(self._moved_month, self._moved_month, lambda depth: f"year_month({self.day(depth)})", self._choice("month"), self._else("month"), self._extreme("month"), leaf=leaf, depth=depth)

    def _moved_month(self, depth: int) -> str:
        return self.random.choice([f"({self.month(depth)} {self.random.choice('+-')} {self.random.choice(['3', 'months', '1.5', 'in_months(1) * ' + self.number(0)])})", f"add_months({self.month(depth)}, {self.random.choice(['months', '-7', '2.9'])})"])

    def text(self, depth: int) -> str:
        leaf = ["kind", "mode", "town", "region", "word", "file.sort", *(f'"{word}"' for word in WORDS), *self._known("text"), *self._items("text")]
        return self._pick(self._choice("text"), self._else("text"), self._changed_text, self._changed_text, lambda depth: f"at(coded_word, {self.text(depth)})", lambda _: self.random.choice(["rows[1].tag", "events[-1].tag", "rows[around].place"]), leaf=leaf, depth=depth)

    def _changed_text(self, depth: int) -> str:
        text = self.text(depth)
        return self.random.choice([f"upper_case({text})", f"lower_case({text})", f"substring({text}, {self.random.choice(['1', '2', '-1', '-3', '0', '1.9'])}, {self.random.choice(['1', '2', '0', '9'])})"])


_NUMBER_FACTS = ["wide", "money", "share", "fine", "small", "around", "huge", "the_year", "file.sum", "file.grade", "vast"]
_COMPARE = ["=", "!=", "<", "<=", ">", ">="]
COLLECTED = ["collect sum", "collect min", "collect max", "collect count"]
_FIELDS = {
    "rows": {"number": ["year", "paid", "index", "base"], "boolean": ["sure"], "day": ["day"], "text": ["tag", "place"]},
    "events": {"number": ["amount"], "day": ["day"], "text": ["tag"], "month": ["since"]},
    "lots": {"number": ["size", "price", "big"]},
}
FIGURES = [
    "one: {value: 0.09}",
    "unset: {values: {2015: 4, 2016: 5.5}}",
    "unset_single: {value: 17.5}",
    "by_year: {values: {2012: 1, 2013: 2.5, 2014: 1000000}}",
    "stepped: {values: {0: 1, 2: 2}}",
    "coded: {by: code, add_values: {Ca: 9.125}}",
    "yes: {value: false}",
    "scale: {bands: [{above: 100, rate: 0.2}]}",
    "grown: {by: year, add_values: {2020: 1200}}",
]
