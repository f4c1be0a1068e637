"""What the rules have to say of conditions that are not met: by how much each is missed, and the values its text names."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from .case import Case

if TYPE_CHECKING:
    from .evaluate import Outcome

# By the number of the condition and of the wording that applied.
ByWording = dict[tuple[int, int], Any]


def of_unmet(outcomes: Iterable[Outcome], case: Case, space: dict[str, Any]) -> tuple[ByWording, ByWording]:
    """The shortfall of each unmet condition, and the tuple of values that its `unmet` names, where the rules state them."""
    shortfalls: ByWording = {}
    named: ByWording = {}
    for outcome in outcomes:
        if outcome.status != "not_eligible":
            continue
        for each, met in zip(outcome.plan.conditions, outcome.truths, strict=True):
            if met is not False:
                continue
            wording = each.unit.number, case.decided[each.unit.number][0] if each.unit.number in case.decided else 0
            for found, letter in ((shortfalls, "s"), (named, "u")):
                function = space.get(f"{letter}{wording[0]}_{wording[1]}")
                if function is not None:
                    found[wording] = function(case)
    return shortfalls, named
