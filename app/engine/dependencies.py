"""Which facts a rule rests on, through whatever it is computed from."""

from __future__ import annotations

from collections.abc import Iterable

from .program import Program


class Dependencies:
    """Of one program. A rule rests on a fact if any wording of it, or of a rule it reads, names the fact."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._facts: dict[int, frozenset[str]] = {}
        self._resting: dict[frozenset[str], tuple[int, ...]] = {}
        self._reading: dict[frozenset[int], frozenset[int]] = {}

    def facts_of(self, number: int) -> frozenset[str]:
        """The names of the facts that definition `number` rests on."""
        known = self._facts.get(number)
        if known is not None:
            return known
        waiting = [number]
        while waiting:
            current = waiting[-1]
            below = [used for used in self.used(current) if used not in self._facts]
            if below:
                waiting.extend(below)
                continue
            waiting.pop()
            self._facts[current] = self._named(current).union(*(self._facts[used] for used in self.used(current)))
        return self._facts[number]

    def resting_on(self, facts: Iterable[str]) -> tuple[int, ...]:
        """The definitions that rest on any of some facts, of those compiled by now."""
        wanted = frozenset(facts)
        if wanted not in self._resting:
            compiled = [unit.number for unit in self._program.units if unit is not None]
            self._resting[wanted] = tuple(number for number in compiled if not wanted.isdisjoint(self.facts_of(number)))
        return self._resting[wanted]

    def reading(self, definitions: Iterable[int]) -> frozenset[int]:
        """The definitions that are computed from any of some definitions, these themselves among them."""
        start = frozenset(definitions)
        if start not in self._reading:
            self._reading[start] = self._all_reading(set(start))
        return self._reading[start]

    def _all_reading(self, found: set[int]) -> frozenset[int]:
        while True:
            more = {unit.number for unit in self._program.units if unit is not None and unit.number not in found and not found.isdisjoint(self.used(unit.number))}
            if not more:
                return frozenset(found)
            found |= more

    def used(self, number: int) -> list[int]:
        """The definitions that any wording of a definition reads directly."""
        unit = self._program.units[number]
        return [] if unit is None else [used for uses in unit.uses for used in uses.definitions]

    def parameters(self, number: int) -> list[int]:
        """The parameters that any wording of a definition reads directly."""
        unit = self._program.units[number]
        return [] if unit is None else [used for uses in unit.uses for used in uses.parameters]

    def _named(self, number: int) -> frozenset[str]:
        unit = self._program.units[number]
        return frozenset() if unit is None else frozenset(fact for uses in unit.uses for fact in uses.facts)


def dependencies(program: Program, schemes: tuple[str, ...]) -> Dependencies:
    """The dependencies of a program with these schemes compiled, made once."""
    kept = program.presentation("dependencies")
    if schemes not in kept:
        kept[schemes] = Dependencies(program)
    return kept[schemes]  # type: ignore[no-any-return]
