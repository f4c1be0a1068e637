"""Which definitions, parameters and facts a finished evaluation used, and how firm each result is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from app.language import DefinitionVersion, Standing

from .case import UNSET, Case, Reading
from .evaluate import Evaluation
from .program import Program, Uses, condition_key

_NOTHING = Uses((), (), ())


class Walk:
    """Reads the graph of one evaluation: from each definition to what it was computed from."""

    def __init__(self, evaluation: Evaluation) -> None:
        self.program: Program = evaluation.program
        self.case: Case = evaluation.case
        self._readings: dict[int, list[tuple[Any, Reading]]] = {}
        for (parameter, key), reading in self.case.readings.items():
            self._readings.setdefault(parameter, []).append((key, reading))
        self._open = {parameter for parameter, _ in self.case.unpublished}
        self._used: dict[int, Uses] = {}
        self._standings: dict[int, Standing] = {}

    def version_index(self, number: int) -> int:
        """Which wording applied: 0 is the latest."""
        if self.program.definitions[number].kind == "condition":
            atoms = self.case.atoms.get(condition_key(number))
            return atoms[0] if atoms is not None else 0
        return self.case.version.get(number, 0)

    def version(self, number: int) -> DefinitionVersion:
        return self.program.definitions[number].versions[self.version_index(number)]

    def used(self, number: int) -> Uses:
        """What the applied wording read, as far as this case computed it."""
        found = self._used.get(number)
        if found is None:
            found = self._used[number] = self._use(number)
        return found

    def _use(self, number: int) -> Uses:
        unit = self.program.units[number]
        if number in self.case.given or unit is None:
            return _NOTHING
        uses, memo = unit.uses[self.version_index(number)], self.case.memo
        definitions = tuple([each for each in uses.definitions if memo[each] is not UNSET])
        parameters = tuple([each for each in uses.parameters if each in self._readings or each in self._open or self.program.parameters[each].bands])
        return Uses(definitions, parameters, uses.facts)

    def reach(self, roots: Iterable[int], within: str | None = None) -> set[int]:
        """The definitions that took part in computing the roots, roots included.

        `within` stops at the results of other schemes: they are reached, what stands behind them is not.
        """
        seen: set[int] = set()
        waiting = [root for root in roots if self.case.memo[root] is not UNSET]
        while waiting:
            number = waiting.pop()
            if number in seen:
                continue
            seen.add(number)
            if within is None or self.program.definitions[number].name.scheme == within:
                waiting.extend(self.used(number).definitions)
        return seen

    def readings(self, parameter: int) -> list[tuple[Any, Reading]]:
        """The (key, reading) pairs taken from a parameter, in key order."""
        found = self._readings.get(parameter, [])
        return sorted(found, key=lambda pair: (pair[0] is not None, pair[0])) if len(found) > 1 else found

    def parameter_standing(self, parameter: int) -> Standing:
        """The worst standing among the rows that were read."""
        return max((reading.standing for _, reading in self._readings.get(parameter, ())), default=Standing.OFFICIAL)

    def standing(self, number: int) -> Standing:
        """The worst standing among a definition's wording, its rounding and everything it was computed from."""
        if number in self._standings:
            return self._standings[number]
        if number in self.case.given:
            return Standing.OFFICIAL
        self._standings[number] = Standing.OFFICIAL
        used, version = self.used(number), self.version(number)
        worst = version.lowered.clause.standing
        if version.rounding_standing is not None and version.rounding is not None:
            worst = max(worst, version.rounding_standing)
        for parameter in used.parameters:
            worst = max(worst, self.parameter_standing(parameter))
        for each in used.definitions:
            worst = max(worst, self.standing(each))
        self._standings[number] = worst
        return worst

    def blame(self, roots: Iterable[int]) -> tuple[list[str], list[tuple[int, object]], list[int]]:
        """What keeps unknown roots unknown: facts not given, (parameter, key) not published, divisions by zero."""
        facts: dict[str, None] = {}
        figures: dict[tuple[int, object], None] = {}
        zero: dict[int, None] = {}
        seen: set[int] = set()
        waiting = [root for root in roots if self.case.memo[root] is None]
        while waiting:
            number = waiting.pop(0)
            if number in seen:
                continue
            seen.add(number)
            used = self.used(number)
            facts.update((fact, None) for fact in used.facts if self.case.facts.get(fact) is None)
            figures.update(((parameter, key), None) for parameter, key in self.case.unpublished if parameter in used.parameters)
            if number in self.case.zero_divisions:
                zero[number] = None
            waiting.extend(each for each in used.definitions if self.case.memo[each] is None)
        return list(facts), list(figures), list(zero)
