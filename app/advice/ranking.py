"""Which question first: the one after which the least is left to ask.

A few answers of each question are tried and what they leave open is weighed: what is asked for certain counts whole, what
may be asked later half, amounts of a scheme whose conditions are open half of that, each by what it takes to answer. An
answer that settles a scheme takes all its questions away, so what knocks out comes early, and what several schemes ask counts
for all of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from app.engine.inquiry import Inquiry, SchemeState, State
from app.engine.open_values import bits
from app.engine.request import FactValue
from app.language import Fact

from .likely_answers import burden, likely_answers

MAX_LOOKS = 240
MAX_STEPS = 60
_WAYS = 4
_LATER = 0.5
_AMOUNT = 0.5


@dataclass(slots=True)
class Ranking:
    """Ranks the questions of one inquiry; `looks` is how many more answers may be tried."""

    inquiry: Inquiry
    facts: list[Fact]
    looks: int = field(default=MAX_LOOKS)

    def ranked(self, state: State) -> list[Fact]:
        """Every fact that a result hangs on now: those of conditions first, best first."""
        conditions, amounts = asked_now(state)
        first = self._by_cheapness(conditions, state)
        second = self._by_cheapness(amounts & ~conditions, state)
        return [*self._best_first(first, state), *(second if first else self._best_first(second, state))]

    def _by_cheapness(self, mask: int, state: State) -> list[Fact]:
        """Without trying anything: what many schemes ask for, then what is easy to answer."""
        count = {number: sum(bool(_mask(each) >> number & 1) for each in state.schemes) for number in bits(mask)}
        order = sorted(count, key=lambda number: (-count[number], burden(self.facts[number])))
        return [self.facts[number] for number in order]

    def _best_first(self, facts: list[Fact], state: State) -> list[Fact]:
        if len(facts) < 2:
            return facts
        scores = {fact.name: self._score(fact, state) for fact in facts}
        return sorted(facts, key=lambda fact: scores[fact.name])

    def _score(self, fact: Fact, state: State) -> float:
        """What is expected to be left to answer, this question included; nothing is tried once the looks are used up."""
        left = []
        for answer in likely_answers(fact, self.inquiry.request.as_of):
            if self.looks <= 0:
                break
            self.looks -= 1
            after = self.inquiry.state({fact.name: answer})
            if after is not None:
                left.append(self.weight(after))
        return burden(fact) + (sum(left) / len(left) if left else self.weight(state))

    def weight(self, state: State) -> float:
        """What is left to answer in a case, weighed."""
        shares: dict[int, float] = {}
        for scheme in state.schemes:
            waiting = scheme.open_conditions()
            of_amounts = _AMOUNT if waiting else 1.0
            for values, share in ((waiting.values(), 1.0), (scheme.open_amounts().values(), of_amounts)):
                for value in values:
                    _weigh(value.now, share, shares)
                    _weigh(value.later & ~value.now, share * _LATER, shares)
        return sum(share * burden(self.facts[number]) for number, share in shares.items())

    def expected(self, state: State) -> int:
        """How many questions are left on average, over a few ways to answer them: the usual one, and others."""
        ways = [self._answered(state, way) for way in range(_WAYS)]
        return -(-sum(ways) // _WAYS)

    def _answered(self, state: State, way: int) -> int:
        """How many questions it takes to settle everything if each is answered in one way."""
        inquiry = self.inquiry.copy()
        current: State | None = state
        for step in range(MAX_STEPS):
            conditions, amounts = (0, 0) if current is None else asked_now(current)
            if current is None or not (conditions | amounts):
                return step
            fact = self._by_cheapness(conditions or amounts, current)[0]
            answers = _usual_first(fact, likely_answers(fact, inquiry.request.as_of))
            turned = [*answers[way % len(answers) :], *answers[: way % len(answers)]] if answers else []
            inquiry.answer(fact.name, next((each for each in turned if inquiry.possible({fact.name: each})), None))
            current = inquiry.state()
        return MAX_STEPS


def asked_now(state: State) -> tuple[int, int]:
    """The facts that open conditions, and open amounts, hang on now."""
    conditions = amounts = 0
    for scheme in state.schemes:
        for value in scheme.open_conditions().values():
            conditions |= value.now
        for value in scheme.open_amounts().values():
            amounts |= value.now
    return conditions, amounts


def asked_ever(state: State) -> int:
    """All facts that may still be asked for, whatever the answers."""
    later = 0
    for scheme in state.schemes:
        for value in (*scheme.open_conditions().values(), *scheme.open_amounts().values()):
            later |= value.later
    return later


def _mask(scheme: SchemeState) -> int:
    mask = 0
    for value in (*scheme.open_conditions().values(), *scheme.open_amounts().values()):
        mask |= value.now
    return mask


def _weigh(mask: int, share: float, shares: dict[int, float]) -> None:
    for number in bits(mask):
        shares[number] = max(share, shares.get(number, 0.0))


def _usual_first(fact: Fact, answers: tuple[FactValue, ...]) -> list[FactValue]:
    """The dictionary's own example first."""
    return sorted(answers, key=lambda each: str(each).lower() != fact.example)
