"""When a scheme's answer is the same as one that was given before.

What an answer says of a scheme follows from the facts its rules read, what other schemes' rules that they use came to, the day
and the place, and the shape of the case (`shape.py`) for all that stands behind. People of whom little is known of most schemes
are many, and so are the same people asked again with one more fact.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from operator import itemgetter
from types import NoneType
from typing import Any

from app.language import YearMonth

from .evaluate import Evaluation
from .kept import Made
from .numbers import CERTIFIED
from .program import Program
from .request import Language, TraceLevel
from .shape import Closure, Places, said
from .walk import Walk

# Values that are equal only where they are shown alike; decimals are taken as they are written. `object` is a value not computed.
_PLAIN = frozenset({NoneType, bool, str, date, YearMonth, object})
# Longer lists are rarely had again.
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class _Inputs:
    """What the rules of one scheme read themselves (facts, definitions of other schemes, parameters), and the figures that may
    be in doubt behind them: their places, and what picks them from a list."""

    places: frozenset[int]
    pick: Callable[[list[Hashable]], Any]
    others: tuple[int, ...]

    @staticmethod
    def by_scheme(program: Program) -> Made[_Inputs]:
        return program.kept.once(("inputs", program.compiled), lambda: Made(partial(_inputs, program)))


def _inputs(program: Program, scheme: str) -> _Inputs:
    closure, places = Closure.of(program, scheme), Places.of(program)
    facts: dict[str, None] = {}
    definitions: dict[int, None] = {}
    parameters = {each: None for each in closure.parameters if _may_be_in_doubt(program, each)}
    for number in closure.own:
        unit = program.units[number]
        for uses in (said(program, number), *(() if unit is None else unit.uses)):
            facts |= dict.fromkeys(uses.facts)
            definitions |= dict.fromkeys(uses.definitions)
            parameters |= dict.fromkeys(uses.parameters)
    own = set(closure.own)
    others = tuple(each for each in definitions if each not in own)
    read = (*others, *(places.parameters + each for each in parameters), *(places.facts[each] for each in facts))
    return _Inputs(frozenset(read), itemgetter(0, *read), others)


def _may_be_in_doubt(program: Program, number: int) -> bool:
    parameter = program.parameters[number]
    return bool(parameter.bands) or any(row.standing for row in parameter.rows)


def _others(program: Program, schemes: tuple[str, ...]) -> tuple[int, ...]:
    """The definitions that the rules of schemes read of other schemes."""
    return tuple(dict.fromkeys(number for inputs in map(_Inputs.by_scheme(program).__getitem__, schemes) for number in inputs.others))


class ResultKeys:
    """The keys of one evaluation's results in one language and form."""

    def __init__(self, evaluation: Evaluation, walk: Walk, language: Language, level: TraceLevel) -> None:
        request = evaluation.request
        self._program, self._walk = evaluation.program, walk
        self._asked = language, level, request.as_of, request.region
        self._none = level == "full" or bool(request.given or request.assumptions) or evaluation.arithmetic != CERTIFIED.name
        self._inputs = _Inputs.by_scheme(self._program)
        self._too_long: set[int] = set()
        self._values = [] if self._none else self._written(evaluation)

    def of(self, scheme: str) -> Hashable | None:
        """All that the answer of a scheme follows from; None where that is too much to be had again (long lists, figures given, a full trace)."""
        if self._none:
            return None
        inputs = self._inputs[scheme]
        if self._too_long and not self._too_long.isdisjoint(inputs.places):
            return None
        return self._asked, self._walk.shape(scheme), inputs.pick(self._values)

    def _written(self, evaluation: Evaluation) -> list[Hashable]:
        """What schemes may read of the case, as it is told apart in an answer, by its place; nothing where it was not given or read."""
        program, case, walk = evaluation.program, evaluation.case, self._walk
        places = Places.of(program)
        values: list[Hashable] = [None] * places.count
        for name, value in case.facts.items():
            place = places.facts.get(name)
            if value is not None and place is not None:
                values[place] = told = _fact(value)
                if told is None:
                    self._too_long.add(place)
        schemes = evaluation.request.schemes
        for number in program.kept.once(("others", schemes, program.compiled), lambda: _others(program, schemes)):
            value = case.memo[number]
            kind = type(value)
            if kind is Decimal:
                before = case.before_rounding.get(number)
                values[number] = str(value), str(before)
            elif kind in _PLAIN:
                values[number] = value
            else:
                self._too_long.add(number)
        for parameter, rows in walk.all_readings.items():
            values[places.parameters + parameter] = tuple([str(key) for key, _ in rows])
        for owner, hit in walk.rows.items():
            place = owner if owner >= 0 else places.parameters - 1 - owner
            if owner < places.parameters:
                values[place] = values[place], tuple(hit)
        return values


def _fact(value: Any) -> Hashable:
    """A fact as it is told apart; None of a long list."""
    kind = type(value)
    if kind is Decimal:
        return str(value)
    if kind in _PLAIN:
        return value, kind
    return repr(value) if len(value) <= _LONGEST else None
