"""The canonical Arrow type of each fact, which other types hold it without loss, and what to say of the rest."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

import pyarrow as pa

from app.engine import InputFault
from app.language import Fact, FactDictionary
from app.language.facts import DEFAULT_LIMIT

ENUM_TYPE = pa.dictionary(pa.int8(), pa.string())
REGION_TYPE = pa.dictionary(pa.int16(), pa.string())
NUMBER_DIGITS, MOST_DIGITS = 18, 38
_INT32_LIMIT = 2**31 - 1
_READABLE = {
    "enum": ("文字（代码）", "text, the codes of the fact"),
    "region": ("文字（六位行政区划代码）", "text, six-digit region codes"),
    "date": ("日期（date32），或 YYYY-MM-DD 文字", "a date (date32), or text YYYY-MM-DD"),
    "month": ("文字 YYYY-MM，或整数 12*年+月-1", "text YYYY-MM, or the whole number 12 * year + month - 1"),
    "whole": ("整数", "whole numbers (int32, int64; in pandas Int64)"),
    "number": ("十进制数（decimal），或文字", "decimals (decimal128), or text"),
    "boolean": ("布尔值，或文字 true/false", "booleans, or the text true or false"),
    "list": ("记录的列表（list<struct>），或 JSON 文字", "a list of records (list<struct>), or JSON text"),
    "record": ("记录（struct），或 JSON 文字", "a record (struct), or JSON text"),
}


def schema(dictionary: FactDictionary) -> pa.Schema:
    """The canonical schema of all facts, each in its column."""
    return pa.schema([pa.field(name, fact_type(fact)) for name, fact in dictionary.facts.items()])


def fact_type(fact: Fact) -> pa.DataType:
    """The canonical type of a fact's column."""
    if fact.kind in ("list", "record"):
        record = pa.struct([pa.field(field.name, fact_type(field)) for field in fact.fields])
        return pa.list_(record) if fact.kind == "list" else record
    if fact.kind == "whole":
        low, high = (-DEFAULT_LIMIT if fact.at_least is None else fact.at_least), (DEFAULT_LIMIT if fact.at_most is None else fact.at_most)
        return pa.int32() if low >= -_INT32_LIMIT and high <= _INT32_LIMIT else pa.int64()
    if fact.kind == "number":
        return pa.decimal128(_digits(fact), fact.decimals)
    plain = {"enum": ENUM_TYPE, "region": REGION_TYPE, "date": pa.date32(), "month": pa.int32(), "boolean": pa.bool_()}
    return plain[fact.kind]


def _digits(fact: Fact) -> int:
    largest = max(abs(-DEFAULT_LIMIT if fact.at_least is None else fact.at_least), abs(DEFAULT_LIMIT if fact.at_most is None else fact.at_most))
    return NUMBER_DIGITS if largest.adjusted() + 1 + fact.decimals <= NUMBER_DIGITS else MOST_DIGITS


def is_text(kind: pa.DataType) -> bool:
    """Whether a column holds texts, dictionary-encoded or not; bytes are read as text in UTF-8."""
    if pa.types.is_dictionary(kind):
        return bool(pa.types.is_string(kind.value_type) or pa.types.is_large_string(kind.value_type))
    tests = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view, pa.types.is_binary, pa.types.is_large_binary)
    return any(test(kind) for test in tests)


def is_list(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_list(kind)
        or pa.types.is_large_list(kind)
        or pa.types.is_fixed_size_list(kind)
        or pa.types.is_list_view(kind)
        or pa.types.is_large_list_view(kind)
    )


def type_fault(fact: Fact, kind: pa.DataType, pointer: str) -> Iterator[InputFault]:
    """What keeps a column (or a field within one) from holding the fact; nothing where it can."""
    if is_text(kind) or pa.types.is_null(kind):
        return
    if fact.kind == "list" and is_list(kind):
        yield from _record_faults(fact, kind.value_type, pointer)
    elif fact.kind == "record" and pa.types.is_struct(kind):
        yield from _record_faults(fact, kind, pointer)
    elif not _holds(fact, kind):
        yield _wrong_type(fact, kind, pointer)


def _holds(fact: Fact, kind: pa.DataType) -> bool:
    types = pa.types
    if fact.kind == "date":
        return bool(types.is_date(kind) or (types.is_timestamp(kind) and kind.tz is None))
    if fact.kind == "month":
        return bool(types.is_integer(kind))
    if fact.kind in ("whole", "number"):
        return bool(types.is_integer(kind) or types.is_decimal(kind))
    return fact.kind == "boolean" and bool(types.is_boolean(kind))


def _record_faults(fact: Fact, kind: pa.DataType, pointer: str) -> Iterator[InputFault]:
    if pa.types.is_null(kind):
        return
    if not pa.types.is_struct(kind):
        yield _wrong_type(fact, kind, pointer)
        return
    declared = {field.name: field for field in fact.fields}
    names = [kind.field(index).name for index in range(kind.num_fields)]
    for index, name in enumerate(names):
        if name in names[:index]:
            yield InputFault(f"{pointer}/{name}", "repeated", f"字段 '{name}' 重复。", f"there are several fields '{name}'. Keep one.")
        elif name in declared:
            yield from type_fault(declared[name], kind.field(index).type, f"{pointer}/{name}")
        else:
            close = get_close_matches(name, declared, n=1, cutoff=0.6)
            zh = f"'{fact.name}' 没有字段 '{name}'。" + (f"是否指 '{close[0]}'？" if close else "请删去。")
            en = f"'{fact.name}' has no field '{name}'. " + (f"Did you mean '{close[0]}'?" if close else f"Remove it; there are: {', '.join(declared)}.")
            yield InputFault(f"{pointer}/{name}", "unknown_column", zh, en)
    for field in fact.fields:
        if field.required and field.name not in names:
            zh, en = f"'{fact.name}' 缺少字段 '{field.name}'。", f"'{fact.name}' lacks its field '{field.name}'. Add it."
            yield InputFault(f"{pointer}/{field.name}", "missing", zh, en)


def _wrong_type(fact: Fact, kind: pa.DataType, pointer: str) -> InputFault:
    zh, en = _READABLE[fact.kind]
    if pa.types.is_floating(kind) and fact.kind in ("whole", "number"):
        return float_fault(fact.name, kind, pointer, f"decimal128(18, {fact.decimals})" if fact.kind == "number" else "int32")
    return InputFault(pointer, "wrong_type", f"'{fact.name}' 应为{zh}，而非 {kind}。", f"'{fact.name}' takes {en}, not {kind}.")


def float_fault(name: str, kind: pa.DataType, pointer: str, instead: str) -> InputFault:
    zh = f"'{name}' 以二进制浮点数（{kind}）保存，可能已有误差。请改存为 {instead} 或文字。"
    en = f"'{name}' is stored as a binary float ({kind}), which cannot hold decimals exactly: store it as decimal ({instead}) or as text."
    return InputFault(pointer, "binary_float", zh, en)


def given_fault(kind: pa.DataType, pointer: str) -> Iterator[InputFault]:
    """What keeps a column from holding given figures: decimals, whole numbers, text, booleans or dates are read."""
    types = pa.types
    if types.is_floating(kind):
        yield float_fault(pointer.rpartition("/")[2], kind, pointer, "decimal128(18, 4)")
    elif not (is_text(kind) or types.is_integer(kind) or types.is_decimal(kind) or types.is_boolean(kind) or types.is_date(kind) or types.is_null(kind)):
        en = f"a given figure is a decimal, a whole number, a text, a boolean or a date, not {kind}."
        yield InputFault(pointer, "wrong_type", f"给定值应为十进制数、整数、文字、布尔值或日期，而非 {kind}。", en)
