"""A scan as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from app.engine import (
    DrawnConclusion,
    Language,
    render_claim,
    render_conclusion,
    render_figure,
    render_result,
    render_source,
    render_unmet,
    render_value,
)
from app.language import Standing

from .heads import law_head
from .scan import MemberScan, Result, Scan
from .scan_best import Choice, totals
from .scan_household import Taken
from .scan_links import Link
from .scan_payments import Payment, of_result
from .scan_routing import FINDING, Routed

Json = dict[str, Any]


def render_scan(found: Scan, language: Language) -> Json:
    """The members' results, what stands between them, the best of it and what it comes to, and how each scheme is claimed."""
    return {
        **law_head(found.request, found.release),
        "household": [_taken(each, language) for each in found.taken],
        "members": [_member(found, each, language) for each in found.members],
        "conflicts": [_link(each, language) for each in found.links.conflicts],
        "order": [_link(each, language) for each in found.links.order],
        "choices": [_choice(each, language) for each in found.links.best.choices],
        "totals": _totals(found),
        "claims": _claims(found, language),
    }


def _taken(taken: Taken, language: Language) -> Json:
    return {"name": taken.fact.name, "title": taken.fact.title.in_language(language), "value": render_value(taken.value), "from": taken.origin}


# -- members --------------------------------------------------------------------------------------


def _member(found: Scan, member: MemberScan, language: Language) -> Json:
    due = sorted(member.of("eligible"), key=lambda each: not of_result(each, member.walk(each)))
    return {
        "id": member.member.id,
        "region": member.request.region,
        "eligible": [_eligible(found, member, each, language) for each in due],
        "possible": [_possible(found, member, each, language) for each in member.of("undetermined")],
        "not": [_not(member, each, language) for each in member.of("not_eligible")],
        "asked_of_others": [{**_head(each, language), "member": each.asked_of} for each in member.results if each.asked_of is not None],
        "unsuggested": [_head(each, language) for each in member.of("undetermined", suggested=False)],
        "findings": [render_conclusion(scheme, each, language) for scheme, each in _conclusions(member) if each.lowered.clause.kind == FINDING],
    }


def _conclusions(member: MemberScan) -> Iterable[tuple[str, DrawnConclusion]]:
    return ((result.scheme, each) for result in member.results for each in result.outcome.conclusions)


def _head(result: Result, language: Language) -> Json:
    title = result.evaluation.program.law.schemes[result.scheme].title
    return {"scheme": result.scheme, "title": title.in_language(language)}


def _eligible(found: Scan, member: MemberScan, result: Result, language: Language) -> Json:
    program, walk = result.evaluation.program, member.walk(result)
    benefits: Json = {}
    for number in result.outcome.plan.benefits:
        definition = program.definitions[number]
        line = {"title": definition.title.in_language(language), **render_figure(number, result.evaluation), "standing": walk.standing(number).word}
        benefits[definition.name.local] = line if definition.paid_to is None else {**line, "paid_to": definition.paid_to}
    return {**_told(found, member, result, language), "benefits": benefits}


def _possible(found: Scan, member: MemberScan, result: Result, language: Language) -> Json:
    met = sum(truth is True for truth in result.outcome.truths)
    return {**_told(found, member, result, language), "met": met, "of": len(result.outcome.truths), "missing": result.missing(member.walk(result), language)}


def _told(found: Scan, member: MemberScan, result: Result, language: Language) -> Json:
    drawn = [each for each in result.outcome.conclusions if each.lowered.clause.kind != FINDING]
    routed = found.routed.get((result.member, result.scheme))
    return {
        **_head(result, language),
        "standing": result.standing(member.walk(result)).word,
        "conclusions": [render_conclusion(result.scheme, each, language) for each in drawn],
        **({} if routed is None else {"routing": _routing(routed, language)}),
    }


def _routing(routed: Routed, language: Language) -> Json:
    evaluation = routed.evaluation
    values: Json = {}
    reasons: list[Json] = []
    for outcome in evaluation.outcomes:
        for number in (*outcome.plan.outputs, *outcome.plan.benefits):
            definition = evaluation.program.definitions[number]
            values[definition.name.local] = render_result(evaluation.case.memo[number], definition.type)
        reasons += [render_conclusion(outcome.scheme, each, language) for each in outcome.conclusions]
    return {"values": values, "reasons": reasons}


def _not(member: MemberScan, result: Result, language: Language) -> Json:
    walk = member.walk(result)
    unmet = render_unmet(result.outcome, result.evaluation, walk, language)
    because = [{**line, "source": render_source(walk.version(each.unit.number).source)} for each, line in unmet]
    return {**_head(result, language), "because": because}


# -- between schemes and members --------------------------------------------------------------------


def _link(link: Link, language: Language) -> Json:
    others = [{"member": each.member, "scheme": each.scheme, **({} if each.benefit is None else {"benefit": each.benefit})} for each in link.others]
    line = {"member": link.member, **render_conclusion(link.scheme, link.drawn, language), "with": others}
    benefit = link.drawn.lowered.clause.benefit
    return line if benefit is None else {**line, "benefit": benefit}


def _choice(choice: Choice, language: Language) -> Json:
    ways = [{"payments": [_payment(each, language) for each in way], "totals": _amounts(totals(way))} for way in choice.sets]
    return {"best": ways[0], "instead_of": ways[1:], "reason": "most_in_every_unit" if choice.everywhere else "most_a_month"}


def _payment(payment: Payment, language: Language) -> Json:
    line: Json = {"members": list(payment.members), "scheme": payment.scheme, "benefit": payment.benefit, "title": payment.definition.title.in_language(language)}
    return {**line, "value": render_value(payment.value), "unit": payment.unit, "standing": payment.standing.word}


def _totals(found: Scan) -> Json:
    """What may be drawn together: of payments that exclude each other only the best, of the household's each once."""
    kept = found.links.best.kept(found.payments)
    return {
        "all": _amounts(totals(kept)),
        "household": _amounts(totals(each for each in kept if each.owner is None)),
        "members": {each.member.id: _amounts(totals(mine for mine in kept if mine.owner == each.member.id)) for each in found.members},
        "standing": max((each.standing for each in kept), default=Standing.OFFICIAL).word,
    }


def _amounts(amounts: Mapping[str, Fraction]) -> Json:
    return {unit: render_value(amount) for unit, amount in amounts.items()}


def _claims(found: Scan, language: Language) -> Json:
    """How the schemes that are told of are claimed; where members live in different places, by the first one's."""
    claims: Json = {}
    for member in found.members:
        for result in member.results:
            claim = result.evaluation.program.law.schemes[result.scheme].claim
            if result.told and claim is not None and result.scheme not in claims:
                claims[result.scheme] = render_claim(claim, language)
    return claims
