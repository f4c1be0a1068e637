"""Where a result goes next: schemes that look at results (through facts declared for it) are asked about each one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from app.engine import Engine, Evaluation, FactValue, Language, Request

from .scan_payments import MONTHLY, Payment
from .scan_relevance import relevance

if TYPE_CHECKING:
    from .scan import MemberScan, Result

FINDING = "finding"
_ONCE = "CNY"


@dataclass(frozen=True, slots=True)
class Routed:
    """What the rules say of where a result goes: their values and the conclusions they draw."""

    evaluation: Evaluation


class Routing:
    """Asks the routing schemes of the household's day and place; the same question once."""

    def __init__(self, engine: Engine, request: Request) -> None:
        self._engine = engine
        self._parts = {fact.result: name for name, fact in engine.rulebook.facts.facts.items() if fact.result is not None}
        self._own = frozenset(self._parts.values())
        self._request = replace(request, facts={}, given={}, schemes=self._schemes(request))
        self._known: dict[tuple[Any, ...], Routed] = {}

    def _schemes(self, request: Request) -> tuple[str, ...]:
        law = self._engine.rulebook.at(request.as_of, request.region, request.reforms)
        schemes = tuple(scheme for scheme, each in law.schemes.items() if not each.library)
        found = relevance(self._engine, replace(request, schemes=schemes))
        return tuple(scheme for scheme in schemes if not self._own.isdisjoint(found.schemes[scheme].every))

    def without_own(self, request: Request) -> Request:
        """A member's case without the schemes that are about results."""
        return replace(request, schemes=tuple(each for each in request.schemes if each not in self._request.schemes))

    def route(self, members: Sequence[MemberScan], payments: Sequence[Payment], language: Language) -> Mapping[tuple[str, str], Routed]:
        """Where each result goes that is told, by member and scheme; nothing where no scheme looks at results."""
        if not self._request.schemes:
            return {}
        found: dict[tuple[str, str], Routed] = {}
        for member in members:
            findings = sum(drawn.lowered.clause.kind == FINDING for result in member.results for drawn in result.outcome.conclusions)
            for result in member.results:
                if result.told and (result.outcome.plan.conditions or result.outcome.plan.benefits):
                    own = [each for each in payments if result.member in each.members and each.scheme == result.scheme]
                    found[result.member, result.scheme] = self._ask(member, result, own, findings, language)
        return found

    def _ask(self, member: MemberScan, result: Result, payments: list[Payment], findings: int, language: Language) -> Routed:
        walk = member.walk(result)
        said: dict[str, FactValue] = {
            "status": result.status,
            "standing": result.standing(walk).word,
            "monthly": _sum(payments, MONTHLY),
            "once": _sum(payments, _ONCE),
            "missing": Decimal(len(result.missing(walk, language))),
            "findings": Decimal(findings),
        }
        key = tuple(said.values())
        if key not in self._known:
            facts = {name: said[part] for part, name in self._parts.items()}
            self._known[key] = Routed(self._engine.evaluate(replace(self._request, facts=facts)))
        return self._known[key]


def _sum(payments: list[Payment], unit: str) -> Decimal:
    """What is paid in a unit, to the fen."""
    amount = sum((each.amount for each in payments if each.unit == unit), Fraction(0))
    return (Decimal(amount.numerator) / Decimal(amount.denominator)).quantize(Decimal("0.01"))
