"""What next: the fewest questions still worth asking, best first, each with the reason why it is asked.

Only a fact that can still change the status or an amount of a scheme asked for is a question. What settles a scheme ends its
questions: a false condition, or one that stays unknown, leaves no amount to be asked for.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from app.engine import Engine, Evaluation, InputError, InputFault, Request
from app.engine.inquiry import Inquiry, SchemeState, State
from app.engine.open_values import Open, bits
from app.engine.walk import Walk
from app.language import Fact, Title

from .likely_answers import likely_answers
from .ranking import Ranking, asked_ever

_YES_NO = ((True, Title("是", "yes")), (False, Title("否", "no")))


@dataclass(frozen=True, slots=True)
class Reason:
    """A condition or an amount that hangs on the answer; `named_by` is the nearest rule that names the fact itself."""

    scheme: str
    number: int
    named_by: int


@dataclass(frozen=True, slots=True)
class Question:
    """A fact to ask for. `optional`: the rules say what holds without an answer. `choices` are those that the case allows."""

    fact: Fact
    optional: bool
    choices: tuple[tuple[str | bool, Title], ...]
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Outlook:
    """One scheme: settled or what is open in it, by definition number with the facts it hangs on now; `unknown` stay unknown."""

    state: SchemeState
    open: tuple[tuple[int, tuple[str, ...]], ...]
    unknown: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Progress:
    """Questions answered (of those that these schemes can ask), expected to be left, and left at most."""

    answered: int
    expected: int
    at_most: int

    @property
    def percent(self) -> int:
        """How much of the way is done: 100 once nothing is left to ask."""
        return 100 if not self.at_most else min(99, 100 * self.answered // max(1, self.answered + self.expected))


@dataclass(frozen=True, slots=True)
class Questions:
    request: Request
    left_out: tuple[str, ...]
    evaluation: Evaluation
    walk: Walk
    questions: tuple[Question, ...]
    schemes: tuple[Outlook, ...]
    progress: Progress

    @property
    def settled(self) -> bool:
        return all(each.state.settled for each in self.schemes)


def questions(engine: Engine, request: Request, left_out: Collection[str] = ()) -> Questions:
    """The questions of a case. `left_out` are facts that nobody will state. Raises InputError as `Engine.evaluate` does."""
    _check_left_out(request, left_out)
    evaluation = engine.evaluate(request)
    inquiry = Inquiry(engine, request, left_out)
    state = inquiry.state()
    if state is None:
        raise InputError([InputFault("/facts", "too_long", "事实或给定值使计算年限超出合理范围，请核对年份和日期。", "the facts or given values make a series of years impossibly long. Check the years and dates.")])
    ranking = Ranking(inquiry, list(engine.rulebook.facts.facts.values()))
    ranked = ranking.ranked(state)
    answered = len(inquiry.rested_on() & {*request.facts, *left_out})
    progress = Progress(answered, ranking.expected(state), asked_ever(state).bit_count())
    asked = tuple(_question(fact, inquiry, state) for fact in ranked)
    return Questions(request, tuple(left_out), evaluation, Walk(evaluation), asked, tuple(_outlook(each, inquiry) for each in state.schemes), progress)


def _check_left_out(request: Request, left_out: Collection[str]) -> None:
    faults = [
        InputFault(f"/left_out/{index}", "stated_too", f"'{name}' 已在 facts 中给出，不能又列为不答。", f"'{name}' is stated under facts. Take it out of one of the two.")
        for index, name in enumerate(left_out)
        if name in request.facts
    ]
    if faults:
        raise InputError(faults)


def _question(fact: Fact, inquiry: Inquiry, state: State) -> Question:
    reasons, optional = [], True
    for scheme in state.schemes:
        for number, value in _open(scheme).items():
            if fact.name in inquiry.facts_in(value.now):
                reasons.append(Reason(scheme.plan.scheme, number, inquiry.named_by(number, fact.name, state)))
                optional = optional and fact.name not in inquiry.facts_in(value.needed)
    return Question(fact, optional, _choices(fact, inquiry), tuple(reasons))


def _open(scheme: SchemeState) -> dict[int, Open]:
    return {**scheme.open_conditions, **scheme.open_amounts}


def _choices(fact: Fact, inquiry: Inquiry) -> tuple[tuple[str | bool, Title], ...]:
    """The choices that contradict nothing said so far."""
    if fact.kind not in ("enum", "boolean"):
        return ()
    titles: dict[object, Title] = dict(fact.values or _YES_NO)
    found = [(each, titles[each]) for each in likely_answers(fact, inquiry.request.as_of) if isinstance(each, str | bool)]
    return tuple((value, title) for value, title in found if inquiry.possible({fact.name: value}))


def _outlook(scheme: SchemeState, inquiry: Inquiry) -> Outlook:
    waiting = tuple((number, tuple(inquiry.names[each] for each in bits(value.now))) for number, value in _open(scheme).items())
    values = {**scheme.conditions, **scheme.amounts} if scheme.status != "not_eligible" else {}
    return Outlook(scheme, waiting, tuple(number for number, value in values.items() if value is None))
