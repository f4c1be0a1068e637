"""One column of any readable type to its canonical type, exactly; what cannot be read is told in the request's own words.

Most columns are cast by Arrow as a whole. Where that fails (or the words of a fault are needed), each distinct value is
read by the reader that reads it in a request (`app.intake`), so a fault says the same in a file as over HTTP.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from marshmallow import ValidationError

from app.engine import InputFault
from app.intake import JsonError, read_json
from app.intake.readers import Reader, date_reader, fact_reader, number_reader, read_boolean, read_region
from app.language import Fact, YearMonth

from .cells import Cells, FieldCells, ItemCells, LaterCells, refuse
from .column_types import NUMBER_DIGITS, REGION_TYPE, fact_type, is_text
from .json_cells import read_cells
from .lists import list_offsets, sort_lists

_WHOLE = r"\A-?[0-9]{1,15}\z"
_NUMBER = r"\A-?[0-9]{1,15}(\.[0-9]{1,30})?\z"
_DATE = r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}\z"
# Texts that cannot be read at once are tried in so many stretches; so few of them one by one.
_STRETCHES, _FEW = 8, 16
# As many digits as a request may give of a figure.
GIVEN_DECIMALS = 12
_GIVEN_NUMBER = number_reader(Decimal(-(10**15)), Decimal(10**15), GIVEN_DECIMALS)
_GIVEN_DATE = date_reader(None, None)
_NEGATIVE_WEIGHT = InputFault("", "too_small", "权重应为不小于 0 的数。", "a weight must be a number of at least 0.")


def cast_fact(fact: Fact, array: pa.Array, cells: Cells) -> pa.Array:
    """A column (or a field of records) of a type that `type_fault` let pass, in the fact's canonical type."""
    target = fact_type(fact)
    if pa.types.is_null(array.type):
        return pa.nulls(len(array), target)
    array = decoded(array, cells)
    if is_text(array.type):
        return _from_text(fact, target, array, cells)
    if fact.kind == "list":
        return sort_lists(_cast_lists(fact, array, cells), fact.order_by)
    if fact.kind == "record":
        return _cast_records(fact, array, cells)
    if fact.kind == "boolean":
        return array
    if fact.kind == "date":
        return _dates(array, cells)
    try:
        return _cast_number(array, target)
    except pa.ArrowInvalid:
        return _by_value(array, target, fact_reader(fact), cells)


def cast_region(array: pa.Array, cells: Cells) -> pa.Array:
    """The region of each row as a dictionary of known codes."""
    if pa.types.is_null(array.type):
        return pa.nulls(len(array), REGION_TYPE)
    return _by_value(decoded(array, cells), REGION_TYPE, read_region, cells)


def cast_given(array: pa.Array, kind: pa.DataType, cells: Cells) -> pa.Array:
    """Given figures: texts read as the type `kind` of the rule they replace; other types as they are."""
    if pa.types.is_null(array.type):
        return pa.nulls(len(array), kind)
    array = decoded(array, cells)
    if not is_text(array.type):
        return array.cast(pa.date32()) if pa.types.is_date(array.type) else array
    if pa.types.is_string(kind):
        return array.cast(kind)
    reader = {"decimal128": _GIVEN_NUMBER, "bool": _read_flag, "date32[day]": _GIVEN_DATE}[str(kind).partition("(")[0]]
    if pa.types.is_decimal(kind):
        try:
            texts = array.cast(pa.string())
            if pc.all(pc.match_substring_regex(texts, _NUMBER), min_count=0).as_py():
                return texts.cast(kind)
        except pa.ArrowInvalid:
            pass
    return _by_value(array, kind, reader, cells)


def decoded(array: pa.Array, cells: Cells) -> pa.Array:
    """Texts as texts that are UTF-8: bytes and what a file only claims to be text are looked at. Anything else as it is."""
    if pa.types.is_dictionary(array.type):
        return array if _is_sound(array.dictionary) else decoded(array.cast(pa.binary()), cells)
    if not is_text(array.type):
        return array
    if _is_sound(array):
        return array.cast(pa.string()) if pa.types.is_binary(array.type) or pa.types.is_large_binary(array.type) else array
    return _by_value(array.cast(pa.binary()), pa.string(), _decode, cells)


def _is_sound(texts: pa.Array) -> bool:
    try:
        texts.cast(pa.binary()).cast(pa.string())
    except pa.ArrowInvalid:
        return False
    return True


def _decode(value: Any) -> str:
    try:
        return bytes(value).decode()
    except UnicodeDecodeError:
        zh, en = "不是 UTF-8 编码的文字。请将文件另存为 UTF-8。", "is not text in UTF-8. Save the file as UTF-8."
        raise ValidationError([InputFault("", "not_utf8", zh, en)]) from None


def _read_flag(value: Any) -> bool:
    return bool(read_boolean({"true": True, "false": False}.get(value, value)))


def cast_weight(array: pa.Array, cells: Cells) -> pa.Array:
    """Weights as float64, finite and not negative."""
    array = decoded(array, cells)
    try:
        weights = array.cast(pa.string() if is_text(array.type) else pa.float64(), safe=False).cast(pa.float64())
    except pa.ArrowInvalid:
        return _by_value(array, pa.float64(), _read_weight, cells)
    sound = pc.and_(pc.is_finite(weights), pc.greater_equal(weights, 0.0)).fill_null(True)
    return _refuse_where(weights, pc.invert(sound), cells, _NEGATIVE_WEIGHT)


def _read_weight(value: Any) -> float:
    try:
        return float(value)
    except ValueError:
        raise ValidationError([InputFault("", "wrong_form", "应为数字，如 12.5。", "must be a number, such as 12.5.")]) from None


def _refuse_where(array: pa.Array, bad: pa.Array, cells: Cells, fault: InputFault) -> pa.Array:
    """Null where the mask is true, with the fault noted there."""
    positions = np.flatnonzero(bad.to_numpy(zero_copy_only=False))
    if not len(positions):
        return array
    for position in positions:
        refuse(cells, int(position), [fault])
    return pc.if_else(bad, pa.scalar(None, array.type), array)


# -- single values ----------------------------------------------------------------------------------


def _from_text(fact: Fact, target: pa.DataType, array: pa.Array, cells: Cells) -> pa.Array:
    """Texts by Arrow's own parsers where every text is written as a request would write it; else value by value."""
    pattern = {"whole": _WHOLE, "number": _NUMBER, "date": _DATE}.get(fact.kind)
    if pattern is not None:
        texts = array.cast(pa.string())
        if pc.all(pc.match_substring_regex(texts, pattern), min_count=0).as_py():
            try:
                return texts.cast(pa.int64()).cast(target) if fact.kind == "whole" else texts.cast(target)
            except pa.ArrowInvalid:
                pass
    reader = fact_reader(fact)
    if fact.kind == "boolean":
        return _by_value(array, target, lambda text: reader({"true": True, "false": False}.get(text, text)), cells)
    if fact.kind in ("list", "record"):
        return _from_json(fact, target, array.cast(pa.string()), reader, cells)
    return _by_value(array, target, reader, cells, [code for code, _ in fact.values] if fact.kind == "enum" else None)


def _from_json(fact: Fact, target: pa.DataType, texts: pa.Array, reader: Reader, cells: Cells) -> pa.Array:
    """Texts all at once where all are plain, else in ever smaller stretches, so that a few odd ones cost little."""
    plain = read_cells(fact, texts)
    if plain is not None:
        return cast_fact(fact, plain, cells)
    if len(texts) <= _FEW:
        return _by_value(texts, target, lambda text: _read_json(text, reader), cells)
    step = -(-len(texts) // _STRETCHES)
    stretches = [(texts.slice(first, step), LaterCells(cells, first)) for first in range(0, len(texts), step)]
    return pa.concat_arrays([_from_json(fact, target, part, reader, place) for part, place in stretches])


def _read_json(text: str, reader: Reader) -> Any:
    """A list or record from its text. As everywhere in a population, null is "not given"."""
    try:
        value = _without_nulls(read_json(text.encode()))
    except JsonError as error:
        raise ValidationError(list(error.faults)) from None
    return None if value is None else reader(value)


def _without_nulls(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_nulls(each) for each in value]
    return {name: _without_nulls(each) for name, each in value.items() if each is not None} if isinstance(value, dict) else value


def _dates(array: pa.Array, cells: Cells) -> pa.Array:
    """Dates; a time of day other than midnight, or a year outside 1 to 9999, is refused."""
    days = array.cast(pa.date32(), safe=False)
    if pa.types.is_timestamp(array.type):
        whole = pc.equal(days.cast(array.type), array).fill_null(True)
        fault = InputFault("", "wrong_form", "应为日期，不应带时刻。", "must be a date, without a time of day.")
        days = _refuse_where(days, pc.invert(whole), cells, fault)
    first, last = pa.scalar(date.min, pa.date32()), pa.scalar(date.max, pa.date32())
    # One look where all is well, as it nearly always is.
    found = pc.min_max(days.cast(pa.int32()))
    if not found["min"].is_valid or (found["min"].as_py() >= first.value and found["max"].as_py() <= last.value):
        return days
    possible = pc.and_(pc.greater_equal(days, first), pc.less_equal(days, last)).fill_null(True)
    fault = InputFault("", "no_such_date", "年份应在 1 至 9999 之间。", "the year must be from 1 to 9999.")
    return _refuse_where(days, pc.invert(possible), cells, fault)


def _cast_number(array: pa.Array, target: pa.DataType) -> pa.Array:
    if array.type == target:
        return array
    if pa.types.is_decimal64(array.type) and pa.types.is_decimal128(target) and array.type.scale == target.scale and array.type.precision <= target.precision <= NUMBER_DIGITS:
        return pa.Array.from_buffers(pa.decimal64(target.precision, target.scale), len(array), array.buffers(), array.null_count, array.offset)
    if pa.types.is_decimal128(target) and pa.types.is_decimal128(array.type) and array.type.scale == target.scale and array.type.precision <= target.precision:
        return pa.Array.from_buffers(target, len(array), array.buffers(), array.null_count, array.offset)
    if pa.types.is_decimal(target) and pa.types.is_integer(array.type):
        array = array.cast(pa.decimal128(38, target.scale))
    return array.cast(target)


def _by_value(array: pa.Array, target: pa.DataType, reader: Reader, cells: Cells, codes: list[str] | None = None) -> pa.Array:
    """Each distinct value read once; its fault noted at every place it stands. `codes` is the dictionary of an enum."""
    encoded = _encoded(array)
    read: list[Any] = []
    bad: dict[int, list[InputFault]] = {}
    for code, value in enumerate(encoded.dictionary.to_pylist()):
        try:
            read.append(None if value is None else _to_arrow(reader(_to_json(value)), target))
        except ValidationError as error:
            read.append(None)
            bad[code] = [fault for fault in error.messages if isinstance(fault, InputFault)]
    if bad:
        places = encoded.indices.cast(pa.int64()).fill_null(-1).to_numpy()
        for position in np.flatnonzero(np.isin(places, list(bad))):
            refuse(cells, int(position), bad[int(places[position])])
    if not pa.types.is_dictionary(target):
        return pa.array(read, target).take(encoded.indices)
    known = pa.array(list(dict.fromkeys(each for each in read if each is not None)) if codes is None else codes, pa.string())
    positions = pc.index_in(pa.array(read, pa.string()), known, skip_nulls=True).cast(target.index_type)
    return pa.DictionaryArray.from_arrays(positions.take(encoded.indices), known)


def _encoded(array: pa.Array) -> pa.DictionaryArray:
    if pa.types.is_dictionary(array.type):
        return pa.DictionaryArray.from_arrays(array.indices, array.dictionary.cast(pa.string()))
    return array.dictionary_encode() if not pa.types.is_string_view(array.type) else array.cast(pa.string()).dictionary_encode()


def _to_json(value: Any) -> Any:
    """A value of a column as a request would have it."""
    if isinstance(value, Decimal):
        text = format(value, "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    return value


def _to_arrow(value: Any, kind: pa.DataType) -> Any:
    """A value as a reader gives it, as pyarrow takes it."""
    if isinstance(value, Decimal):
        return int(value) if pa.types.is_integer(kind) else value
    if isinstance(value, YearMonth):
        return int(value)
    if isinstance(value, tuple):
        return [_to_arrow(item, kind.value_type) for item in value]
    if isinstance(value, dict):
        return {name: _to_arrow(each, kind.field(name).type) for name, each in value.items()}
    return value


# -- lists and records ------------------------------------------------------------------------------


def _cast_lists(fact: Fact, array: pa.Array, cells: Cells) -> pa.ListArray:
    """Lists of records, item by item, whatever kind of Arrow list they came in."""
    offsets = list_offsets(array)
    items = _cast_records(fact, array.flatten(), ItemCells(cells, offsets))
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), items, mask=array.is_null())


def _cast_records(fact: Fact, array: pa.Array, cells: Cells) -> pa.StructArray:
    """Records with the fact's fields in its order; a field the column lacks is null."""
    kind = array.type
    stated = {} if pa.types.is_null(kind) else {kind.field(index).name: part for index, part in enumerate(array.flatten())}
    parts, fields = [], []
    for field in fact.fields:
        part = stated.get(field.name)
        made = pa.nulls(len(array), fact_type(field)) if part is None else cast_fact(field, part, FieldCells(cells, field.name))
        parts.append(made)
        fields.append(pa.field(field.name, made.type))
    return pa.StructArray.from_arrays(parts, fields=fields, mask=array.is_null())
