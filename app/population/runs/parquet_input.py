"""A Parquet file read row group by row group, in bounded memory."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from app.engine import InputError

from ..leaves import ListReader, NotReadable, list_plans, stated
from .ahead import Source, read_ahead
from .faults import refuse
from .pieces import Piece, whole_piece

MAGIC = b"PAR1"
# A row group of more compressed bytes is read page by page; a smaller one at once, which is faster.
LARGEST_AT_ONCE = 128 * 1024 * 1024
PAGE_BUFFER = 1024 * 1024
# Lists that Arrow reads keep one thread busy; there is to be one left for each that evaluates.
READERS = max(1, min(2, (os.cpu_count() or 1) // 2))


def parquet_schema(path: Path) -> tuple[pa.Schema, int]:
    """The schema and the number of rows. Raises InputError where the file cannot be read."""
    try:
        with pq.ParquetFile(path) as file:
            return file.schema_arrow, file.metadata.num_rows
    except (pa.ArrowException, OSError) as error:
        raise _unreadable(path, error) from None


def read_parquet(
    path: Path, number: int, first: int, batch_rows: int, wanted: Callable[[int, int], bool], repeated: Collection[str]
) -> Iterator[Piece]:
    """The rows of file `number`, whose first row is row `first` of the input; row groups with no wanted row are skipped.

    `wanted(first, last)` says whether any of these rows is; the texts of the `repeated` columns are read as dictionaries,
    so that each is looked at once a batch. Raises InputError where the file proves unreadable.
    """
    try:
        with pq.ParquetFile(path) as file:
            metadata = file.metadata
            known = [name for name in file.schema_arrow.names if name in repeated]
        sources: list[Source] = []
        for group in range(metadata.num_row_groups):
            last = first + metadata.row_group(group).num_rows
            if wanted(first, last):
                sources.append(partial(_read_group, path, number, group, first, batch_rows, known, metadata.row_group(group)))
            first = last
        # A row group is decoded in one thread, so two of them at once where there are processors for it.
        yield from read_ahead(sources, READERS)
    except (pa.ArrowException, OSError) as error:
        raise _unreadable(path, error) from None


def _read_group(
    path: Path, number: int, group: int, first: int, batch_rows: int, repeated: Collection[str], metadata: pq.RowGroupMetaData
) -> Iterator[Piece]:
    """One row group. The file is opened anew for each, so that nothing buffered for one outlives it."""
    size = sum(metadata.column(index).total_compressed_size for index in range(metadata.num_columns))
    at_once = size <= LARGEST_AT_ONCE
    with pq.ParquetFile(path, read_dictionary=list(repeated), pre_buffer=at_once, buffer_size=0 if at_once else PAGE_BUFFER) as file:
        read = 0
        try:
            for batch in _with_lists(path, file, group, metadata, batch_rows):
                yield whole_piece(number, first + read, batch)
                read += batch.num_rows
            return
        except NotReadable:
            pass
        for batch in file.iter_batches(batch_rows, row_groups=[group]):
            if read:
                read -= batch.num_rows
            else:
                yield whole_piece(number, first, batch)
            first += batch.num_rows


def _with_lists(path: Path, file: pq.ParquetFile, group: int, metadata: pq.RowGroupMetaData, batch_rows: int) -> Iterator[pa.RecordBatch]:
    """Batches of one row group, their lists of records read by `leaves`. Raises NotReadable where Arrow is to read them all."""
    plans = [stated(plan, metadata) for plan in list_plans(file)]
    ours = {plan.name: plan for plan in plans}
    names = [name for name in file.schema_arrow.names if name not in ours] + [other.path for plan in plans for other in plan.others]
    if not plans or not names:
        raise NotReadable("no lists, or nothing else")
    with path.open("rb") as raw:
        read = 0
        readers = {plan.name: ListReader(raw.fileno(), plan, metadata) for plan in plans}
        for batch in file.iter_batches(batch_rows, row_groups=[group], columns=names):
            if [name for name in batch.schema.names if name not in ours] != [name for name in file.schema_arrow.names if name not in ours]:
                raise NotReadable("columns named like parts of others")
            columns = [
                readers[name].take(batch.num_rows, batch.column(name) if ours[name].others else None) if name in ours else batch.column(name)
                for name in file.schema_arrow.names
            ]
            yield pa.RecordBatch.from_arrays(columns, names=file.schema_arrow.names)
            read += batch.num_rows
        if read != metadata.num_rows:
            raise NotReadable("fewer rows than the footer tells")


def _unreadable(path: Path, error: Exception) -> InputError:
    reason = " ".join(str(error).split()).rstrip(".")
    zh = f"无法读取 Parquet 文件 '{path}'：{reason}。文件可能不完整，请重新导出。"
    return refuse("/population", "unreadable", zh, f"the Parquet file '{path}' cannot be read: {reason}. It may be incomplete; write it again.")
