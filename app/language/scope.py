"""What an expression may name, as the lowering asks for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from . import ir
from .types import Type

# What every scheme has of itself: whether all its conditions are met.
ELIGIBLE = "eligible"


@dataclass(frozen=True, slots=True)
class ParameterSymbol:
    """What an expression needs to know of a parameter. `default_key` is None where it has one value."""

    name: ir.Name
    type: Type
    key_type: Type | None
    default_key: Callable[[], ir.Expr] | None
    bands: bool
    nullable: bool


class Scope(Protocol):
    """Resolves names as one scheme sees them."""

    def value(self, name: str) -> ir.Expr | None:
        """A fact, definition, condition, `as_of` or `region` by its (possibly dotted) name."""

    def parameter(self, name: str) -> ParameterSymbol | None:
        """A parameter by its (possibly dotted) name."""

    def known_names(self) -> list[str]:
        """Every name, for suggestions."""

    def scheme_prefix(self, name: str) -> bool:
        """Whether a dotted name begins a scheme's id."""
