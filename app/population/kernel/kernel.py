"""A compiled question, ready to answer batches: Arrow columns in, Arrow columns out, the rows it may not answer marked."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from app.language import NATION

from ..results import ResultColumn, result_schema
from .build import load
from .compilation import places
from .facts import Column, FactColumns
from .image import FigureRows, Image
from .outputs import outputs, result_array
from .tables import HELD, LEFT
from .texts import Texts
from .validity import Checks, odd_rows

_GIVEN = "given."
OUTSIDE = -1
_LEAST_ROWS = 4_096
# What stands for keys above a table's last row, as in prelude.h: its value, and whether it is known.
_BEYOND: dict[int, Callable[[int], tuple[int, int]]] = {0: lambda _: (0, 0), HELD: lambda last: (last, 1), LEFT: lambda _: (0, 2)}


class _Col(ctypes.Structure):
    _fields_ = (
        ("data", ctypes.c_void_p),
        ("valid", ctypes.c_void_p),
        ("bit", ctypes.c_int64),
        ("map", ctypes.c_void_p),
        ("offsets", ctypes.c_void_p),
        ("wide", ctypes.c_int64),
    )


class _Tab(ctypes.Structure):
    _fields_ = (
        ("first", ctypes.c_int64),
        ("n", ctypes.c_int64),
        ("match_from", ctypes.c_int64),
        ("keys", ctypes.c_void_p),
        ("value", ctypes.c_void_p),
        ("known", ctypes.c_void_p),
    )


class _Places(ctypes.Structure):
    _fields_ = (("of", ctypes.c_void_p), ("law", ctypes.c_void_p), ("region", ctypes.c_void_p))


@dataclass(frozen=True, slots=True)
class Answer:
    """Results of a batch, and which rows the compiled code left open (their results are to be replaced)."""

    arrays: list[pa.Array]
    open_rows: np.ndarray[Any, np.dtype[np.int64]]


class Kernel:
    """Runs a compiled plan. Thread-safe: whatever a run needs is its own."""

    def __init__(
        self, image: Image, columns: tuple[ResultColumn, ...], facts: FactColumns, given: Mapping[str, int], as_of: int, regions: frozenset[str]
    ) -> None:
        self._columns = columns
        self._schema = result_schema(columns)
        self._facts = facts
        self._given = given
        self._as_of = as_of
        self._known_regions = regions
        self._laws = dict(image.layout.laws)
        self._law_of: dict[str, int] = {}
        self._texts = Texts(image.layout.texts, image.layout.functions)
        self._widths = tuple(_bytes(each) for each in facts.columns)
        self._checks = Checks(facts)
        self._checked = (self._checks.tests, ctypes.c_int64(self._checks.count), self._checks.choices)
        self._keep: list[Any] = []
        self._tables = self._make_tables([self._tab(each) for each in image.layout.figures], image.layout.tables)
        # None where no law could be compiled.
        self._run = load(image.library).shebao_run if image.library else None
        for fact in facts.dictionary.facts.values():
            for each in (fact, *fact.fields):
                for code, _ in each.values:
                    self._texts.code(code)

    # -- figures ------------------------------------------------------------------------------

    def _make_tables(self, tabs: list[_Tab], tables: tuple[tuple[int, ...], ...]) -> Any:
        """For each law an array of its parameters' tables."""
        laws = (ctypes.c_void_p * max(1, len(tables)))()
        for number, wanted in enumerate(tables):
            row = (_Tab * max(1, len(wanted)))()
            for index, found in enumerate(wanted):
                if found >= 0:
                    row[index] = tabs[found]
            laws[number] = ctypes.addressof(row)
            self._keep.append(row)
        return laws

    def _tab(self, rows: FigureRows) -> _Tab:
        above, below = _BEYOND[rows.beyond](rows.values[-1]), (0, 0)
        keys = np.array(rows.keys, np.int64)
        values = np.array([*rows.values, above[0], below[0]], np.int64)
        known = np.array([*rows.known, above[1], below[1]], np.uint8)
        self._keep += [keys, values, known]
        where = None if rows.dense else keys.ctypes.data
        return _Tab(rows.first, len(rows.values), int(rows.match_from), where, values.ctypes.data, known.ctypes.data)

    # -- running ------------------------------------------------------------------------------

    def answer(
        self, batch: pa.RecordBatch, default_region: str, threads: ThreadPoolExecutor | None = None, skip: np.ndarray[Any, np.dtype[np.bool_]] | None = None
    ) -> Answer:
        """Answer a canonical batch; rows of `skip`, and those with a fact beyond what the dictionary allows, are left open."""
        rows = batch.num_rows
        flags = odd_rows(batch, self._facts)
        if skip is not None:
            flags |= skip
        keep: list[Any] = []
        homes = self._places(batch, default_region, keep)
        cols = self._cols(batch, keep)
        given = self._given_cols(batch, keep)
        outs, buffers = outputs(self._columns, rows)
        functions = self._texts.tables()
        pointers = (ctypes.c_void_p * max(1, len(functions)))(*(each.ctypes.data for each in functions))
        arguments = (cols, self._tables, given, outs, pointers, ctypes.byref(homes), _pointer(flags), *self._checked, ctypes.c_int64(self._as_of))
        if self._run is None:
            flags[:] = True
        else:
            self._call(self._run, arguments, rows, threads)
        return Answer([result_array(column, *buffers[index], self._texts) for index, column in enumerate(self._columns)], np.flatnonzero(flags))

    @staticmethod
    def _call(run: Callable[..., object], arguments: tuple[Any, ...], rows: int, threads: ThreadPoolExecutor | None) -> None:
        """On as many threads as there are, which share out the rows; the library runs outside the interpreter's lock."""
        calls = 1 if threads is None else max(1, min(threads._max_workers, rows // _LEAST_ROWS))
        taken = ctypes.c_int64(0)
        arguments = (*arguments, ctypes.byref(taken), ctypes.c_int64(rows))
        if threads is None or calls == 1:
            run(*arguments)
            return
        for done in [threads.submit(run, *arguments) for _ in range(calls)]:
            done.result()

    def _places(self, batch: pa.RecordBatch, default: str, keep: list[Any]) -> _Places:
        """The place of each row, and the law and the region's code of each place."""
        words, of = _regions(batch, default)
        law = np.array([self._law(word) for word in words], np.int16)
        region = np.array([self._texts.code(word) for word in words], np.int32)
        keep += [of, law, region]
        return _Places(None if of is None else of.ctypes.data, law.ctypes.data, region.ctypes.data)

    def _law(self, region: str) -> int:
        known = self._law_of.get(region)
        if known is None:
            known = self._law_of[region] = self._laws.get(places(region, self._known_regions), OUTSIDE)
        return known

    def _cols(self, batch: pa.RecordBatch, keep: list[Any]) -> Any:
        cols = (_Col * len(self._facts.columns))()
        arrays: dict[str, Any] = {}
        given = dict(zip(batch.schema.names, batch.columns, strict=True))
        for number, column in enumerate(self._facts.columns):
            if column.fact not in given:
                continue
            if column.field is None:
                array = given[column.fact]
                if column.head:
                    arrays[column.fact] = self._head(column, array, cols[number], keep)
                    continue
            else:
                array = arrays[column.fact][column.field]
            self._fill(cols[number], column, self._widths[number], array, keep)
        return cols

    def _head(self, column: Column, array: Any, col: _Col, keep: list[Any]) -> dict[str, Any]:
        """A list's or record's own column; returns its fields' arrays."""
        self._validity(col, array, keep)
        items = array
        if column.spec.kind == "list":
            offsets = array.offsets
            keep.append(offsets)
            col.offsets = offsets.buffers()[1].address + 4 * offsets.offset if len(offsets) else 0
            items = array.values
        col.data = 1
        keep.append(items)
        flat = items.flatten() if items.null_count else [items.field(number) for number in range(items.type.num_fields)]
        return {items.type.field(number).name: each for number, each in enumerate(flat)}

    def _fill(self, col: _Col, column: Column, width: int, array: Any, keep: list[Any]) -> None:
        if array.null_count == len(array):
            return  # nobody has it, which is sooner seen of a column that is not there
        self._validity(col, array, keep)
        kind = column.spec.kind
        if kind in ("enum", "region"):
            codes = np.array([self._texts.code(text) for text in array.dictionary.to_pylist()] or [0], np.int32)
            keep += [codes, array]
            col.map = codes.ctypes.data
            array = array.indices
        col.wide = int(pa.types.is_decimal128(array.type))
        data = array.buffers()[1]
        keep.append(array)
        col.data = (data.address if data is not None and data.size else 1) + (width << col.wide) * array.offset

    @staticmethod
    def _validity(col: _Col, array: Any, keep: list[Any]) -> None:
        keep.append(array)
        col.bit = array.offset
        valid = array.buffers()[0]
        if array.null_count and valid is not None:
            col.valid = valid.address

    def _given_cols(self, batch: pa.RecordBatch, keep: list[Any]) -> Any:
        cols = (_Col * max(1, len(self._given)))()
        for name, number in self._given.items():
            array = batch.column(batch.schema.get_field_index(name))
            self._validity(cols[number], array, keep)
            width = 16 if pa.types.is_decimal(array.type) else 4 if pa.types.is_date(array.type) else 0
            data = array.buffers()[1]
            cols[number].data = (data.address if data is not None and data.size else 1) + width * array.offset
        return cols


def _regions(batch: pa.RecordBatch, default: str) -> tuple[list[str], np.ndarray[Any, np.dtype[np.int16]] | None]:
    """The regions there are, and for each row which; None where all rows have the only one."""
    index = batch.schema.get_field_index("region")
    if index < 0:
        return [default], None
    array = batch.column(index)
    words = array.dictionary.to_pylist()
    indices = array.indices.fill_null(len(words)) if array.null_count else array.indices
    return [*words, default or NATION], np.ascontiguousarray(indices.to_numpy(zero_copy_only=False), np.int16)


def _bytes(column: Column) -> int:
    """How many bytes a value takes in a column of facts; a decimal of 128 bits takes twice as many. 0 for bits."""
    wide = {"boolean": 0, "enum": 1, "region": 2, "number": 8}
    return 8 if column.spec.kind == "whole" and not column.narrow else wide.get(column.spec.kind, 4)


def _pointer(array: Any) -> ctypes.c_void_p:
    return ctypes.c_void_p(array.ctypes.data)
