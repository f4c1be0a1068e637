"""What runs in Spark's Python workers: batches of people to batches of answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from ..columns import PERSON_ID
from ..runs.answers import AnsweredRows, RowAnswerer, fault_line

if TYPE_CHECKING:
    from pyspark import Accumulator, Broadcast

    from .shipment import Shipment

REJECTS = "rejects"
REJECTS_TYPE = pa.list_(pa.struct([pa.field(name, pa.string()) for name in ("pointer", "code", "zh", "en")]))
# A worker lives as long as its executor; someone trying reforms in a notebook asks many questions.
_KEPT = 4
_answerers: dict[str, RowAnswerer] = {}


# By the number of the task's partition: rows read, refused, and computed exactly.
Tally = dict[int, tuple[int, int, int]]


class TallyParam:
    """Adds tallies up on the driver (an AccumulatorParam of pyspark's). Spark counts each task of a write once, however often it ran."""

    def zero(self, value: Tally) -> Tally:
        return type(value)()

    def addInPlace(self, value1: Tally, value2: Tally) -> Tally:  # noqa: N802 - Spark's name
        value1.update(value2)
        return value1


class AnswerBatches:
    """The function of mapInArrow, over columns that are named by `names`. The shipment is a broadcast: it travels once, not with each task."""

    def __init__(self, key: str, names: tuple[str, ...], shipment: Broadcast[Shipment], tally: Accumulator[Tally] | None) -> None:
        self._key, self._names, self._shipment, self._tally = key, list(names), shipment, tally

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        answerer = kept(self._key, self._shipment)
        rows = rejected = exact_rows = 0
        for unnamed in batches:
            batch = unnamed.rename_columns(self._names)
            answered = answerer.answer(batch, np.full(batch.num_rows, None))
            rows, rejected, exact_rows = rows + batch.num_rows, rejected + len(answered.faults), exact_rows + answered.exact_rows
            yield in_spark_types(answered, batch)
        if self._tally is not None and rows:
            from pyspark import TaskContext

            context = TaskContext.get()
            assert context is not None
            self._tally.add({context.partitionId(): (rows, rejected, exact_rows)})



def kept(key: str, shipment: Broadcast[Shipment]) -> RowAnswerer:
    """The answerer of a question: unpacked when this process first meets it."""
    if key not in _answerers:
        while len(_answerers) >= _KEPT:
            _answerers.pop(next(iter(_answerers)))
        _answerers[key] = shipment.value.answerer()
    return _answerers[key]


def spark_schema(schema: pa.Schema) -> pa.Schema:
    """The schema of the answers with the rejects, in types Spark has: it knows no dictionaries."""
    return pa.schema([*(pa.field(field.name, _plain(field.type)) for field in schema), pa.field(REJECTS, REJECTS_TYPE)])


def in_spark_types(answered: AnsweredRows, batch: pa.RecordBatch) -> pa.RecordBatch:
    """All rows of a batch in their order; a rejected one has its person_id and its faults, and is null otherwise."""
    schema = spark_schema(answered.results.schema)
    arrays = [array if array.type == field.type else array.cast(field.type) for array, field in zip(answered.results.columns, schema, strict=False)]
    arrays.append(pa.nulls(len(answered.sound), REJECTS_TYPE))
    if not answered.faults:
        return pa.RecordBatch.from_arrays(arrays, schema=schema)
    rejected = np.array(sorted(answered.faults), np.int64)
    order = pa.array(np.argsort(np.concatenate([answered.sound, rejected])))
    others = {
        PERSON_ID: batch.column(PERSON_ID).take(pa.array(rejected)),
        REJECTS: pa.array([[fault_line(fault) for fault in answered.faults[int(row)]] for row in rejected], REJECTS_TYPE),
    }
    whole = [pa.concat_arrays([array, _column(others, field, len(rejected))]).take(order) for array, field in zip(arrays, schema, strict=True)]
    return pa.RecordBatch.from_arrays(whole, schema=schema)


def _column(known: dict[str, Any], field: pa.Field, rows: int) -> pa.Array:
    return known[field.name].cast(field.type) if field.name in known else pa.nulls(rows, field.type)


def _plain(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind
