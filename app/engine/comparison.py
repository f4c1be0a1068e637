"""Two evaluations of one case compared: the results side by side, and every rule that differs, from causes to effects.

A rule differs because what it says has changed (its wording, its rounding, a row it reads), or because something it
reads differs; each difference names the one or the other. `moved` schemes have a result that is not the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from app.language import ir

from .evaluate import Evaluation, Outcome
from .figures import ABSENT, NOT_DUE, Figure, difference, figure_of, same
from .rule_differences import AS_OF, REGION, Difference, Differences
from .values import unit_of

__all__ = ["AS_OF", "REGION", "Comparison", "Difference", "Figure", "ResultPair", "SchemePair", "compare_evaluations", "result_figure"]


@dataclass(frozen=True, slots=True)
class ResultPair:
    """A benefit or output of a scheme on both sides; `change` is exact, None where there is no telling."""

    name: ir.Name
    kind: Literal["benefit", "definition"]
    title: tuple[str, str]
    unit: str | None
    before: Figure
    after: Figure
    change: Decimal | None

    @property
    def moved(self) -> bool:
        return not same(self.before, self.after)


@dataclass(frozen=True, slots=True)
class SchemePair:
    """One scheme on both sides. `differences` stand in such an order that each comes after those it is because of."""

    scheme: str
    title: tuple[str, str]
    before: str | None
    after: str | None
    results: tuple[ResultPair, ...]
    differences: tuple[Difference, ...]

    @property
    def moved(self) -> bool:
        return self.before != self.after or any(each.moved for each in self.results)

    def causes(self) -> tuple[Difference, ...]:
        """The first that differ: the rules that say something else, rather than only read it."""
        return tuple(each for each in self.differences if each.amended)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two evaluations of one case, scheme by scheme."""

    before: Evaluation
    after: Evaluation
    schemes: tuple[SchemePair, ...]

    @property
    def moved(self) -> bool:
        return any(each.moved for each in self.schemes)


def compare_evaluations(before: Evaluation, after: Evaluation) -> Comparison:
    """Compare one case under two laws: of another day, place or release, or under reforms."""
    differences = Differences(before, after)
    outcomes = [{each.scheme: each for each in side.outcomes} for side in (before, after)]
    schemes = dict.fromkeys(name for side in outcomes for name in side)
    return Comparison(before, after, tuple(_pair(scheme, outcomes[0].get(scheme), outcomes[1].get(scheme), differences) for scheme in schemes))


def _pair(scheme: str, old: Outcome | None, new: Outcome | None, differences: Differences) -> SchemePair:
    title = next(side.program.law.schemes[scheme].title for side in (differences.after, differences.before) if scheme in side.program.law.schemes)
    return SchemePair(
        scheme=scheme,
        title=(title.zh, title.en),
        before=None if old is None else old.status,
        after=None if new is None else new.status,
        results=tuple(_results(old, new, differences)),
        differences=differences.of(scheme),
    )


def _results(old: Outcome | None, new: Outcome | None, differences: Differences) -> Iterator[ResultPair]:
    sides = ((old, differences.before), (new, differences.after))
    names = dict.fromkeys(
        evaluation.program.definitions[number].name
        for outcome, evaluation in sides
        if outcome is not None
        for number in (*outcome.plan.benefits, *outcome.plan.outputs)
    )
    for name in names:
        definition = next(side.program.law.definition(name) for outcome, side in reversed(sides) if outcome is not None and _has(side, name))
        figures = [result_figure(name, outcome, side) for outcome, side in sides]
        yield ResultPair(
            name=name,
            kind="benefit" if definition.kind == "benefit" else "definition",
            title=(definition.title.zh, definition.title.en),
            unit=unit_of(definition.type),
            before=figures[0],
            after=figures[1],
            change=difference(*figures),
        )


def _has(side: Evaluation, name: ir.Name) -> bool:
    return name in side.program.number_of


def result_figure(name: ir.Name, outcome: Outcome | None, side: Evaluation) -> Figure:
    """What a scheme pays or states; a benefit of someone not entitled is not due, whatever else used it."""
    number = side.program.number_of.get(name)
    if outcome is None or number is None or number not in (*outcome.plan.benefits, *outcome.plan.outputs):
        return ABSENT
    if number in outcome.plan.benefits and outcome.status == "not_eligible":
        return NOT_DUE
    return figure_of(side.case.memo[number])
