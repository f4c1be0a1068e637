"""Values as a person reads them: thousands apart, 元, years, months and days in words; every digit kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from app.language import Fact, FactDictionary, Title, Type, YearMonth, region_name
from app.language.types import ListType, NumberType, RecordType, StringType

from .numbers import show
from .request import Language
from .values import render_value, unit_of

_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")
# Of each base unit: zh after a number, zh below a stroke, en for one, en for several.
_UNITS = {
    "CNY": ("元", "元", "yuan", "yuan"),
    "year": ("年", "年", "year", "years"),
    "month": ("个月", "月", "month", "months"),
    "day": ("天", "天", "day", "days"),
    "person": ("人", "人", "person", "persons"),
    "point": ("分", "分", "point", "points"),
}
# A list of words (kinds of bills, causes) is told in full up to this many.
_TOLD_ITEMS = 6


@dataclass(frozen=True, slots=True)
class Speech:
    """Puts values into words in one language. `words` are the titles of enumerations' codes, by the codes there are."""

    language: Language
    words: Mapping[tuple[str, ...], Mapping[str, Title]]

    @staticmethod
    def of(dictionary: FactDictionary, language: Language) -> Speech:
        return Speech(language, _enumerations(_Held(dictionary)))

    def either(self, zh: str, en: str) -> str:
        return en if self.language == "en" else zh

    def value(self, value: Any, kind: Type, fact: Fact | None = None) -> str:
        """A value of a type (or of a fact) in words; unknown as such, a long list by its length, a record by its fields."""
        if value is None:
            return self.either("未知", "unknown")
        if isinstance(value, bool):
            return self.either("是", "yes") if value else self.either("否", "no")
        if isinstance(kind, ListType):
            return self._list(value, kind.item)
        if isinstance(kind, RecordType):
            fields = [f"{name} {self.value(value.get(name), each)}" for name, each, _ in kind.fields]
            return self.either("，", ", ").join(fields)
        if isinstance(value, date):
            return self.day(value)
        if isinstance(value, YearMonth):
            return self.month(value)
        if isinstance(value, str):
            return self._word(value, kind, {} if fact is None else dict(fact.values))
        if isinstance(kind, NumberType):
            return self.number(show(value), unit_of(kind))
        return str(render_value(value))

    def day(self, value: date) -> str:
        return self.either(f"{value.year}年{value.month}月{value.day}日", f"{value.day} {_MONTHS[value.month - 1]} {value.year}")

    def month(self, value: YearMonth) -> str:
        return self.either(f"{value.year}年{value.month}月", f"{_MONTHS[value.month - 1]} {value.year}")

    def number(self, written: str, unit: str | None) -> str:
        """A number as written ("4321.09") with its unit in words; a pure number stands as it is written."""
        if unit in (None, "1"):
            return written
        assert unit is not None
        above, *below = unit.split("/")
        parts = [] if above == "1" else above.split("*")
        if any(each not in _UNITS for each in (*parts, *below)):
            return f"{thousands(written)} {unit}"
        if self.language == "zh":
            words = "·".join(_UNITS[each][0] for each in parts)
            return thousands(written) + words + ("/" + "·".join(_UNITS[each][1] for each in reversed(below)) if below else "")
        money = "CNY " if parts and parts[0] == "CNY" else ""
        words = " ".join(_UNITS[each][2 if Decimal(written) == 1 else 3] for each in parts if each != "CNY")
        return f"{money}{thousands(written)}{' ' if words else ''}{words}" + (" per " + " and ".join(_UNITS[each][2] for each in below) if below else "")

    def _word(self, value: str, kind: Type, own: Mapping[str, Title]) -> str:
        if value in own:
            return own[value].in_language(self.language)
        codes = kind.values if isinstance(kind, StringType) else None
        if codes is None:
            place = region_name(value)
            return value if place is None else self.either(f"{place}（{value}）", f"{place} ({value})")
        found = {title.in_language(self.language) for known, titles in self.words.items() if set(codes) <= set(known) and (title := titles.get(value))}
        return found.pop() if len(found) == 1 else value

    def _list(self, value: Any, item: Type) -> str:
        if 0 < len(value) <= _TOLD_ITEMS and not isinstance(item, RecordType | ListType):
            return self.either("、", ", ").join(self.value(each, item) for each in value)
        return self.either(f"共{len(value)}项", f"{len(value)} {'item' if len(value) == 1 else 'items'}")


def thousands(written: str) -> str:
    """A number as `show` writes it, its thousands apart and every digit kept."""
    sign = "-" if written.startswith("-") else ""
    whole, point, rest = written.removeprefix("-").partition(".")
    return f"{sign}{int(whole):,}{point}{rest}" if whole.isdigit() else written


class _Held:
    """A dictionary as the argument of a cached function: it is the same where it is the very object."""

    __slots__ = ("dictionary",)

    def __init__(self, dictionary: FactDictionary) -> None:
        self.dictionary = dictionary

    def __hash__(self) -> int:
        return id(self.dictionary)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held) and other.dictionary is self.dictionary


@lru_cache(maxsize=8)
def _enumerations(held: _Held) -> Mapping[tuple[str, ...], Mapping[str, Title]]:
    """The titles of every enumeration among the facts and their fields, by its codes."""
    found: dict[tuple[str, ...], Mapping[str, Title]] = {}
    waiting = list(held.dictionary.facts.values())
    while waiting:
        fact = waiting.pop()
        waiting.extend(fact.fields)
        if fact.values:
            found[tuple(code for code, _ in fact.values)] = dict(fact.values)
    return found
