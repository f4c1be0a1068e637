"""What compiling rules gives: a definition as a unit, and how a scheme is evaluated."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from app.language import Definition, Standing
from app.language.symbols import LoweredConclusion

from .case import Case, Sides
from .conditions import Conditional
from .inference import Properties

Function = Callable[[Case], Any]


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
    met: str
    not_met: str
    status: str
    properties: tuple[Properties, ...]


@dataclass(frozen=True, slots=True)
class PlannedConclusion:
    """A conclusion with the names of the functions that give the values its text names."""

    lowered: LoweredConclusion
    conditional: Conditional
    key: str
    met: str
    texts: tuple[str, ...]
    properties: tuple[Properties, ...]


@dataclass(frozen=True, slots=True)
class SchemePlan:
    """What evaluating one scheme takes, in order; conditions (`numbers`), benefits and outputs by definition number."""

    scheme: str
    conditions: tuple[PlannedCondition, ...]
    conclusions: tuple[PlannedConclusion, ...]
    benefits: tuple[int, ...]
    outputs: tuple[int, ...]
    numbers: tuple[int, ...]
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SchemeFunctions:
    """The functions of a plan's definitions in one arithmetic, in its order: of each condition, benefit and output the value;
    of the conclusions all truths and what was read of each; of each conclusion the values its text names."""

    conditions: tuple[Function, ...]
    benefits: tuple[Function, ...]
    outputs: tuple[Function, ...]
    conclusions: Callable[[Case], tuple[tuple[bool | None, ...], tuple[Sides, ...]]]
    texts: tuple[tuple[Function, ...], ...]

    @classmethod
    def of(cls, plan: SchemePlan, space: Mapping[str, Any]) -> SchemeFunctions:
        """Look up what the plan names among the functions of an arithmetic."""
        conditions, benefits, outputs = (
            tuple(space[f"d{number}"] for number in numbers)
            for numbers in ([each.unit.number for each in plan.conditions], plan.benefits, plan.outputs)
        )
        texts = tuple(tuple(space[text] for text in each.texts) for each in plan.conclusions)
        return cls(conditions, benefits, outputs, space[conclusions_name(plan.scheme)], texts)


def conclusions_name(scheme: str) -> str:
    """What the function of a scheme's conclusions is called."""
    return f"w_{scheme.replace('.', '_')}"
