"""Cells that hold lists or records as JSON text, read all at once where every one of them is plain.

Arrow's JSON reader is told the exact schema: whole numbers as numbers, everything else as text, to be typed afterwards by
the same rules as a column. It refuses whatever a request refuses (unknown or repeated fields, fractions as numbers); then
the cells are read one by one, which is slower and says what is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as pj

from app.language import Fact

# Arrow's words where a decimal stands as a JSON number: whole ones are read exactly, too.
_NUMBERS_UNQUOTED = "changed from string to number"


def read_cells(fact: Fact, texts: pa.Array) -> pa.Array | None:
    """The texts as lists or records with untyped fields; None where some text has to be looked at by itself."""
    if len(texts) == 0:
        return None
    lines = pc.binary_join_element_wise('{"v":', texts.fill_null("null"), "}\n", "")
    data = b"".join(_contents(lines.cast(pa.large_string())))
    for numbers in (pa.string(), pa.int64()):
        schema = pa.schema([pa.field("v", _untyped(fact, numbers))])
        try:
            found = pj.read_json(
                pa.py_buffer(data),
                read_options=pj.ReadOptions(use_threads=False, block_size=len(data) + 1),
                parse_options=pj.ParseOptions(explicit_schema=schema, newlines_in_values=True, unexpected_field_behavior="error"),
            )
        except pa.ArrowInvalid as error:
            if _NUMBERS_UNQUOTED in str(error):
                continue
            return None
        # A text such as `[]} {"v":[]` would be two lines.
        return found.column(0).combine_chunks() if found.num_rows == len(texts) else None
    return None


def _contents(lines: pa.Array) -> Iterator[memoryview]:
    """The bytes of all texts, one after the other."""
    offsets, data = lines.buffers()[1:]
    bounds = memoryview(offsets).cast("q")
    yield memoryview(data)[bounds[lines.offset] : bounds[lines.offset + len(lines)]]


def _untyped(fact: Fact, numbers: pa.DataType) -> pa.DataType:
    """What Arrow is told of a fact: only what JSON itself tells apart."""
    if fact.kind in ("list", "record"):
        record = pa.struct([pa.field(field.name, _untyped(field, numbers)) for field in fact.fields])
        return pa.list_(record) if fact.kind == "list" else record
    plain = {"whole": pa.int64(), "boolean": pa.bool_(), "number": numbers}
    return plain.get(fact.kind, pa.string())
