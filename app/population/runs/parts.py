"""The files of a run: each part's results and rejects, written aside and put in place whole."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType

import pyarrow as pa
import pyarrow.parquet as pq

from .manifest import PartRecord, put_in_place
from .streams import digest

RESULTS, REJECTS, WORK = "results", "rejects.parquet", ".work"
PART_ROWS = 1_000_000
# A row group has so many rows, fewer where they are wide: it waits in memory until it is whole.
ROW_GROUP = 262_144
GROUP_BYTES = 256 * 1024 * 1024
_LEAST_ROWS = 8_192
REJECT_SCHEMA = pa.schema(
    [
        pa.field("row", pa.int64()),
        pa.field("file", pa.string()),
        pa.field("file_row", pa.int64()),
        pa.field("person_id", pa.string()),
        pa.field("pointer", pa.string()),
        pa.field("code", pa.string()),
        pa.field("zh", pa.string()),
        pa.field("en", pa.string()),
    ]
)


def rows_within(size: int, schema: pa.Schema, most: int) -> int:
    """How many rows of a schema take about so many bytes: `most`, or that halved until it fits."""
    width = sum(_width(field.type) for field in schema)
    rows = most
    while rows > _LEAST_ROWS and rows * width > size:
        rows //= 2
    return rows


def _width(kind: pa.DataType) -> int:
    """Bytes of a value; of a text about."""
    try:
        return max(1, int(kind.bit_width) // 8)
    except ValueError:
        return 16


class SyncedParquet:
    """A Parquet file being written under a temporary name, in row groups of the same size whatever batches it is given."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self.path = path
        self.rows = 0
        self._schema = schema
        self._group_rows = rows_within(GROUP_BYTES, schema, ROW_GROUP)
        self._temporary = path.with_name(f".{path.name}.tmp")
        self._waiting: list[pa.RecordBatch] = []
        self._waiting_rows = 0
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self._temporary.open("wb")
        # Figures hardly repeat, so only texts are worth a dictionary.
        texts = [field.name for field in schema if pa.types.is_dictionary(field.type) or pa.types.is_string(field.type)]
        # Nobody leaves out row groups by an amount; its least and greatest cost as much as compressing it.
        known = [field.name for field in schema if not pa.types.is_decimal(field.type)]
        self._writer = pq.ParquetWriter(self._file, schema, compression="zstd", compression_level=1, use_dictionary=texts, write_statistics=known)

    def add(self, batch: pa.RecordBatch) -> None:
        """Add rows; they reach the disk a row group at a time."""
        self.rows += batch.num_rows
        while self._waiting_rows + batch.num_rows >= self._group_rows:
            fits = self._group_rows - self._waiting_rows
            self._waiting.append(batch.slice(0, fits))
            batch = batch.slice(fits)
            self._write()
        if batch.num_rows:
            self._waiting.append(batch)
            self._waiting_rows += batch.num_rows

    def _write(self) -> None:
        table = pa.Table.from_batches(self._waiting, self._schema).unify_dictionaries().combine_chunks()
        self._writer.write_table(table, row_group_size=self._group_rows)
        self._waiting, self._waiting_rows = [], 0

    def finish(self) -> tuple[int, str]:
        """Write the rest, sync, put in place; returns bytes and SHA-256."""
        if self._waiting:
            self._write()
        self._writer.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        found = digest(self._temporary)
        put_in_place(self._temporary, self.path)
        return self.path.stat().st_size, found

    def abandon(self) -> None:
        """Leave nothing behind. Whatever is wrong with the disk is already being reported."""
        with suppress(OSError, pa.ArrowException):
            self._writer.close()
        with suppress(OSError):
            self._file.close()
        self._temporary.unlink(missing_ok=True)


class PartWriter:
    """One part being written. Used with `with`: what is not finished by the end is taken away."""

    def __init__(self, out: Path, number: int, first_row: int, schema: pa.Schema) -> None:
        self._file = f"{RESULTS}/{part_name(number)}"
        self._first_row = first_row
        self._results = SyncedParquet(out / self._file, schema)
        self._rejects = SyncedParquet(out / WORK / part_name(number), REJECT_SCHEMA)
        self._counts = [0, 0, 0]
        self._open = True

    def __enter__(self) -> PartWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._open:
            self._results.abandon()
            self._rejects.abandon()

    def add(self, results: pa.RecordBatch, rejects: pa.RecordBatch, input_rows: int, rejected_rows: int, exact_rows: int) -> None:
        """Add the answers for some rows of the input."""
        self._results.add(results)
        self._rejects.add(rejects)
        self._counts = [before + more for before, more in zip(self._counts, (input_rows, rejected_rows, exact_rows), strict=True)]

    def finish(self) -> PartRecord:
        """Put the part in place. The rejects come first: a part that is there is whole."""
        self._rejects.finish()
        size, found = self._results.finish()
        self._open = False
        return self._record(size, found)

    def finish_rejects(self) -> PartRecord:
        """Put only the rejects in place, of a part that goes no further."""
        self._rejects.finish()
        return self._record(0, "")

    def _record(self, size: int, found: str) -> PartRecord:
        input_rows, rejected_rows, exact_rows = self._counts
        return PartRecord(self._file, self._first_row, input_rows, self._results.rows, rejected_rows, exact_rows, size, found)


def part_name(number: int) -> str:
    return f"part-{number:05d}.parquet"


def discard_unfinished(out: Path) -> None:
    """Take away what was being written; nothing else has such a name."""
    for folder in (RESULTS, WORK):
        for left in (out / folder).glob(".*.tmp"):
            left.unlink(missing_ok=True)


def gather_rejects(out: Path, parts: Sequence[PartRecord]) -> None:
    """One rejects.parquet of the parts' rejects, in the order of the input."""
    gathered = SyncedParquet(out / REJECTS, REJECT_SCHEMA)
    try:
        for part in parts:
            if part.rejected_rows:
                with pq.ParquetFile(out / WORK / Path(part.file).name) as file:
                    for batch in file.iter_batches():
                        gathered.add(batch)
        gathered.finish()
    except BaseException:
        gathered.abandon()
        raise
