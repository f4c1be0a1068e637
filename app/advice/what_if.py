"""What if: the smallest change of one fact that reaches a goal, with the value just before it that does not, and proof.

Each lever is searched on its own, nearest first; every value found is evaluated in full before anybody is told of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from time import monotonic
from typing import Any

from app.engine import Engine, Evaluation, Incident, InputError, InputFault, Outcome, Probe, Request, find_rule, read_figure, render_value
from app.engine.bounds import Enclosure
from app.language import YearMonth
from app.language.types import DateType, MonthType, NumberType

from .what_if_goal import Aim, Goal, Wanted
from .what_if_levers import LeftOut, Lever, choose
from .what_if_search import Budget, Line, Search

# Seconds that one answer may take for all it tries; a share of what is left goes to each lever in turn.
PATIENCE = 8.0


@dataclass(frozen=True, slots=True)
class WhatIfQuestion:
    """The goal as asked, by names and texts; `allowed` None for whatever a person can change."""

    scheme: str | None = None
    status: Wanted = "eligible"
    benefit: str | None = None
    at_least: Any = None
    at_most: Any = None
    allowed: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """The case with one value changed, evaluated in full; None where no such case can be."""

    value: Any
    evaluation: Evaluation | None
    outcome: Outcome | None


@dataclass(frozen=True, slots=True)
class Alternative:
    """One change that reaches the goal. `before` is the nearest value that does not, None for a choice.

    `until` is the farthest value on the same side up to which every case that can be reaches it, None where that is the end
    or `until_proven` is False. `others` are further choices that reach it.
    """

    lever: Lever
    after: Seen
    before: Seen | None
    proven: bool
    until: Any = None
    until_proven: bool = False
    others: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Tried:
    """A lever and whether a value of it reaches the goal; not `proven` where the search ran out of time."""

    lever: Lever
    found: bool
    proven: bool


@dataclass(frozen=True, slots=True)
class WhatIf:
    """`now` is the case as it stands, `reached` where that is the goal already: then nothing is tried.

    `nearly` are changes after which every condition is met though an amount is not known, where nothing makes a person eligible.
    """

    request: Request
    goal: Goal
    probe: Probe
    now: Evaluation
    reached: bool
    alternatives: tuple[Alternative, ...]
    nearly: tuple[Alternative, ...]
    tried: tuple[Tried, ...]
    left_out: tuple[LeftOut, ...]


def what_if(engine: Engine, request: Request, question: WhatIfQuestion, *, patience: float = PATIENCE) -> WhatIf:
    """The changes that reach the goal, the smallest first. Raises InputError on a question that has none."""
    now = engine.evaluate(request)
    scheme = question.scheme or request.schemes[0]
    if scheme not in request.schemes:
        zh, en = f"'{scheme}' 不在所问险种之中。请把它加入 schemes。", f"'{scheme}' is not among the schemes asked for. Add it to 'schemes'."
        raise InputError([InputFault("/goal/scheme", "unknown_scheme", zh, en)])
    probe = Probe(engine, request, only=(scheme,))
    goal = _goal(probe, scheme, question)
    asked = _Asked(engine, probe, goal)
    levers, left_out = choose(probe, engine.rulebook.facts, question.allowed, asked.roots)
    if asked.reached_already():
        return WhatIf(request, goal, probe, now, True, (), (), (), tuple(left_out))
    ends = monotonic() + patience
    found, tried = asked.alternatives(levers, ends)
    open_case = _Asked(engine, probe, replace(goal, status="undetermined"))
    seek_open = not found and goal.status == "eligible" and goal.benefit is None and not open_case.reached_already()
    nearly = open_case.alternatives(levers, ends)[0] if seek_open else ()
    return WhatIf(request, goal, probe, now, False, found, nearly, tried, tuple(left_out))


def _goal(probe: Probe, scheme: str, question: WhatIfQuestion) -> Goal:
    if question.benefit is None:
        return Goal(scheme, question.status)
    law = probe.program.law.schemes[scheme]
    known = {each.name.local: each for each in law.benefits() if isinstance(each.type, NumberType | DateType | MonthType)}
    found = known.get(question.benefit)
    if found is None:
        zh = f"'{scheme}' 此时此地没有可比大小的待遇 '{question.benefit}'。" + (f"可选：{'、'.join(known)}。" if known else "")
        en = f"'{scheme}' has no benefit '{question.benefit}' here and now that is a number, a date or a month." + (f" There are: {', '.join(known)}." if known else "")
        raise InputError([InputFault("/goal/benefit", "unknown_name", zh, en)])
    bound = "at_least" if question.at_least is not None else "at_most"
    target = read_figure(question.at_least if question.at_least is not None else question.at_most, found.type, f"/goal/{bound}")
    return Goal(scheme, "eligible", probe.program.number_of[found.name], "at_least" if question.at_least is not None else "at_most", target)


class _Asked:
    """One question under way."""

    def __init__(self, engine: Engine, probe: Probe, goal: Goal) -> None:
        self._engine = engine
        self._probe = probe
        self._aim = Aim(goal, probe)
        self.roots = self._aim.roots

    def reached_already(self) -> bool:
        return self._reaches({}, {})

    def alternatives(self, levers: list[Lever], ends: float) -> tuple[tuple[Alternative, ...], tuple[Tried, ...]]:
        """What of each lever reaches the goal, the smallest first; `ends` is when patience does, by the monotonic clock."""
        alternatives: list[Alternative] = []
        tried: list[Tried] = []
        for position, lever in enumerate(levers):
            share = (ends - monotonic()) / (len(levers) - position)
            found, proven = self._choices(lever) if lever.kind == "choice" else self._values(lever, Budget(monotonic() + share))
            alternatives += [] if found is None else [found]
            tried.append(Tried(lever, found is not None, proven))
        return tuple(sorted(alternatives, key=_rank)), tuple(tried)

    # -- one lever ----------------------------------------------------------------------------

    def _choices(self, lever: Lever) -> tuple[Alternative | None, bool]:
        reaching = [choice for choice in lever.choices if self._holds(lever, choice)]
        if not reaching:
            return None, True
        return Alternative(lever, self._in_full(lever, reaching[0], reaches=True), None, proven=True, others=tuple(reaching[1:])), True

    def _values(self, lever: Lever, budget: Budget) -> tuple[Alternative | None, bool]:
        enclosure = Enclosure(self._probe, lever.moves)
        scale = lever.step if lever.kind == "number" else Decimal(1)

        def may_reach(first: int, last: int) -> bool:
            return self._aim.may_reach(enclosure.over(first * scale, last * scale))

        def may_miss(first: int, last: int) -> bool:
            return self._aim.may_miss(enclosure.over(first * scale, last * scale))

        def misses(step: int) -> bool:
            return self._plausible(lever, lever.value(step)) and not self._holds(lever, lever.value(step))

        line = lever.line(self._probe.request.as_of)
        nearest = Search(line, may_reach, lambda step: self._holds(lever, lever.value(step)), budget).run()
        if nearest.step is None:
            return None, nearest.proven
        after = self._in_full(lever, lever.value(nearest.step), reaches=True)
        side = 1 if nearest.step >= line.origin else -1
        beyond = Search(Line(lever.first, lever.last, Fraction(nearest.step)), may_miss, misses, budget, (side,)).run()
        until = None if beyond.step is None else lever.value(beyond.step - side)
        found = Alternative(lever, after, self._just_before(lever, line, nearest.step, side), nearest.proven, until if beyond.proven else None, beyond.proven)
        return found, nearest.proven

    def _just_before(self, lever: Lever, line: Line, step: int, side: int) -> Seen | None:
        """The value one step nearer to where the case stands: that value itself where no step lies between."""
        nearer = step - side
        if lever.now is None and step == line.origin:  # nothing is nearer
            return None
        if lever.now is None:
            return self._in_full(lever, lever.value(nearer), reaches=False) if lever.first <= nearer <= lever.last else None
        if side * nearer < side * line.origin:
            return self._in_full(lever, lever.now, reaches=False)
        return self._in_full(lever, lever.value(nearer), reaches=False)

    # -- asking the engine --------------------------------------------------------------------

    def _changed(self, lever: Lever, value: Any) -> tuple[dict[str, Any], dict[int, Any]]:
        return ({lever.name: value}, {}) if lever.definition is None else ({}, {lever.definition: value})

    def _holds(self, lever: Lever, value: Any) -> bool:
        return self._reaches(*self._changed(lever, value))

    def _plausible(self, lever: Lever, value: Any) -> bool:
        return self._probe.ask(*self._changed(lever, value)).plausible

    def _reaches(self, facts: Mapping[str, Any], given: Mapping[int, Any]) -> bool:
        found = self._aim.reached(self._probe.ask(facts, given))
        if found is None:
            found = self._aim.reached(self._probe.ask_in_fractions(facts, given))
        return bool(found)

    def _in_full(self, lever: Lever, value: Any, *, reaches: bool) -> Seen:
        """The whole evaluation of a changed case. Raises Incident where it does not say what the search found."""
        request = self._probe.request
        if lever.definition is None:
            changed = replace(request, facts={**request.facts, lever.name: value})
        else:
            changed = replace(request, given={**self._without(lever.definition), lever.name: render_value(value)})
        if value == lever.now:
            changed = request
        try:
            evaluation = self._engine.evaluate(changed)
        except InputError:
            if reaches:
                raise Incident(f"{lever.name} = {value} was found, but cannot be evaluated.") from None
            return Seen(value, None, None)
        outcome = next(each for each in evaluation.outcomes if each.scheme == self._aim.goal.scheme)
        if reaches and outcome.status != self._aim.goal.status:
            raise Incident(f"{lever.name} = {value} was found, but its evaluation says otherwise.")
        return Seen(value, evaluation, outcome)

    def _without(self, number: int) -> dict[str, Any]:
        """What is given, without the figure that is changed, under whichever name it stands."""
        numbers = self._probe.program.number_of
        request = self._probe.request
        return {text: figure for text, figure in request.given.items() if (name := find_rule(text, self._probe.program, request.schemes)) is None or numbers.get(name) != number}


_CLASSES = {"can": 0, "past": 1, "never": 2}
_KINDS = {"choice": 0, "day": 1, "month": 1, "number": 2}


def _rank(found: Alternative) -> tuple[Any, ...]:
    """What a person can change first, then what is certain; within a kind and unit the smallest change."""
    lever = found.lever
    size = size_of(lever, found.after.value)
    unit = lever.unit or ""
    return (_CLASSES[lever.changes], not found.proven, _KINDS[lever.kind], unit, Fraction(0) if size is None else abs(size), lever.name)


def amount_of(lever: Lever, value: Decimal) -> str:
    """The change of a number, without a sign, as figures of its kind are written."""
    return str(render_value(abs(value - lever.now)))


def size_of(lever: Lever, value: Any) -> Fraction | None:
    """The change from where the case stands: of a number in its unit, of a day in days, of a month in months; None where there is none to tell."""
    if lever.now is None or lever.kind == "choice":
        return None
    if isinstance(value, date) and isinstance(lever.now, date):
        return Fraction((value - lever.now).days)
    if isinstance(value, YearMonth):
        return Fraction(int(value) - int(lever.now))
    return Fraction(value) - Fraction(lever.now)
