"""A rule case as read, and what came of running it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from app.language import Place

ExpectationKind = Literal["status", "standing", "condition", "missing", "conclusions", "value"]
Wanted = str | bool | tuple["Wanted", ...] | Mapping[str, "Wanted"] | None


@dataclass(frozen=True, slots=True)
class Expectation:
    """One thing a scheme must answer.

    `wanted` is text for a status, a standing or a value (None: the value is unknown), true, false or None
    (unknown) for a condition, and the names for missing (at least these) and conclusions (exactly these). The wanted value
    of a list is a tuple, of a record a mapping of the fields that are looked at.
    """

    scheme: str
    kind: ExpectationKind
    name: str
    wanted: Wanted
    place: Place


@dataclass(frozen=True, slots=True)
class RuleCase:
    """One worked example. `body` is the request in the interface's JSON shape; `places` gives the line of a pointer."""

    name: str
    place: Place
    source: str | None
    note: str | None
    body: Mapping[str, Any]
    places: Mapping[str, Place]
    expectations: tuple[Expectation, ...]

    def place_of(self, pointer: str) -> Place:
        """The line of the value a JSON pointer into the body names, or of what holds it."""
        while pointer and pointer not in self.places:
            pointer = pointer.rpartition("/")[0]
        return self.places.get(pointer, self.place)


@dataclass(frozen=True, slots=True)
class Difference:
    """An expectation that did not come true, in words."""

    place: Place
    what: str
    expected: str
    actual: str


@dataclass(frozen=True, slots=True)
class CaseResult:
    """`errors` says why a case could not be answered at all; it is empty where `differences` may be filled."""

    case: RuleCase
    differences: tuple[Difference, ...] = ()
    errors: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        return not self.differences and not self.errors
