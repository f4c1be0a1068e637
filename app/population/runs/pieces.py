"""Rows of an input on their way: a batch, the number each row has in the input, and rows that could not be read at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from app.engine import InputFault


@dataclass(frozen=True, slots=True)
class BrokenRow:
    """A row of which no cell can be told, such as a CSV line with a comma too many."""

    number: int
    faults: tuple[InputFault, ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """The input's rows from number `first` to `last` (counted from 0 over all files, `last` not included).

    `numbers` (int64) has the number of each row of `batch`; the numbers in between are those of the broken rows.
    """

    file: int
    first: int
    last: int
    batch: pa.RecordBatch
    numbers: Any
    broken: tuple[BrokenRow, ...] = ()

    def cut(self, first: int, last: int) -> Piece:
        """The part of this piece from row `first` to row `last`."""
        low, high = np.searchsorted(self.numbers, [first, last])
        broken = tuple(each for each in self.broken if first <= each.number < last)
        return Piece(self.file, first, last, self.batch.slice(low, high - low), self.numbers[low:high], broken)


def whole_piece(file: int, first: int, batch: pa.RecordBatch) -> Piece:
    """A piece without broken rows."""
    last = first + batch.num_rows
    return Piece(file, first, last, batch, np.arange(first, last))


def in_steps(piece: Piece, batch_rows: int, part_rows: int, wanted: Callable[[int], bool]) -> Iterator[Piece]:
    """A piece cut so that each lies in one part and has at most `batch_rows` rows; what lies in unwanted parts is left out."""
    first = piece.first
    while first < piece.last:
        part = first // part_rows
        last = min(piece.last, first + batch_rows, (part + 1) * part_rows)
        if wanted(part):
            yield piece.cut(first, last)
        first = last
