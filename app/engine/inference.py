"""The second decision: durable_rules concludes every condition, status and conclusion from the atoms' values.

One ruleset a scheme, and one for each condition of very many wordings; facts are bounded integers, booleans and short
codes only, with `..._known` beside each value (`ruleset.py` says what else the engine's sharp edges demand).
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from .conditions import MAX_JUNCTIONS, Conditional
from .rule_tests import Test, every, junctions, status_tests, ways, ways_of, wordings
from .ruleset import InferenceError, Ruleset
from .wording_chain import WordingChain

MAX_RULES = 60
# More than 64 matches of one fact, and nothing fires.
MAX_MATCHES = 60
MAX_ATOMS = 70
MAX_WAYS = 400
MAX_TEXT = 100
# Of how many readings of a scheme what followed is kept.
MAX_KNOWN = 200
_SCALE = 1_000_000
# What follows it in the name of a rule is the number of a wording.
_WORDING = "#"
_LIMIT = 2**62
_Conditionals = Mapping[str, Conditional]


class SchemeRules:
    """One scheme's rules: its conditions, its status, its conclusions.

    `conditions` maps a condition's key to its formula; the scheme is eligible when all are met and its
    amounts are known. `called` says how a condition is called in messages, by its key. Raises InferenceError at once
    where the rules are more than the engine can bear.

    Everything is decided from one fact where that is small enough (`at_once`), otherwise from one for the conditions
    and one for status and conclusions; conditions of very many wordings each by themselves.
    """

    def __init__(self, name: str, conditions: _Conditionals, conclusions: _Conditionals, called: Mapping[str, str] | None = None) -> None:
        called = called or {}
        self.name = name
        self._agreed: set[Hashable] = set()
        short = _asked_together(conditions, len(conclusions))
        self._chains = [WordingChain(key, each, called.get(key, key)) for key, each in conditions.items() if key not in short]
        self.at_once = _fits_one_fact(short, conclusions)
        rules: dict[str, Test] = {}
        for key, conditional in short.items():
            for number, (met, not_met) in enumerate(wordings(key, conditional)):
                rules[f"{key}:met{_WORDING}{number}"] = self._at("conditions", met)
                rules[f"{key}:not met{_WORDING}{number}"] = self._at("conditions", not_met)
        rules |= {name: self._at("conclusions", test) for name, test in status_tests(list(conditions)).items()}
        for key, conditional in conclusions.items():
            ((met, _),) = wordings(key, conditional)
            rules[f"{key}:met"] = self._at("conclusions", met)
        if len(rules) >= MAX_RULES:
            raise InferenceError(f"{name} has {len(rules) + 1} rules; one fact may meet at most {MAX_RULES}. Split the scheme.")
        for each in (short, conclusions):
            if not _fits(each):
                raise InferenceError(_too_large(name, each, called))
        self._ruleset = Ruleset(name, rules, called)

    def close(self) -> None:
        """Give the memory of the rules back."""
        self._ruleset.close()
        for chain in self._chains:
            chain.close()

    def _at(self, stage: str, test: Test) -> Test:
        return test if self.at_once else every([{"stage": stage}, test])

    def has_agreed(self, told: Hashable) -> bool:
        """Whether what followed from the very same was what the exact reading had concluded."""
        return told in self._agreed

    def agree(self, told: Hashable) -> None:
        """Keep in mind that it was. `told` is all that the facts and the exact reading's conclusions follow from."""
        if len(self._agreed) >= MAX_KNOWN:
            self._agreed.clear()
        self._agreed.add(told)

    def fired(self, conditions: dict[str, Any], conclusions: dict[str, Any]) -> frozenset[str]:
        """What follows from what was read of the conditions, and from the status of each with what was read of the conclusions.
        Raises InferenceError.
        """
        fired: set[str] = set()
        for chain in self._chains:
            conditions, found = chain.decide(conditions)
            fired |= found
        if self.at_once:
            facts = [{**conditions, **conclusions}]
        else:
            facts = [{"stage": stage, **fact} for stage, fact in (("conditions", conditions), ("conclusions", conclusions)) if fact]
        found = set()
        self._ruleset.decide(facts, found)
        return frozenset(fired.union(name.partition(_WORDING)[0] for name in found))


def _fits_one_fact(conditions: _Conditionals, conclusions: _Conditionals) -> bool:
    """Whether conditions, status and conclusions may meet in one fact, whatever comes true of it."""
    each = [*conditions.values(), *conclusions.values()]
    matches = 1 + sum(max(ways_of(one, True), ways_of(one, False)) for one in each) + len(conditions) + 1
    return matches <= MAX_MATCHES and sum(len(one.atoms) for one in each) <= MAX_ATOMS and sum(map(ways, each)) <= MAX_WAYS


def _asked_together(conditions: _Conditionals, conclusions: int) -> dict[str, Conditional]:
    """The conditions that are decided from one fact: all but those with too many wordings for it."""
    short = {key: each for key, each in conditions.items() if all(junctions(test) <= MAX_JUNCTIONS for pair in wordings(key, each) for test in pair)}
    while not _fits(short) or sum(2 * len(each.versions) for each in short.values()) + 4 + conclusions > MAX_RULES:
        most = max(short, key=lambda key: len(short[key].versions))
        if len(short[most].versions) == 1:
            break
        del short[most]
    return short


def _fits(conditionals: _Conditionals) -> bool:
    """Whether one fact can carry them, and they do not send the engine into a loop."""
    return sum(len(each.atoms) for each in conditionals.values()) <= MAX_ATOMS and sum(map(ways, conditionals.values())) <= MAX_WAYS


def _too_large(name: str, conditionals: _Conditionals, called: Mapping[str, str]) -> str:
    atoms = sum(len(each.atoms) for each in conditionals.values())
    alternatives = sum(map(ways, conditionals.values()))
    most = max(conditionals, key=lambda key: (ways(conditionals[key]), len(conditionals[key].atoms)))
    return (
        f"{name} compares {atoms} values in {alternatives} alternatives, most of them in {called.get(most, most)}; "
        f"at most {MAX_ATOMS} and {MAX_WAYS} can be decided at once. Split the scheme."
    )


# -- facts ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Properties:
    """The names of an atom's properties in a fact; `plain` where it is a yes/no value and not a comparison."""

    known: str
    left: str
    right: str
    plain: bool


def properties(key: str, conditional: Conditional) -> tuple[Properties, ...]:
    names = [f"{key}_{atom.index}" for atom in conditional.atoms]
    return tuple(Properties(f"{name}_known", f"{name}_left", f"{name}_right", atom.op is None) for name, atom in zip(names, conditional.atoms, strict=True))


def encode_atoms(fact: dict[str, Any], sides: tuple[tuple[Any, Any] | None, ...], names: tuple[Properties, ...]) -> None:
    """Add the atoms that were read to a fact, as the engine may see them: bounded integers, booleans, short codes."""
    for pair, name in zip(sides, names, strict=True):
        if pair is None:
            continue
        left, right = pair
        if left is None or (right is None and not name.plain):
            fact[name.known] = False
        elif name.plain:
            fact[name.known] = True
            fact[name.left] = left
        else:
            fact[name.known] = True
            fact[name.left], fact[name.right] = encode_pair(left, right)


def encode_pair(left: Any, right: Any) -> tuple[int | str | bool, int | str | bool]:
    """Two comparable values as two values the engine compares the same way.

    Numbers become integers in steps of a millionth, with an odd number for what lies between two steps;
    only where both lie between the same two steps, or beyond 64 bits, is their order passed on instead.
    """
    if isinstance(left, str) and max(len(left), len(right)) > MAX_TEXT:
        return 0, int(left != right)  # the engine takes long texts for their first 65,535 characters
    if isinstance(left, str | bool):
        return left, right
    if isinstance(left, date):
        return left.toordinal(), right.toordinal()
    if isinstance(left, int):
        return int(left), int(right)
    first, second = _grid(left), _grid(right)
    if abs(first) > _LIMIT or abs(second) > _LIMIT or (first == second and first % 2 == 1):
        return (-1 if left < right else 1 if left > right else 0), 0
    return first, second


def _grid(value: Decimal | Fraction) -> int:
    if isinstance(value, Decimal):
        whole = int(value * _SCALE)
        if whole == value * _SCALE:
            return 2 * whole
    scaled = Fraction(value) * _SCALE
    below = scaled.numerator // scaled.denominator
    return 2 * below + (0 if below == scaled else 1)
