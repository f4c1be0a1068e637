"""What makes a scheme worth telling a person of: a condition that what is known has met, or a known fact that few schemes ask for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from app.engine import Dependencies, Engine, Probe, Program, Request, SchemePlan, dependencies

# A fact that more than this share of the schemes rests on (age, sex) says nothing of a single one.
_COMMON = 0.15


@dataclass(frozen=True, slots=True)
class SchemeFacts:
    """The facts below each condition that is not met of itself, by the condition's key; below all conditions (below the
    benefits, where there are none); and below anything at all."""

    conditions: Mapping[str, frozenset[str]]
    decisive: frozenset[str]
    every: frozenset[str]


@dataclass(frozen=True, slots=True)
class Relevance:
    """Of one program and the schemes asked of it."""

    schemes: Mapping[str, SchemeFacts]
    common: frozenset[str]

    def suggested(self, plan: SchemePlan, met: Mapping[str, bool | None], stated: frozenset[str]) -> bool:
        """Whether anything known suggests a scheme that is still open."""
        facts = self.schemes[plan.scheme]
        if any(truth and not stated.isdisjoint(facts.conditions.get(key, frozenset())) for key, truth in met.items()):
            return True
        return not (stated - self.common).isdisjoint(facts.decisive)


def relevance(engine: Engine, request: Request) -> Relevance:
    """What a request's schemes rest on, made once for a program."""
    schemes = request.schemes
    program = engine.program(request.as_of, request.region, request.reforms, schemes)
    return program.kept.once(("relevance", schemes), lambda: _relevance(engine, request, program))


def _relevance(engine: Engine, request: Request, program: Program) -> Relevance:
    schemes = request.schemes
    # Of somebody nothing is known of, on the first day of this law: what is met then tells of nobody.
    nobody = Probe(engine, Request(program.law.epoch, schemes, {}, request.region, request.reforms)).base()
    found = {scheme: _facts(program, dependencies(program), program.plan(scheme), nobody.met) for scheme in schemes}
    asked = Counter(fact for each in found.values() for fact in each.decisive)
    return Relevance(found, frozenset(fact for fact, count in asked.items() if count > _COMMON * len(schemes)))


def _facts(program: Program, rests: Dependencies, plan: SchemePlan, of_itself: Mapping[int, bool | None]) -> SchemeFacts:
    conditions = {each.key: rests.facts_of(each.unit.number) for each in plan.conditions if of_itself[each.unit.number] is not True}
    of_benefits = [rests.facts_of(number) for number in plan.benefits]
    decisive = frozenset().union(*(conditions.values() if plan.conditions else of_benefits))
    told = [*of_benefits, *(rests.facts_of(number) for number in (*plan.outputs, *(each.unit.number for each in plan.conditions)))]
    for each in plan.conclusions:
        reads = program.reads([each.lowered.when, *each.lowered.placeholders.values()])
        told += [frozenset(reads.facts), *(rests.facts_of(number) for number in reads.definitions)]
    return SchemeFacts(conditions, decisive, decisive.union(*told))


def resting_on(found: Relevance, schemes: Iterable[str], facts: frozenset[str]) -> tuple[str, ...]:
    """The schemes that look at any of some facts, in their answer or in what they tell."""
    return tuple(scheme for scheme in schemes if not facts.isdisjoint(found.schemes[scheme].every))
