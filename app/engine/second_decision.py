"""What the rules engine is told of a scheme, and what it has to conclude from it: everything the exact reading concluded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from app.language.symbols import LoweredConclusion

from .case import Atoms, Case
from .compiled import SchemePlan
from .inference import encode_atoms

Status = Literal["eligible", "not_eligible", "undetermined"]
_WORDS = {True: "met", False: "not met", None: "open"}


@dataclass(frozen=True, slots=True)
class DrawnConclusion:
    """A conclusion that holds, with the values its text names."""

    lowered: LoweredConclusion
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """What the rules engine is told of one scheme: what was read of its conditions and conclusions, and how its status stands.

    `read` is all of it as one value, so that what followed from the same can be known again; `of_status` says whether status
    and conclusions are told, or conditions alone.
    """

    plan: SchemePlan
    met: tuple[bool | None, ...]
    amounts_known: bool
    conditions: tuple[Atoms | None, ...]
    conclusions: tuple[Atoms, ...]
    of_status: bool

    @property
    def read(self) -> tuple[Any, ...]:
        return self.met, self.amounts_known, self.conditions, self.conclusions, self.of_status

    def facts(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """The two facts: of the conditions, and of status and conclusions (empty where only conditions are told)."""
        of_conditions: dict[str, Any] = {}
        for each, atoms in zip(self.plan.conditions, self.conditions, strict=True):
            if atoms is not None:  # else given for this case, so there is nothing to decide
                encode_atoms(of_conditions, atoms[1], each.properties)
        if not self.of_status:
            return of_conditions, {}
        of_status: dict[str, Any] = {"amounts_known": self.amounts_known}
        for condition, truth in zip(self.plan.conditions, self.met, strict=True):
            of_status[condition.status] = _WORDS[truth]
        for conclusion, atoms in zip(self.plan.conclusions, self.conclusions, strict=False):
            encode_atoms(of_status, atoms[1], conclusion.properties)
        return of_conditions, of_status


def tell(plan: SchemePlan, met: Mapping[str, bool | None], case: Case, *, amounts_known: bool = True, of_status: bool = True, concluded: bool = True) -> Told:
    """What is told of a scheme that was read; with `concluded`, its conclusions were read as well."""
    atoms = case.atoms
    return Told(
        plan,
        tuple(met.values()),
        amounts_known,
        tuple([atoms.get(each.key) for each in plan.conditions]),
        tuple([atoms[each.key] for each in plan.conclusions]) if concluded else (),
        of_status,
    )


def follows_of_conditions(told: Told) -> list[str]:
    """What is to follow from what was read of the conditions."""
    decided = zip(told.plan.conditions, told.met, told.conditions, strict=True)
    return [each.met if truth else each.not_met for each, truth, atoms in decided if truth is not None and atoms is not None]


def draw_conclusions(plan: SchemePlan, case: Case, space: dict[str, Any]) -> tuple[tuple[DrawnConclusion, ...], list[str]]:
    """The conclusions that hold by the exact reading, and what is to follow of them."""
    drawn, follows = [], []
    for each in plan.conclusions:
        if space[each.function](case):
            follows.append(each.met)
            drawn.append(DrawnConclusion(each.lowered, tuple([space[text](case) for text in each.texts])))
    return tuple(drawn), follows
