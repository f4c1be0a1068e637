"""A table of a report: typed rows under named columns, with titles in Chinese and English, written as CSV and Parquet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Context, Decimal
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from app.language import Title

from .people import WEIGHT_DECIMALS

FEN = Decimal("0.01")
_EXACT = Context(prec=60, rounding=ROUND_HALF_UP)
_DIGITS = 38

# text and code are words; rows whole numbers; persons weighted counts; money yuan to the fen; figure an exact number of
# any unit; share a part of 1; measure a statistic (binary float).
ColumnKind = Literal["text", "code", "rows", "persons", "money", "figure", "share", "measure"]
_TYPES: dict[ColumnKind, pa.DataType] = {
    "text": pa.string(),
    "code": pa.string(),
    "rows": pa.int64(),
    "persons": pa.decimal128(_DIGITS, WEIGHT_DECIMALS),
    "money": pa.decimal128(_DIGITS, 2),
    "figure": pa.decimal128(_DIGITS, 6),
    "share": pa.decimal128(_DIGITS, 6),
    "measure": pa.float64(),
}


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    kind: ColumnKind
    title: Title


@dataclass(frozen=True, slots=True)
class ReportTable:
    """`name` is the file's; `notes` say what a reader must know. Values fit the columns' kinds; None is not known or none."""

    name: str
    title: Title
    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]
    notes: tuple[Title, ...] = field(default=())

    def records(self) -> list[dict[str, Any]]:
        """The rows as dictionaries."""
        names = [column.name for column in self.columns]
        return [dict(zip(names, row, strict=True)) for row in self.rows]

    def arrow(self) -> pa.Table:
        """The table in Arrow types; persons are int64 where all are whole."""
        arrays = [_array(column, [row[index] for row in self.rows]) for index, column in enumerate(self.columns)]
        return pa.table(arrays, names=[column.name for column in self.columns])


def table(name: str, title: Title, columns: Iterable[Column], records: Iterable[Mapping[str, Any]], notes: Sequence[Title] = ()) -> ReportTable:
    """A table of the columns that some row has a value for (and of all words), from rows as dictionaries."""
    found = list(records)
    wanted = tuple(column for column in columns if any(record.get(column.name) is not None for record in found))
    rows = tuple(tuple(record.get(column.name) for column in wanted) for record in found)
    return ReportTable(name, title, wanted, rows, tuple(notes))


def write_table(made: ReportTable, folder: Path) -> tuple[Path, Path]:
    """Write `<name>.csv` (UTF-8 with a byte order mark, so that spreadsheets show Chinese) and `<name>.parquet`."""
    found = made.arrow()
    csv_file, parquet_file = folder / f"{made.name}.csv", folder / f"{made.name}.parquet"
    with csv_file.open("wb") as stream:
        stream.write(b"\xef\xbb\xbf")
        pyarrow.csv.write_csv(found, stream)
    pq.write_table(found, parquet_file)
    return csv_file, parquet_file


# -- exact figures ----------------------------------------------------------------------------------


def to_fen(amount: Decimal | int | None) -> Decimal | None:
    """Yuan to the fen, half up."""
    return None if amount is None else Decimal(amount).quantize(FEN, context=_EXACT)


def per(amount: Decimal | int | None, divisor: Decimal | int | None) -> Decimal | None:
    """A quotient to the fen, half up; None of nothing or by nothing."""
    if amount is None or not divisor:
        return None
    return to_fen(_EXACT.divide(Decimal(amount), Decimal(divisor)))


def share(part: Decimal | int | None, whole: Decimal | int | None) -> Decimal | None:
    """A part of the whole, to six decimals."""
    if part is None or not whole:
        return None
    return _EXACT.divide(Decimal(part), Decimal(whole)).quantize(Decimal("0.000001"), context=_EXACT)


def is_whole(values: Iterable[Any]) -> bool:
    return all(value is None or value == int(value) for value in values)


def _array(column: Column, values: list[Any]) -> pa.Array:
    if column.kind == "persons" and is_whole(values):
        return pa.array([None if value is None else int(value) for value in values], pa.int64())
    kind = _TYPES[column.kind]
    if pa.types.is_decimal(kind):
        step = Decimal(1).scaleb(-kind.scale)
        return pa.array([None if value is None else Decimal(value).quantize(step, context=_EXACT) for value in values], kind)
    return pa.array(values, kind)
