"""The pages of a column chunk, one after the other: their headers read, their bytes decompressed.

Arrow reads footers and decompresses; page headers (Thrift's compact protocol) it does not show, so they are read here.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

DATA, DICTIONARY, DATA_V2 = 0, 2, 3
PLAIN, PLAIN_DICTIONARY, RLE, RLE_DICTIONARY = 0, 2, 3, 8
_HEADER_BYTES, _LARGEST_HEADER, LARGEST_PAGE = 1024, 1 << 20, 1 << 28
_MOST_NESTED = 8
_TRUE, _FALSE, _BYTE, _I64, _DOUBLE, _BINARY, _LIST, _SET, _STRUCT = 1, 2, 3, 6, 7, 8, 9, 10, 12
_CODECS = {"SNAPPY": "snappy", "GZIP": "gzip", "BROTLI": "brotli", "ZSTD": "zstd", "LZ4": "lz4_raw", "LZ4_RAW": "lz4_raw"}
Fields = dict[int, Any]


class NotReadable(Exception):
    """Something that is not read here, or not as it should be: Arrow's own reader is to judge it."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A column chunk in a file: where its pages lie, how they are compressed, how many levels they hold."""

    start: int
    size: int
    codec: str
    levels: int


@dataclass(frozen=True, slots=True)
class Page:
    """A page's levels (as Parquet's hybrid of runs, without lengths) and values; of a dictionary the values alone."""

    kind: int
    count: int
    encoding: int
    repetition: memoryview
    definition: memoryview
    values: memoryview


def pages(file: int, chunk: Chunk) -> Iterator[Page]:
    """The pages of a chunk of the open file `file`. Raises NotReadable."""
    codec = None
    if chunk.codec != "UNCOMPRESSED":
        if chunk.codec not in _CODECS:
            raise NotReadable(chunk.codec)
        codec = pa.Codec(_CODECS[chunk.codec])
    at, end = chunk.start, chunk.start + chunk.size
    seen = 0
    while seen < chunk.levels:
        header, size = _header(file, at, end)
        body = at + size
        packed, whole = _whole(header, 3), _whole(header, 2)
        if body + packed > end or max(packed, whole) > LARGEST_PAGE:
            raise NotReadable("a page beyond its chunk")
        data = os.pread(file, packed, body)
        if len(data) != packed:
            raise NotReadable("the file ends")
        at = body + packed
        kind = _whole(header, 1)
        if kind in (DATA, DICTIONARY, DATA_V2):
            page = _page(kind, header, data, whole, codec)
            seen += page.count if kind != DICTIONARY else 0
            yield page
    if seen != chunk.levels:
        raise NotReadable("a number of levels that the footer does not tell")


def _page(kind: int, header: Fields, data: bytes, whole: int, codec: pa.Codec | None) -> Page:
    nothing = memoryview(b"")
    about = header.get({DATA: 5, DICTIONARY: 7, DATA_V2: 8}[kind])
    if not isinstance(about, dict):
        raise NotReadable("a page without its own header")
    count = _whole(about, 1)
    if kind == DATA_V2:
        definition, repetition = _whole(about, 5), _whole(about, 6)
        levels = definition + repetition
        if levels > min(len(data), whole):
            raise NotReadable("levels beyond their page")
        rest = memoryview(data)[levels:]
        values = _decompressed(rest, whole - levels, codec) if about.get(7, True) else rest
        return Page(kind, count, _whole(about, 4), memoryview(data)[:repetition], memoryview(data)[repetition:levels], values)
    found = _decompressed(memoryview(data), whole, codec)
    if kind == DICTIONARY:
        return Page(kind, count, _whole(about, 2), nothing, nothing, found)
    if (_whole(about, 3), _whole(about, 4)) != (RLE, RLE):
        raise NotReadable("levels of an old kind")
    first, found = _counted(found)
    second, found = _counted(found)
    return Page(kind, count, _whole(about, 2), first, second, found)


def _counted(data: memoryview) -> tuple[memoryview, memoryview]:
    """Levels behind their length, and what follows."""
    size = int.from_bytes(data[:4], "little")
    if 4 + size > len(data):
        raise NotReadable("levels beyond their page")
    return data[4 : 4 + size], data[4 + size :]


def _decompressed(data: memoryview, size: int, codec: pa.Codec | None) -> memoryview:
    if codec is None or not size:
        return data
    try:
        return memoryview(codec.decompress(pa.py_buffer(data), size))
    except (OSError, pa.ArrowException) as error:
        raise NotReadable(str(error)) from None


# -- headers ----------------------------------------------------------------------------------------


def _header(file: int, at: int, end: int) -> tuple[Fields, int]:
    """The header that begins at `at`, and how long it is."""
    size = _HEADER_BYTES
    while True:
        reader = _Compact(os.pread(file, min(size, end - at), at))
        try:
            return reader.struct(), reader.at
        except IndexError:
            if size >= min(end - at, _LARGEST_HEADER):
                raise NotReadable("a page header that does not end") from None
            size *= 16


def _whole(fields: Fields, number: int) -> int:
    value = fields.get(number)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise NotReadable("a page header that lacks a number")
    return value


class _Compact:
    """Thrift's compact protocol, as far as page headers go; texts (statistics) are passed over. Raises IndexError at the end of the bytes."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.at = 0

    def struct(self, depth: int = 0) -> Fields:
        if depth > _MOST_NESTED:
            raise NotReadable("a page header nested too deep")
        found: Fields = {}
        number = 0
        while head := self._byte():
            number = number + (head >> 4) if head >> 4 else self._zigzag()
            found[number] = self._value(head & 15, depth)
        return found

    def _value(self, kind: int, depth: int) -> Any:
        if kind in (_TRUE, _FALSE):
            return kind == _TRUE
        if kind == _BYTE:
            return self._byte()
        if _BYTE < kind <= _I64:
            return self._zigzag()
        if kind == _DOUBLE:
            return self._skip(8)
        if kind == _BINARY:
            return self._skip(self._varint())
        if kind == _STRUCT:
            return self.struct(depth + 1)
        if kind not in (_LIST, _SET) or depth > _MOST_NESTED:
            raise NotReadable("a page header of an unknown kind")
        head = self._byte()
        count = head >> 4 if head >> 4 < 15 else self._varint()
        for _ in range(count):
            # Booleans in lists take a byte each.
            self._value(_BYTE if head & 15 in (_TRUE, _FALSE) else head & 15, depth + 1)
        return None

    def _byte(self) -> int:
        value = self._data[self.at]
        self.at += 1
        return value

    def _varint(self) -> int:
        value = shift = 0
        while True:
            byte = self._byte()
            value |= (byte & 127) << shift
            if byte < 128:
                return value
            shift += 7
            if shift > 63:
                raise NotReadable("a page header with an endless number")

    def _zigzag(self) -> int:
        value = self._varint()
        return value >> 1 ^ -(value & 1)

    def _skip(self, count: int) -> None:
        if self.at + count > len(self._data):
            raise IndexError
        self.at += count
