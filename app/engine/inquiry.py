"""A case with facts still open, asked what its results hang on: which conditions and amounts an answer may still change.

An open fact is one that was neither stated nor left out. What hangs on no open fact is settled: whatever the answers, the
exact engine says the same. A false condition settles its scheme, and an unknown one leaves no amount to be computed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .case import UNSET, Facts, TooLong
from .compiled import SchemePlan
from .dependencies import Dependencies, dependencies
from .evaluate import Engine, converted, new_case, status_of
from .given import Given, read_given
from .numbers import CERTIFIED, RATIONAL, Arithmetic, Undecided
from .open_reading import OpenReading, View
from .open_values import Open, bits, open_in
from .program import Program
from .request import FactValue, Request
from .second_decision import Status


@dataclass(frozen=True, slots=True)
class SchemeState:
    """One scheme: its conditions and amounts by definition number, None known to stay unknown, `Open` where an answer may change it.

    `status` is None while it is open. Amounts are there unless a condition is false or stays unknown. `open_conditions` and
    `open_amounts` are those that an answer may change, unless another settles the scheme.
    """

    plan: SchemePlan
    status: Status | None
    conditions: Mapping[int, bool | Open | None]
    amounts: Mapping[int, Any]
    open_conditions: Mapping[int, Open]
    open_amounts: Mapping[int, Open]

    @property
    def settled(self) -> bool:
        """Whether no answer can change status or amounts."""
        return not self.open_conditions and not self.open_amounts


@dataclass(frozen=True, slots=True)
class State:
    """All schemes asked for, and every value that was read on the way, by definition number."""

    schemes: tuple[SchemeState, ...]
    memo: list[Any]

    @property
    def settled(self) -> bool:
        return all(each.settled for each in self.schemes)


class Inquiry:
    """A case under one program. Not for sharing between threads. Raises InputError as `Engine.evaluate` does."""

    def __init__(self, engine: Engine, request: Request, left_out: Collection[str] = ()) -> None:
        self.request = request
        self.program: Program = engine.program(request.as_of, request.region, request.reforms, request.schemes)
        self.given: Given = read_given(request.given, self.program, request.schemes)
        self.dependencies: Dependencies = dependencies(self.program)
        self.plans: tuple[SchemePlan, ...] = tuple(self.program.plan(scheme) for scheme in request.schemes)
        self.names: tuple[str, ...] = tuple(engine.rulebook.facts.facts)
        self._number = {name: index for index, name in enumerate(self.names)}
        self._known: Mapping[str, FactValue | None] = {**dict.fromkeys(left_out), **request.facts}
        self._bases: dict[str, tuple[Mapping[str, FactValue | None], State]] = {}

    def facts_in(self, mask: int) -> list[str]:
        """The names of the facts in a set."""
        return [self.names[index] for index in bits(mask)]

    def rested_on(self) -> frozenset[str]:
        """All facts that the schemes' conditions and amounts rest on, by whatever way."""
        roots = [number for plan in self.plans for number in _roots(plan)]
        return frozenset[str]().union(*(self.dependencies.facts_of(number) for number in roots))

    def answer(self, name: str, value: FactValue | None) -> None:
        """Take one more fact as answered; None leaves it out."""
        self._known = {**self._known, name: value}

    def named_by(self, root: int, fact: str, state: State) -> int:
        """The nearest rule on the way to a result that names a fact itself: the result's own or one that it is computed from."""
        bit = 1 << self._number[fact]
        waiting, seen = [root], {root}
        for number in waiting:
            unit = self.program.units[number]
            if unit is not None and any(fact in uses.facts for uses in unit.uses):
                return number
            for used in self.dependencies.used(number):
                found = None if used in seen else open_in(state.memo[used])
                if found is not None and found.now & bit:
                    seen.add(used)
                    waiting.append(used)
        return root

    def copy(self) -> Inquiry:
        """The same case, to be answered further on its own."""
        other = object.__new__(Inquiry)
        other.__dict__ |= {**self.__dict__, "_bases": self._bases.copy()}
        return other

    def state(self, answers: Mapping[str, FactValue | None] | None = None) -> State | None:
        """The case as it stands, with some more facts answered (None leaves one out); None where no such case can be."""
        try:
            return self._state(answers or {}, CERTIFIED)
        except (Undecided, ArithmeticError):
            return self._state(answers or {}, RATIONAL)
        except TooLong:
            return None

    def possible(self, answers: Mapping[str, FactValue | None]) -> bool:
        """Whether some more answers contradict nothing that is known."""
        with RATIONAL.context():
            return self._is_plausible(self._view({**self._known, **answers}, RATIONAL), self.program.space(RATIONAL))

    # -- reading ------------------------------------------------------------------------------

    def _state(self, answers: Mapping[str, FactValue | None], arithmetic: Arithmetic) -> State | None:
        space = self.program.space(arithmetic)
        with arithmetic.context():
            base = self._base(arithmetic)
            if not answers:
                return base
            view = self._view({**self._known, **answers}, arithmetic)
            if not self._is_plausible(view, space):
                return None
            self._keep(view, base.memo, answers)
            return self._read(view, arithmetic)

    def _is_plausible(self, view: View, space: Mapping[str, Any]) -> bool:
        return not any(space[f"check_{index}"](view.case) is False for index in range(len(self.program.checks)))

    def _base(self, arithmetic: Arithmetic) -> State:
        """The case as it stands; what rests on no fact answered since it was last read is not read again."""
        found = self._bases.get(arithmetic.name)
        if found is None or found[0] is not self._known:
            view = self._view(self._known, arithmetic)
            if found is not None:
                self._keep(view, found[1].memo, [name for name in self._known if name not in found[0] or found[0][name] != self._known[name]])
            found = self._bases[arithmetic.name] = (self._known, self._read(view, arithmetic))
        return found[1]

    def _keep(self, view: View, memo: list[Any], changed: Iterable[str]) -> None:
        """Take over what does not rest on the facts that changed."""
        kept = memo.copy()
        for number in self.dependencies.resting_on(changed):
            if number not in view.case.given:
                kept[number] = UNSET
        view.memo = kept

    def _view(self, known: Mapping[str, FactValue | None], arithmetic: Arithmetic) -> View:
        case = new_case(self.request, self.program, self.given.in_arithmetic(arithmetic), arithmetic)
        case.facts = Facts({name: converted(value, arithmetic) for name, value in known.items()})
        answered = sum(1 << self._number[name] for name in known if name in self._number)
        return View(case, ((1 << len(self.names)) - 1) & ~answered, case.memo.copy())

    def _read(self, view: View, arithmetic: Arithmetic) -> State:
        reading = self._reading(arithmetic)
        return State(tuple(_scheme(plan, reading, view) for plan in self.plans), view.memo)

    def _reading(self, arithmetic: Arithmetic) -> OpenReading:
        space = self.program.space(arithmetic)
        key = ("open", arithmetic.name, self.request.schemes)
        return self.program.kept.once(key, lambda: OpenReading(self.program, self.dependencies, self._number, space, arithmetic.number))


def _roots(plan: SchemePlan) -> tuple[int, ...]:
    """What a scheme's answer consists of; of one that pays nothing, the figures that it shows."""
    return (*(each.unit.number for each in plan.conditions), *(plan.benefits or plan.outputs))


def _scheme(plan: SchemePlan, reading: OpenReading, view: View) -> SchemeState:
    conditions = {each.unit.number: reading.definition(view, each.unit.number) for each in plan.conditions}
    values = list(conditions.values())
    if any(value is False for value in values):
        return SchemeState(plan, "not_eligible", conditions, {}, {}, {})
    waiting = {number: value for number, value in conditions.items() if isinstance(value, Open)}
    if None in values:
        return SchemeState(plan, None if waiting else "undetermined", conditions, {}, waiting, {})
    amounts = _amounts(plan, reading, view, foreseen=bool(waiting))
    owed = {number: found for number, value in amounts.items() if (found := open_in(value)) is not None}
    known = [amounts.get(number) for number in plan.benefits]
    undecided = waiting or (None not in known and any(isinstance(value, Open) for value in known))
    return SchemeState(plan, None if undecided else status_of(values, None not in known), conditions, amounts, waiting, owed)


def _amounts(plan: SchemePlan, reading: OpenReading, view: View, *, foreseen: bool) -> dict[int, Any]:
    """The amounts; those of a scheme whose conditions are open are only foreseen, and nothing may fail for them."""
    kept = view.locals
    try:
        return {number: reading.definition(view, number) for number in plan.benefits or plan.outputs}
    except (TooLong, ArithmeticError):
        if not foreseen:
            raise
        view.locals = kept
        return {}
