"""One case asked again and again with something changed: what-if, timelines and questions are made of this.

A probe decides by the exact reading alone: no rules engine, no trace, and only what the change touches is computed
again. It answers what `Engine.evaluate` answers; whatever a person is finally told is evaluated in full.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Inexact, getcontext
from typing import Any

from .case import UNSET, Case, Facts, TooLong
from .compiled import SchemePlan
from .dependencies import Dependencies, dependencies
from .evaluate import Engine, converted, new_case, status_of
from .given import Given, read_given
from .numbers import CERTIFIED, RATIONAL, Arithmetic, Undecided
from .program import Program
from .request import FactValue, Request
from .second_decision import Status


@dataclass(frozen=True, slots=True)
class Probed:
    """What the changed case comes to; `met` and `benefits` by definition number, `case` for who looks further.

    `plausible` is False where a check between facts fails: then nothing else is there.
    """

    statuses: Mapping[str, Status]
    met: Mapping[int, bool | None]
    benefits: Mapping[int, Any]
    case: Case | None
    plausible: bool = True


IMPLAUSIBLE = Probed({}, {}, {}, None, plausible=False)


class Probe:
    """A case under one program. Not for sharing between threads. Raises InputError as `Engine.evaluate` does.

    `only` are the schemes that are read; the others asked for still say what a plain name under `given` means.
    """

    def __init__(self, engine: Engine, request: Request, only: tuple[str, ...] | None = None) -> None:
        self.request = request
        self.program: Program = engine.program(request.as_of, request.region, request.reforms, request.schemes)
        self.given: Given = read_given(request.given, self.program, request.schemes)
        self.dependencies: Dependencies = dependencies(self.program)
        self.plans: tuple[SchemePlan, ...] = tuple(self.program.plan(scheme) for scheme in (request.schemes if only is None else only))
        self._bases: dict[str, Case] = {}
        self._inexact = False

    def ask(self, facts: Mapping[str, FactValue | None], given: Mapping[int, Any] | None = None) -> Probed:
        """The case with some facts changed (None takes one away) and some definitions stated by number."""
        try:
            try:
                return self._ask(facts, given or {}, CERTIFIED)
            except (Undecided, ArithmeticError):
                return self._ask(facts, given or {}, RATIONAL)
        except TooLong:
            return IMPLAUSIBLE

    def ask_in_fractions(self, facts: Mapping[str, FactValue | None], given: Mapping[int, Any] | None = None) -> Probed:
        """The same with every number a fraction, for who has to compare a value that decimals may only come near."""
        try:
            return self._ask(facts, given or {}, RATIONAL)
        except TooLong:
            return IMPLAUSIBLE

    def base(self) -> Probed:
        """The case as it stands."""
        return self.ask({})

    def value(self, number: int) -> Any:
        """A definition of the case as it stands. Raises TooLong."""
        try:
            return self._value(number, CERTIFIED)
        except (Undecided, ArithmeticError):
            return self._value(number, RATIONAL)

    def _value(self, number: int, arithmetic: Arithmetic) -> Any:
        with arithmetic.context():
            case = self._base(arithmetic)
            found = self.program.space(arithmetic)[f"d{number}"](case)
            self._inexact = self._inexact or bool(getcontext().flags[Inexact])
            return found

    def touched_by(self, moves: str | int) -> frozenset[int]:
        """The definitions whose value rests on a fact (by name) or a definition (by number), and is not given."""
        touched = self.dependencies.resting_on([moves]) if isinstance(moves, str) else self.dependencies.reading([moves])
        return frozenset(touched) - (self.given.definitions.keys() - {moves})

    def case_in_fractions(self) -> tuple[Case, dict[str, Any]]:
        """The case before anything is computed, and the functions that compute it, in fractions."""
        return new_case(self.request, self.program, self.given.in_arithmetic(RATIONAL), RATIONAL), self.program.space(RATIONAL)

    # -- running ------------------------------------------------------------------------------

    def _ask(self, facts: Mapping[str, FactValue | None], given: Mapping[int, Any], arithmetic: Arithmetic) -> Probed:
        space = self.program.space(arithmetic)
        with arithmetic.context():
            case = self._changed(facts, given, arithmetic)
            if facts and any(space[f"check_{index}"](case) is False for index in range(len(self.program.checks))):
                return IMPLAUSIBLE
            return self._read(case, space)

    def _read(self, case: Case, space: dict[str, Any]) -> Probed:
        statuses: dict[str, Status] = {}
        met: dict[int, bool | None] = {}
        benefits: dict[int, Any] = {}
        for plan in self.plans:
            of_scheme = {each.unit.number: space[f"d{each.unit.number}"](case) for each in plan.conditions}
            met.update(of_scheme)
            if False in of_scheme.values():
                statuses[plan.scheme] = "not_eligible"
                continue
            amounts = {number: space[f"d{number}"](case) for number in plan.benefits}
            benefits.update(amounts)
            statuses[plan.scheme] = status_of(of_scheme.values(), all([amount is not None for amount in amounts.values()]))
        return Probed(statuses, met, benefits, case)

    def _changed(self, facts: Mapping[str, FactValue | None], given: Mapping[int, Any], arithmetic: Arithmetic) -> Case:
        """The case with the change; what does not rest on it keeps its value."""
        base = self._base(arithmetic)
        memo = base.memo.copy()
        stated = {number: converted(value, arithmetic) for number, value in given.items()}
        touched = self.dependencies.resting_on(facts) if facts else ()
        if stated:
            touched = (*touched, *self.dependencies.reading(stated))
        for number in touched:
            if number not in base.given:
                memo[number] = UNSET
        for number, value in stated.items():
            memo[number] = value
        changed = Facts({**base.facts, **{name: converted(value, arithmetic) for name, value in facts.items()}})
        return replace(base, facts=changed, memo=memo, **_fresh(base))

    def _base(self, arithmetic: Arithmetic) -> Case:
        """The case as it stands, with everything computed that its answer needs.

        Decimals that may carry an error stay such when another run reads them: its context is told.
        """
        if arithmetic.name not in self._bases:
            case = new_case(self.request, self.program, self.given.in_arithmetic(arithmetic), arithmetic)
            self._read(case, self.program.space(arithmetic))
            self._bases[arithmetic.name] = case
            self._inexact = self._inexact or bool(getcontext().flags[Inexact])
        if self._inexact:
            getcontext().flags[Inexact] = True
        return self._bases[arithmetic.name]


def _fresh(base: Case) -> dict[str, Any]:
    """What a run of its own writes; nothing of it is read by another run."""
    return {
        "order": [],
        "before_rounding": {},
        "version": {},
        "readings": {},
        "unpublished": {},
        "zero_divisions": {},
        "rows_hit": {},
        "branches": {},
        "sides": {},
        "decided": {},
        "indexes": {},
        "extended": base.extended,
    }
