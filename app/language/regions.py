"""GB/T 2260 codes of places, from the gb2260 package."""

from __future__ import annotations

from functools import lru_cache

from gb2260 import get

from .model import NATION


@lru_cache(maxsize=8_192)
def region_name(code: str) -> str | None:
    """Return the Chinese name of a province, prefecture or county, '全国' for the nation, None if there is no such code."""
    if code == NATION:
        return "全国"
    if len(code) != 6 or not code.isascii() or not code.isdigit():
        return None
    try:
        return str(get(code).name)
    except ValueError:
        return None


def province_of(code: str) -> str:
    return code[:2] + "0000"


def prefecture_of(code: str) -> str:
    return code[:4] + "00"


@lru_cache(maxsize=8_192)
def lineage(code: str) -> tuple[str, ...]:
    """The nation, the province, the prefecture and the place itself, without repeats, in that order."""
    return tuple(dict.fromkeys((NATION, province_of(code), prefecture_of(code), code)))


def level(code: str) -> int:
    """0 nation, 1 province, 2 prefecture, 3 county."""
    if code == NATION:
        return 0
    if code.endswith("0000"):
        return 1
    return 2 if code.endswith("00") else 3
