"""Where a cell stands (its row, and its JSON pointer within the row), and the faults found in cells, by row."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

import numpy as np

from app.engine import InputFault

from ..question import Reject

# A row with more faults than this is told the first ones; what is wrong with it is usually one thing repeated.
MAX_ROW_FAULTS = 20


class RowFaults:
    """The faults of a batch's rows."""

    def __init__(self) -> None:
        self._found: dict[int, list[InputFault]] = {}

    def add(self, row: int, fault: InputFault) -> None:
        faults = self._found.setdefault(row, [])
        if len(faults) < MAX_ROW_FAULTS:
            faults.append(fault)

    def rejects(self) -> tuple[Reject, ...]:
        return tuple(Reject(row, tuple(self._found[row])) for row in sorted(self._found))


class Cells(Protocol):
    """The cells of one array: knows of each position the row and the pointer."""

    faults: RowFaults

    def row(self, position: int) -> int: ...

    def pointer(self, position: int) -> str: ...


class ColumnCells:
    """The cells of a column: one a row."""

    def __init__(self, faults: RowFaults, pointer: str) -> None:
        self.faults = faults
        self._pointer = pointer

    def row(self, position: int) -> int:
        return position

    def pointer(self, position: int) -> str:  # noqa: ARG002 - every cell of a column has the column's pointer
        return self._pointer


class ItemCells:
    """The items of a column of lists, all in one array; `offsets` is where each list begins, and at the end their number."""

    def __init__(self, outer: Cells, offsets: Any) -> None:
        self.faults = outer.faults
        self._outer, self._offsets = outer, offsets

    def row(self, position: int) -> int:
        return self._outer.row(self._parent(position))

    def pointer(self, position: int) -> str:
        parent = self._parent(position)
        return f"{self._outer.pointer(parent)}/{position - int(self._offsets[parent])}"

    def _parent(self, position: int) -> int:
        """The last list that begins at or before an item; empty lists begin where the next one does."""
        return int(np.searchsorted(self._offsets, position, side="right")) - 1


class LaterCells:
    """The cells of an array from some position on."""

    def __init__(self, outer: Cells, first: int) -> None:
        self.faults = outer.faults
        self._outer, self._first = outer, first

    def row(self, position: int) -> int:
        return self._outer.row(self._first + position)

    def pointer(self, position: int) -> str:
        return self._outer.pointer(self._first + position)


class FieldCells:
    """One field of a column of records."""

    def __init__(self, outer: Cells, name: str) -> None:
        self.faults = outer.faults
        self._outer, self._name = outer, name

    def row(self, position: int) -> int:
        return self._outer.row(position)

    def pointer(self, position: int) -> str:
        return f"{self._outer.pointer(position)}/{self._name}"


def refuse(cells: Cells, position: int, faults: Iterable[InputFault]) -> None:
    """Note the faults of one cell; their pointers are relative to the cell."""
    pointer = cells.pointer(position)
    for fault in faults:
        cells.faults.add(cells.row(position), InputFault(pointer + fault.pointer, fault.code, fault.zh, fault.en))
