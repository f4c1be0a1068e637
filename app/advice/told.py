"""A finished evaluation as it is told: amounts with their parts, days, conditions, laws, doubts; in words of one language."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from app.engine import Evaluation, Language, Outcome, Sentences, Speech, Walk, explain
from app.language import Definition, Source, region_name
from app.language.types import DateType, ListType, MonthType, RecordType

from .wording import word

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Amount:
    """A benefit in words; `parts` are the benefits above nothing it is directly made from, in the same unit."""

    number: int
    title: str
    value: str
    parts: tuple[Amount, ...] = ()


class Told:
    """One evaluation in one language; `answer` is what POST /v1/evaluate says of it, without a trace."""

    def __init__(self, evaluation: Evaluation, language: Language) -> None:
        self.evaluation = evaluation
        self.language = language
        self.walk = Walk(evaluation)
        self.say = Speech.of(evaluation.facts, language)
        self.sentences = Sentences(evaluation, self.walk, language)
        self.answer: Json = explain(evaluation, language, "none")

    # -- single things ----------------------------------------------------------------------------

    def word(self, key: str, /, **filled: object) -> str:
        return word(key, self.language, **filled)

    def definition(self, number: int) -> Definition:
        return self.evaluation.program.definitions[number]

    def title(self, number: int) -> str:
        return self.definition(number).title.in_language(self.language)

    def value(self, number: int) -> str:
        return self.say.value(self.evaluation.case.memo[number], self.definition(number).type)

    def law_of(self, number: int) -> Source:
        return self.walk.version(number).source

    def scheme_title(self, scheme: str) -> str:
        return self.evaluation.program.law.schemes[scheme].title.in_language(self.language)

    @property
    def place(self) -> str:
        region = self.evaluation.request.region
        name = region_name(region) or region
        return name if self.language == "zh" else f"{name} ({region})"

    @property
    def day(self) -> str:
        return self.say.day(self.evaluation.request.as_of)

    # -- of a scheme ------------------------------------------------------------------------------

    def benefits(self, outcome: Outcome) -> list[int]:
        """The benefits that are known and due, by number."""
        memo = self.evaluation.case.memo
        shown = outcome.plan.benefits if outcome.status == "eligible" else ()
        return [number for number in shown if memo[number] is not None]

    def amounts(self, outcome: Outcome) -> list[Amount]:
        """The benefits that are no part of another, each with its parts; days and months stand in `days`."""
        shown = [number for number in self.benefits(outcome) if not self._is_day(number)]
        parts = {number: [each for each in self.walk.used(number).definitions if each in shown and self._same_kind(each, number)] for number in shown}
        below = {each for each_parts in parts.values() for each in each_parts}
        return [self._amount(number, parts) for number in shown if number not in below]

    def days(self, outcome: Outcome) -> list[int]:
        """The days and months among benefits and outputs, by number."""
        memo = self.evaluation.case.memo
        numbers = dict.fromkeys([*self.benefits(outcome), *(outcome.plan.outputs if outcome.status == "eligible" else ())])
        return [number for number in numbers if self._is_day(number) and memo[number] is not None]

    def _amount(self, number: int, parts: dict[int, list[int]]) -> Amount:
        memo = self.evaluation.case.memo
        below = tuple(Amount(each, self.title(each), self.value(each)) for each in parts[number] if memo[each])
        return Amount(number, self.title(number), self.value(number), below)

    def _is_day(self, number: int) -> bool:
        return isinstance(self.definition(number).type, DateType | MonthType)

    def _same_kind(self, one: int, other: int) -> bool:
        kind = self.definition(one).type
        return kind == self.definition(other).type and not isinstance(kind, ListType | RecordType)

    def laws(self, outcome: Outcome) -> tuple[Source, ...]:
        """The laws of what is due, and of the conditions that decided, each once."""
        conditions = zip(outcome.plan.numbers, outcome.truths, strict=True)
        decisive = [number for number, met in conditions if outcome.status == "eligible" or met is False]
        numbers = [*(amount.number for amount in self.amounts(outcome)), *self.benefits(outcome), *decisive]
        found: dict[str, Source] = {}
        for number in numbers:
            if number not in self.evaluation.case.given:
                source = self.law_of(number)
                found.setdefault(source.cite(), source)
        if not found:
            source = self.evaluation.program.law.schemes[outcome.scheme].source
            found[source.cite()] = source
        return tuple(found.values())

    def cited(self, laws: tuple[Source, ...], at_most: int) -> str:
        """Laws by name and number, the articles of one together; so many instruments at most."""
        articles: dict[str, list[str]] = {}
        for law in laws:
            known = articles.setdefault(replace(law, article=None).cite(), [])
            if law.article is not None and law.article not in known:
                known.append(law.article)
        cited = [f"{name} {joined(each, self.language, '、', '、')}".strip() for name, each in articles.items()]
        text = joined(cited[:at_most], self.language, "；", "; ")
        return text + self.left_out(len(cited), at_most)

    def left_out(self, count: int, told: int) -> str:
        """That there are more than were told."""
        return self.word("and_more", count=count if self.language == "zh" else count - told) if count > told else ""

    def doubts(self, scheme: str) -> list[tuple[str, list[Json]]]:
        """What the result leans on that is not official: (standing, figures), the least firm first."""
        result = self.answer["results"][scheme]
        return [(standing, result[standing]) for standing in ("unverified", "estimated", "provisional") if result[standing]]

    def missing(self, scheme: str) -> list[str]:
        """What would settle an undetermined case, each as one asks a person for it."""
        lines = self.answer["results"][scheme]["missing"]
        return [line.get("sentence") or self.word("missing_fact", what=line.get("question") or line["title"]) for line in lines]


def joined(items: list[str], language: Language, zh: str = "、", en: str = ", ") -> str:
    return (en if language == "en" else zh).join(items)
