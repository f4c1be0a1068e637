"""Bytes to Python values, strictly: what JSON leaves open (duplicate keys, digits, depth, size) is bounded here.

A body in which nothing is unusual is read by orjson. Wherever that is not certain, the standard library's
decoder reads it again with every irregular value marked, so that each fault is named with its pointer.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

import orjson

from app.engine import InputError, InputFault

from .faults import FaultList, pointer_to, shown

MAX_INTEGER_DIGITS = 18
MAX_FRACTION_LENGTH = 30
MAX_EXPONENT = 18
_INTEGER_LIMIT = 10**MAX_INTEGER_DIGITS
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class JsonLimits:
    """Bounds of a body: bytes, levels of nesting, characters of one text."""

    size: int = 256 * 1024
    depth: int = 32
    text: int = 1000


DEFAULT_LIMITS = JsonLimits()


class JsonError(InputError):
    """A body that is not JSON as it is read here."""


class BodyTooLargeError(JsonError):
    """A body of more bytes than are read at all."""


class _IrregularError(Exception):
    """Something in the body needs the second, careful pass."""


@dataclass(frozen=True, slots=True)
class _Marked:
    """A value that may not stand; `value` is what to look at further down."""

    code: str
    key: str = ""
    value: Any = None


def read_json(data: bytes, limits: JsonLimits = DEFAULT_LIMITS) -> Any:
    """Read a body. Fractions become Decimal, never float. Raises JsonError with every fault, nothing else."""
    if len(data) > limits.size:
        raise too_large(limits.size)
    try:
        return _read_quickly(data, limits)
    except _IrregularError:
        return _read_carefully(_decoded(data), limits)


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        at = error.start + 1
        raise _error("", "not_utf8", f"正文不是 UTF-8 文本（第 {at} 个字节）。", f"the body is not UTF-8 text (byte {at}). Send UTF-8.") from None


def too_large(size: int) -> BodyTooLargeError:
    """The error of a body of more than `size` bytes."""
    zh = f"正文超过 {size} 字节。请缩短后再发。"
    return BodyTooLargeError([InputFault("", "too_large", zh, f"the body has more than {size} bytes. Send a shorter one.")])


def _error(pointer: str, code: str, zh: str, en: str) -> JsonError:
    return JsonError([InputFault(pointer, code, zh, en)])


# -- the first pass ---------------------------------------------------------------------------------


def _read_quickly(data: bytes, limits: JsonLimits) -> Any:
    """Read a body in which nothing is unusual, or raise _IrregularError where that is not certain.

    Without a backslash every quote bounds a text. If then every colon follows a quote, there are at least as
    many of these pairs as keys, so as many different keys as pairs means that no key stands twice.
    """
    if b"\\" in data or (len(data) > limits.text and _long_run(limits.text).search(data) is not None):
        raise _IrregularError
    pairs = data.count(b'":')
    if pairs != data.count(b":"):
        raise _IrregularError
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError:
        raise _IrregularError from None
    if _count_keys(value, limits.depth) != pairs:
        raise _IrregularError
    return value


@cache
def _long_run(length: int) -> re.Pattern[bytes]:
    """Bytes between two quotes that may be a text of more than `length` characters."""
    return re.compile(rb'"[^"]{%d}' % (length + 1))


def _count_keys(value: Any, depth: int) -> int:
    """The different keys of all objects. Raises _IrregularError on a fraction, a long integer, or too many levels."""
    keys = 0
    level: list[Any] = [[value]]
    while level:
        deeper: list[Any] = []
        for container in level:
            items: Any = container
            if container.__class__ is dict:
                keys += len(container)
                items = container.values()
            for each in items:
                kind = each.__class__
                if kind is dict or kind is list:
                    deeper.append(each)
                elif kind is float or (kind is int and not -_INTEGER_LIMIT < each < _INTEGER_LIMIT):
                    raise _IrregularError
        level = deeper
        depth -= 1
        if depth < -1:
            raise _IrregularError
    return keys


# -- the second pass: every fault with its place ----------------------------------------------------


def _marked_object(pairs: list[tuple[str, Any]]) -> Any:
    found: dict[str, Any] = {}
    for key, value in pairs:
        found[key] = _Marked("duplicate_key", key, value) if key in found else value
    return found


def _marked_int(text: str) -> Any:
    return int(text) if len(text.lstrip("-")) <= MAX_INTEGER_DIGITS else _Marked("too_many_digits")


def _is_bounded_fraction(text: str) -> bool:
    if len(text) > MAX_FRACTION_LENGTH:
        return False
    _, _, exponent = text.lower().partition("e")
    return not exponent or abs(int(exponent)) <= MAX_EXPONENT


def _marked_fraction(text: str) -> Any:
    return Decimal(text) if _is_bounded_fraction(text) else _Marked("too_many_digits")


def _marked_constant(text: str) -> Any:
    return _Marked("not_a_number", text)


_CAREFUL = json.JSONDecoder(
    object_pairs_hook=_marked_object, parse_int=_marked_int, parse_float=_marked_fraction, parse_constant=_marked_constant
)


def _decode(text: str) -> Any:
    try:
        return _CAREFUL.decode(text)
    except json.JSONDecodeError as error:
        zh = f"正文不是 JSON：第 {error.lineno} 行第 {error.colno} 列有误。"
        raise _error("", "not_json", zh, f"the body is not JSON: line {error.lineno}, column {error.colno} cannot be read.") from None
    except RecursionError:
        raise _error("", "too_deep", "正文嵌套层数过多。", "the body is nested too deeply.") from None


def _read_carefully(text: str, limits: JsonLimits) -> Any:
    value = _decode(text)
    faults = FaultList()
    level: list[tuple[str, Any]] = [("", value)]
    depth = 0
    while level and not faults.full:
        if depth == limits.depth:
            level = _refuse_deeper(level, limits, faults)
        level = [child for pointer, each in level for child in _children(pointer, each, limits, faults)]
        depth += 1
    if faults.faults:
        raise JsonError(faults.faults)
    return value


def _refuse_deeper(level: list[tuple[str, Any]], limits: JsonLimits, faults: FaultList) -> list[tuple[str, Any]]:
    """Add one fault for the first container that lies too deep; return what may still be looked at."""
    deeper = [pointer for pointer, each in level if type(each) in (dict, list)]
    if deeper:
        faults.add(InputFault(_short(deeper[0]), "too_deep", f"嵌套超过 {limits.depth} 层。", f"is nested more than {limits.depth} levels deep."))
    return [(pointer, each) for pointer, each in level if type(each) not in (dict, list)]


def _children(pointer: str, value: Any, limits: JsonLimits, faults: FaultList) -> Iterator[tuple[str, Any]]:
    """Look at one value; yield what it contains with its pointers."""
    while isinstance(value, _Marked):
        faults.add(_marked_fault(pointer, value))
        value = value.value
    if isinstance(value, str):
        _check_text(pointer, value, limits, faults)
    elif isinstance(value, dict):
        for key, each in value.items():
            yield f"{pointer}{_step(key, pointer, limits, faults)}", each
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield f"{pointer}/{index}", each


def _step(key: str, pointer: str, limits: JsonLimits, faults: FaultList) -> str:
    if len(key) > limits.text or _SURROGATE.search(key):
        _check_text(pointer, key, limits, faults)
    return pointer_to(_SURROGATE.sub("\ufffd", shown(key)))


def _check_text(pointer: str, text: str, limits: JsonLimits, faults: FaultList) -> None:
    if len(text) > limits.text:
        faults.add(InputFault(_short(pointer), "text_too_long", f"文字超过 {limits.text} 个字符。", f"has more than {limits.text} characters."))
    if _SURROGATE.search(text):
        zh = "含有不成对的代理码位，不是有效文字。"
        faults.add(InputFault(_short(pointer), "not_unicode", zh, "holds half of a surrogate pair, which is no character."))


def _marked_fault(pointer: str, marked: _Marked) -> InputFault:
    if marked.code == "duplicate_key":
        key = shown(marked.key)
        zh = f"键 '{key}' 在同一对象中出现多次。请只保留一个。"
        return InputFault(_short(pointer), marked.code, zh, f"the key '{key}' stands more than once in its object. Keep one.")
    if marked.code == "too_many_digits":
        zh = f"数字位数过多（整数至多 {MAX_INTEGER_DIGITS} 位）。"
        return InputFault(_short(pointer), marked.code, zh, f"has too many digits; an integer has at most {MAX_INTEGER_DIGITS}.")
    return InputFault(_short(pointer), marked.code, f"'{marked.key}' 不是数字。", f"'{marked.key}' is not a number of JSON.")


def _short(pointer: str) -> str:
    return _SURROGATE.sub("\ufffd", pointer if len(pointer) <= 500 else pointer[:500] + "…")
