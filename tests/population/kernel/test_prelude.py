"""What compiled rules call: calendar, roundings and short lists, against Python's own."""

from __future__ import annotations

import ctypes
from calendar import monthrange
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

import numpy as np
import pytest

from app.engine.numbers import MODES
from app.population.kernel.build import library_bytes, load
from app.population.kernel.rounding import EXACT_MODES

_SOURCE = """
#include "prelude.h"
#define SHOWN __attribute__((visibility("default")))
SHOWN void dates(i64 first, i64 n, i64 *month, i64 *day) { for (i64 i = 0; i < n; i++) { month[i] = civil(first + i).month; day[i] = civil(first + i).day; } }
SHOWN void months(i64 first, i64 n, i64 *day, i64 *length) { for (i64 i = 0; i < n; i++) { day[i] = first_day(first + i); length[i] = days_in(first + i); } }
SHOWN i64 between(i64 from, i64 to) { return months_between(0, from, to); }
SHOWN i64 narrow(i64 n, i64 d, int mode) { return round64(n, d, mode); }
SHOWN i64 wide(i64 n, i64 d, i64 both, int mode) { return (i64)round128((i128)n * both * both, (i128)d * both * both, mode); }
SHOWN i64 changed(const int *v, i64 n) { return changes_plain(v, n); }
SHOWN i64 small(const int *v, i64 n) { return sum_small(v, n); }
SHOWN i64 plain(const int *v, i64 n) { return sum_plain(v, n); }
SHOWN i64 products(const i64 *v, const unsigned char *valid, i64 bit, i64 wide, const int *m, i64 a, i64 b) {
    struct col p = { .data = v, .valid = valid, .bit = bit, .wide = wide }, q = { .data = m };
    i64 sum = sum_products(&p, &q, a, b);
    for (i64 i = next_unknown(&p, a, b); i < b; i = next_unknown(&p, i + 1, b)) sum -= product_at(&p, &q, i);
    return sum;
}
SHOWN i64 held(i64 n, i64 factor, i64 limit) {
    ctx c = { .flag = 0 };
    i64 narrow = factor == 1 ? held64(&c, n, limit) : held128(&c, (i128)n * factor, limit);
    return c.flag ? -1 : narrow;
}
"""
EPOCH = date(1970, 1, 1).toordinal()
FIRST, LAST = date.min.toordinal() - EPOCH, date.max.toordinal() - EPOCH


@pytest.fixture(scope="module")
def prelude() -> Callable[..., int]:
    library = load(library_bytes((_SOURCE,)))

    def call(name: str, *arguments: Any) -> int:
        function = getattr(library, name)
        function.restype = ctypes.c_int64
        return int(function(*(ctypes.c_void_p(each.ctypes.data) if isinstance(each, np.ndarray) else ctypes.c_int64(each) for each in arguments)))

    return call


def test_every_day_there_is(prelude: Callable[..., int]) -> None:
    count = LAST - FIRST + 1
    month, day = np.zeros(count, np.int64), np.zeros(count, np.int64)
    prelude("dates", FIRST, count, month, day)
    days = np.arange(FIRST, LAST + 1).astype("datetime64[D]")
    since = days.astype("datetime64[M]")
    assert (month == since.astype(np.int64) + 12 * 1970).all()
    assert (day == (days - since.astype("datetime64[D]")).astype(np.int64) + 1).all()


def test_every_month_there_is(prelude: Callable[..., int]) -> None:
    count = 12 * 9999
    first, length = np.zeros(count, np.int64), np.zeros(count, np.int64)
    prelude("months", 12, count, first, length)
    assert first.tolist() == [date(1 + month // 12, month % 12 + 1, 1).toordinal() - EPOCH for month in range(count)]
    assert length.tolist() == [monthrange(1 + month // 12, month % 12 + 1)[1] for month in range(count)]


def test_months_between_days(prelude: Callable[..., int]) -> None:
    """By counting: so many months later, on the same day or the month's last, is not after the end."""

    def later(day: date, months: int) -> date:
        year, month = divmod(12 * day.year + day.month - 1 + months, 12)
        return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))

    draw = Random(1)
    for _ in range(3_000):
        low, high = sorted(date.fromordinal(date(1996, 1, 1).toordinal() + draw.randrange(1_600)) for _ in range(2))
        expected = max(months for months in range(60) if later(low, months) <= high)
        start, end = low.toordinal() - EPOCH, high.toordinal() - EPOCH
        assert (prelude("between", start, end), prelude("between", end, start)) == (expected, -expected), (low, high)


@pytest.mark.parametrize("mode", EXACT_MODES)
def test_roundings(prelude: Callable[..., int], mode: Any) -> None:
    number = EXACT_MODES[mode]
    for n in range(-60, 61):
        for d in (1, 2, 3, 4, 7, 10, 12, 60, 61):
            expected = int((Decimal(n) / d).quantize(Decimal(1), MODES[mode]))
            assert prelude("narrow", n, d, number) == expected, (n, d)
            assert prelude("wide", n, d, 1 << 40, number) == expected, (n, d)
    most = (1 << 62) - 1
    assert [prelude("narrow", n, most, EXACT_MODES["half up"]) for n in (most // 2, most // 2 + 1, -most // 2, -(most // 2))] == [0, 1, -1, 0]


def test_short_lists(prelude: Callable[..., int]) -> None:
    draw = Random(2)
    for length in range(70):
        values = np.array([draw.randrange(-3, 4) for _ in range(length + 3)], np.int32)
        for start in range(3):
            part = values[start : start + length]
            assert prelude("small", part, length) == prelude("plain", part, length) == int(part.sum())
            if length:
                assert prelude("changed", part, length) == int((part[1:] != part[:-1]).sum())


@pytest.mark.parametrize("wide", [0, 1], ids=["64 bits", "128 bits"])
@pytest.mark.parametrize("known", [0.0, 0.1, 0.9, 1.0])
def test_products_of_what_is_known(prelude: Callable[..., int], wide: int, known: float) -> None:
    """Whatever stands where nothing is known, however far the bits are shifted."""
    rng = np.random.default_rng(int(10 * known) + wide)
    for bit in range(9):
        values = rng.integers(-(1 << 63), 1 << 63, 300 << wide, dtype=np.int64)
        numbers = rng.integers(-(10**6), 10**6, 300).astype(np.int32)
        there = rng.random(300) < known
        values[:: 1 << wide][there] = rng.integers(-(10**9), 10**9, int(there.sum()))
        valid = np.packbits(np.concatenate([rng.random(bit) < 0.5, there]), bitorder="little")
        for first in (0, 1, 63, 120):
            for last in (first, first + 1, first + 7, first + 34, 300):
                wanted = sum(int(values[i << wide]) * int(numbers[i]) for i in range(first, last) if there[i])
                assert prelude("products", values, valid, bit, wide, numbers, first, last) == wanted


@pytest.mark.parametrize("factor", [1, 1 << 40])
def test_a_rounded_number_above_the_largest_is_flagged(prelude: Callable[..., int], factor: int) -> None:
    for n in (0, 1, 5, 6, 1 << 60):
        assert prelude("held", n, factor, 5 * factor) == (n * factor if n <= 5 else -1)
    assert prelude("held", -6, factor, 5 * factor) == -1
