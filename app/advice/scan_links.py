"""How the schemes of a household stand to each other: what excludes what, what comes before what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.engine import DrawnConclusion

from .scan_best import Best, best_combination
from .scan_payments import Payment

if TYPE_CHECKING:
    from .scan import MemberScan

EXCLUDING = ("exclusion", "duplicate")


@dataclass(frozen=True, slots=True)
class Other:
    """A scheme of a member that a conclusion is with; one benefit of it, or all of it."""

    member: str
    scheme: str
    benefit: str | None


@dataclass(frozen=True, slots=True)
class Link:
    """A conclusion that holds for a member's scheme and names others that the household may get as well."""

    member: str
    scheme: str
    drawn: DrawnConclusion
    others: tuple[Other, ...]

    @property
    def kind(self) -> str:
        return self.drawn.lowered.clause.kind


@dataclass(frozen=True, slots=True)
class Links:
    conflicts: tuple[Link, ...]
    order: tuple[Link, ...]
    best: Best


def find_links(members: Sequence[MemberScan], payments: tuple[Payment, ...]) -> Links:
    """The links between what the members are told of, and the best that may be had together."""
    links = list(_links(members))
    conflicts = tuple(each for each in links if each.kind in EXCLUDING)
    return Links(conflicts, tuple(each for each in links if each.kind not in EXCLUDING), best_combination(payments, list(_pairs(conflicts, payments))))


def _links(members: Sequence[MemberScan]) -> Iterator[Link]:
    told = {(each.member.id, result.scheme) for each in members for result in each.results if result.told}
    ids = [each.member.id for each in members]
    for member in members:
        for result in member.results:
            for drawn in result.outcome.conclusions:
                clause = drawn.lowered.clause
                whose = [each for each in ids if each != result.member] if clause.between == "members" else [result.member]
                named = [_named(text, member) for text in clause.others]
                others = tuple(Other(who, scheme, benefit) for who in whose for scheme, benefit in named if (who, scheme) in told)
                if others:
                    yield Link(result.member, result.scheme, drawn, others)


def _named(text: str, member: MemberScan) -> tuple[str, str | None]:
    """The scheme that a text names, and the benefit of it where it names one."""
    if any(result.scheme == text for result in member.results):
        return text, None
    scheme, _, benefit = text.rpartition(".")
    return (scheme, benefit) if any(result.scheme == scheme for result in member.results) else (text, None)


def _pairs(conflicts: tuple[Link, ...], payments: tuple[Payment, ...]) -> Iterator[tuple[Payment, Payment]]:
    """The payments that may not be drawn together."""
    for link in conflicts:
        own = _payments(payments, Other(link.member, link.scheme, link.drawn.lowered.clause.benefit))
        for other in link.others:
            for right in _payments(payments, other):
                yield from ((left, right) for left in own if left is not right)


def _payments(payments: tuple[Payment, ...], of: Other) -> list[Payment]:
    return [each for each in payments if of.member in each.members and each.scheme == of.scheme and of.benefit in (None, each.benefit)]
