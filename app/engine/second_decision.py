"""What the rules engine is told of a scheme, and what it has to conclude from it: everything the exact reading concluded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from app.language.symbols import LoweredConclusion

from .case import Case
from .inference import encode_atoms
from .program import SchemePlan

Status = Literal["eligible", "not_eligible", "undetermined"]
_WORDS = {True: "met", False: "not met", None: "open"}


@dataclass(frozen=True, slots=True)
class DrawnConclusion:
    """A conclusion that holds, with the values its text names."""

    lowered: LoweredConclusion
    values: tuple[Any, ...]


def told_of_conditions(plan: SchemePlan, met: Mapping[str, bool | None], case: Case, expected: set[str]) -> dict[str, Any]:
    """What was read of the conditions; adds what is to follow to `expected`."""
    fact: dict[str, Any] = {}
    atoms = case.atoms
    for each in plan.conditions:
        key = each.key
        read = atoms.get(key)
        if read is None:  # given for this case, so there is nothing to decide
            continue
        encode_atoms(fact, read[1], each.properties)
        truth = met[key]
        if truth is not None:
            expected.add(each.met if truth else each.not_met)
    return fact


def told_of_status(plan: SchemePlan, met: Mapping[str, bool | None], amounts_known: bool) -> dict[str, Any]:
    """What the status is chained from: what was concluded of each condition, and whether every amount is known."""
    fact: dict[str, Any] = {"amounts_known": amounts_known}
    for condition in plan.conditions:
        fact[condition.status] = _WORDS[met[condition.key]]
    return fact


def draw_conclusions(plan: SchemePlan, case: Case, space: dict[str, Any], fact: dict[str, Any], expected: set[str]) -> tuple[DrawnConclusion, ...]:
    """The conclusions that hold by the exact reading; adds what was read of each to `fact`, and what is to follow to `expected`."""
    drawn = []
    for each in plan.conclusions:
        if space[each.function](case):
            expected.add(each.met)
            drawn.append(DrawnConclusion(each.lowered, tuple([space[text](case) for text in each.texts])))
        encode_atoms(fact, case.atoms[each.key][1], each.properties)
    return tuple(drawn)
