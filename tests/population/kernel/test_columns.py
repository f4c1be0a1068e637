"""Columns as they may come: sliced, in pieces, empty, absent, out of order, beyond all bounds; answered as the exact engine answers them."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from app.language import Rulebook
from app.population.columns import conform, fact_type
from app.population.engine import PopulationEngine
from app.population.exact import ExactEvaluator
from tests.population.kernel.comparing import compare, differences, told
from tests.population.kernel.random_ground import FACTS, PARAMETERS, REGIONS
from tests.population.kernel.small import QUESTION, agree, batch_of, rulebook_of
from tests.population.persons import Habits, persons

EXPRESSIONS = [
    "wide + money / 7", "huge", "vast", "kind", "town", "region", "flag", "born", "begun", "file.sum", "file.sort", "sum(rows.index)", "rows[1].tag", "rows[-1].place", "count(rows[year >= the_year])",
    "max(events.day)", "events[1].tag", "sum(lots.big)", "rows[2].sure", "one * by_year", "count(rows)", "file.valid", "at(coded, region)", "substring(region, 1, 2)",
]  # fmt: skip
AMENDMENT = 'scheme: test.random\nregion: "{region}"\namends: test.random@2000-01-01\nin_force: {{from: 2001-01-01}}\nsource: {{instrument: a}}\nparameters:\n  one: {{value: {value}}}\n'


@pytest.fixture(scope="module")
def rulebook(tmp_path_factory: pytest.TempPathFactory) -> Rulebook:
    files = {f"{region}.yaml": AMENDMENT.format(region=region, value=number + 2) for number, region in enumerate(REGIONS)}
    return rulebook_of(tmp_path_factory.mktemp("rules"), EXPRESSIONS, files=files)


@pytest.fixture(scope="module")
def engine(rulebook: Rulebook) -> PopulationEngine:
    return PopulationEngine(rulebook, QUESTION, threads=1)


@pytest.fixture(scope="module")
def batch(rulebook: Rulebook) -> pa.RecordBatch:
    return persons(rulebook.facts, 400, 3, regions=[*REGIONS, "440300", "310104", "000000", "820000"], habits=Habits(unknown=0.2, longest=6))


def same(engine: PopulationEngine, rulebook: Rulebook, batch: pa.RecordBatch) -> None:
    found = differences(engine.evaluate(batch), ExactEvaluator(rulebook, QUESTION).evaluate(batch))
    assert not found, told(found, batch)


@pytest.mark.parametrize(("start", "length"), [(0, 400), (1, 17), (7, 1), (9, 250), (399, 1), (13, 0)])
def test_slices(engine: PopulationEngine, rulebook: Rulebook, batch: pa.RecordBatch, start: int, length: int) -> None:
    same(engine, rulebook, batch.slice(start, length))
    whole, part = engine.evaluate(batch).results, engine.evaluate(batch.slice(start, length)).results
    assert whole.slice(start, length).to_pylist() == part.to_pylist()


def test_pieces_of_a_table(engine: PopulationEngine, rulebook: Rulebook, batch: pa.RecordBatch) -> None:
    for piece in pa.Table.from_batches([batch]).to_batches(max_chunksize=37):
        same(engine, rulebook, piece)


@pytest.mark.parametrize("which", ["one", "all"])
def test_absent_and_empty_columns(engine: PopulationEngine, rulebook: Rulebook, batch: pa.RecordBatch, which: str) -> None:
    names = [name for name in batch.schema.names if name != "region"]
    if which == "all":
        same(engine, rulebook, batch.select(["region"]))
        nulls = [pa.nulls(5, batch.schema.field(name).type) for name in names]
        same(engine, rulebook, pa.RecordBatch.from_arrays(nulls, names=names))
        return
    for name in names:
        same(engine, rulebook, batch.drop_columns([name]).slice(0, 40))


def test_columns_in_another_order(engine: PopulationEngine, rulebook: Rulebook, batch: pa.RecordBatch) -> None:
    same(engine, rulebook, batch.select(batch.schema.names[::-1]))


def test_dictionaries_in_other_orders(engine: PopulationEngine, rulebook: Rulebook, batch: pa.RecordBatch) -> None:
    """As they come; and a dictionary of regions with words that no row has, twice or null."""
    texts = pa.DictionaryArray.from_arrays(pa.array([3, 0, None, 1, 2, 4], pa.int8()), pa.array(["社保", "Ca", "a", "bb", None]))
    arrays = {"kind": texts, "region": pa.DictionaryArray.from_arrays(pa.array([0, 1, 2, 3, 4, None], pa.int16()), pa.array(["310000", "310115", "110000", "310000", "440300", "710000"]))}
    made = conform(pa.RecordBatch.from_pydict(arrays), rulebook.facts)
    assert not made.rejects
    same(engine, rulebook, made.batch)


def test_lists_out_of_order(engine: PopulationEngine, rulebook: Rulebook) -> None:
    rows = [{"year": year, "paid": year % 12, "index": "1"} for year in (2010, 2001, 2005, 2001)]
    batch = batch_of(rulebook, [{"rows": rows, "the_year": 2005}, {"rows": rows[::-1], "the_year": 2002}])
    assert [each["year"] for each in batch.column("rows")[0].as_py()] == [2001, 2001, 2005, 2010]
    same(engine, rulebook, batch)


def test_lists_with_what_no_list_should_have(engine: PopulationEngine, rulebook: Rulebook, batch: pa.RecordBatch) -> None:
    """Null items, a required field missing, too many items, and garbage under a list that is not given."""
    kind = fact_type(rulebook.facts.facts["rows"])
    row = {"year": 2001, "paid": 1, "index": Decimal("1"), "base": None, "day": None, "tag": None, "sure": None, "place": None}
    lists = pa.array([[row, None], [{**row, "paid": None}], [row] * 41, [row], [{**row, "index": None}], [{**row, "paid": 13}], []], kind)
    hidden = pa.ListArray.from_arrays(lists.offsets, lists.values, mask=pa.array([False, False, False, True, True, True, False]))
    for array in (lists, hidden, lists.slice(2, 4), hidden.slice(3)):
        same(engine, rulebook, pa.RecordBatch.from_arrays([array], ["rows"]))
    assert [each.row for each in engine.evaluate(pa.RecordBatch.from_arrays([hidden], ["rows"])).rejects] == [0, 1, 2]


def test_values_beyond_their_bounds(engine: PopulationEngine, rulebook: Rulebook) -> None:
    bounds = {"wide": ("1000000.000001", "-1000000.000001", "1000000"), "small": (-1, 121, 120), "vast": ("999999999999999.000001", "-0.000001", "999999999999"), "around": (-6, 6, -5)}
    for name, values in bounds.items():
        made = conform(pa.RecordBatch.from_pylist([{name: value} for value in values]), rulebook.facts)
        same(engine, rulebook, made.batch)
        assert {each.row for each in (*made.rejects, *engine.evaluate(made.batch).rejects)} == {0, 1}


@pytest.mark.parametrize("name", ["wide", "money", "vast"])
def test_decimals_of_more_than_64_bits(engine: PopulationEngine, rulebook: Rulebook, name: str) -> None:
    """Whatever an Arrow column of that type can hold, also where its lower half looks harmless."""
    kind = fact_type(rulebook.facts.facts[name])
    numbers = [1 << 64, (1 << 64) + 100, -(1 << 64) + 7, 5, (1 << 70), -1]
    pairs = np.array([[number & ((1 << 64) - 1), (number >> 64) & ((1 << 64) - 1)] for number in numbers], np.uint64)
    array = pa.Array.from_buffers(kind, len(numbers), [None, pa.py_buffer(pairs)])
    same(engine, rulebook, pa.RecordBatch.from_arrays([array], [name]))


@pytest.mark.parametrize("region", ["999999", "11", "北京", "", "710000", "659001"])
def test_regions(engine: PopulationEngine, rulebook: Rulebook, region: str) -> None:
    """One that does not exist is refused; one without rules of its own has those of the places it lies in."""
    array = pa.DictionaryArray.from_arrays(pa.array([0, 1, None], pa.int16()), pa.array([region, "310104"]))
    same(engine, rulebook, pa.RecordBatch.from_arrays([array, pa.array([1, 2, 3], pa.int32())], ["region", "small"]))


GIVEN: dict[str, pa.Array] = {
    "decimal": pa.array([Decimal("1.5"), None, Decimal("-20000.25")], pa.decimal128(10, 2)),
    "long decimal": pa.array([Decimal("1.123456789012"), None, Decimal(5)], pa.decimal128(27, 12)),
    "whole": pa.array([7, None, -3], pa.int64()),
    "short": pa.array([7, None, -3], pa.int16()),
    "truth": pa.array([True, None, False]),
    "text": pa.array(["1.5", None, "x"]),
    "day": pa.array([1, None, 3], pa.int32()).cast(pa.date32()),
}
GIVEN_RULES = ["e0", "one", "e6", "e7", "e3", "e8", "key_day", "yes", "unset_single", "by_year", "word"]


@cache
def _given_rulebook(folder: Path) -> Rulebook:
    return rulebook_of(folder, [*EXPRESSIONS[:9], "e0 * one + unset_single", "by_year + by_year", "if e6 then e0 else one", "e7.year", "if yes then key_day else e7", "word"], facts=FACTS, parameters=PARAMETERS)


@pytest.mark.parametrize("rule", GIVEN_RULES)
def test_given_figures_of_any_type(tmp_path_factory: pytest.TempPathFactory, rule: str) -> None:
    """A figure fits its rule, is converted, or refuses its row; just as in a request."""
    rulebook = _given_rulebook(_folder(tmp_path_factory))
    facts: dict[str, list[Any]] = {"wide": ["2", "3", None], "money": ["14", "14", "1"], "claim": ["2012-05-01", None, "2013-01-01"], "flag": [True, None, False], "born": ["1970-01-31", None, "1980-02-29"]}
    for kind, figures in GIVEN.items():
        made = conform(pa.RecordBatch.from_pydict({**facts, f"given.{rule}": figures}), rulebook.facts).batch
        found = compare(rulebook, QUESTION, made)
        assert not found, f"{kind}: {told(found, made)}"


_FOLDERS: list[Path] = []


def _folder(factory: pytest.TempPathFactory) -> Path:
    if not _FOLDERS:
        _FOLDERS.append(factory.mktemp("given"))
    return _FOLDERS[0]


def test_nobody(engine: PopulationEngine, rulebook: Rulebook) -> None:
    assert engine.evaluate(persons(rulebook.facts, 0, 1)).results.num_rows == 0
    agree(rulebook, [persons(rulebook.facts, 1, 1)])
