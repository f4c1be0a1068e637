"""A stream of bytes as numbered lines, however long: a line beyond the limit is passed over without being kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

_BOM = b"\xef\xbb\xbf"


class Line(NamedTuple):
    """A line that is not blank: its number from 1 (blank lines count), and its bytes; None where it was too long."""

    number: int
    text: bytes | None


class Lines:
    """Cuts pieces into lines, which end in LF or CR LF; the last may have no end. `limit` is the bytes of a line."""

    def __init__(self, limit: int) -> None:
        self.number = 0
        self._limit = limit
        self._begun: list[bytes] = []
        self._length = 0

    def feed(self, data: bytes) -> Iterator[Line]:
        """The lines that a further piece completes."""
        *whole, rest = data.split(b"\n")
        for part in whole:
            line = self._finish(part)
            if line is not None:
                yield line
        self._keep(rest)

    def end(self) -> Iterator[Line]:
        """The last line, where no end of a line follows it."""
        if self._length:
            line = self._finish(b"")
            if line is not None:
                yield line

    def _keep(self, part: bytes) -> None:
        """Remember the beginning of a line; of one that is too long already only its length."""
        if part:
            self._length += len(part)
            if self._length > self._limit + 1:  # one more may be a CR
                self._begun.clear()
            else:
                self._begun.append(part)

    def _finish(self, part: bytes) -> Line | None:
        self.number += 1
        length = self._length + len(part)
        if length > self._limit + 1:
            self._begun.clear()
            self._length = 0
            return Line(self.number, None)
        if self._begun:
            part = b"".join((*self._begun, part))
            self._begun.clear()
        self._length = 0
        if self.number == 1:
            part = part.removeprefix(_BOM)
        part = part.removesuffix(b"\r")
        if not part or part.isspace():
            return None
        return Line(self.number, part if len(part) <= self._limit else None)
