"""Which columns of a Parquet file are lists of records whose leaves are read here, and which leaves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.parquet as pq

from .library import BYTES_TO_64, INT32, INT32_TO_64, INT64
from .pages import Chunk

_DIGITS, _MOST_BYTES = 18, 16
_ENCODINGS = {"PLAIN", "RLE", "RLE_DICTIONARY", "PLAIN_DICTIONARY", "BIT_PACKED"}


@dataclass(frozen=True, slots=True)
class LeafPlan:
    """A field of a list's records: its column in the file, how it is stored, and the Arrow type it is read as."""

    name: str
    column: int
    max_level: int
    kind: int
    width: int
    type: pa.DataType


@dataclass(frozen=True, slots=True)
class OtherPlan:
    """A field of a list's records that Arrow reads: its column in the file, its path there, its type."""

    name: str
    column: int
    path: str
    type: pa.DataType


@dataclass(frozen=True, slots=True)
class ListPlan:
    """A column of lists. `others` are the fields that Arrow reads; `fields` are all of them, in order.

    `list_level` and above is a list, `item_level` and above an item of one.
    """

    name: str
    list_level: int
    item_level: int
    leaves: tuple[LeafPlan, ...]
    others: tuple[OtherPlan, ...]
    fields: tuple[pa.Field, ...]


def list_plans(file: pq.ParquetFile) -> tuple[ListPlan, ...]:
    """The columns of lists that have leaves to be read here."""
    schema = file.schema_arrow
    if sum(_leaves(field.type) for field in schema) != len(file.schema) or len(set(schema.names)) != len(schema.names):
        return ()
    found: list[ListPlan] = []
    column = 0
    for field in schema:
        plan = _plan(field, file.schema, column) if pa.types.is_list(field.type) and pa.types.is_struct(field.type.value_type) else None
        if plan is not None and plan.leaves:
            found.append(plan)
        column += _leaves(field.type)
    return tuple(found)


def chunk(leaf: LeafPlan, group: pq.RowGroupMetaData) -> Chunk | None:
    """Where a leaf lies in a row group; None where it is stored in a way that is not read here."""
    stored = group.column(leaf.column)
    if stored.file_path or not set(stored.encodings) <= _ENCODINGS:
        return None
    starts = [stored.data_page_offset, *([stored.dictionary_page_offset] if stored.has_dictionary_page and stored.dictionary_page_offset else [])]
    return Chunk(min(starts), stored.total_compressed_size, stored.compression, stored.num_values)


def stated(plan: ListPlan, group: pq.RowGroupMetaData) -> ListPlan:
    """A plan without the fields that nobody in a row group states, as its statistics tell; one is kept, to tell how long the lists are."""

    def is_stated(column: int) -> bool:
        stored = group.column(column)
        return stored.statistics is None or not stored.statistics.has_null_count or stored.statistics.null_count < stored.num_values

    leaves = tuple(leaf for leaf in plan.leaves if is_stated(leaf.column)) or plan.leaves[:1]
    return replace(plan, leaves=leaves, others=tuple(each for each in plan.others if is_stated(each.column)))


def _leaves(kind: pa.DataType) -> int:
    if pa.types.is_dictionary(kind):
        return 1
    return sum(_leaves(kind.field(number).type) for number in range(kind.num_fields)) if kind.num_fields else 1


def _plan(field: pa.Field, schema: pq.ParquetSchema, column: int) -> ListPlan | None:
    record = field.type.value_type
    if any(each.type.num_fields for each in record):
        return None
    list_level = int(field.nullable)
    item_level = list_level + 1 + int(field.type.value_field.nullable)
    leaves: list[LeafPlan] = []
    others: list[OtherPlan] = []
    for number, each in enumerate(record):
        stored = schema.column(column + number)
        max_level = item_level + int(each.nullable)
        if (stored.max_definition_level, stored.max_repetition_level) != (max_level, 1):
            return None
        ways = list(_ways(each.type, stored))
        if ways:
            leaves.append(LeafPlan(each.name, column + number, max_level, *ways[0]))
        else:
            others.append(OtherPlan(each.name, column + number, stored.path, each.type))
    return ListPlan(field.name, list_level, item_level, tuple(leaves), tuple(others), tuple(record))


def _ways(kind: pa.DataType, stored: pq.ColumnSchema) -> Iterator[tuple[int, int, pa.DataType]]:
    """How a leaf is read, the bytes of its numbers where the file says how many, and as which type; nothing where it is not."""
    physical = stored.physical_type
    if pa.types.is_int32(kind) or pa.types.is_date32(kind):
        if physical == "INT32":
            yield INT32, 4, kind
    elif pa.types.is_int64(kind):
        if physical == "INT64":
            yield INT64, 8, kind
    elif pa.types.is_decimal128(kind) and kind.precision <= _DIGITS:
        narrow = pa.decimal64(kind.precision, kind.scale)
        if physical in ("INT32", "INT64"):
            yield (INT64 if physical == "INT64" else INT32_TO_64), 8, narrow
        elif physical == "FIXED_LEN_BYTE_ARRAY" and 0 < stored.length <= _MOST_BYTES:
            yield BYTES_TO_64, stored.length, narrow
