"""Lists of records out of the pages of their leaves, so many rows at a time."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from .library import INT32, Leaf, Taken, library
from .pages import DICTIONARY, PLAIN, PLAIN_DICTIONARY, RLE_DICTIONARY, Chunk, NotReadable, Page, pages
from .plans import LeafPlan, ListPlan, chunk

_LARGEST = 2**31 - 1
_MOST_LEVELS = 1 << 28


class ListReader:
    """A column of lists of one row group. Raises NotReadable where Arrow is to read it."""

    def __init__(self, file: int, plan: ListPlan, group: pq.RowGroupMetaData) -> None:
        self._plan = plan
        self._leaves: list[_LeafReader] = []
        starts = _Starts(len(plan.leaves))
        for leaf in plan.leaves:
            stored = chunk(leaf, group)
            if stored is None:
                raise NotReadable(leaf.name)
            self._leaves.append(_LeafReader(file, plan, leaf, stored, group.num_rows, starts))

    def take(self, rows: int, others: pa.Array | None) -> pa.ListArray:
        """The next rows; `others` are the same lists with the fields that Arrow read. Raises NotReadable."""
        first, *rest = [leaf.take(rows) for leaf in self._leaves]
        offsets, listed, _ = first
        if any(not np.array_equal(offsets, each[0]) or not np.array_equal(listed, each[1]) for each in rest):
            raise NotReadable("leaves of different lengths")
        made = {leaf.name: found[2] for leaf, found in zip(self._plan.leaves, (first, *rest), strict=True)}
        if others is not None:
            made |= _fields(others, offsets, listed)
        names = [field.name for field in self._plan.fields]
        parts = [made[field.name] if field.name in made else pa.nulls(int(offsets[rows]), field.type) for field in self._plan.fields]
        items = pa.StructArray.from_arrays(parts, names=names)
        nulls = rows - int(np.count_nonzero(listed))
        bits = pa.py_buffer(np.packbits(listed, bitorder="little")) if nulls else None
        return pa.ListArray.from_buffers(pa.list_(items.type), rows, [bits, pa.py_buffer(offsets)], nulls, children=[items])


def _fields(lists: pa.ListArray, offsets: Any, listed: Any) -> dict[str, pa.Array]:
    """The fields of lists that Arrow read, if they are the lists that these offsets tell of."""
    starts = lists.offsets.to_numpy()
    items = lists.values.slice(starts[0], starts[-1] - starts[0])
    if items.null_count or not np.array_equal(starts - starts[0], offsets) or not np.array_equal(lists.is_valid().to_numpy(zero_copy_only=False), listed != 0):
        raise NotReadable("leaves of different lengths")
    return {field.name: items.field(number) for number, field in enumerate(items.type)}


class _LeafReader:
    """One leaf of one row group."""

    def __init__(self, file: int, plan: ListPlan, leaf: LeafPlan, stored: Chunk, rows: int, starts: _Starts) -> None:
        found = library()
        if found is None:
            raise NotReadable("no compiler")
        self._library = found
        self._plan = leaf
        self._pages: Iterator[Page] = pages(file, stored)
        self._each = stored.levels / max(1, rows)
        self._leaf = Leaf(list_level=plan.list_level, item_level=plan.item_level, max_level=leaf.max_level, kind=leaf.kind, width=leaf.width)
        self._starts, self._number = starts, 0
        self._maps = np.zeros((3, 0), np.uint64)
        self._kept: list[Any] = []
        self._dictionary: Any = None
        self._bytes = 4 if leaf.kind == INT32 else 8

    def take(self, rows: int) -> tuple[Any, Any, pa.Array]:
        """Of the next rows where each begins (int32, rows + 1), whether it is a list (uint8), and the items' values."""
        offsets, listed = np.zeros(rows + 1, np.int32), np.zeros(rows, np.uint8)
        taken, items = Taken(), ctypes.c_int64()
        room = _Room(self._bytes, int(rows * self._each) + 1024)
        leaf = ctypes.byref(self._leaf)
        while self._leaf.next < self._leaf.levels or self._next_page():
            levels = self._library.shebao_span(leaf, rows - taken.rows, ctypes.byref(items))
            room.make(taken.items, taken.items + items.value)
            if self._library.shebao_take(leaf, levels, ctypes.byref(taken), offsets.ctypes.data, listed.ctypes.data, room.bits.ctypes.data, room.data.address):
                raise NotReadable("values that are not as the page says")
            if self._leaf.next < self._leaf.levels:
                break
        if taken.rows != rows or offsets[0] != 0:
            raise NotReadable("another number of rows than the footer tells")
        offsets[rows] = taken.items
        unknown = taken.items - taken.values
        valid = pa.py_buffer(room.bits) if unknown else None
        return offsets, listed, pa.Array.from_buffers(self._plan.type, taken.items, [valid, room.data], unknown)

    def _next_page(self) -> bool:
        """Go to the next page that has levels; False at the end of the chunk."""
        for page in self._pages:
            if page.kind == DICTIONARY:
                self._look_into(page)
            elif page.count:
                self._begin(page)
                return True
        return False

    def _look_into(self, page: Page) -> None:
        if page.encoding not in (PLAIN, PLAIN_DICTIONARY) or page.count * min(self._plan.width, 4) > len(page.values):
            raise NotReadable("a dictionary of another kind")
        self._dictionary = np.zeros(page.count, np.int32 if self._plan.kind == INT32 else np.int64)
        values = pa.py_buffer(page.values)
        if self._library.shebao_plain(values.address, values.size, self._plan.kind, self._plan.width, page.count, self._dictionary.ctypes.data) < 0:
            raise NotReadable("a dictionary that is too short")
        self._leaf.dictionary, self._leaf.entries = self._dictionary.ctypes.data, page.count

    def _begin(self, page: Page) -> None:
        coded = page.encoding in (RLE_DICTIONARY, PLAIN_DICTIONARY)
        if (coded and self._dictionary is None) or not (coded or page.encoding == PLAIN) or page.count > _MOST_LEVELS:
            raise NotReadable("values in another encoding")
        words = page.count // 64 + 2
        if self._maps.shape[1] < words:
            self._maps = np.zeros((3, words), np.uint64)
        else:
            self._maps[:, :words] = 0
        leaf = self._leaf
        begun, starts = self._starts.of(self._number, page)
        self._number += 1
        leaf.begun, leaf.starts = int(begun), starts.ctypes.data
        leaf.items, leaf.values, leaf.nothing = (each.ctypes.data for each in self._maps)
        leaf.levels, leaf.coded = page.count, int(coded)
        # The code goes on reading these until the next page.
        parts = [pa.py_buffer(part) for part in (page.repetition, page.definition, page.values)]
        self._kept = [starts, *parts]
        arguments = [argument for part in parts for argument in (part.address, part.size)]
        if self._library.shebao_page(ctypes.byref(leaf), *arguments):
            raise NotReadable("levels that are not as the page says")


class _Starts:
    """Where rows begin, of the pages that some leaf has come to: mostly those of all leaves say the same, in the same bytes."""

    def __init__(self, leaves: int) -> None:
        self._leaves = leaves
        self._found: dict[int, tuple[memoryview, int, Any, int]] = {}

    def of(self, number: int, page: Page) -> tuple[bool, Any]:
        """Whether the bits of page `number` of a leaf are known already, and they or room for them, which the leaf is to fill at once."""
        repetition, count, bits, asked = self._found.pop(number, (page.repetition, page.count, None, 0))
        if asked + 1 < self._leaves:
            bits = np.zeros(page.count // 64 + 2, np.uint64) if bits is None else bits
            self._found[number] = (repetition, count, bits, asked + 1)
        if bits is None or count != page.count or not pa.py_buffer(repetition).equals(pa.py_buffer(page.repetition)):
            return False, np.zeros(page.count // 64 + 2, np.uint64)
        return asked > 0, bits


class _Room:
    """Memory for a batch's values and their validity, made larger as items come."""

    def __init__(self, each: int, items: int) -> None:
        self._each = each
        self._items = items
        self.data = pa.allocate_buffer(items * each)
        self.bits = np.zeros(items // 64 + 2, np.uint64)

    def make(self, used: int, needed: int) -> None:
        """Room for `needed` items, of which `used` are there. Raises NotReadable where a batch may not hold so many."""
        if needed > _LARGEST:
            raise NotReadable("too many items for a batch")
        if needed <= self._items:
            return
        larger = _Room(self._each, max(needed, self._items + self._items // 2))
        ctypes.memmove(larger.data.address, self.data.address, used * self._each)
        larger.bits[: len(self.bits)] = self.bits
        self._items, self.data, self.bits = larger._items, larger.data, larger.bits
