"""Columns of lists: where each begins, and their items put in order."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


def list_offsets(array: pa.Array) -> Any:
    """Where each list begins among the items of `array.flatten()`, and at the end their number; int64 of len + 1."""
    offsets = np.zeros(len(array) + 1, np.int64)
    np.cumsum(pc.list_value_length(array).fill_null(0).to_numpy(zero_copy_only=False), out=offsets[1:])
    return offsets


def sort_lists(array: pa.ListArray, order_by: str | None) -> pa.ListArray:
    """Each list in the order of a field of its records, equals as they stand; lists already in order cost one look."""
    if order_by is None or len(array) == 0:
        return array
    offsets, items = list_offsets(array), array.flatten()
    keys = _keys(items.field(order_by))
    if _in_order(keys, offsets):
        return array
    parents = np.repeat(np.arange(len(array)), np.diff(offsets))
    order = pa.array(np.lexsort((keys, parents)))
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), items.take(order), mask=array.is_null())


def _keys(values: pa.Array) -> Any:
    """Sortable whole numbers of a field; a missing one (its row is refused later) comes first."""
    if pa.types.is_int32(values.type) and not values.null_count:
        return values.to_numpy()
    if pa.types.is_date(values.type):
        values = values.cast(pa.int32())
    elif pa.types.is_dictionary(values.type) or pa.types.is_decimal(values.type):
        values = pc.rank(values, sort_keys="ascending", tiebreaker="dense")
    return values.cast(pa.int64()).fill_null(np.iinfo(np.int64).min).to_numpy(zero_copy_only=False)


def _in_order(keys: Any, offsets: Any) -> bool:
    falls = keys[1:] < keys[:-1]
    # The step from the last item of one list to the first of the next does not count.
    starts = offsets[1:-1]
    falls[starts[(starts > 0) & (starts < len(keys))] - 1] = False
    return not falls.any()
