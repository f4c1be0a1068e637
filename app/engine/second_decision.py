"""What the rules engine is told of a scheme, and what it has to conclude from it: everything the exact reading concluded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from app.language.symbols import LoweredConclusion

from .case import Atoms, Case
from .compiled import SchemeFunctions, SchemePlan
from .inference import encode_atoms

Status = Literal["eligible", "not_eligible", "undetermined"]
_WORDS = {True: "met", False: "not met", None: "open"}


@dataclass(frozen=True, slots=True)
class DrawnConclusion:
    """A conclusion that holds, with the values its text names."""

    lowered: LoweredConclusion
    values: tuple[Any, ...]


class Told(NamedTuple):
    """What the rules engine is told of one scheme: what was read of its conditions and conclusions, and how its status stands.

    A tuple, so that what followed from the same can be known again. Of a condition that was given for this case there are no
    atoms; `of_status` says whether status and conclusions are told, or conditions alone.
    """

    met: tuple[bool | None, ...]
    amounts_known: bool
    conditions: tuple[Atoms | None, ...]
    conclusions: tuple[Atoms, ...]
    of_status: bool

    def facts(self, plan: SchemePlan) -> tuple[dict[str, Any], dict[str, Any]]:
        """The two facts: of the conditions, and of status and conclusions (empty where only conditions are told)."""
        of_conditions: dict[str, Any] = {}
        for each, atoms in zip(plan.conditions, self.conditions, strict=True):
            if atoms is not None:  # else given for this case, so there is nothing to decide
                encode_atoms(of_conditions, atoms[1], each.properties)
        if not self.of_status:
            return of_conditions, {}
        of_status: dict[str, Any] = {"amounts_known": self.amounts_known}
        for condition, truth in zip(plan.conditions, self.met, strict=True):
            of_status[condition.status] = _WORDS[truth]
        for conclusion, atoms in zip(plan.conclusions, self.conclusions, strict=False):
            encode_atoms(of_status, atoms[1], conclusion.properties)
        return of_conditions, of_status

    def follows(self, plan: SchemePlan) -> list[str]:
        """What is to follow from what was read of the conditions."""
        decided = zip(plan.conditions, self.met, self.conditions, strict=True)
        return [each.met if truth else each.not_met for each, truth, atoms in decided if truth is not None and atoms is not None]


def draw_conclusions(plan: SchemePlan, functions: SchemeFunctions, case: Case) -> tuple[tuple[DrawnConclusion, ...], list[str], tuple[Atoms, ...]]:
    """The conclusions that hold by the exact reading, what is to follow of them, and what was read of all."""
    truths, atoms = functions.conclusions(case)
    if True not in truths:
        return (), [], atoms
    held = [index for index, truth in enumerate(truths) if truth]
    drawn = tuple([DrawnConclusion(plan.conclusions[index].lowered, tuple([text(case) for text in functions.texts[index]])) for index in held])
    return drawn, [plan.conclusions[index].met for index in held], atoms
