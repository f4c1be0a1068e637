"""A population on disk: one file, several or a folder of them, Parquet, Arrow or CSV, as one stream of numbered rows."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pyarrow as pa

from app.engine import InputError, InputFault
from app.language import FactDictionary

from ..columns.conforming import REGION, check_columns
from .ahead import read_ahead
from .arrow_input import ARROW_MAGIC, SUFFIXES, arrow_schema, read_arrow
from .csv_input import CsvInput
from .faults import refuse
from .parquet_input import MAGIC, parquet_schema, read_parquet
from .pieces import Piece, in_steps

BATCH_ROWS = 65_536
_HASH_BLOCK = 4 * 1024 * 1024
Wanted = Callable[[int], bool]


@dataclass(frozen=True, slots=True)
class InputFile:
    """One file of a population. `rows` is None until a CSV file has been read."""

    path: Path
    format: Literal["parquet", "arrow", "csv"]
    schema: pa.Schema
    rows: int | None
    bytes: int
    modified: int


class Population:
    """The rows of some files, in the order of the files. Raises InputError where they cannot be one population."""

    def __init__(self, files: Sequence[InputFile], dictionary: FactDictionary) -> None:
        self.files = tuple(files)
        self._repeated = [REGION, *(name for name, fact in dictionary.facts.items() if fact.kind in ("enum", "region"))]
        _check_schemas(self.files, dictionary)
        self.starts: list[int] = []
        self.read_bytes = 0

    @property
    def rows(self) -> int | None:
        """How many rows there are; None where only reading tells (CSV)."""
        counts = [file.rows for file in self.files]
        return None if None in counts else sum(count or 0 for count in counts)

    @property
    def bytes(self) -> int:
        return sum(file.bytes for file in self.files)

    def names(self) -> list[str]:
        """Every column that some file has, in the order met."""
        return list(dict.fromkeys(name for file in self.files for name in file.schema.names))

    def pieces(self, part_rows: int, wanted: Wanted, batch_rows: int = BATCH_ROWS) -> Generator[Piece, None, None]:
        """The rows of the wanted parts, in order. `part_rows` rows are a part; no piece lies in two.

        On the way `starts` grows by the number of each file's first row (from 0), in the end by the number of rows.
        """
        self.starts, self.read_bytes = [0], 0
        for number, file in enumerate(self.files):
            first, before = self.starts[-1], self.read_bytes
            last = first
            for piece in self._read(number, file, first, part_rows, wanted, batch_rows):
                last = piece.last
                yield from in_steps(piece, batch_rows, part_rows, wanted)
            # Row groups that nobody wanted were passed over, so a Parquet file ends where its rows do.
            self.starts.append(last if file.rows is None else first + file.rows)
            self.read_bytes = before + file.bytes

    def unchanged(self) -> bool:
        """Whether every file still is as it was when opened, by size and time."""
        now = [file.path.stat() for file in self.files]
        return all((file.bytes, file.modified) == (stat.st_size, stat.st_mtime_ns) for file, stat in zip(self.files, now, strict=True))

    def _read(self, number: int, file: InputFile, first: int, part_rows: int, wanted: Wanted, batch_rows: int) -> Iterator[Piece]:
        if file.format == "csv":
            before = self.read_bytes

            def tell(position: int) -> None:
                self.read_bytes = before + min(position, file.bytes)

            return read_ahead([lambda: CsvInput(file.path).read(number, first, tell)], 1)

        def any_wanted(low: int, high: int) -> bool:
            return any(wanted(part) for part in range(low // part_rows, -(-high // part_rows)))

        if file.format == "arrow":
            return read_arrow(file.path, number, first, batch_rows, any_wanted)
        return read_parquet(file.path, number, first, batch_rows, any_wanted, self._repeated)


def open_population(paths: Sequence[Path], dictionary: FactDictionary) -> Population:
    """Open files and folders (of one format each; hidden files are passed over). Raises InputError with what is wrong."""
    if not paths:
        raise refuse("/population", "missing", "请给出人口数据文件。", "name the files of the population.")
    found = [path for each in paths for path in _files(each)]
    return Population([_open(path) for path in found], dictionary)


def digest(path: Path, tell: Callable[[int], None] | None = None) -> str:
    """The SHA-256 of a file; `tell` is told of every few megabytes read."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_HASH_BLOCK):
            found.update(block)
            if tell is not None:
                tell(len(block))
    return found.hexdigest()


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise refuse("/population", "no_such_file", f"没有文件或文件夹 '{path}'。", f"there is no file or folder '{path}'.")
    found = sorted(each for each in path.rglob("*") if each.is_file() and not _hidden(each.relative_to(path)))
    chosen = [each for each in found if _kind(each) is not None]
    if not chosen:
        zh, en = f"'{path}' 中没有 .parquet、.arrow、.feather 或 .csv 文件。", f"'{path}' has no .parquet, .arrow, .feather or .csv files."
        raise refuse("/population", "no_files", zh, en)
    partition = next((each.parent.name for each in chosen if "=" in each.parent.name), None)
    if partition is not None:
        zh = f"'{path}' 含分区文件夹 '{partition}'，其列值不在文件内。请将该列写入文件。"
        en = f"'{path}' has a partition folder '{partition}', whose value is not in the files. Write that column into the files."
        raise refuse("/population", "partitioned", zh, en)
    kinds = sorted({str(_kind(each)) for each in chosen})
    if len(kinds) > 1:
        zh = f"'{path}' 中有多种文件：{'、'.join(kinds)}。请只留一种。"
        raise refuse("/population", "mixed", zh, f"'{path}' has files of several kinds: {', '.join(kinds)}. Keep one kind, or name the files.")
    return chosen


def _kind(path: Path) -> Literal["parquet", "arrow", "csv"] | None:
    """The format that a file's name tells."""
    suffix = path.suffix.lower()
    if suffix in SUFFIXES:
        return "arrow"
    return "parquet" if suffix == ".parquet" else "csv" if suffix == ".csv" else None


def _hidden(path: Path) -> bool:
    return any(part.startswith((".", "_")) for part in path.parts)


def _open(path: Path) -> InputFile:
    try:
        with path.open("rb") as file:
            start = file.read(len(ARROW_MAGIC))
        stat = path.stat()
    except OSError as error:
        raise refuse("/population", "unreadable", f"无法读取 '{path}'：{error.strerror}。", f"'{path}' cannot be read: {error.strerror}.") from None
    kind = "parquet" if start[: len(MAGIC)] == MAGIC else "arrow" if start == ARROW_MAGIC else _kind(path)
    if kind in ("parquet", "arrow"):
        schema, rows = parquet_schema(path) if kind == "parquet" else arrow_schema(path)
        return InputFile(path, "parquet" if kind == "parquet" else "arrow", schema, rows, stat.st_size, stat.st_mtime_ns)
    if kind is None:
        zh = f"'{path}' 既不是 Parquet 或 Arrow 文件，文件名也不以 .csv 结尾。"
        raise refuse("/population", "unknown_format", zh, f"'{path}' is no Parquet or Arrow file, and its name does not end in .csv.")
    return InputFile(path, "csv", CsvInput(path).schema, None, stat.st_size, stat.st_mtime_ns)


def _check_schemas(files: Sequence[InputFile], dictionary: FactDictionary) -> None:
    """Raise InputError with the faulty columns of every file; with several files, each fault names its file."""
    faults: list[InputFault] = []
    for file in files:
        try:
            check_columns(file.schema, dictionary)
        except InputError as error:
            named = [InputFault(each.pointer, each.code, f"{file.path}：{each.zh}", f"{file.path}: {each.en}") for each in error.faults]
            faults.extend(named if len(files) > 1 else error.faults)
    if faults:
        raise InputError(faults)
