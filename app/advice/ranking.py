"""Which question first: the one after which the least is left to ask.

A few answers of each question are tried and what they leave open is weighed: what is asked for certain counts whole, what
may be asked later half, amounts of a scheme whose conditions are open half of that, each by what it takes to answer. An
answer that settles a scheme takes all its questions away, so what knocks out comes early, and what several schemes ask counts
for all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.engine.inquiry import Inquiry, State
from app.engine.open_values import Open, bits
from app.engine.request import FactValue
from app.language import Fact

from .likely_answers import burden, likely_answers

MAX_LOOKS = 240
MAX_STEPS = 60
_WAYS = 4
# For certain now; later, or for an amount of a scheme whose conditions are open; later for such an amount.
_SHARES = (1.0, 0.5, 0.25)


@dataclass(slots=True)
class Ranking:
    """Ranks the questions of one inquiry; `looks` is how many more answers may be tried."""

    inquiry: Inquiry
    facts: list[Fact]
    looks: int = MAX_LOOKS
    burdens: list[float] = field(init=False)

    def __post_init__(self) -> None:
        self.burdens = [burden(fact) for fact in self.facts]

    def ranked(self, state: State) -> list[Fact]:
        """Every fact that a result hangs on now: those of conditions first, best first."""
        conditions, amounts = asked_now(state)
        first = self._by_cheapness(conditions, state)
        second = self._by_cheapness(amounts & ~conditions, state)
        return [*self._best_first(first, state), *(second if first else self._best_first(second, state))]

    def _by_cheapness(self, mask: int, state: State) -> list[Fact]:
        """Without trying anything: what many schemes ask for, then what is easy to answer."""
        asking = [_now(each.open_conditions) | _now(each.open_amounts) for each in state.schemes]
        count = {number: sum(each >> number & 1 for each in asking) for number in bits(mask)}
        order = sorted(count, key=lambda number: (-count[number], self.burdens[number]))
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
        """What is left to answer in a case, weighed: each fact as much as the most certain of what hangs on it."""
        levels = [0, 0, 0]
        for scheme in state.schemes:
            for values, level in ((scheme.open_conditions, 0), (scheme.open_amounts, 1 if scheme.open_conditions else 0)):
                levels[level] |= _now(values)
                levels[level + 1] |= _later(values)
        counted, total = 0, 0.0
        for mask, share in zip(levels, _SHARES, strict=True):
            total += share * sum(self.burdens[number] for number in bits(mask & ~counted))
            counted |= mask
        return total

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
        conditions |= _now(scheme.open_conditions)
        amounts |= _now(scheme.open_amounts)
    return conditions, amounts


def asked_ever(state: State) -> int:
    """All facts that may still be asked for, whatever the answers."""
    later = 0
    for scheme in state.schemes:
        later |= _later(scheme.open_conditions) | _later(scheme.open_amounts)
    return later


def _now(values: Mapping[int, Open]) -> int:
    mask = 0
    for value in values.values():
        mask |= value.now
    return mask


def _later(values: Mapping[int, Open]) -> int:
    mask = 0
    for value in values.values():
        mask |= value.later
    return mask


def _usual_first(fact: Fact, answers: tuple[FactValue, ...]) -> list[FactValue]:
    """The dictionary's own example first."""
    return sorted(answers, key=lambda each: str(each).lower() != fact.example)
