"""Types of the rule language. A type says what a value is; nullability (may be unknown) is kept beside it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from .units import ONE, Unit


@dataclass(frozen=True, slots=True)
class NumberType:
    """An exact decimal number. `unit` None is a literal, which takes the unit of what it is added to."""

    unit: Unit | None = ONE

    def __str__(self) -> str:
        return "number" if self.unit is None or self.unit == ONE else f"number of {self.unit}"


@dataclass(frozen=True, slots=True)
class StringType:
    """Text; `values` is the closed list of an enumeration, None for free text."""

    values: tuple[str, ...] | None = None

    def __str__(self) -> str:
        return "string" if self.values is None else "one of " + ", ".join(self.values)


@dataclass(frozen=True, slots=True)
class BooleanType:
    def __str__(self) -> str:
        return "boolean"


@dataclass(frozen=True, slots=True)
class DateType:
    def __str__(self) -> str:
        return "date"


@dataclass(frozen=True, slots=True)
class MonthType:
    """A calendar month (`2025-03`)."""

    def __str__(self) -> str:
        return "calendar month"


@dataclass(frozen=True, slots=True)
class DurationType:
    """A length of time: `months` (years and months) or `days`."""

    kind: str

    def __str__(self) -> str:
        return f"duration in {self.kind}"


@dataclass(frozen=True, slots=True)
class RecordType:
    """A FEEL context. `fields` are (name, type, may be unknown)."""

    fields: tuple[tuple[str, Type, bool], ...]

    def field(self, name: str) -> tuple[Type, bool] | None:
        return next(((kind, nullable) for field, kind, nullable in self.fields if field == name), None)

    def names(self) -> list[str]:
        return [name for name, _, _ in self.fields]

    def __str__(self) -> str:
        return "record {" + ", ".join(self.names()) + "}"


@dataclass(frozen=True, slots=True)
class ListType:
    item: Type
    item_nullable: bool = False

    def __str__(self) -> str:
        return f"list of {self.item}"


@dataclass(frozen=True, slots=True)
class NullType:
    """The type of the literal null alone."""

    def __str__(self) -> str:
        return "null"


Type = NumberType | StringType | BooleanType | DateType | MonthType | DurationType | RecordType | ListType | NullType

NUMBER = NumberType(ONE)
LITERAL_NUMBER = NumberType(None)
STRING = StringType()
BOOLEAN = BooleanType()
DATE = DateType()
MONTH = MonthType()
NULL = NullType()


class YearMonth(int):
    """A calendar month as 12 * year + month - 1, printed as YYYY-MM; orders and subtracts as that number."""

    __slots__ = ()

    @staticmethod
    def of(day: date) -> YearMonth:
        return YearMonth(12 * day.year + day.month - 1)

    @staticmethod
    def parse(text: str) -> YearMonth:
        """Read `YYYY-MM`. Raises ValueError."""
        if len(text) != 7 or text[4] != "-" or not (text[:4] + text[5:]).isascii() or not (text[:4] + text[5:]).isdigit():
            raise ValueError(f"'{text}' is not a month written YYYY-MM")
        month = int(text[5:])
        if not 1 <= month <= 12 or text[:4] == "0000":
            raise ValueError(f"'{text}' is not a month that exists")
        return YearMonth(12 * int(text[:4]) + month - 1)

    @property
    def year(self) -> int:
        return int(self) // 12

    @property
    def month(self) -> int:
        return int(self) % 12 + 1

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"

    __repr__ = __str__


def join(left: Type, right: Type) -> Type | None:
    """Return the one type that holds values of both, or None where there is none."""
    if isinstance(left, NullType):
        return right
    if isinstance(right, NullType) or left == right:
        return left
    if isinstance(left, NumberType) and isinstance(right, NumberType):
        if left.unit is None:
            return right
        return left if right.unit is None else None
    if isinstance(left, StringType) and isinstance(right, StringType):
        if left.values is None or right.values is None:
            return STRING
        return StringType(tuple(dict.fromkeys(left.values + right.values)))
    if isinstance(left, ListType) and isinstance(right, ListType):
        item = join(left.item, right.item)
        return None if item is None else ListType(item, left.item_nullable or right.item_nullable)
    if isinstance(left, RecordType) and isinstance(right, RecordType) and left.names() == right.names():
        kinds = [join(mine, theirs) for (_, mine, _), (_, theirs, _) in zip(left.fields, right.fields, strict=True)]
        nullable = [mine or theirs for (_, _, mine), (_, _, theirs) in zip(left.fields, right.fields, strict=True)]
        fields = [(name, kind, either) for name, kind, either in zip(left.names(), kinds, nullable, strict=True) if kind is not None]
        return RecordType(tuple(fields)) if len(fields) == len(kinds) else None
    return None


def loosened(kind: Type) -> Type:
    """The type of lists whose items, and records whose fields, may be unknown."""
    if isinstance(kind, ListType):
        return ListType(loosened(kind.item), True)
    if isinstance(kind, RecordType):
        return RecordType(tuple((name, loosened(each), True) for name, each, _ in kind.fields))
    return kind
