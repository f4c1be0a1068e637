"""What a change is to bring about, asked of one changed case and of a whole stretch of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

from app.engine import Probe, Probed
from app.engine.bounds import Look, Span, is_unknown, may_be_unknown, truths
from app.engine.compiled import SchemePlan
from app.engine.numbers import MARGIN

Wanted = Literal["eligible", "not_eligible", "undetermined"]
_LONG = 40


@dataclass(frozen=True, slots=True)
class Goal:
    """A scheme's status; or, being eligible, a benefit (by definition number) of at least or at most a target.

    `undetermined` is what is left where nobody can be eligible yet: every condition met, and an amount that is not known.
    """

    scheme: str
    status: Wanted
    benefit: int | None = None
    bound: Literal["at_least", "at_most"] = "at_least"
    target: Any = None


class Aim:
    """A goal under one program."""

    def __init__(self, goal: Goal, probe: Probe) -> None:
        self.goal = goal
        self._probe = probe
        self._plan: SchemePlan = probe.program.plan(goal.scheme)
        self._conditions = [each.unit.number for each in self._plan.conditions]
        # Every benefit has to be known for a person to be eligible.
        self._benefits = self._plan.benefits if goal.status != "not_eligible" else ()

    @property
    def roots(self) -> tuple[int, ...]:
        """The definitions that the goal is decided by."""
        return (*self._conditions, *self._benefits)

    def reached(self, probed: Probed) -> bool | None:
        """Whether a changed case reaches the goal; None where decimals come too near to tell."""
        if not probed.plausible or probed.statuses[self.goal.scheme] != self.goal.status:
            return False
        if self.goal.status == "undetermined":
            return all(probed.met[number] for number in self._conditions)
        if self.goal.benefit is None:
            return True
        value, target = probed.benefits[self.goal.benefit], self.goal.target
        if isinstance(value, Fraction):
            target = Fraction(target)
        elif isinstance(value, Decimal) and len(value.as_tuple().digits) >= _LONG and abs(value - target) <= MARGIN:
            return None
        return bool(value >= target if self.goal.bound == "at_least" else value <= target)

    def may_reach(self, look: Look) -> bool:
        """Whether a value of a stretch may reach the goal."""
        if not self._may_be_plausible(look):
            return False
        met = [truths(look.definition(number)) for number in self._conditions]
        if self.goal.status == "not_eligible":
            return any(False in truth for truth in met)
        if not all(True in truth for truth in met):
            return False
        if self.goal.status == "undetermined":
            return any(may_be_unknown(look.definition(number)) for number in self._benefits)
        return not any(is_unknown(look.definition(number)) for number in self._benefits) and self._may_suffice(look)

    def may_miss(self, look: Look) -> bool:
        """Whether a value of a stretch, of a case that can be, may miss the goal."""
        if not self._may_be_plausible(look):
            return False
        met = [truths(look.definition(number)) for number in self._conditions]
        if self.goal.status == "not_eligible":
            return not any(truth == {False} for truth in met)
        if self.goal.status == "undetermined":
            return any(truth != {True} for truth in met) or not any(is_unknown(look.definition(number)) for number in self._benefits)
        if any(truth != {True} for truth in met) or any(may_be_unknown(look.definition(number)) for number in self._benefits):
            return True
        return self.goal.benefit is not None and self._may_fall_short(look)

    def _may_be_plausible(self, look: Look) -> bool:
        return all(look.check(index) != {False} for index in range(len(self._probe.program.checks)))

    def _may_suffice(self, look: Look) -> bool:
        ends = self._ends(look)
        if ends is None:
            return True
        return ends[1] >= self._target() if self.goal.bound == "at_least" else ends[0] <= self._target()

    def _may_fall_short(self, look: Look) -> bool:
        ends = self._ends(look)
        if ends is None:
            return True
        return ends[0] < self._target() if self.goal.bound == "at_least" else ends[1] > self._target()

    def _ends(self, look: Look) -> tuple[Decimal, Decimal] | None:
        """The least and the greatest benefit of a stretch; None where there is no telling, or nothing asked of it."""
        if self.goal.benefit is None:
            return None
        found = look.definition(self.goal.benefit)
        return look.frame.range(found) if isinstance(found, Span) else None

    def _target(self) -> Decimal:
        target = self.goal.target
        return Decimal(target.toordinal() if isinstance(target, date) else target if isinstance(target, Decimal) else int(target))
