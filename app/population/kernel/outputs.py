"""The results of a batch: memory for the compiled library to write, and Arrow columns of it."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa

from ..results import STATUSES, ResultColumn
from .texts import Texts

_FIRST_MONTH, _LAST_MONTH = 12, 119_999


class _Out(ctypes.Structure):
    _fields_ = (("data", ctypes.c_void_p), ("known", ctypes.c_void_p))


def outputs(columns: Sequence[ResultColumn], rows: int) -> tuple[Any, list[tuple[Any, Any]]]:
    """What the library writes results to, and for each column the same memory: values, and for each row whether it is known (1)."""
    outs = (_Out * len(columns))()
    buffers = []
    for number, column in enumerate(columns):
        size = rows * _width(column.type)
        # Months are shifted all at once, and codes looked up whether they are known or not, so unknown ones have to be 0.
        data = np.zeros(size, np.uint8) if pa.types.is_dictionary(column.type) else _memory(size)
        known = np.zeros(rows, np.uint8)
        outs[number] = _Out(data.ctypes.data, known.ctypes.data)
        buffers.append((data, known))
    return outs, buffers


def result_array(column: ResultColumn, data: Any, known: Any, texts: Texts) -> pa.Array:
    """A column of results from the memory that the library wrote."""
    bits = None if known.view(np.bool_).all() else pa.py_buffer(np.packbits(known, bitorder="little"))
    rows = len(known)
    kind = column.type
    if not column.local:
        codes = pa.Array.from_buffers(pa.int8(), rows, [bits, pa.py_buffer(data)])
        return pa.DictionaryArray.from_arrays(codes, pa.array(STATUSES), safe=False)
    if pa.types.is_decimal(kind) or pa.types.is_date(kind):
        return pa.Array.from_buffers(kind, rows, [bits, pa.py_buffer(data)])
    if pa.types.is_boolean(kind):
        return pa.Array.from_buffers(kind, rows, [bits, pa.py_buffer(np.packbits(data, bitorder="little"))])
    if pa.types.is_string(kind):
        codes = pa.array(data.view(np.int32), mask=known == 0)
        return pa.DictionaryArray.from_arrays(codes, pa.array(texts.all())).cast(pa.string())
    return _months(data, known, bits)


@lru_cache(maxsize=1)
def _month_words() -> pa.Array:
    return pa.array([f"{month // 12:04d}-{month % 12 + 1:02d}" for month in range(_FIRST_MONTH, _LAST_MONTH + 1)])


def _months(data: Any, known: Any, bits: Any) -> pa.Array:
    """Calendar months as text, each month of the stretch between the first and the last written once; 0 is none."""
    values = data.view(np.int32)
    last = int(values.max()) if len(values) else 0
    # The least but 0, which is the greatest of all once 1 is taken from it.
    first = int((values.view(np.uint32) - np.uint32(1)).min()) + 1 if last else _FIRST_MONTH
    shifted = values - np.int32(first)
    np.maximum(shifted, 0, out=shifted)
    codes = pa.Array.from_buffers(pa.int32(), len(known), [bits, pa.py_buffer(shifted)])
    return pa.DictionaryArray.from_arrays(codes, _month_words().slice(first - _FIRST_MONTH, max(last - first + 1, 0)), safe=False)


def _width(kind: pa.DataType) -> int:
    if pa.types.is_decimal(kind):
        return 16
    return 1 if pa.types.is_boolean(kind) or (pa.types.is_dictionary(kind) and pa.types.is_int8(kind.index_type)) else 4


def _memory(size: int) -> Any:
    """Bytes from Arrow's pool, which hands freed pages on without clearing them."""
    return np.frombuffer(pa.allocate_buffer(max(size, 1)), np.uint8)[:size]
