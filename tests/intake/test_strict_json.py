"""Bytes to values: what passes is what any JSON reader gives; what does not is named with its place."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.intake import BodyTooLargeError, JsonError, JsonLimits, read_json

Found = list[tuple[str, str]]


def faults_of(body: bytes, limits: JsonLimits | None = None) -> Found:
    with pytest.raises(JsonError) as caught:
        read_json(body, limits or JsonLimits())
    assert all(fault.zh and fault.en for fault in caught.value.faults)
    return [(fault.pointer, fault.code) for fault in caught.value.faults]


def nested(levels: int) -> bytes:
    return b"[" * levels + b"]" * levels


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", [("", "not_json")]),
        (b"{", [("", "not_json")]),
        (b"{} {}", [("", "not_json")]),
        (b"\xef\xbb\xbf{}", [("", "not_json")]),
        (b"{'a': 1}", [("", "not_json")]),
        (b'{"a": 01}', [("", "not_json")]),
        (b'{"a": "\n"}', [("", "not_json")]),
        (b'{"a": "\xff"}', [("", "not_utf8")]),
        (b'{"a": "\xed\xa0\x80"}', [("", "not_utf8")]),
        (b"\xff\xfe{\x00}\x00", [("", "not_utf8")]),
        (b'{"a": 1, "a": 2}', [("/a", "duplicate_key")]),
        (b'{"a" :1,"a" :2}', [("/a", "duplicate_key")]),
        (b'{"a":1,"\\u0061":2}', [("/a", "duplicate_key")]),
        (b'{"x": [{"k": 1}, {"k": 1, "k": 1}], "y": 1, "y": 1}', [("/y", "duplicate_key"), ("/x/1/k", "duplicate_key")]),
        (b'{"a/b~": 1, "a/b~": 2}', [("/a~1b~0", "duplicate_key")]),
        (b'{"a": 1000000000000000000}', [("/a", "too_many_digits")]),
        (b'{"a": -1000000000000000000}', [("/a", "too_many_digits")]),
        (b'{"a": [1, ' + b"9" * 5000 + b"]}", [("/a/1", "too_many_digits")]),
        (b'{"a": 0.' + b"1" * 29 + b"}", [("/a", "too_many_digits")]),
        (b'{"a": 1e19}', [("/a", "too_many_digits")]),
        (b'{"a": 1E-19}', [("/a", "too_many_digits")]),
        (b'{"a": 1e400}', [("/a", "too_many_digits")]),
        (b'{"a": NaN, "b": Infinity, "c": -Infinity}', [("/a", "not_a_number"), ("/b", "not_a_number"), ("/c", "not_a_number")]),
        (b'{"a": "' + b"x" * 1001 + b'"}', [("/a", "text_too_long")]),
        (b'{"a": "' + b'\\"' * 1001 + b'"}', [("/a", "text_too_long")]),
        ('{"a": "%s"}'.replace("%s", "社" * 1001).encode(), [("/a", "text_too_long")]),
        (b'{"' + b"k" * 1001 + b'": 1}', [("", "text_too_long")]),
        (b'{"a": "\\ud800"}', [("/a", "not_unicode")]),
        (b'{"\\udc00": 1}', [("", "not_unicode")]),
        (nested(33), [("/0" * 32, "too_deep")]),
        (nested(900), [("/0" * 32, "too_deep")]),
        (nested(100_000), [("", "too_deep")]),
        (b'{"a":' * 100_000, [("", "too_large")]),
    ],
    ids=str,
)
def test_refused(body: bytes, expected: Found) -> None:
    assert faults_of(body) == expected


def test_every_fault_is_named_at_once() -> None:
    body = b'{"a": NaN, "b": {"c": 1, "c": 2}, "d": 12345678901234567890, "e": "\\ud800", "f": 1.5}'
    assert faults_of(body) == [("/a", "not_a_number"), ("/d", "too_many_digits"), ("/e", "not_unicode"), ("/b/c", "duplicate_key")]


def test_too_large_is_an_error_of_its_own() -> None:
    with pytest.raises(BodyTooLargeError) as caught:
        read_json(b" " * 101, JsonLimits(size=100))
    assert caught.value.faults[0].en == "the body has more than 100 bytes. Send a shorter one."


def test_faults_stop_at_a_hundred() -> None:
    found = faults_of(b"[" + b",".join([b"NaN"] * 500) + b"]")
    assert len(found) == 101
    assert found[-1] == ("", "too_many_faults")


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'{"a": 999999999999999999}', {"a": 999999999999999999}),
        (b'{"a": 1.10}', {"a": Decimal("1.10")}),
        (b'{"a": 1e3}', {"a": Decimal("1e3")}),
        (b'{"a": [1e18, 1E-18]}', {"a": [Decimal("1e18"), Decimal("1e-18")]}),
        (b'{"a": 0.' + b"1" * 28 + b"}", {"a": Decimal("0." + "1" * 28)}),
        (b'{"a:": ":b", "c": "d:"}', {"a:": ":b", "c": "d:"}),
        (b'{ "a" : { "a" : [ ] } }', {"a": {"a": []}}),
        (b'{"a": "\\u7537"}', {"a": "男"}),
        (b'{"a": "\\ud83d\\ude00"}', {"a": "😀"}),
        (b'{"a": "' + b"x" * 1000 + b'"}', {"a": "x" * 1000}),
        (nested(32), json.loads(nested(32))),
        (b"null", None),
        (b"7", 7),
    ],
)
def test_accepted(body: bytes, value: Any) -> None:
    assert read_json(body) == value


def test_fractions_become_decimals_with_their_digits() -> None:
    assert str(read_json(b'{"a": 1.10}')["a"]) == "1.10"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**18) + 1, 10**18 - 1) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=20,
)


@settings(max_examples=200, derandomize=True, deadline=None)
@given(json_values, st.booleans())
def test_what_is_plain_json_is_read_as_it_is(value: Any, ascii_only: bool) -> None:
    body = json.dumps(value, ensure_ascii=ascii_only, separators=(",", ":")).encode()
    assert read_json(body) == value


@settings(max_examples=300, derandomize=True, deadline=None)
@given(st.binary(max_size=60) | st.text(alphabet='{}[]",:\\ud80ae1.-Nn ', max_size=40).map(str.encode))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    try:
        value = read_json(body)
    except JsonError:
        return
    assert json.loads(body, parse_float=Decimal) == value
