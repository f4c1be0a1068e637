"""A CSV file read as a stream of texts: cells are typed later, one by one where need be, so no cell can stop a run."""

from __future__ import annotations

import csv as lines
import io
import re
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.csv as csv

from app.engine import InputError, InputFault

from .faults import refuse
from .pieces import BrokenRow, Piece

# A line must fit a block.
BLOCK = 8 * 1024 * 1024
# The parser counts the header as row 1.
_FIRST_ROW = 2


class CsvInput:
    """One CSV file. Raises InputError where it has no header or cannot be read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            with path.open("rb") as file:
                start = file.read(BLOCK)
        except OSError as error:
            raise _unreadable(path, error.strerror or str(error)) from None
        self.names = _header(path, start)
        self._header_only = len(start) < BLOCK and not re.search(rb"[\r\n]", start)

    @property
    def schema(self) -> pa.Schema:
        return pa.schema([pa.field(name, pa.string()) for name in self.names])

    def read(self, number: int, first: int, tell: Callable[[int], None]) -> Iterator[Piece]:
        """The rows of file `number`, whose first row is row `first` of the input; `tell` is told how many bytes were read."""
        if self._header_only:  # for Arrow, a file without the end of a line is too short to have a header
            return
        try:
            with pa.OSFile(str(self.path)) as file:
                yield from _pieces(file, self.names, number, first, lambda: tell(file.tell()))
        except (pa.ArrowException, OSError) as error:
            raise _unreadable(self.path, " ".join(str(error).split())) from None


class CsvStream:
    """CSV from something that can be read only once, such as standard input; `name` is what messages call it."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        self._name = Path(name)
        start = file.readline(BLOCK)
        self.names = _header(self._name, start)
        self._header_only = not start.endswith((b"\n", b"\r"))
        self._file = _Replayed(start, file)

    def read(self, tell: Callable[[int], None]) -> Iterator[Piece]:
        """The rows, numbered from 0. Raises InputError where they cannot be read."""
        if self._header_only:
            return
        try:
            yield from _pieces(pa.PythonFile(self._file, mode="r"), self.names, 0, 0, lambda: tell(self._file.position))
        except (pa.ArrowException, OSError) as error:
            raise _unreadable(self._name, " ".join(str(error).split())) from None


class _Replayed(io.RawIOBase):
    """A stream with what was read of it already put back."""

    def __init__(self, start: bytes, file: BinaryIO) -> None:
        super().__init__()
        self._start = start
        self._file = file
        self.position = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        found, self._start = (self._start, b"") if self._start else (self._file.read(size), b"")
        self.position += len(found)
        return found


def _pieces(file: pa.NativeFile, names: list[str], number: int, first: int, tell: Callable[[], None]) -> Iterator[Piece]:
    """The rows of an open file as pieces; broken ones named in them."""
    broken: deque[csv.InvalidRow] = deque()

    def skip(row: csv.InvalidRow) -> str:
        broken.append(row)
        return "skip"

    with closing(_open(file, names, skip)) as reader:
        position = _FIRST_ROW
        for batch in reader:
            tell()
            position, piece = _numbered(number, first, position, batch, broken, len(names))
            yield piece
        if broken:
            nothing = pa.RecordBatch.from_pylist([], pa.schema([pa.field(name, pa.string()) for name in names]))
            yield _numbered(number, first, position, nothing, broken, len(names))[1]


def _open(file: pa.NativeFile, names: list[str], skip: Callable[[csv.InvalidRow], str]) -> csv.CSVStreamingReader:
    return csv.open_csv(
        file,
        # Without threads, a broken row knows its number.
        read_options=csv.ReadOptions(use_threads=False, block_size=BLOCK, column_names=names, skip_rows=1),
        parse_options=csv.ParseOptions(newlines_in_values=True, invalid_row_handler=skip),
        # As bytes, so that a cell in another encoding is that cell's fault and not the end of the run.
        convert_options=csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.binary()), null_values=[""], strings_can_be_null=True, quoted_strings_can_be_null=True
        ),
    )


def _numbered(number: int, first: int, position: int, batch: pa.RecordBatch, broken: deque[Any], columns: int) -> tuple[int, Piece]:
    """The next rows of a file, beginning with its row `position`, as a piece; and the position after it.

    The parser skips broken rows and says which they were, so the sound rows have the numbers in between.
    """
    left, row = batch.num_rows, position
    numbers: list[Any] = []
    lost: list[BrokenRow] = []
    while left or (broken and broken[0].number == row):
        if broken and broken[0].number == row:
            lost.append(BrokenRow(first + row - _FIRST_ROW, (_broken_fault(broken.popleft(), columns),)))
            row += 1
            continue
        sound = min(left, broken[0].number - row) if broken else left
        numbers.append(np.arange(row, row + sound))
        left, row = left - sound, row + sound
    shift = first - _FIRST_ROW
    found = np.concatenate(numbers) + shift if numbers else np.empty(0, np.int64)
    return row, Piece(number, position + shift, row + shift, batch, found, tuple(lost))


def _broken_fault(row: Any, columns: int) -> InputFault:
    zh = f"此行有 {row.actual_columns} 个单元格，表头有 {columns} 列。含逗号的单元格须加双引号。"
    en = f"this line has {row.actual_columns} cells, the header has {columns}. A cell with a comma in it stands in double quotes."
    return InputFault("", "wrong_length", zh, en)


def _header(path: Path, block: bytes) -> list[str]:
    """The names of the columns, from a file's first bytes."""
    line = re.split(rb"[\r\n]", block, maxsplit=1)[0]
    try:
        text = line.decode("utf-8-sig")
    except UnicodeDecodeError:
        zh = f"'{path}' 的表头不是 UTF-8 文字。请在 Excel 中另存为“CSV UTF-8（逗号分隔）”。"
        raise refuse("/population", "not_utf8", zh, f"the header of '{path}' is not UTF-8. In Excel, save it as 'CSV UTF-8'.") from None
    if not text.strip():
        raise refuse("/population", "no_header", f"'{path}' 没有表头。第一行应为列名。", f"'{path}' has no header. Its first line must name the columns.")
    for mark, zh, en in ((";", "分号", "semicolons"), ("\t", "制表符", "tabs")):
        if mark in text and "," not in text:
            zh = f"'{path}' 以{zh}分隔。请另存为逗号分隔的 CSV。"
            raise refuse("/population", "wrong_separator", zh, f"the columns of '{path}' are separated by {en}. Save it with commas.")
    return next(lines.reader([text]))


def _unreadable(path: Path, reason: str) -> InputError:
    if "straddling" in reason:
        zh = f"'{path}' 中有一行超过 {BLOCK // 2**20} MB，或有双引号未闭合。"
        raise refuse("/population", "unreadable", zh, f"'{path}' has a line of more than {BLOCK // 2**20} MB, or a quotation mark that is never closed.")
    return refuse("/population", "unreadable", f"无法读取 CSV 文件 '{path}'：{reason}", f"the CSV file '{path}' cannot be read: {reason}")
