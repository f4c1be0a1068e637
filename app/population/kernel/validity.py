"""What the fact dictionary allows, as tests that the compiled library makes of each block of rows; the exact engine then says what is wrong."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from app.language import Fact, region_name
from app.language.model import Title

from .facts import Column, FactColumns
from .lanes import Whole

Mask = np.ndarray[Any, np.dtype[np.bool_]]
_EPOCH = date(1970, 1, 1).toordinal()
_DAYS = (date.min.toordinal() - _EPOCH, date.max.toordinal() - _EPOCH)
_MONTHS = (12, 119_999)
# As in checks.h.
PRESENCE, NARROW_WHOLE, WHOLE, SCALED, ONE_OF, LENGTH = range(6)


class _Check(ctypes.Structure):
    _fields_ = (
        ("column", ctypes.c_int),
        ("head", ctypes.c_int),
        ("each", ctypes.c_int),
        ("kind", ctypes.c_int),
        ("needed", ctypes.c_int),
        ("low", ctypes.c_int64),
        ("high", ctypes.c_int64),
    )


class Checks:
    """The tests of every fact, as the library takes them. Their order does not matter."""

    def __init__(self, facts: FactColumns) -> None:
        self._facts = facts
        self._choices: list[int] = []
        found = list(self._all())
        self.count = len(found)
        self.tests = (_Check * max(1, self.count))(*found)
        self.choices = (ctypes.c_int * max(1, len(self._choices)))(*self._choices)

    def _all(self) -> Iterator[_Check]:
        for number, column in enumerate(self._facts.columns):
            fact = column.spec
            if column.head:
                yield from self._head(number, fact)
            elif column.field is None:
                yield from _bounded(number, -1, 0, column.narrow if fact.kind == "whole" else False, fact, needed=False)
            else:
                head = self._facts.number(column.fact)
                each = int(self._facts.columns[head].spec.kind == "list")
                yield from _bounded(number, head, each, column.narrow if fact.kind == "whole" else False, fact, needed=fact.required)

    def _head(self, number: int, fact: Fact) -> Iterator[_Check]:
        if fact.kind == "list":
            yield _Check(number, number, 1, LENGTH, 0, 0, fact.max_items)
        if fact.one_of:
            start = len(self._choices)
            self._choices += [self._facts.number(fact.name, name) for name in fact.one_of]
            yield _Check(number, number, int(fact.kind == "list"), ONE_OF, 0, start, len(fact.one_of))


def _bounded(number: int, head: int, each: int, narrow: bool, fact: Fact, *, needed: bool) -> Iterator[_Check]:
    """The test of one column; none where nothing can be wrong with it."""
    kind, low, high = PRESENCE, 0, 0
    if fact.kind in ("whole", "number"):
        kind = SCALED if fact.kind == "number" else NARROW_WHOLE if narrow else WHOLE
        low, high = _limits(fact)
    elif fact.kind == "date":
        kind, low, high = NARROW_WHOLE, _day(fact.earliest, _DAYS[0]), _day(fact.latest, _DAYS[1])
    elif fact.kind == "month":
        kind, (low, high) = NARROW_WHOLE, _MONTHS
    if kind != PRESENCE or needed:
        yield _Check(number, head, each, kind, int(needed), low, high)


def _limits(fact: Fact) -> tuple[int, int]:
    """The bounds as scaled whole numbers; bounds that nothing passes where they need more than 64 bits."""
    lane = Column(fact.name, None, fact).lane()
    assert isinstance(lane, Whole)
    factor = 10**fact.decimals
    if lane.ctypes() != ("i64",):
        return 1, 0
    low = lane.span.low if fact.at_least is None else int(fact.at_least * factor)
    return low, lane.span.high if fact.at_most is None else int(fact.at_most * factor)


def _day(stated: date | None, otherwise: int) -> int:
    return otherwise if stated is None else stated.toordinal() - _EPOCH


def odd_rows(batch: pa.RecordBatch, facts: FactColumns) -> Mask:
    """The rows with what the library cannot test: nothing where an item should be, a code that no dictionary has."""
    found = np.zeros(batch.num_rows, np.bool_)
    index = batch.schema.get_field_index("region")
    if index >= 0:
        _mark_strange((), batch.column(index), None, found)
    given = dict(zip(batch.schema.names, batch.columns, strict=True))
    for column in facts.columns:
        if column.fact not in given or column.field is not None:
            continue
        array = given[column.fact]
        if column.spec.kind in ("enum", "region"):
            _mark_strange(column.spec.values, array, None, found)
        elif column.spec.kind == "list":
            _mark_items(column.spec, array, found)
        elif column.spec.kind == "record":
            _mark_fields(column.spec, array, None, found)
    return found


def _mark_items(fact: Fact, array: pa.ListArray, found: Mask) -> None:
    offsets = array.offsets.to_numpy()
    items = array.values.slice(offsets[0], offsets[-1] - offsets[0])
    lists: list[Any] = []

    def rows() -> Any:
        """Of each item its row; worked out where something is odd, which is nearly never."""
        if not lists:
            lists.append(np.repeat(np.arange(len(array)), np.diff(offsets)))
        return lists[0]

    odd = np.zeros(len(array), np.bool_)
    if items.null_count:
        _mark(odd, rows()[items.is_null().to_numpy(zero_copy_only=False)])
    _mark_fields(fact, items, rows, odd)
    # What lies under a list that is not there is nobody's.
    found |= odd & array.is_valid().to_numpy(zero_copy_only=False) if odd.any() else odd


def _mark_fields(fact: Fact, items: pa.StructArray, rows: Callable[[], Any] | None, found: Mask) -> None:
    for number, field in enumerate(fact.fields):
        if field.kind in ("enum", "region"):
            _mark_strange(field.values, items.field(number), rows, found)


def _mark_strange(values: tuple[tuple[str, Title], ...], array: pa.DictionaryArray, rows: Callable[[], Any] | None, found: Mask) -> None:
    """Mark the rows with a code outside an enum, or (where there is none) with a region that does not exist."""
    codes = {code for code, _ in values}
    strange = [
        number
        for number, word in enumerate(array.dictionary.to_pylist())
        if (word not in codes if codes else word is None or region_name(word) is None)
    ]
    if strange:
        places = np.flatnonzero(np.isin(array.indices.fill_null(-1).to_numpy(zero_copy_only=False), strange))
        _mark(found, places if rows is None else rows()[places])


def _mark(found: Mask, rows: Any) -> None:
    found[rows] = True
