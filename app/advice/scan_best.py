"""Of payments that exclude each other, the best that may be drawn together: every compatible set is tried."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from .scan_payments import Payment


@dataclass(frozen=True, slots=True)
class Choice:
    """Payments of which not all may be drawn. `sets` are the ways to choose, the best first, with what each comes to by unit.

    `everywhere` says that the best comes to as much as any other in every unit; otherwise it is the most a month.
    """

    sets: tuple[tuple[Payment, ...], ...]
    everywhere: bool

    @property
    def kept(self) -> tuple[Payment, ...]:
        return self.sets[0]

    @property
    def given_up(self) -> tuple[Payment, ...]:
        return tuple(dict.fromkeys(each for others in self.sets[1:] for each in others if each not in self.kept))


@dataclass(frozen=True, slots=True)
class Best:
    choices: tuple[Choice, ...]

    def kept(self, payments: Iterable[Payment]) -> list[Payment]:
        """The payments that are drawn: those that exclude no other, and the best of those that do."""
        given_up = {each for choice in self.choices for each in choice.given_up}
        return [each for each in payments if each not in given_up]


def best_combination(payments: Sequence[Payment], pairs: Iterable[tuple[Payment, Payment]]) -> Best:
    """The choices there are; payments without a pair are in none."""
    excluded: dict[Payment, set[Payment]] = {}
    for left, right in pairs:
        excluded.setdefault(left, set()).add(right)
        excluded.setdefault(right, set()).add(left)
    return Best(tuple(_choice(group, excluded) for group in _groups(payments, excluded)))


def totals(payments: Iterable[Payment]) -> dict[str, Fraction]:
    """What payments come to, by unit; what is paid a month first."""
    found: dict[str, Fraction] = {}
    for each in payments:
        found[each.unit] = found.get(each.unit, Fraction(0)) + each.amount
    return {unit: found[unit] for unit in sorted(found, key=_by_frequency)}


def _by_frequency(unit: str) -> tuple[int, str]:
    order = ("/month", "/year")
    return (next((number for number, ending in enumerate(order) if unit.endswith(ending)), len(order)), unit)


def _groups(payments: Sequence[Payment], excluded: Mapping[Payment, set[Payment]]) -> Iterator[list[Payment]]:
    """Payments that hang together through what they exclude, in the order of all."""
    seen: set[Payment] = set()
    for start in payments:
        if start in seen or start not in excluded:
            continue
        waiting, group = [start], {start}
        while waiting:
            more = excluded[waiting.pop()] - group
            group |= more
            waiting.extend(more)
        seen |= group
        yield [each for each in payments if each in group]


def _choice(group: list[Payment], excluded: Mapping[Payment, set[Payment]]) -> Choice:
    sets = [tuple(each for each in group if each in chosen) for chosen in _compatible(frozenset(group), frozenset(), frozenset(), excluded)]
    units = sorted({each.unit for each in group}, key=_by_frequency)
    worth = {each: tuple(totals(each).get(unit, Fraction(0)) for unit in units) for each in sets}
    ordered = sorted(sets, key=lambda each: (tuple(-amount for amount in worth[each]), [group.index(payment) for payment in each]))
    best = worth[ordered[0]]
    everywhere = all(mine >= theirs for each in ordered[1:] for mine, theirs in zip(best, worth[each], strict=True))
    return Choice(tuple(ordered), everywhere)


def _compatible(
    open_: frozenset[Payment], chosen: frozenset[Payment], done: frozenset[Payment], excluded: Mapping[Payment, set[Payment]]
) -> Iterator[frozenset[Payment]]:
    """Every set of payments that may be drawn together and to which no other can be added."""
    if not open_:
        if not done:
            yield chosen
        return
    for each in sorted(open_, key=lambda payment: (payment.scheme, payment.benefit, payment.members)):
        compatible = frozenset(other for other in open_ if other is not each and other not in excluded[each])
        yield from _compatible(compatible, chosen | {each}, frozenset(other for other in done if other not in excluded[each]), excluded)
        open_, done = open_ - {each}, done | {each}
