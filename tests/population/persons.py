"""Generated persons in canonical columns, drawn from the fact dictionary, so that a new fact is covered the day it is declared.

Every fact is drawn from its own range, at its bounds now and then; where the dictionary has the facts of a working
life (sex, dates, yearly records), these go together, so that many persons are entitled to something.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from app.language import Fact, FactDictionary
from app.language.facts import DEFAULT_LIMIT
from app.population.columns.conforming import conform, fact_type

Array = Any
_EPOCH = date(1970, 1, 1).toordinal()
_USUAL_FIRST, _USUAL_LAST = date(1930, 1, 1), date(2060, 12, 31)
_DAYS_A_YEAR = 365.2425


@dataclass(frozen=True, slots=True)
class Habits:
    """How persons are drawn: the share of facts not given and of values at an edge, the longest list, and values that rules turn on."""

    unknown: float = 0.1
    edges: float = 0.1
    longest: int = 46
    numbers: tuple[Decimal, ...] = ()
    days: tuple[date, ...] = ()
    likely: bool = True


@dataclass(slots=True)
class _Drawing:
    random: np.random.Generator
    habits: Habits
    regions: Sequence[str] = ()
    drawn: dict[str, Array] = field(default_factory=dict)

    def share(self, rows: int, share: float) -> Array:
        return self.random.random(rows) < share


def persons(
    dictionary: FactDictionary, rows: int, seed: int, *, regions: Sequence[str] = (), rules_of: str | None = None, habits: Habits | None = None
) -> pa.RecordBatch:
    """A canonical batch of persons; with `regions` each has one of them in the column `region`, else `rules_of` or none."""
    draw = _Drawing(np.random.default_rng(seed), habits or Habits(), regions)
    if draw.habits.likely:
        _draw_lives(dictionary, rows, draw)
    columns = {name: _column(fact, rows, draw, required=False, drawn=draw.drawn.get(name)) for name, fact in dictionary.facts.items()}
    if regions:
        columns["region"] = pa.array(draw.random.choice(np.array(regions, object), rows).tolist(), pa.string(), mask=draw.share(rows, 0.02))
    elif rules_of is not None:
        columns["region"] = pa.array([rules_of] * rows)
    return conform(pa.RecordBatch.from_pydict(columns), dictionary).batch


# -- columns ----------------------------------------------------------------------------------------


def _column(fact: Fact, rows: int, draw: _Drawing, *, required: bool, drawn: Array | None = None) -> pa.Array:
    """One fact of as many persons (or items) as there are rows; `drawn` are its values where they were drawn with others'."""
    missing = np.zeros(rows, np.bool_) if required else draw.share(rows, draw.habits.unknown)
    if fact.kind == "list":
        return _lists(fact, rows, draw, missing)
    if fact.kind == "record":
        return _records(fact, [_column(each, rows, draw, required=each.required) for each in fact.fields], missing)
    if fact.kind in ("enum", "region"):
        words = [code for code, _ in fact.values] or [*draw.regions, "110000", "310115", "440300"]
        chosen = draw.random.choice(np.array(words, object), rows) if drawn is None else drawn
        return pa.array(chosen.tolist(), pa.string(), mask=missing)
    if fact.kind == "boolean":
        return pa.array(draw.share(rows, 0.5), mask=missing)
    numbers = _numbers(fact, rows, draw) if drawn is None else drawn
    if fact.kind == "number":
        return _decimals(numbers, fact, missing)
    kind = {"date": pa.int32(), "month": pa.int32()}.get(fact.kind, fact_type(fact))
    return pa.array(numbers, kind, mask=missing).cast(fact_type(fact))


def _decimals(numbers: Array, fact: Fact, missing: Array) -> pa.Array:
    """Scaled whole numbers as a decimal column."""
    low = numbers.astype(np.int64)
    pairs = np.stack([low, low >> 63], axis=1)
    bits = pa.py_buffer(np.packbits(~missing, bitorder="little"))
    return pa.Array.from_buffers(fact_type(fact), len(low), [bits, pa.py_buffer(pairs)])


def _bounds(fact: Fact) -> tuple[int, int]:
    """The least and largest value, scaled, as days or as months."""
    if fact.kind == "date":
        return (fact.earliest or date.min).toordinal() - _EPOCH, (fact.latest or date.max).toordinal() - _EPOCH
    if fact.kind == "month":
        first, last = fact.earliest or date.min, fact.latest or date.max
        return 12 * first.year + first.month - 1, 12 * last.year + last.month - 1
    factor = 10**fact.decimals
    low = -DEFAULT_LIMIT if fact.at_least is None else fact.at_least
    high = DEFAULT_LIMIT if fact.at_most is None else fact.at_most
    return max(-(1 << 62), int(low * factor)), min(1 << 62, int(high * factor))


def _numbers(fact: Fact, rows: int, draw: _Drawing) -> Array:
    """Whole numbers within the bounds: usual ones, small ones, ones the rules turn on, and the bounds themselves."""
    low, high = _bounds(fact)
    points = np.array([point for point in _points(fact, draw.habits) if low <= point <= high] or [low], np.int64)
    near = draw.random.choice(points, rows) + draw.random.integers(-1, 2, rows) * draw.share(rows, 0.5)
    usual = draw.random.integers(*_usual(fact, low, high), rows, endpoint=True)
    magnitude = np.exp(draw.random.random(rows) * np.log(max(2, min(high - low, 1 << 60))))
    small = max(low, min(high, 0)) + (magnitude * (1 if low >= 0 else draw.random.choice([-1, 1], rows))).astype(np.int64)
    halves = small - small % 5
    kind = draw.random.random(rows)
    chosen = np.select([kind < 0.35, kind < 0.5, kind < 0.6, kind < 1 - draw.habits.edges], [usual, small, halves, usual if len(points) < 2 else near], near)
    edge = draw.share(rows, draw.habits.edges / 3)
    return np.clip(np.where(edge, draw.random.choice([low, high, max(low, min(high, 0))], rows), chosen), low, high)


def _usual(fact: Fact, low: int, high: int) -> tuple[int, int]:
    if fact.kind == "date":
        return max(low, _USUAL_FIRST.toordinal() - _EPOCH), min(high, _USUAL_LAST.toordinal() - _EPOCH)
    if fact.kind == "month":
        return max(low, 12 * _USUAL_FIRST.year), min(high, 12 * _USUAL_LAST.year)
    return low, high if high - low < 10**7 else max(low, 0) + 10**6


def _points(fact: Fact, habits: Habits) -> Iterable[int]:
    if fact.kind == "date":
        yield from (day.toordinal() - _EPOCH for day in habits.days)
    elif fact.kind == "month":
        yield from (12 * day.year + day.month - 1 for day in habits.days)
    else:
        yield from (int(number * 10**fact.decimals) for number in habits.numbers)
        if "year" in fact.name:
            yield from (day.year for day in habits.days)


def _records(fact: Fact, fields: list[pa.Array], missing: Array | None) -> pa.StructArray:
    if fact.one_of:
        fields = _one_of(fact, fields)
    named = [pa.field(each.name, array.type) for each, array in zip(fact.fields, fields, strict=True)]
    return pa.StructArray.from_arrays(fields, fields=named, mask=None if missing is None else pa.array(missing))


def _one_of(fact: Fact, fields: list[pa.Array]) -> list[pa.Array]:
    """Where none of the fields of which one is needed is given, the first of them is."""
    names = [each.name for each in fact.fields]
    first = names.index(fact.one_of[0])
    none = np.logical_and.reduce([~np.asarray(fields[names.index(name)].is_valid()) for name in fact.one_of])
    least = pa.scalar(fact.fields[first].at_least or Decimal(0), pa.decimal128(18, fact.fields[first].decimals))
    fields[first] = pc.if_else(pa.array(none), least.cast(fields[first].type), fields[first])
    return fields


def _lists(fact: Fact, rows: int, draw: _Drawing, missing: Array) -> pa.ListArray:
    longest = min(fact.max_items, draw.habits.longest)
    lengths = draw.drawn.get(f"{fact.name} lengths")
    if lengths is None:
        lengths = draw.random.integers(0, longest, rows, endpoint=True) * ~draw.share(rows, 0.1)
    lengths = np.where(missing, 0, np.minimum(lengths, fact.max_items))
    offsets = np.zeros(rows + 1, np.int32)
    np.cumsum(lengths, out=offsets[1:])
    count = int(offsets[-1])
    together = _draw_years(fact, lengths, offsets, draw)
    items = _records(fact, [_column(each, count, draw, required=each.required, drawn=together.get(each.name)) for each in fact.fields], None)
    return pa.ListArray.from_arrays(pa.array(offsets), items, mask=pa.array(missing))


# -- lives ------------------------------------------------------------------------------------------


def _draw_lives(dictionary: FactDictionary, rows: int, draw: _Drawing) -> None:
    """Facts that go together: birth, work, first insurance and claim in order; the retirement category by sex."""
    facts, random = dictionary.facts, draw.random
    if "birth_date" not in facts or "claim_date" not in facts:
        return
    birth = random.integers(-14_000, 9_000, rows)
    age = np.where(draw.share(rows, 0.8), random.normal(57, 5, rows), random.uniform(16, 80, rows))
    claim = birth + (age * _DAYS_A_YEAR).astype(np.int64)
    edge = draw.habits.days
    if edge:
        days = np.array([day.toordinal() - _EPOCH for day in edge])
        claim = np.where(draw.share(rows, 0.1), np.maximum(random.choice(days, rows) + random.integers(-1, 2, rows), birth), claim)
    work = birth + (random.uniform(15, 35, rows) * _DAYS_A_YEAR).astype(np.int64)
    for name, days in (("birth_date", birth), ("claim_date", claim), ("work_start_date", work), ("first_insured_date", np.maximum(work, claim - random.integers(500, 12_000, rows)))):
        if name in facts:
            low, high = _bounds(facts[name])
            draw.drawn[name] = np.clip(days, low, high)
    if "sex" in facts:
        male = draw.share(rows, 0.5)
        draw.drawn["sex"] = np.where(male, "male", "female").astype(object)
        if "retirement_category" in facts:
            codes = [code for code, _ in facts["retirement_category"].values]
            for_men, for_women = ([code for code in codes if code.startswith(word)] for word in ("male", "female"))
            draw.drawn["retirement_category"] = np.where(male, random.choice(np.array(for_men, object), rows), random.choice(np.array(for_women, object), rows))
    for name, fact in facts.items():
        if fact.kind == "list" and fact.order_by == "year":
            years = np.clip(((claim - work) / _DAYS_A_YEAR).astype(np.int64), 0, draw.habits.longest)
            draw.drawn[f"{name} lengths"] = np.where(draw.share(rows, 0.8), years, random.integers(0, draw.habits.longest, rows))
            draw.drawn[f"{name} last"] = (claim / _DAYS_A_YEAR + 1970).astype(np.int64)


def _draw_years(fact: Fact, lengths: Array, offsets: Array, draw: _Drawing) -> dict[str, Array]:
    """The years of yearly records: one after the other up to the claim, now and then one twice."""
    last = draw.drawn.pop(f"{fact.name} last", None)
    if last is None:
        return {}
    year = next(each for each in fact.fields if each.name == fact.order_by)
    index = np.arange(int(offsets[-1])) - np.repeat(offsets[:-1], lengths)
    years = np.repeat(last - lengths + 1, lengths) + index - np.repeat(draw.share(len(lengths), 0.2), lengths) * draw.random.integers(0, 2, len(index))
    together = {year.name: np.clip(years, *_bounds(year))}
    months = next((each for each in fact.fields if each.name == "months"), None)
    if months is not None:
        low, high = _bounds(months)
        usually = np.repeat(draw.share(len(lengths), 0.85), lengths) & draw.share(len(index), 0.9)
        doubled = np.repeat([len(set(part)) < len(part) for part in np.split(years, offsets[1:-1])], lengths) if len(index) else np.zeros(0, np.bool_)
        full = np.where(usually, high, draw.random.integers(low, high, len(index), endpoint=True))
        together[months.name] = np.where(doubled, draw.random.integers(low, max(low, high // 2), len(index), endpoint=True), full)
    return together
