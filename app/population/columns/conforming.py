"""The columns a population may have, and any batch that has them made canonical.

Canonical types: enum -> dictionary<int8, string> whose dictionary is the fact's codes in the dictionary's order;
region -> dictionary<int16, string>; date -> date32; month -> int32 (12 * year + month - 1); whole -> int32 (int64
where its limits need it); number -> decimal128(18, decimals of the fact), or decimal64 where it comes so; boolean -> bool;
list -> list<struct>; record -> struct. Null is "not given".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from types import MappingProxyType

import pyarrow as pa

from app.engine import InputError, InputFault
from app.language import FactDictionary

from ..question import Reject
from .casting import cast_fact, cast_given, cast_region, cast_weight, decoded
from .cells import Cells, ColumnCells, RowFaults
from .column_types import fact_type, given_fault, is_text, schema, type_fault

PERSON_ID, HOUSEHOLD_ID, REGION, WEIGHT = "person_id", "household_id", "region", "weight"
__all__ = ["ABOUT", "GIVEN", "HOUSEHOLD_ID", "OWN_COLUMNS", "PERSON_ID", "REGION", "WEIGHT", "Conformed", "check_columns", "conform", "fact_type", "schema"]

OWN_COLUMNS = (PERSON_ID, HOUSEHOLD_ID, REGION, WEIGHT)
GIVEN, ABOUT = "given.", "about."


@dataclass(frozen=True, slots=True)
class Conformed:
    """A batch in canonical columns. A rejected row has null in the cells that could not be read."""

    batch: pa.RecordBatch
    rejects: tuple[Reject, ...]


def check_columns(given: pa.Schema, dictionary: FactDictionary) -> None:
    """Raise InputError with every column that is unknown, repeated or of a type that cannot be read exactly."""
    faults: list[InputFault] = []
    seen: set[str] = set()
    for field in given:
        pointer = f"/columns/{field.name}"
        if field.name in seen:
            faults.append(InputFault(pointer, "repeated", f"列 '{field.name}' 重复。", f"there are several columns '{field.name}'. Keep one."))
        elif (fact := dictionary.facts.get(field.name)) is not None:
            faults.extend(type_fault(fact, field.type, pointer))
        elif field.name in OWN_COLUMNS or field.name.startswith(GIVEN):
            faults.extend(_own_fault(field, pointer))
        elif not field.name.startswith(ABOUT):
            faults.append(_unknown(field.name, dictionary.facts, pointer))
        seen.add(field.name)
    if faults:
        raise InputError(faults)


def _own_fault(field: pa.Field, pointer: str) -> Iterable[InputFault]:
    kind = field.type
    if field.name.startswith(GIVEN):
        yield from given_fault(kind, pointer)
    elif field.name == WEIGHT:
        if not (pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_decimal(kind) or is_text(kind) or pa.types.is_null(kind)):
            yield InputFault(pointer, "wrong_type", f"权重应为数字，而非 {kind}。", f"a weight is a number, not {kind}.")
    elif not (is_text(kind) or pa.types.is_null(kind) or (field.name != REGION and pa.types.is_integer(kind))):
        zh, en = ("六位行政区划代码（文字）", "a six-digit region code as text") if field.name == REGION else ("文字或整数", "text or a whole number")
        yield InputFault(pointer, "wrong_type", f"此列应为{zh}，而非 {kind}。", f"this column is {en}, not {kind}.")


def _unknown(name: str, facts: Iterable[str], pointer: str) -> InputFault:
    known = [*facts, *OWN_COLUMNS]
    close = get_close_matches(name, known, n=1, cutoff=0.6)
    zh = f"没有名为 '{name}' 的事实或列。" + (f"是否指 '{close[0]}'？" if close else f"若只是随行说明，请命名为 '{ABOUT}{name}'。")
    en = f"there is no fact or column '{name}'. " + (f"Did you mean '{close[0]}'?" if close else f"To carry it along, name it '{ABOUT}{name}'.")
    return InputFault(pointer, "unknown_column", zh, en)


def conform(batch: pa.RecordBatch, dictionary: FactDictionary, given: Mapping[str, pa.DataType] = MappingProxyType({})) -> Conformed:
    """The batch in canonical columns, its lists in order. Raises InputError for columns; cells that cannot be read reject their row.

    `given` says as which type the texts of a column of given figures are read (`given_types`); without, they stay text.
    """
    check_columns(batch.schema, dictionary)
    faults = RowFaults()
    names, arrays = [], []
    for name, array in zip(batch.schema.names, batch.columns, strict=True):
        cells: Cells = ColumnCells(faults, _pointer(name, dictionary))
        if name in dictionary.facts:
            array = cast_fact(dictionary.facts[name], array, cells)
        elif name == REGION:
            array = cast_region(array, cells)
        elif name == WEIGHT:
            array = cast_weight(array, cells)
        elif name.startswith(GIVEN):
            array = cast_given(array, given.get(name, pa.string()), cells)
        elif name in OWN_COLUMNS:
            array = array.cast(pa.int64()) if pa.types.is_integer(array.type) else decoded(array, cells).cast(pa.string())
        else:
            array = decoded(array, cells)
        names.append(name)
        arrays.append(array)
    made = pa.RecordBatch.from_arrays(arrays, names=names) if names else batch
    return Conformed(made, faults.rejects())




def _pointer(name: str, dictionary: FactDictionary) -> str:
    """Where a column's value would stand in a request."""
    if name in dictionary.facts:
        return f"/facts/{name}"
    return f"/given/{name.removeprefix(GIVEN)}" if name.startswith(GIVEN) else f"/{name}"
