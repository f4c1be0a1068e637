"""A stream is cut into the same lines whatever the pieces it comes in, and too long a line is never kept."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.batch import Line, Lines


def in_pieces(text: bytes, cuts: list[int]) -> list[bytes]:
    bounds = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    return [text[first:last] for first, last in pairwise(bounds)]


def read_lines(pieces: list[bytes], limit: int) -> list[Line]:
    lines = Lines(limit)
    return [*(line for piece in pieces for line in lines.feed(piece)), *lines.end()]


def plainly(text: bytes, limit: int) -> list[Line]:
    """The same without pieces."""
    lines = [line.removesuffix(b"\r") for line in text.removeprefix(b"\xef\xbb\xbf").split(b"\n")]
    return [Line(number, line if len(line) <= limit else None) for number, line in enumerate(lines, 1) if line and not line.isspace()]


@given(st.lists(st.sampled_from([b"\n", b"\r\n", b"a", b"bcd", b" ", b"\r", b"\xef\xbb\xbf", b"0123456789" * 3])).map(b"".join), st.lists(st.integers(0, 80)))
def test_lines_are_cut_alike_however_they_come(text: bytes, cuts: list[int]) -> None:
    long_blank = any(line.isspace() and len(line) > 25 for line in text.split(b"\n"))
    if not long_blank:
        assert read_lines(in_pieces(text, cuts), 25) == plainly(text, 25)


@pytest.mark.parametrize("cut", range(7))
@pytest.mark.parametrize(
    ("text", "kept"),
    [(b"1234\n", b"1234"), (b"12345\n", b"12345"), (b"12345\r\n", b"12345"), (b"12345", b"12345"), (b"12345\r", b"12345"), (b"123456\n", None), (b"12345\r\r\n", None), (b"123456", None), (b"123456\r\n", None)],
)
def test_a_line_may_be_as_long_as_the_limit(text: bytes, kept: bytes | None, cut: int) -> None:
    assert read_lines([text[:cut], text[cut:], b"\nnext"] if text.endswith(b"\n") else [text[:cut], text[cut:]], 5)[0] == Line(1, kept)


def test_a_long_line_is_not_kept() -> None:
    lines = Lines(1000)
    for _ in range(1000):
        assert list(lines.feed(b"x" * 1000)) == []
        assert sum(map(len, lines._begun)) <= 1001
    assert list(lines.feed(b"\nshort\n")) == [Line(1, None), Line(2, b"short")]
    assert list(lines.end()) == []
