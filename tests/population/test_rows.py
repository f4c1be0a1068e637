"""Columns and rows are two ways to write the same people: going from one to the other and back loses nothing."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from app.engine import InputError
from app.intake import RequestReader
from app.language import Fact, Rulebook, YearMonth
from app.population.columns.column_types import fact_type
from app.population.columns.conforming import conform
from app.population.rows import RowWriter

from .people import QUESTION

REGIONS = ("110000", "310000", "440300")


def values(fact: Fact) -> st.SearchStrategy[Any]:
    """A fact's value as a canonical column holds it."""
    if fact.kind == "enum":
        return st.sampled_from([code for code, _ in fact.values])
    if fact.kind == "region":
        return st.sampled_from(REGIONS)
    if fact.kind == "date":
        return st.dates(fact.earliest or date(1900, 1, 1), fact.latest or date(2199, 12, 31))
    if fact.kind == "month":
        return st.integers(12 * 1900, 12 * 2199 + 11)
    if fact.kind == "whole":
        return st.integers(-1000 if fact.at_least is None else int(fact.at_least), int(fact.at_most or 0))
    if fact.kind == "number":
        low, high = int(fact.at_least or 0) * 10**fact.decimals, int(fact.at_most or 0) * 10**fact.decimals
        return st.integers(low, high).map(lambda each: Decimal(each).scaleb(-fact.decimals))
    if fact.kind == "boolean":
        return st.booleans()
    record = st.fixed_dictionaries({each.name: values(each) if each.required else st.none() | values(each) for each in fact.fields})
    return record if fact.kind == "record" else st.lists(record, max_size=fact.max_items)


def as_text(value: Any, fact: Fact) -> Any:
    """The same value as a CSV cell has it."""
    if value is None:
        return None
    if fact.kind in ("list", "record"):
        fields = {each.name: each for each in fact.fields}
        items = [{name: plain(each, fields[name]) for name, each in item.items()} for item in (value if fact.kind == "list" else [value])]
        return json.dumps(items if fact.kind == "list" else items[0])
    written = plain(value, fact)
    return written if isinstance(written, str) else json.dumps(written)


def plain(value: Any, fact: Fact) -> Any:
    """The same value in JSON."""
    if value is None or fact.kind in ("boolean", "whole"):
        return value
    return str(YearMonth(value)) if fact.kind == "month" else str(value)


@st.composite
def batches(draw: st.DrawFn, facts: dict[str, Fact]) -> list[dict[str, Any]]:
    rows = st.fixed_dictionaries({name: st.none() | values(fact) for name, fact in facts.items()} | {"region": st.none() | st.sampled_from(REGIONS)})
    return draw(st.lists(rows, min_size=1, max_size=6))


def test_columns_to_rows_and_back(rulebook: Rulebook) -> None:
    facts = rulebook.facts.facts
    reader, writer = RequestReader(rulebook), RowWriter(rulebook.facts, QUESTION)

    @settings(max_examples=60, deadline=None)
    @given(batches(facts))
    def holds(people: list[dict[str, Any]]) -> None:
        columns = {name: pa.array([each[name] for each in people], fact_type(fact)) for name, fact in facts.items()}
        columns["region"] = pa.array([each["region"] for each in people])
        texts = {name: pa.array([as_text(each[name], fact) for each in people], pa.string()) for name, fact in facts.items()}
        texts["region"] = columns["region"]
        typed, read = (conform(pa.RecordBatch.from_pydict(each), rulebook.facts) for each in (columns, texts))
        assert (typed.rejects, read.rejects) == ((), ())
        assert typed.batch.to_pylist() == read.batch.to_pylist()
        # Conforming what conforms changes nothing.
        again = conform(typed.batch, rulebook.facts)
        assert again.batch.equals(typed.batch)

        for body, person in zip(writer.bodies(typed.batch), people, strict=True):
            assert body["region"] == (person["region"] or QUESTION.region)
            try:
                request, _ = reader.read_value(body)
            except InputError as error:
                raise AssertionError([fault.en for fault in error.faults]) from error
            expected = {name: typed_value(value, facts[name]) for name, value in person.items() if name in facts and value is not None}
            assert request.facts == expected
        few = list(range(len(people)))[::-2]
        assert writer.bodies(typed.batch, few) == [writer.bodies(typed.batch)[row] for row in few]

    holds()


def typed_value(value: Any, fact: Fact) -> Any:
    """A value as the engine holds it: numbers as Decimal, months as YearMonth, lists in order without what is not given."""
    if fact.kind == "whole":
        return Decimal(value)
    if fact.kind == "month":
        return YearMonth(value)
    if fact.kind in ("list", "record"):
        fields = {each.name: each for each in fact.fields}
        items = [
            {name: typed_value(each, fields[name]) for name, each in item.items() if each is not None}
            for item in (value if fact.kind == "list" else [value])
        ]
        return tuple(sorted(items, key=lambda item: item[fact.order_by])) if fact.kind == "list" else items[0]
    return value


def test_given_figures_go_along_as_text(rulebook: Rulebook) -> None:
    batch = pa.RecordBatch.from_pydict(
        {
            "given.share": pa.array([Decimal("1.2500"), None]),
            "given.minimum_months": pa.array([3, None]),
            "given.test.scheme.monthly": pa.array(["12.50", None]),
            "given.covered": pa.array([True, None]),
            "given.born": pa.array([date(1970, 1, 1) + timedelta(days=1), None]),
        }
    )
    bodies = RowWriter(rulebook.facts, QUESTION).bodies(conform(batch, rulebook.facts).batch)
    assert bodies[0]["given"] == {"share": "1.25", "minimum_months": "3", "test.scheme.monthly": "12.50", "covered": True, "born": "1970-01-02"}
    assert bodies[1]["given"] == {}


def test_a_batch_without_facts_still_has_its_rows(rulebook: Rulebook) -> None:
    batch = pa.RecordBatch.from_pydict({"person_id": pa.array([1, 2, 3])})
    assert len(RowWriter(rulebook.facts, QUESTION).bodies(batch)) == 3
