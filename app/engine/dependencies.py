"""Which facts a rule rests on, through whatever it is computed from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from .program import Program

MAX_KEPT = 4_096
_Key = TypeVar("_Key")
_Found = TypeVar("_Found")


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
        found = self._resting.get(wanted)
        if found is None:
            compiled = [unit.number for unit in self._program.units if unit is not None]
            found = tuple(number for number in compiled if not wanted.isdisjoint(self.facts_of(number)))
            _keep(self._resting, wanted, found)
        return found

    def reading(self, definitions: Iterable[int]) -> frozenset[int]:
        """The definitions that are computed from any of some definitions, these themselves among them."""
        start = frozenset(definitions)
        found = self._reading.get(start)
        if found is None:
            found = self._all_reading(set(start))
            _keep(self._reading, start, found)
        return found

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


def _keep(kept: dict[_Key, _Found], key: _Key, found: _Found) -> None:
    """Add to a store that a flood of odd questions only empties."""
    if len(kept) >= MAX_KEPT:
        kept.clear()
    kept[key] = found


def dependencies(program: Program) -> Dependencies:
    """The dependencies of what is compiled of a program, made once."""
    return program.kept.once(("dependencies", program.compiled), lambda: Dependencies(program))
