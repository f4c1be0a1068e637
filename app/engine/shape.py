"""The shape of one scheme's evaluation: everything its explanation depends on but the values themselves.

Two cases of the same shape had the same rules applied, the same figures read with the same standings, and the same things
unknown. What is said of them but for the values (which lines a trace has, what is missing, what is in doubt) is made once.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from functools import partial
from operator import itemgetter
from typing import Any

from app.language import Standing

from .case import UNSET, Case, holds_unknown
from .compiled import Uses
from .kept import Made
from .program import Program

_UNSET, _UNKNOWN, _KNOWN, _PARTLY, _ASKED, _READ = range(6)
_HOLDING = frozenset({list, dict})


@dataclass(frozen=True, slots=True)
class Closure:
    """What a scheme may read, through whatever it uses: definitions (each after those it uses), parameters, facts.

    `own` are the definitions of the scheme itself. `parts` pick the states that make up its shape, scheme by scheme; a part that
    several schemes read has one number.
    """

    definitions: tuple[int, ...]
    own: tuple[int, ...]
    parameters: frozenset[int]
    parts: tuple[tuple[int, Callable[[list[Hashable]], Any]], ...]

    @staticmethod
    def of(program: Program, scheme: str) -> Closure:
        """The closure of a compiled scheme, made once a program."""
        return Closure.by_scheme(program)[scheme]

    @staticmethod
    def by_scheme(program: Program) -> Made[Closure]:
        return program.kept.once(("closures", program.compiled), lambda: Made(partial(_closure, program)))


def _closure(program: Program, scheme: str) -> Closure:
    plan = program.plan(scheme)
    definitions: dict[int, None] = {}
    parameters: dict[int, None] = {}
    seen: set[int] = set()
    waiting = [(number, False) for number in reversed([*(each.unit.number for each in plan.conditions), *plan.benefits, *plan.outputs])]
    while waiting:
        number, below_done = waiting.pop()
        if below_done:
            definitions[number] = None
            continue
        if number in seen:
            continue
        seen.add(number)
        waiting.append((number, True))
        unit = program.units[number]
        for uses in () if unit is None else unit.uses:
            parameters |= dict.fromkeys(uses.parameters)
            waiting += [(each, False) for each in reversed(uses.definitions)]
    order = tuple(definitions)
    of_schemes: dict[str, list[int]] = {}
    for number in order:
        of_schemes.setdefault(program.definitions[number].name.scheme, []).append(number)
    return Closure(order, tuple(of_schemes.get(scheme, ())), frozenset(parameters), tuple(_part(program, numbers) for numbers in of_schemes.values()))


def _part(program: Program, numbers: list[int]) -> tuple[int, Callable[[list[Hashable]], Any]]:
    """Definitions with the parameters and facts they read: a number for them, and what picks their states."""
    places = Places.of(program)
    picked = dict.fromkeys(numbers)
    for unit in [program.units[number] for number in numbers]:
        for uses in () if unit is None else unit.uses:
            picked |= dict.fromkeys([places.parameters + each for each in uses.parameters])
            picked |= dict.fromkeys([places.facts[each] for each in uses.facts])
    chosen = tuple(sorted(picked))
    return program.kept.number(("part", chosen)), itemgetter(0, *chosen)


@dataclass(frozen=True, slots=True)
class Places:
    """Where something of each definition, parameter and fact stands in one list: definitions by number, parameters from
    `parameters` on, facts by name."""

    parameters: int
    facts: Mapping[str, int]
    count: int

    @staticmethod
    def of(program: Program) -> Places:
        return program.kept.once(("places", program.compiled), lambda: _find_places(program))


def _find_places(program: Program) -> Places:
    definitions, parameters = len(program.definitions), len(program.parameters)
    units = [unit for unit in program.units if unit is not None]
    names = dict.fromkeys(name for unit in units for uses in (*unit.uses, said(program, unit.number)) for name in uses.facts)
    facts = {name: number for number, name in enumerate(names, definitions + parameters)}
    return Places(definitions, facts, definitions + parameters + len(facts))


def said(program: Program, number: int) -> Uses:
    """What the texts read that are said of a condition where it is not met."""
    return program.reads([each for version in program.definitions[number].versions for each in (version.lowered.shortfall, *version.lowered.unmet.values()) if each is not None])


class Shapes:
    """The shapes of one evaluation's schemes."""

    def __init__(self, program: Program, case: Case, standings: Mapping[int, Standing]) -> None:
        self._program = program
        self._closures = Closure.by_scheme(program)
        self._parts: dict[int, int] = {}
        self._states = _states(program, case, standings)
        self._keys: dict[str, Hashable] = {}
        self._found: dict[str, dict[Any, Any]] = {}

    def of(self, scheme: str) -> dict[Any, Any]:
        """A store for what explanations of this shape share."""
        found = self._found.get(scheme)
        if found is None:
            found = self._found[scheme] = self._program.kept.outline(self.key(scheme))
        return found

    def key(self, scheme: str) -> Hashable:
        """The shape of a scheme."""
        found = self._keys.get(scheme)
        if found is None:
            found = self._keys[scheme] = self._key(scheme)
        return found

    def _key(self, scheme: str) -> Hashable:
        found, kept = [], self._parts
        for number, pick in self._closures[scheme].parts:
            part = kept.get(number)
            if part is None:
                part = kept[number] = self._program.kept.number((number, pick(self._states)))
            found.append(part)
        return scheme, tuple(found)


def _states(program: Program, case: Case, standings: Mapping[int, Standing]) -> list[Hashable]:
    """Of each definition whether it was computed, given, unknown or partly so, by which wording; of conditions also every truth;
    of each parameter how firm what was read of it is, and what of it is not published; of each fact whether it was asked for in vain."""
    places = Places.of(program)
    states: list[Hashable] = [
        _UNSET if value is UNSET else _UNKNOWN if value is None else _PARTLY if type(value) in _HOLDING and holds_unknown(value) else _KNOWN
        for value in case.memo
    ]
    states += [_UNSET] * (places.count - len(states))
    for parameter, standing in standings.items():
        states[places.parameters + parameter] = _READ + standing
    for parameter, key in case.unpublished:
        states[places.parameters + parameter] = (states[places.parameters + parameter], "unpublished", key)
    asked = places.facts
    for name in case.facts.asked():
        if name in asked:
            states[asked[name]] = _ASKED
    for number, version in case.version.items():
        states[number] = (states[number], version)
    for number in case.given:
        states[number] = (states[number], "given")
    for number, decided in case.decided.items():
        states[number] = decided
    for number in case.zero_divisions:
        if number < places.parameters:
            states[number] = (states[number], "zero")
    return states
