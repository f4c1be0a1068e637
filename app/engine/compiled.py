"""What compiling rules gives: a definition as a unit, and how a scheme is evaluated."""

from __future__ import annotations

from dataclasses import dataclass

from app.language import Definition, Standing
from app.language.symbols import LoweredConclusion

from .conditions import Conditional
from .inference import Properties


@dataclass(frozen=True, slots=True)
class Uses:
    """What a wording reads directly, by number or name, in the order of the text."""

    definitions: tuple[int, ...]
    parameters: tuple[int, ...]
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unit:
    """A compiled definition: its number, what each version reads (guards included), its atoms."""

    number: int
    definition: Definition
    uses: tuple[Uses, ...]
    own_standings: tuple[Standing, ...]
    conditional: Conditional | None


@dataclass(frozen=True, slots=True)
class PlannedCondition:
    """A condition with the names that evaluation and the rules engine use for it."""

    unit: Unit
    conditional: Conditional
    key: str
    function: str
    met: str
    not_met: str
    status: str
    properties: tuple[Properties, ...]


@dataclass(frozen=True, slots=True)
class PlannedConclusion:
    """A conclusion with the functions that decide it and give the values its text names."""

    lowered: LoweredConclusion
    conditional: Conditional
    key: str
    function: str
    met: str
    texts: tuple[str, ...]
    properties: tuple[Properties, ...]


@dataclass(frozen=True, slots=True)
class SchemePlan:
    """What evaluating one scheme takes, in order; benefits and outputs by definition number and by function."""

    scheme: str
    conditions: tuple[PlannedCondition, ...]
    conclusions: tuple[PlannedConclusion, ...]
    benefits: tuple[int, ...]
    outputs: tuple[int, ...]
    benefit_functions: tuple[str, ...]
    output_functions: tuple[str, ...]
