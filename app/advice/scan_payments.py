"""What is paid, to whom and how often: amounts that the rules say are paid, those of the household counted once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from app.engine import FactValue, Walk, unit_of
from app.language import Definition, Fact, Standing, amount_field, kind_field
from app.language.types import NumberType

if TYPE_CHECKING:
    from .scan import MemberScan, Result
    from .scan_links import Links

MONTHLY = "CNY/month"


@dataclass(frozen=True, slots=True, eq=False)
class Payment:
    """An amount above zero; `members` are all who may claim it, one of whom does where it is paid once to the household."""

    members: tuple[str, ...]
    scheme: str
    definition: Definition
    amount: Fraction
    value: Any
    unit: str
    standing: Standing

    @property
    def owner(self) -> str | None:
        """Whose it is; None for the household's."""
        return None if self.definition.paid_to == "household" else self.members[0]

    @property
    def benefit(self) -> str:
        return self.definition.name.local


def find_payments(members: Iterable[MemberScan]) -> tuple[Payment, ...]:
    """Everything that is due. What is paid once to the household stands once, at the most that a member may claim."""
    found: dict[tuple[str | None, str, str], Payment] = {}
    for member in members:
        for result in member.results:
            for payment in of_result(result, member.walk(result)) if result.status == "eligible" else ():
                key = (payment.owner, payment.scheme, payment.benefit)
                before = found.get(key)
                found[key] = payment if before is None else _together(before, payment)
    return tuple(found.values())


def of_result(result: Result, walk: Walk) -> list[Payment]:
    """What one scheme pays to one member, or to the household at this member's claim."""
    found = []
    for number in result.outcome.plan.benefits:
        definition = result.evaluation.program.definitions[number]
        value = result.evaluation.case.memo[number]
        unit = unit_of(definition.type) if isinstance(definition.type, NumberType) else None
        if definition.paid_to is not None and unit is not None and value is not None and value > 0:
            found.append(Payment((result.member,), result.scheme, definition, Fraction(value), value, unit, walk.standing(number)))
    return found


def _together(before: Payment, after: Payment) -> Payment:
    more = after if after.amount > before.amount else before
    return replace(more, members=(*before.members, *after.members))


def listed_payments(fact: Fact, payments: Iterable[Payment], links: Links) -> FactValue:
    """The list of what a household draws a month, from what its members are paid; of what excludes each other, the best."""
    kind, amount = kind_field(fact), amount_field(fact)
    assert kind is not None and amount is not None
    counted = links.best.kept(payments)
    rows = [
        {kind.name: each.definition.counts_as, amount.name: each.value}
        for each in counted
        if each.definition.counts_as is not None and each.unit == MONTHLY
    ]
    order = fact.order_by
    return tuple(rows if order is None else sorted(rows, key=lambda row: row[order]))
