"""Lists read from their pages are what Arrow reads, in every layout; what is damaged or odd is left to Arrow, and never ends the process."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from app.engine import InputError
from app.population.leaves import ListReader, NotReadable, library, list_plans, stated
from app.population.runs import parquet_input
from app.population.runs.parquet_input import read_parquet

FIELDS: dict[str, tuple[pa.DataType, Any]] = {
    "year": (pa.int32(), lambda draw: draw.randint(-(2**31), 2**31 - 1) if draw.random() < 0.1 else 2000 + draw.randint(0, 20)),
    "number": (pa.int64(), lambda draw: draw.randint(-(2**63), 2**63 - 1)),
    "since": (pa.date32(), lambda draw: date(1990 + draw.randint(0, 30), 1 + draw.randint(0, 11), 1)),
    "small": (pa.decimal128(5, 2), lambda draw: Decimal(draw.randint(-99_999, 99_999)).scaleb(-2)),
    "money": (pa.decimal128(18, 2), lambda draw: Decimal(draw.randint(-(10**18) + 1, 10**18 - 1)).scaleb(-2)),
    "wide": (pa.decimal128(30, 4), lambda draw: Decimal(draw.randint(-(10**18), 10**18)).scaleb(-4)),
    "place": (pa.string(), lambda draw: draw.choice(["110000", "310000", ""])),
    "paid": (pa.bool_(), lambda draw: draw.random() < 0.5),
}
READ_HERE = ("year", "number", "since", "small", "money")


def table(seed: int, rows: int, names: list[str], nullable: tuple[bool, bool, bool], few: bool) -> pa.Table:
    """Lists of records with these fields; `nullable` are lists, items (never null here) and fields; `few` draws few different values."""
    draw = random.Random(seed)
    kind = pa.list_(
        pa.field("element", pa.struct([pa.field(name, FIELDS[name][0], nullable=nullable[2]) for name in names]), nullable=nullable[1])
    )
    known = {name: [FIELDS[name][1](draw) for _ in range(3)] for name in names} if few else {}

    def value(name: str) -> Any:
        if nullable[2] and draw.random() < (0.9 if name == "money" else 0.2):
            return None
        return draw.choice(known[name]) if few else FIELDS[name][1](draw)

    def lists() -> Iterator[Any]:
        for _ in range(rows):
            if nullable[0] and draw.random() < 0.1:
                yield None
            else:
                yield [{name: value(name) for name in names} for _ in range(draw.choice([0, 1, 2, 9, 25, 70]))]

    schema = pa.schema([pa.field("row", pa.int64()), pa.field("records", kind, nullable=nullable[0])])
    return pa.table([pa.array(range(rows)), pa.array(list(lists()), kind)], schema=schema)


def written(path: Path, data: pa.Table, **layout: Any) -> Path:
    pq.write_table(data, path, **layout)
    return path


def read(path: Path, batch_rows: int = 100) -> list[pa.RecordBatch]:
    return [piece.batch for piece in read_parquet(path, 0, 0, batch_rows, lambda *_: True, [])]


def is_same(found: list[pa.RecordBatch], data: pa.Table) -> bool:
    for batch in found:
        batch.validate(full=True)
    rows: list[dict[str, Any]] = [row for batch in found for row in batch.to_pylist()]
    return rows == list(data.to_pylist())


def here(path: Path) -> int:
    """How many batches of a file are read without Arrow reading its lists."""
    with pq.ParquetFile(path) as file:
        return sum(
            1
            for group in range(file.metadata.num_row_groups)
            for _ in parquet_input._with_lists(path, file, group, file.metadata.row_group(group), 100)
        )


LAYOUTS = st.fixed_dictionaries(
    {
        "use_dictionary": st.booleans(),
        "compression": st.sampled_from(["none", "snappy", "zstd", "lz4", "gzip", "brotli"]),
        "data_page_version": st.sampled_from(["1.0", "2.0"]),
        "data_page_size": st.sampled_from([64, 1000, 1 << 20]),
        "write_batch_size": st.sampled_from([1, 7, 1000]),
        "dictionary_pagesize_limit": st.sampled_from([100, 1 << 20]),
        "store_decimal_as_integer": st.booleans(),
        "row_group_size": st.sampled_from([37, 200, 10_000]),
    }
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.integers(0, 2**32),
    st.integers(1, 400),
    st.lists(st.sampled_from(list(FIELDS)), min_size=1, unique=True).filter(lambda names: set(names) & set(READ_HERE)),
    st.tuples(st.booleans(), st.booleans(), st.booleans()),
    st.booleans(),
    LAYOUTS,
    st.sampled_from([1, 50, 1000]),
)
def test_every_layout(
    tmp_path: Path, seed: int, rows: int, names: list[str], nullable: tuple[bool, bool, bool], few: bool, layout: dict[str, Any], batch_rows: int
) -> None:
    data = table(seed, rows, names, nullable, few)
    path = written(tmp_path / "a.parquet", data, **layout)
    try:
        pq.read_table(path)
    except pa.ArrowInvalid:
        # Arrow does not read every page of truth values that it writes.
        assume(False)
    assert here(path)
    found = read(path, batch_rows)
    assert is_same(found, data)
    for name in {"small", "money"} & set(names):
        amounts = [pa.Table.from_batches([batch]).column("records").combine_chunks().values.field(name) for batch in found]
        assert all(each.type == pa.decimal64(FIELDS[name][0].precision, 2) or each.null_count == len(each) for each in amounts)


def test_long_lists_over_many_pages(tmp_path: Path) -> None:
    kind = pa.list_(pa.struct([("year", pa.int32()), ("money", pa.decimal128(18, 2))]))
    lists = [[{"year": year, "money": Decimal(year)} for year in range(count)] for count in (0, 5000, 1, 0, 3000, 0)] * 3
    data = pa.table({"row": list(range(len(lists))), "records": pa.array(lists, kind)})
    path = written(tmp_path / "a.parquet", data, data_page_size=500, write_batch_size=100)
    assert here(path) == 1
    assert is_same(read(path, 4), data)


def test_fields_that_nobody_states_are_not_read(tmp_path: Path) -> None:
    record = pa.struct([("year", pa.int32()), ("money", pa.decimal128(18, 2)), ("place", pa.string())])
    lists: Any = [[{"year": 1}, {"year": 2}], None, []], [[{"year": 3, "place": "110000"}], [{"money": Decimal("1.50")}]], [[{}], [{}, {}]]
    data = pa.table({"row": list(range(7)), "records": pa.array([each for group in lists for each in group], pa.list_(record))})
    path = tmp_path / "a.parquet"
    with pq.ParquetWriter(path, data.schema) as writer:
        for first, count in ((0, 3), (3, 2), (5, 2)):
            writer.write_table(data.slice(first, count))
    with pq.ParquetFile(path) as file:
        plans = [stated(list_plans(file)[0], file.metadata.row_group(group)) for group in range(3)]
    assert [[*(leaf.name for leaf in plan.leaves), *(other.name for other in plan.others)] for plan in plans] == [["year"], ["year", "money", "place"], ["year"]]
    assert here(path) == 3
    assert is_same(read(path), data)


def test_what_is_odd_is_left_to_arrow(tmp_path: Path) -> None:
    record = pa.struct([("year", pa.int32())])
    null_item = pa.table({"row": [1, 2], "records": pa.array([[{"year": 1}, None], [{"year": 2}]], pa.list_(record))})
    path = written(tmp_path / "null.parquet", null_item)
    with pytest.raises(NotReadable):
        here(path)
    assert is_same(read(path), null_item)

    deep = pa.table({"row": [1], "records": pa.array([[{"year": 1, "in": {"a": 1}}]], pa.list_(pa.struct([("year", pa.int32()), ("in", pa.struct([("a", pa.int32())]))])))})
    path = written(tmp_path / "deep.parquet", deep)
    with pq.ParquetFile(path) as file:
        assert list_plans(file) == ()
    assert is_same(read(path), deep)

    delta = pa.table({"row": [1, 2], "records": pa.array([[{"year": 1}], [{"year": 2}]], pa.list_(record))})
    path = written(tmp_path / "delta.parquet", delta, use_dictionary=False, column_encoding={"records.list.element.year": "DELTA_BINARY_PACKED"})
    with pytest.raises(NotReadable):
        here(path)
    assert is_same(read(path), delta)

    alone = delta.select(["records"])
    assert is_same(read(written(tmp_path / "alone.parquet", alone)), alone)


def test_arrow_goes_on_where_a_later_page_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = table(1, 350, ["year", "money"], (True, True, True), False)
    path = written(tmp_path / "a.parquet", data)
    whole, calls = ListReader.take, 0

    def second_fails(self: ListReader, rows: int, others: Any) -> pa.ListArray:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise NotReadable("as told")
        return whole(self, rows, others)

    monkeypatch.setattr(ListReader, "take", second_fails)
    found = list(read_parquet(path, 0, 1000, 100, lambda *_: True, []))
    assert [(piece.first, piece.last) for piece in found] == [(1000, 1100), (1100, 1200), (1200, 1300), (1300, 1350)]
    assert is_same([piece.batch for piece in found], data)


def test_without_a_compiler_arrow_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.population.leaves.reading.library", lambda: None)
    data = table(2, 50, ["year", "money"], (True, True, True), False)
    path = written(tmp_path / "a.parquet", data)
    with pytest.raises(NotReadable):
        here(path)
    assert is_same(read(path), data)


def test_the_code_without_the_processors_extras_reads_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "_flags", lambda: ())
    plain = library.library.__wrapped__()
    monkeypatch.setattr("app.population.leaves.reading.library", lambda: plain)
    for seed in range(20):
        data = table(seed, 300, list(FIELDS), (True, True, seed % 2 == 0), seed % 3 == 0)
        path = written(tmp_path / "a.parquet", data, store_decimal_as_integer=True)
        assert here(path)
        assert is_same(read(path), data)


@pytest.mark.parametrize("seed", range(4))
def test_damage_ends_nothing(tmp_path: Path, seed: int) -> None:
    """Bytes turned round at random: rows, whatever they hold by now, or words about the file."""
    draw = random.Random(seed)
    data = table(seed, 200, ["year", "number", "money", "place"], (True, True, True), seed % 2 == 0)
    path = written(tmp_path / "a.parquet", data, data_page_size=2000, compression="none" if seed < 2 else "lz4", data_page_version="2.0" if seed % 2 else "1.0")
    sound = path.read_bytes()
    footer = len(sound) - 8 - int.from_bytes(sound[-8:-4], "little")
    refused = 0
    for _ in range(150):
        damaged = bytearray(sound)
        for _ in range(draw.choice([1, 1, 3, 20])):
            damaged[draw.randrange(4, footer)] = draw.randrange(256)
        path.write_bytes(damaged)
        rows, words = rows_or_words(path)
        assert rows == 200 or "a.parquet" in words
        refused += bool(words)
    assert refused


def rows_or_words(path: Path) -> tuple[int, str]:
    """How many rows a file has, or what is wrong with it."""
    try:
        return sum(batch.num_rows for batch in read(path)), ""
    except InputError as error:
        return 0, error.faults[0].en
