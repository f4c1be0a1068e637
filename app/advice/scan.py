"""What a household may get: every scheme in force, for every member, from what is known of them.

Each determination is decided twice, as in a single evaluation. Schemes that look at what the household draws are asked
last, when what its members are paid is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from app.engine import Engine, Evaluation, FactValue, InputError, Language, Outcome, Request, SchemePlan, Status, Walk, render_missing
from app.language import Standing

from .scan_household import Household, Member, Taken, household
from .scan_links import Links, find_links
from .scan_payments import Payment, find_payments, listed_payments
from .scan_relevance import Relevance, relevance, resting_on
from .scan_routing import Routed, Routing


@dataclass(frozen=True)
class Result:
    """One scheme for one member. `suggested` is False where nothing known suggests a scheme that is still open."""

    member: str
    outcome: Outcome
    evaluation: Evaluation
    suggested: bool
    # Of what is paid once to the household and still open: whose answer stands for this member's.
    asked_of: str | None = None
    _missing: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    @property
    def scheme(self) -> str:
        return self.outcome.scheme

    @property
    def status(self) -> Status:
        return self.outcome.status

    @property
    def told(self) -> bool:
        """Whether it is shown in full: it is due, or something known suggests that it is."""
        return self.status == "eligible" or (self.status == "undetermined" and self.suggested and self.asked_of is None)

    @cached_property
    def roots(self) -> tuple[int, ...]:
        """The numbers of what is shown: conditions, and amounts unless not eligible."""
        plan = self.outcome.plan
        return (*(each.unit.number for each in plan.conditions), *(plan.benefits if self.status != "not_eligible" else ()))

    def missing(self, walk: Walk, language: Language) -> list[dict[str, Any]]:
        """What a result that is still open hangs on, each with its question."""
        if self.status != "undetermined":
            return []
        if language not in self._missing:
            self._missing[language] = render_missing(self.roots, self.evaluation, walk, language, self.scheme)
        return self._missing[language]

    def standing(self, walk: Walk) -> Standing:
        return walk.worst(self.roots, self.scheme)


@dataclass(frozen=True)
class MemberScan:
    """One member's results, in the order of the law; `walks` by evaluation."""

    member: Member
    request: Request
    results: tuple[Result, ...]
    walks: Mapping[int, Walk]

    def walk(self, result: Result) -> Walk:
        return self.walks[id(result.evaluation)]

    def of(self, status: Status, *, suggested: bool = True) -> list[Result]:
        """The results of a status that entitle to something; those still open with the fewest open conditions first."""
        found = [each for each in self.results if each.status == status and _entitles(each.outcome.plan)]
        if status != "undetermined":
            return found
        return sorted((each for each in found if each.told == suggested and each.asked_of is None), key=_openness)


@dataclass(frozen=True)
class Scan:
    request: Request
    release: str
    members: tuple[MemberScan, ...]
    taken: tuple[Taken, ...]
    payments: tuple[Payment, ...]
    links: Links
    routed: Mapping[tuple[str, str], Routed]


def scan(engine: Engine, request: Request, members: tuple[Member, ...], language: Language = "zh") -> Scan:
    """Everything a household may get; `language` is the one it will be told in. Raises InputError on members that cannot be, Incident where the two decisions disagree."""
    house = household(engine, request, members)
    routing = Routing(engine, request)
    house = replace(house, requests=tuple(routing.without_own(each) for each in house.requests))
    found, taken = _both_parts(engine, house)
    found = _household_once(found)
    payments = find_payments(found)
    links = find_links(found, payments)
    routed = routing.route(found, payments, language)
    return Scan(request, engine.rulebook.release, found, (*house.taken, *taken), payments, links, routed)


def _both_parts(engine: Engine, house: Household) -> tuple[tuple[MemberScan, ...], tuple[Taken, ...]]:
    """First what does not look at the list of what the household draws; then, with that list, what does."""
    relevances = [relevance(engine, request) for request in house.requests]
    if house.listed is None:
        return tuple(_scan(engine, house, index, each, house.requests[index].schemes, {}) for index, each in enumerate(relevances)), ()
    name = house.listed.name
    later = [resting_on(each, request.schemes, frozenset({name})) for each, request in zip(relevances, house.requests, strict=True)]
    first = tuple(
        _scan(engine, house, index, each, tuple(scheme for scheme in house.requests[index].schemes if scheme not in later[index]), {})
        for index, each in enumerate(relevances)
    )
    payments = find_payments(first)
    taken = Taken(house.listed, listed_payments(house.listed, payments, find_links(first, payments)), "benefits")
    second = tuple(_scan(engine, house, index, each, later[index], {name: taken.value}) for index, each in enumerate(relevances))
    return tuple(_joined(*parts) for parts in zip(first, second, strict=True)), (taken,) if any(later) else ()


def _scan(engine: Engine, house: Household, index: int, relevant: Relevance, schemes: tuple[str, ...], more: Mapping[str, FactValue]) -> MemberScan:
    """Some schemes for one member. `more` are facts that the household's other answers gave."""
    member, request = house.members[index], house.requests[index]
    stated = frozenset(member.facts) | {each.fact.name for each in house.taken if each.origin == "stated"}
    request = replace(request, facts={**request.facts, **more})
    suggested: dict[str, bool] = {}

    def concludes(plan: SchemePlan, status: Status, met: Mapping[str, bool | None]) -> bool:
        suggested[plan.scheme] = status != "undetermined" or relevant.suggested(plan, met, stated)
        return status != "not_eligible" and suggested[plan.scheme]

    if not schemes:
        return MemberScan(member, request, (), {})
    try:
        evaluation = engine.survey(request, schemes, concludes)
    except InputError as error:
        raise InputError([replace(fault, pointer=f"/members/{index}{fault.pointer}") for fault in error.faults]) from None
    results = tuple(Result(member.id, each, evaluation, suggested[each.scheme]) for each in evaluation.outcomes)
    return MemberScan(member, request, results, {id(evaluation): Walk(evaluation)})


def _joined(first: MemberScan, second: MemberScan) -> MemberScan:
    order = {scheme: number for number, scheme in enumerate(first.request.schemes)}
    results = sorted((*first.results, *second.results), key=lambda each: order[each.scheme])
    return MemberScan(first.member, second.request, tuple(results), {**first.walks, **second.walks})


def _household_once(members: tuple[MemberScan, ...]) -> tuple[MemberScan, ...]:
    """What is paid once to the household and is open for several members is told of the one for whom the least is open."""
    least: dict[str, Result] = {}
    for member in members:
        for result in member.results:
            if result.status == "undetermined" and result.suggested and _is_for_household(result):
                before = least.get(result.scheme)
                if before is None or _openness(result) < _openness(before):
                    least[result.scheme] = result
    return tuple(replace(member, results=tuple(_stood_for(each, least.get(each.scheme)) for each in member.results)) for member in members)


def _stood_for(result: Result, other: Result | None) -> Result:
    if other is None or other is result or result.status != "undetermined":
        return result
    return replace(result, asked_of=other.member)


def _is_for_household(result: Result) -> bool:
    definitions = [result.evaluation.program.definitions[number] for number in result.outcome.plan.benefits]
    paid = {each.paid_to for each in definitions if each.paid_to is not None}
    return paid == {"household"}


def _entitles(plan: SchemePlan) -> bool:
    """Whether a scheme is for anybody to have: not one that only has something to say of a case."""
    return bool(plan.conditions or plan.benefits)


def _openness(result: Result) -> tuple[int, int]:
    truths = list(result.outcome.truths)
    return (truths.count(None), -truths.count(True))
