"""Columns of every readable type become canonical without loss; all others are refused by name."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from app.engine import InputError, InputFault
from app.language import Rulebook, YearMonth
from app.population.columns.conforming import Conformed, check_columns, conform, schema


def column(name: str, values: list[Any], kind: pa.DataType | None = None) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([pa.array(values, kind)], names=[name])


def refused(batch: pa.RecordBatch, rulebook: Rulebook) -> tuple[InputFault, ...]:
    with pytest.raises(InputError) as caught:
        conform(batch, rulebook.facts)
    return caught.value.faults


def conformed(batch: pa.RecordBatch, rulebook: Rulebook) -> Conformed:
    made = conform(batch, rulebook.facts)
    made.batch.validate(full=True)
    return made


def test_the_canonical_schema(rulebook: Rulebook) -> None:
    kinds = {field.name: str(field.type) for field in schema(rulebook.facts)}
    assert kinds == {
        "wage": "decimal128(18, 2)",
        "months": "int32",
        "population_number": "int64",
        "sex": "dictionary<values=string, indices=int8, ordered=0>",
        "birth_date": "date32[day]",
        "claim_month": "int32",
        "insured": "bool",
        "place": "dictionary<values=string, indices=int16, ordered=0>",
        "records": "list<item: struct<year: int32, paid: int32, index: decimal128(18, 4), place: dictionary<values=string, indices=int16, ordered=0>>>",
        "job": "struct<since: date32[day], kind: dictionary<values=string, indices=int8, ordered=0>>",
    }


WAGE, MONTH = Decimal("12.50"), int(YearMonth(12 * 2025 + 2))
TEXTS = (pa.string(), pa.large_string(), pa.string_view(), pa.binary(), pa.dictionary(pa.int32(), pa.string()))


@pytest.mark.parametrize(
    ("name", "values", "kinds", "canonical"),
    [
        ("wage", ["12.5", "12.50", "13"], TEXTS, [WAGE, WAGE, Decimal("13.00")]),
        ("wage", [WAGE, Decimal(13)], (pa.decimal128(4, 2), pa.decimal128(38, 10), pa.decimal256(50, 3), pa.decimal64(18, 2), pa.decimal32(9, 3)), [WAGE, Decimal("13.00")]),
        ("wage", [13, 0], (pa.int8(), pa.uint64(), pa.int64()), [Decimal("13.00"), Decimal("0.00")]),
        ("months", [7, 720], (pa.int16(), pa.uint16(), pa.int64(), pa.decimal128(9, 3)), [7, 720]),
        ("months", ["7", "720"], TEXTS, [7, 720]),
        ("population_number", [800_000_000_000], (pa.int64(), pa.uint64()), [800_000_000_000]),
        ("sex", ["female", "male", "female"], TEXTS, ["female", "male", "female"]),
        ("birth_date", [date(1960, 2, 29)], (pa.date32(), pa.date64(), pa.timestamp("ns"), pa.timestamp("s")), [date(1960, 2, 29)]),
        ("birth_date", ["1960-02-29"], TEXTS, [date(1960, 2, 29)]),
        ("claim_month", ["2025-03"], TEXTS, [MONTH]),
        ("claim_month", [MONTH], (pa.int32(), pa.int64(), pa.uint16()), [MONTH]),
        ("insured", [True, False], (pa.bool_(),), [True, False]),
        ("insured", ["true", "false"], TEXTS, [True, False]),
        ("place", ["110000", "310000", "110000"], TEXTS, ["110000", "310000", "110000"]),
        ("region", ["110000", "310000"], TEXTS, ["110000", "310000"]),
        ("weight", [2, 3], (pa.int8(), pa.float32(), pa.decimal128(9, 3)), [2.0, 3.0]),
        ("weight", ["2.5"], TEXTS, [2.5]),
        ("person_id", [5, 6], (pa.int8(), pa.uint32()), [5, 6]),
        ("person_id", ["a"], TEXTS, ["a"]),
        ("about.anything", [1.5], (pa.float64(),), [1.5]),
    ],
)
def test_a_readable_column_loses_nothing(
    name: str, values: list[Any], kinds: tuple[pa.DataType, ...], canonical: list[Any], rulebook: Rulebook
) -> None:
    for kind in kinds:
        # Nulls, and a slice that does not begin at the first row, stay in place.
        stated = pa.array(values).cast(kind) if isinstance(values[0], str | date) else pa.array(values, kind)
        array = pa.concat_arrays([pa.nulls(3, kind), stated, pa.nulls(1, kind)])
        made = conformed(pa.RecordBatch.from_arrays([array.slice(2)], names=[name]), rulebook)
        assert made.batch.column(0).to_pylist() == [None, *canonical, None], kind
        assert made.rejects == ()
        if name in rulebook.facts.facts:
            narrow = pa.decimal64(18, 2) if kind == pa.decimal64(18, 2) else None
            assert made.batch.schema.field(name).type == (narrow or schema(rulebook.facts).field(name).type)


def test_an_enum_has_the_codes_of_the_dictionary_in_their_order(rulebook: Rulebook) -> None:
    array = conformed(column("sex", ["female", None], pa.dictionary(pa.int64(), pa.large_string())), rulebook).batch.column(0)
    assert array.dictionary.to_pylist() == ["male", "female"]
    assert array.indices.to_pylist() == [1, None]


def test_a_dictionary_may_hold_null_and_words_nobody_uses(rulebook: Rulebook) -> None:
    array = pa.DictionaryArray.from_arrays(pa.array([1, 2, None]), pa.array(["nonsense", None, "male"]))
    made = conformed(pa.RecordBatch.from_arrays([array], names=["sex"]), rulebook)
    assert made.batch.column(0).to_pylist() == [None, "male", None]
    assert made.rejects == ()


@pytest.mark.parametrize("kind", [pa.float64(), pa.float32(), pa.float16()])
def test_a_binary_float_is_refused_for_a_number(kind: pa.DataType, rulebook: Rulebook) -> None:
    (fault,) = refused(pa.RecordBatch.from_arrays([pa.nulls(1, kind)], names=["wage"]), rulebook)
    assert (fault.pointer, fault.code) == ("/columns/wage", "binary_float")
    assert "store it as decimal (decimal128(18, 2))" in fault.en
    inside = pa.nulls(1, pa.list_(pa.struct([("year", pa.int32()), ("paid", pa.int32()), ("index", kind)])))
    (fault,) = refused(pa.RecordBatch.from_arrays([inside], names=["records"]), rulebook)
    assert (fault.pointer, fault.code) == ("/columns/records/index", "binary_float")
    (fault,) = refused(pa.RecordBatch.from_arrays([pa.nulls(1, kind)], names=["given.monthly"]), rulebook)
    assert (fault.pointer, fault.code) == ("/columns/given.monthly", "binary_float")


def test_every_faulty_column_is_named_at_once(rulebook: Rulebook) -> None:
    record = pa.struct([("year", pa.int32()), ("payed", pa.int32())])
    batch = pa.schema(
        [
            ("wages", pa.int32()),
            ("sex", pa.int8()),
            ("months", pa.float64()),
            ("records", pa.list_(record)),
            ("xyz", pa.int8()),
            ("job", pa.int8()),
            ("sex", pa.string()),
        ]
    )
    with pytest.raises(InputError) as caught:
        check_columns(batch, rulebook.facts)
    found = [(fault.pointer, fault.code) for fault in caught.value.faults]
    assert found == [
        ("/columns/wages", "unknown_column"),
        ("/columns/sex", "wrong_type"),
        ("/columns/months", "binary_float"),
        ("/columns/records/payed", "unknown_column"),
        ("/columns/records/paid", "missing"),
        ("/columns/xyz", "unknown_column"),
        ("/columns/job", "wrong_type"),
        ("/columns/sex", "repeated"),
    ]
    words = [fault.en for fault in caught.value.faults]
    assert "Did you mean 'wage'?" in words[0]
    assert "Did you mean 'paid'?" in words[3]
    assert "about.xyz" in words[5]


@pytest.mark.parametrize(
    ("name", "values", "kind", "bad", "code"),
    [
        ("wage", ["1.234", "5"], pa.string(), [0], "too_precise"),
        ("wage", ["1e3", "5", "0x1", " 5", "５", "1,000", "NaN", ""], pa.string(), [0, 2, 3, 4, 5, 6, 7], "wrong_form"),
        ("wage", [Decimal("1.234"), Decimal("1.23")], pa.decimal128(9, 3), [0], "too_precise"),
        ("wage", ["5", "-1"], pa.string(), [], ""),  # beyond its range: for the evaluators to say
        ("months", ["12.0", "12"], pa.string(), [0], "wrong_form"),
        ("months", [2**40, 5], pa.int64(), [0], "too_large"),
        ("months", [Decimal("1.5"), Decimal("2.0")], pa.decimal128(3, 1), [0], "wrong_form"),
        ("sex", ["male", "Male", "男", None, "Male"], pa.string(), [1, 2, 4], "unknown_value"),
        ("birth_date", ["1960-02-30", "1960-02-28", "28.2.1960"], pa.string(), [0, 2], None),
        ("birth_date", [datetime(1960, 1, 1, 12), datetime(1960, 1, 2)], pa.timestamp("us"), [0], "wrong_form"),
        ("birth_date", [10**7, 0], pa.int32(), [0], "no_such_date"),
        ("claim_month", ["2025-13", "2025-01"], pa.string(), [0], "no_such_month"),
        ("insured", ["yes", "true"], pa.string(), [0], "wrong_type"),
        ("place", ["999999", "110000"], pa.string(), [0], "unknown_region"),
        ("region", ["Beijing", "110000"], pa.string(), [0], "unknown_region"),
        ("weight", [-1.0, float("nan"), float("inf"), 0.0], pa.float64(), [0, 1, 2], "too_small"),
        ("weight", ["heavy", "1"], pa.string(), [0], "wrong_form"),
        ("sex", [b"\xc4\xd0", b"male"], pa.binary(), [0], "not_utf8"),
        ("about.note", [b"\xff", b"fine"], pa.binary(), [0], "not_utf8"),
        ("records", ['{"year": 1}', "[]", "[", "null", "[null]", '[{"year": 2000, "paid": 1.5}]'], pa.string(), [0, 2, 4, 5], None),
    ],
)
def test_a_cell_that_cannot_be_read_rejects_its_row(
    name: str, values: list[Any], kind: pa.DataType, bad: list[int], code: str | None, rulebook: Rulebook
) -> None:
    array = pa.array(values, kind)
    if name == "birth_date" and pa.types.is_int32(kind):
        array = array.view(pa.date32())
    made = conformed(pa.RecordBatch.from_arrays([array], names=[name]), rulebook)
    assert [reject.row for reject in made.rejects] == bad
    assert made.batch.num_rows == len(values)
    for reject in made.rejects:
        assert not made.batch.column(0)[reject.row].is_valid
        assert code is None or reject.faults[0].code == code
        assert reject.faults[0].zh and reject.faults[0].en
    good = [row for row in range(len(values)) if row not in bad and values[row] not in (None, "null")]
    assert all(made.batch.column(0)[row].is_valid for row in good)


def record(year: int | None, paid: int = 1, index: str | None = None) -> dict[str, Any]:
    return {"year": year, "paid": paid, "index": None if index is None else Decimal(index)}


RECORDS = pa.struct([("paid", pa.int8()), ("index", pa.decimal128(9, 4)), ("year", pa.int64())])


@pytest.mark.parametrize("kind", [pa.list_(RECORDS), pa.large_list(RECORDS), pa.list_view(RECORDS)])
def test_lists_are_put_in_order_and_equals_stay_as_they_stand(kind: pa.DataType, rulebook: Rulebook) -> None:
    lists = [
        [record(2003), record(2001, 2), record(2003, 3), record(2001, 4)],
        None,
        [],
        [record(1999, 5), record(2000, 6, "1.5")],
        [record(2002, 7), record(None, 8)],
    ]
    for first in range(len(lists)):
        made = conformed(pa.RecordBatch.from_arrays([pa.array(lists, kind).slice(first)], names=["records"]), rulebook)
        found = [None if items is None else [(item["year"], item["paid"]) for item in items] for items in made.batch.column(0).to_pylist()]
        expected = [[(2001, 2), (2001, 4), (2003, 1), (2003, 3)], None, [], [(1999, 5), (2000, 6)], [(None, 8), (2002, 7)]]
        assert found == expected[first:]


def test_a_list_in_order_is_not_copied(rulebook: Rulebook) -> None:
    kind = schema(rulebook.facts).field("records").type
    array = pa.array([[{"year": 2000, "paid": 1}, {"year": 2001, "paid": 2}]], kind)
    before = array.values.field("year").buffers()[1].address
    made = conformed(pa.RecordBatch.from_arrays([array], names=["records"]), rulebook)
    assert made.batch.column(0).values.field("year").buffers()[1].address == before


def test_a_fault_within_a_list_says_where(rulebook: Rulebook) -> None:
    items = pa.array([[], None, [{"year": "2000", "paid": "1"}, {"year": "x", "paid": "2"}], [{"year": "2001", "paid": "y"}]])
    made = conformed(pa.RecordBatch.from_arrays([items.slice(1)], names=["records"]), rulebook)
    assert [(reject.row, [fault.pointer for fault in reject.faults]) for reject in made.rejects] == [
        (1, ["/facts/records/1/year"]),
        (2, ["/facts/records/0/paid"]),
    ]


def test_json_cells_are_read_exactly_and_the_odd_ones_alone_are_rejected(rulebook: Rulebook) -> None:
    plain = '[{"year": 2001, "paid": 12, "index": "1.1000"}, {"year": 2000, "paid": 6, "place": "110000", "index": null}]'
    whole = '[{"year": 2001, "paid": 12, "index": 2}]'
    texts = [plain] * 40 + ['[{"year": 2001, "paid": 12, "index": 1.1}]'] + [whole] * 40 + ['[{"year": 1, "paid": 1}]}\n{"v":[]', None]
    made = conformed(column("records", texts, pa.string()), rulebook)
    assert [reject.row for reject in made.rejects] == [40, 81]
    assert made.rejects[0].faults[0].pointer == "/facts/records/0/index"
    lists = made.batch.column(0).to_pylist()
    assert lists[0] == [
        {"year": 2000, "paid": 6, "index": None, "place": "110000"},
        {"year": 2001, "paid": 12, "index": Decimal("1.1000"), "place": None},
    ]
    assert lists[41] == [{"year": 2001, "paid": 12, "index": Decimal("2.0000"), "place": None}]
    assert lists[82] is None


def test_records_are_read_as_columns_or_text(rulebook: Rulebook) -> None:
    expected = [{"since": date(2000, 1, 1), "kind": "field"}, None, {"since": None, "kind": "office"}]
    struct = pa.array([{"kind": "field", "since": "2000-01-01"}, None, {"kind": "office", "since": None}])
    texts = pa.array(['{"kind": "field", "since": "2000-01-01"}', None, '{"kind": "office"}'])
    for array in (struct, texts):
        made = conformed(pa.RecordBatch.from_arrays([array], names=["job"]), rulebook)
        assert made.batch.column(0).to_pylist() == expected
        assert made.rejects == ()
