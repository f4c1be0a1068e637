"""One case under evaluation: what is known, and what was computed, read and decided on the way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from app.language import Standing, TableRow

from .numbers import Number

# A definition that has not been computed yet; None is "computed, and unknown".
UNSET: Any = object()


# So many items a sequence may have, and so many years a series may be carried on.
MAX_SEQUENCE = 10_000


class TooLong(Exception):
    """A sequence or series that the facts make longer than any rule means; the case cannot be answered."""


# Of a condition each comparison's (left, right); None where unread.
Sides = tuple[tuple[Any, Any] | None, ...]
# Of a condition the version that applied, and each comparison's truth; None where unread.
Decided = tuple[int, tuple[bool | None, ...]]


@dataclass(frozen=True, slots=True)
class Reading:
    """A parameter's value as it was used; `row` None for a given or assumed value."""

    value: Any
    standing: Standing
    row: TableRow | None
    given: bool = False


class Facts(defaultdict[str, Any]):
    """The facts of a case; one that was not given reads as None, and from then on stands among them as None: asked for in vain."""

    __slots__ = ()

    def __init__(self, facts: Mapping[str, Any]) -> None:
        super().__init__(type(None), {name: value for name, value in facts.items() if value is not None})

    def asked(self) -> frozenset[str]:
        """The facts that were asked for and not given."""
        return frozenset([name for name, value in self.items() if value is None])


@dataclass(slots=True)
class Case:
    """The mutable state of one evaluation; lives for one request and is never shared."""

    as_of: date
    region: str
    facts: Facts
    memo: list[Any]
    given_parameters: Mapping[int, Mapping[Any, Any]]
    assumptions: Mapping[str, Any]
    given: frozenset[int]
    order: list[int] = field(default_factory=list)
    before_rounding: dict[int, Number] = field(default_factory=dict)
    version: dict[int, int] = field(default_factory=dict)
    readings: dict[tuple[int, Any], Reading] = field(default_factory=dict)
    unpublished: dict[tuple[int, Any], None] = field(default_factory=dict)
    zero_divisions: dict[int, None] = field(default_factory=dict)
    rows_hit: dict[tuple[int, int], None] = field(default_factory=dict)
    branches: dict[tuple[int, str, bool], None] = field(default_factory=dict)
    sides: dict[int, Sides] = field(default_factory=dict)
    decided: dict[int, Decided] = field(default_factory=dict)
    indexes: dict[tuple[str, str], dict[Any, list[Any]]] = field(default_factory=dict)
    extended: dict[int, dict[Any, Any]] = field(default_factory=dict)


def holds_unknown(value: Any) -> bool:
    """Whether a value, an item of a list or a field of a record is unknown."""
    if value is None:
        return True
    if isinstance(value, list):
        return any(map(holds_unknown, value))
    return isinstance(value, Mapping) and any(map(holds_unknown, value.values()))
