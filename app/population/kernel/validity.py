"""Rows with a fact beyond what the dictionary allows, found column by column; the exact engine then says what is wrong with them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from app.language import Fact, FactDictionary, region_name
from app.language.model import Title

from .facts import Column
from .lanes import Whole

Mask = np.ndarray[Any, np.dtype[np.bool_]]
_EPOCH = np.datetime64("1970-01-01", "D")


def doubtful(batch: pa.RecordBatch, dictionary: FactDictionary) -> Mask:
    """One truth a row: whether some fact of it may be refused."""
    found = np.zeros(batch.num_rows, np.bool_)
    for name, array in zip(batch.schema.names, batch.columns, strict=True):
        if name == "region":
            nowhere = _strange_words((), array)
            found |= False if nowhere is None else nowhere
        fact = dictionary.facts.get(name)
        if fact is None:
            continue
        if fact.kind == "list":
            _lists(fact, array, found)
        elif fact.kind == "record":
            found |= _records(fact, array) & _known(array)
        else:
            outside = _outside(fact, array)
            found |= False if outside is None else outside
    return found


def _lists(fact: Fact, array: pa.ListArray, found: Mask) -> None:
    offsets = array.offsets.to_numpy()
    items = array.values.slice(offsets[0], offsets[-1] - offsets[0]) if len(array) else array.values[:0]
    lengths = np.diff(offsets)
    known = _known(array)
    if len(lengths) and lengths.max() > fact.max_items:
        found |= (lengths > fact.max_items) & known
    bad = _records(fact, items)
    if bad.any():
        rows = np.repeat(np.arange(len(array)), lengths)[bad]
        found[rows[known[rows]]] = True


def _records(fact: Fact, items: pa.StructArray) -> Mask:
    """Whether an item lacks something or has a field out of its range."""
    bad = np.zeros(len(items), np.bool_)
    if items.null_count:
        bad |= ~_known(items)
    fields = dict(zip((each.name for each in fact.fields), items.flatten(), strict=True))
    for each in fact.fields:
        array = fields[each.name]
        if each.required and array.null_count:
            bad |= ~_known(array)
        outside = _outside(each, array)
        if outside is not None:
            bad |= outside
    if fact.one_of:
        neither = np.ones(len(items), np.bool_)
        if all(fields[name].null_count for name in fact.one_of):
            for name in fact.one_of:
                neither &= ~_known(fields[name])
            bad |= neither
    return bad


def _outside(fact: Fact, array: pa.Array) -> Mask | None:
    """Which known values lie outside the bounds; None where none does."""
    if pa.types.is_dictionary(array.type):
        return _strange_words(fact.values, array)
    bounds = _bounds(fact)
    if bounds is None or array.null_count == len(array):
        return None
    values = whole_values(array)
    low, high = values.min(), values.max()
    long = _long(array, low)
    if long is None and low >= bounds[0] and high <= bounds[1]:
        return None
    numbers = values if long is None else _in_full(array, long)
    outside = np.asarray((numbers < bounds[0]) | (numbers > bounds[1]), np.bool_)
    if array.null_count:
        outside &= _known(array)
    return outside if outside.any() else None


def _strange_words(values: tuple[tuple[str, Title], ...], array: pa.DictionaryArray) -> Mask | None:
    """Which texts are none of an enumeration's values or, without values, no region; None where all are."""
    codes = {code for code, _ in values}
    strange = [word is None or (word not in codes if codes else region_name(word) is None) for word in array.dictionary.to_pylist()]
    if not any(strange):
        return None
    found = np.array([*strange, False], np.bool_)[array.indices.fill_null(len(strange)).to_numpy(zero_copy_only=False).astype(np.int64)]
    return found if found.any() else None


def _long(array: pa.Array, low: int) -> Mask | None:
    """Which decimals need more than 64 bits, however harmless their lower half looks; None where none does. `low` is the least lower half."""
    if not pa.types.is_decimal(array.type):
        return None
    pairs = _pairs(array)
    if low >= 0 and np.bitwise_or.reduce(pairs[1::2]) == 0:
        return None
    long = np.asarray(pairs[1::2] != (pairs[::2] >> 63), np.bool_)
    return long if long.any() else None


def _in_full(array: pa.Array, long: Mask) -> Any:
    """Decimals as whole numbers of any size."""
    pairs = _pairs(array)
    return np.where(long, pairs[1::2].astype(object) * (1 << 64) + pairs[::2].astype(np.uint64).astype(object), pairs[::2].astype(object))


def _bounds(fact: Fact) -> tuple[int, int] | None:
    if fact.kind in ("whole", "number"):
        lane = Column(fact.name, None, fact).lane()
        assert isinstance(lane, Whole)
        factor = 10**fact.decimals
        low = lane.span.low if fact.at_least is None else int(fact.at_least * factor)
        high = lane.span.high if fact.at_most is None else int(fact.at_most * factor)
        return low, high
    if fact.kind == "date":
        low_day = (np.datetime64(fact.earliest, "D") - _EPOCH).astype(int) if fact.earliest else -719_162
        high_day = (np.datetime64(fact.latest, "D") - _EPOCH).astype(int) if fact.latest else 2_932_896
        return int(low_day), int(high_day)
    return (12, 119_999) if fact.kind == "month" else None


def whole_values(array: pa.Array) -> Any:
    """The values as whole numbers without copying: scaled decimals, days, months; whatever stands under a null."""
    if pa.types.is_decimal(array.type):
        return _pairs(array)[::2]
    kind = np.int64 if pa.types.is_int64(array.type) else np.int32
    buffer = array.buffers()[1]
    return np.frombuffer(buffer, kind, count=len(array) + array.offset)[array.offset :]


def _pairs(array: pa.Array) -> Any:
    """A decimal column as its lower and upper 64-bit halves in turn."""
    return np.frombuffer(array.buffers()[1], np.int64, count=2 * (len(array) + array.offset))[2 * array.offset :]


def _known(array: pa.Array) -> Mask:
    return np.asarray(array.is_valid().to_numpy(zero_copy_only=False), np.bool_)
