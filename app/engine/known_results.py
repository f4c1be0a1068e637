"""When a scheme's answer is the same as one that was given before.

What an answer says of a scheme follows from the facts its rules read, what other schemes' rules that they use came to, the day
and the place, and the shape of the case (`shape.py`) for all that stands behind. People of whom little is known of most schemes
are many, and so are the same people asked again with one more fact.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import NoneType
from typing import Any

from app.language import YearMonth, ir

from .evaluate import Evaluation, Outcome
from .numbers import CERTIFIED
from .program import Program
from .request import Language, TraceLevel
from .shape import Closure
from .walk import Walk

# Values that are equal only where they are shown alike; decimals are taken as they are written. `object` is a value not computed.
_PLAIN = frozenset({NoneType, bool, str, date, YearMonth, object})
# Longer lists are rarely had again.
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class _Inputs:
    """What the rules of one scheme read themselves: facts, definitions of other schemes, parameters."""

    facts: frozenset[str]
    others: tuple[int, ...]
    parameters: tuple[int, ...]

    @staticmethod
    def of(program: Program, scheme: str) -> _Inputs:
        return program.kept.once(("inputs", scheme, program.compiled), lambda: _inputs(program, scheme))


def _inputs(program: Program, scheme: str) -> _Inputs:
    own = Closure.of(program, scheme).own
    facts: dict[str, None] = {}
    definitions: dict[int, None] = {}
    parameters: dict[int, None] = {}
    for number in own:
        told: list[ir.Expr] = []
        for version in program.definitions[number].versions:
            told += [each for each in (version.lowered.shortfall, *version.lowered.unmet.values()) if each is not None]
        unit = program.units[number]
        for uses in (program.reads(told), *(() if unit is None else unit.uses)):
            facts |= dict.fromkeys(uses.facts)
            definitions |= dict.fromkeys(uses.definitions)
            parameters |= dict.fromkeys(uses.parameters)
    return _Inputs(frozenset(facts), tuple(each for each in definitions if each not in set(own)), tuple(parameters))


class ResultKeys:
    """The keys of one evaluation's results in one language and form."""

    def __init__(self, evaluation: Evaluation, walk: Walk, language: Language, level: TraceLevel) -> None:
        request, case = evaluation.request, evaluation.case
        self._program, self._case, self._walk = evaluation.program, case, walk
        self._asked = language, level, request.as_of, request.region
        self._none = level == "full" or bool(request.given or request.assumptions) or evaluation.arithmetic != CERTIFIED.name
        self._facts = {} if self._none else {name: _fact(value) for name, value in case.facts.items() if value is not None}
        self._too_long = frozenset(name for name, value in self._facts.items() if value is None)

    def of(self, outcome: Outcome) -> Hashable | None:
        """All that the answer of a scheme follows from; None where that is too much to be had again (long lists, figures given, a full trace)."""
        if self._none:
            return None
        inputs, walk = _Inputs.of(self._program, outcome.scheme), self._walk
        if not self._too_long.isdisjoint(inputs.facts):
            return None
        others: tuple[Hashable, ...] | None = ()
        if inputs.others:
            memo, before = self._case.memo, self._case.before_rounding
            others = _written([*(memo[each] for each in inputs.others), *(before.get(each) for each in inputs.others)])
            if others is None:
                return None
        outline = walk.outline(outcome.scheme)
        read = walk.keys_read((*inputs.parameters, *outline.get("doubtful", ())))
        rows = tuple([tuple(walk.rows.get(each, ())) for each in inputs.others]) if walk.rows else ()
        return id(outline), self._asked, tuple(map(self._facts.get, inputs.facts)), others, read, rows


def _fact(value: Any) -> Hashable:
    """A fact as it is told apart; None of a long list. Facts that were not given are not asked about."""
    kind = type(value)
    if kind is Decimal:
        return str(value)
    if kind in _PLAIN:
        return value, kind
    return repr(value) if len(value) <= _LONGEST else None


def _written(values: Iterable[Any]) -> tuple[Hashable, ...] | None:
    """Values as they are told apart in an answer; None where one is a list or a record."""
    found: list[Hashable] = []
    for value in values:
        kind = type(value)
        if kind is Decimal:
            found.append(str(value))
        elif kind in _PLAIN:
            found.append(value)
        else:
            return None
    return tuple(found)
