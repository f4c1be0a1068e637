"""An Arrow IPC file (Feather) read batch by batch: mapped into memory, so that what is stored uncompressed is not even copied."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.ipc as ipc

from app.engine import InputError

from .ahead import Source, read_ahead
from .faults import refuse
from .pieces import Piece, whole_piece

ARROW_MAGIC = b"ARROW1"
SUFFIXES = (".arrow", ".feather")


def arrow_schema(path: Path) -> tuple[pa.Schema, int]:
    """The schema and the number of rows. Raises InputError where the file cannot be read."""
    try:
        with pa.memory_map(str(path)) as data, ipc.open_file(data) as file:
            _check(file.schema)
            return file.schema, sum(file.get_batch(number).num_rows for number in range(file.num_record_batches))
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise _unreadable(path, error) from None


def read_arrow(path: Path, number: int, first: int, batch_rows: int, wanted: Callable[[int, int], bool]) -> Iterator[Piece]:
    """The rows of file `number`, whose first row is row `first` of the input; stored batches with no wanted row are skipped.

    Raises InputError where the file proves unreadable.
    """
    source: Source = partial(_read, path, number, first, batch_rows, wanted)
    try:
        yield from read_ahead([source], 1)
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise _unreadable(path, error) from None


def _read(path: Path, number: int, first: int, batch_rows: int, wanted: Callable[[int, int], bool]) -> Iterator[Piece]:
    with pa.memory_map(str(path)) as data, ipc.open_file(data) as file:
        for place in range(file.num_record_batches):
            batch = file.get_batch(place)
            last = first + batch.num_rows
            if wanted(first, last):
                # Compiled code goes by what the file says of places and lengths.
                batch.validate(full=True)
                for start in range(0, batch.num_rows, batch_rows):
                    piece = batch.slice(start, batch_rows)
                    yield whole_piece(number, first + start, piece)
            first = last


def _check(kinds: Iterable[pa.Field]) -> None:
    """Raise what Arrow does not say of a damaged schema: names that are not UTF-8, decimals with more places than digits."""
    for field in kinds:
        str(field.name)
        if pa.types.is_decimal(field.type) and not 0 <= field.type.scale <= field.type.precision:
            raise pa.ArrowInvalid(f"'{field.name}' is {field.type}")
        _check(field.type.field(number) for number in range(field.type.num_fields))


def _unreadable(path: Path, error: Exception) -> InputError:
    reason = " ".join(str(error).split()).rstrip(".")
    zh = f"无法读取 Arrow 文件 '{path}'：{reason}。文件可能不完整，请重新导出。"
    return refuse("/population", "unreadable", zh, f"the Arrow file '{path}' cannot be read: {reason}. It may be incomplete; write it again.")
