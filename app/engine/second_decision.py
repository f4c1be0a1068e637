"""What the rules engine is told of a scheme, and what it has to conclude from it: everything the exact reading concluded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from app.language.symbols import LoweredConclusion

from .case import Case, Sides
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

    A tuple, so that where both agreed can be known again. Of a condition that was given for this case no sides were read;
    without a `status` conditions alone are told. `drawn` are the truths of the conclusions, which the engine is not told.
    """

    met: tuple[bool | None, ...]
    amounts_known: bool
    conditions: tuple[Sides | None, ...]
    conclusions: tuple[Sides, ...]
    drawn: tuple[bool | None, ...]
    status: Status | None

    def facts(self, plan: SchemePlan) -> tuple[dict[str, Any], dict[str, Any]]:
        """The two facts: of the conditions, and of status and conclusions (empty where only conditions are told)."""
        of_conditions: dict[str, Any] = {}
        for each, sides in zip(plan.conditions, self.conditions, strict=True):
            if sides is not None:  # else given for this case, so there is nothing to decide
                encode_atoms(of_conditions, sides, each.properties)
        if self.status is None:
            return of_conditions, {}
        of_status: dict[str, Any] = {"amounts_known": self.amounts_known}
        for condition, truth in zip(plan.conditions, self.met, strict=True):
            of_status[condition.status] = _WORDS[truth]
        for conclusion, sides in zip(plan.conclusions, self.conclusions, strict=False):
            encode_atoms(of_status, sides, conclusion.properties)
        return of_conditions, of_status

    def follows(self, plan: SchemePlan) -> set[str]:
        """What is to follow by the exact reading: each condition that was read, the status, the conclusions that hold."""
        decided = zip(plan.conditions, self.met, self.conditions, strict=True)
        found = {each.met if truth else each.not_met for each, truth, sides in decided if truth is not None and sides is not None}
        found.update(each.met for each, truth in zip(plan.conclusions, self.drawn, strict=False) if truth)
        return found if self.status is None else found | {self.status}


def draw_conclusions(plan: SchemePlan, functions: SchemeFunctions, case: Case, truths: tuple[bool | None, ...]) -> tuple[DrawnConclusion, ...]:
    """The conclusions that hold by the exact reading, which has found the truth of each."""
    if True not in truths:
        return ()
    held = [index for index, truth in enumerate(truths) if truth]
    return tuple([DrawnConclusion(plan.conclusions[index].lowered, tuple([text(case) for text in functions.texts[index]])) for index in held])
