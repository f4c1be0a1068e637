"""numpy columns to Arrow arrays of the canonical types, without copying by value."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from .tables import Flags, Floats, Ints

Scalar = TypeVar("Scalar", bound=np.generic)
CENTS = 100
_EPOCH_MONTH = 12 * 1970


def decimals(scaled: Ints, scale: int, valid: Flags | None = None) -> pa.Array:
    """Whole numbers of the last decimal as decimal128(18, scale)."""
    words = np.empty((len(scaled), 2), dtype=np.int64)
    words[:, 0], words[:, 1] = scaled, scaled >> 63
    return pa.Array.from_buffers(pa.decimal128(18, scale), len(scaled), [_bitmap(valid), pa.py_buffer(words)])


def money(yuan: Floats, valid: Flags | None = None) -> pa.Array:
    """Yuan as decimal128(18, 2), rounded to the fen."""
    return decimals(np.round(yuan * CENTS).astype(np.int64), 2, valid)


def wholes(values: Ints, valid: Flags | None = None) -> pa.Array:
    return pa.array(values.astype(np.int32), mask=None if valid is None else ~valid)


def coded(codes: Ints, names: tuple[str, ...], valid: Flags | None = None, index: type[np.integer] = np.int8) -> pa.Array:
    """A dictionary array of these names."""
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(index), mask=None if valid is None else ~valid), pa.array(names))


def dates(month: Ints, day: Ints, valid: Flags | None = None) -> pa.Array:
    """A month (12 * year + month - 1) and a day of it as date32."""
    first = (month - _EPOCH_MONTH).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    return pa.array((first + day - 1).astype(np.int32), mask=None if valid is None else ~valid).view(pa.date32())


def lists(counts: Ints, items: pa.Array, valid: Flags) -> pa.Array:
    """Lists of these lengths, one after another in `items`; null where not valid (its length must be 0)."""
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    return pa.Array.from_buffers(pa.list_(items.type), len(counts), [_bitmap(valid), pa.py_buffer(offsets)], children=[items])


def spread(length: int, rows: Ints, values: npt.NDArray[Scalar]) -> npt.NDArray[Scalar]:
    """Values of some rows put where they stand among all; 0 elsewhere."""
    found = np.zeros(length, dtype=values.dtype)
    found[rows] = values
    return found


def _bitmap(valid: Flags | None) -> pa.Buffer | None:
    return None if valid is None else pa.py_buffer(np.packbits(valid, bitorder="little"))
