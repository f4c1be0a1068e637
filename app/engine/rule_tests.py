"""Conditions as the rules engine's JSON: the tests on a fact that make them met and not met, and how large those come to be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .conditions import Choice, Conditional, Formula, Leaf, Negation, alternatives

Test = dict[str, Any]
_OPERATORS = {"<": "$lt", "<=": "$lte", ">": "$gt", ">=": "$gte"}
_OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "=": "!=", "!=": "="}


def every(tests: list[Test]) -> Test:
    return _joined("$and", tests)


def some(tests: list[Test]) -> Test:
    return _joined("$or", tests)


def _joined(word: str, tests: list[Test]) -> Test:
    """An and of ands is one: the engine takes few in a rule (`junctions`)."""
    if len(tests) == 1:
        return tests[0]
    return {word: [part for test in tests for part in test.get(word, [test])]}


def wordings(key: str, conditional: Conditional) -> Iterator[tuple[Test, Test]]:
    """Of each wording, when it applies and is met, and when it applies and is not.

    One rule each: every amendment adds to what the rules of those before it have to hold.
    """
    passed: list[Test] = []
    for guard, body in conditional.versions:
        applies = [*passed]
        if guard is not None:
            applies.append(formula_test(key, conditional, guard, True))
            passed.append(formula_test(key, conditional, guard, False))
        met, not_met = (every([*applies, formula_test(key, conditional, body, wanted)]) for wanted in (True, False))
        yield met, not_met


def formula_test(key: str, conditional: Conditional, formula: Formula, wanted: bool) -> Test:
    """When the formula is true (or false) of a fact that has its atoms."""
    if isinstance(formula, Leaf):
        return _atom_test(key, conditional, formula.atom, wanted)
    if isinstance(formula, Negation):
        return formula_test(key, conditional, formula.part, not wanted)
    if isinstance(formula, Choice):
        then = [formula_test(key, conditional, formula.test, True), formula_test(key, conditional, formula.then, wanted)]
        other = [formula_test(key, conditional, formula.test, False), formula_test(key, conditional, formula.otherwise, wanted)]
        return some([every(then), every(other)])
    parts = [formula_test(key, conditional, part, wanted) for part in formula.parts]
    return every(parts) if formula.every == wanted else some(parts)


def _atom_test(key: str, conditional: Conditional, atom: int, wanted: bool) -> Test:
    name = f"{key}_{atom}"
    op = conditional.atoms[atom].op
    known = {f"{name}_known": True}
    if op is None:
        return {"$and": [known, {f"{name}_left": wanted}]}
    op = op if wanted else _OPPOSITE[op]
    right = {"$m": f"{name}_right"}
    if op == "=":
        return {"$and": [known, {f"{name}_left": right}]}
    if op == "!=":
        return {"$and": [known, {"$neq": {f"{name}_left": right}}]}
    return {"$and": [known, {_OPERATORS[op]: {f"{name}_left": right}}]}


def status_tests(keys: list[str]) -> dict[str, Test]:
    """The scheme's status from its conditions' conclusions and whether its amounts are known."""
    all_met = [{f"{key}_status": "met"} for key in keys]
    none_failed = [{"$neq": {f"{key}_status": "not met"}} for key in keys]
    some_open = some([{f"{key}_status": "open"} for key in keys] + [{"amounts_known": False}])
    tests = {"eligible": every([{"amounts_known": True}, *all_met]), "undetermined": every([*none_failed, some_open])}
    if keys:
        tests["not_eligible"] = some([{f"{key}_status": "not met"} for key in keys])
    return tests


# -- how large they are ---------------------------------------------------------------------------


def ways(conditional: Conditional) -> int:
    """In how many alternatives a condition is met or not, over all its versions."""
    return ways_of(conditional, True) + ways_of(conditional, False)


def ways_of(conditional: Conditional, wanted: bool) -> int:
    """In how many alternatives a condition is met, or is not."""
    found, passed = 0, 1
    for guard, body in conditional.versions:
        applies = passed if guard is None else passed * alternatives(guard, True)
        found += applies * alternatives(body, wanted)
        passed *= 1 if guard is None else alternatives(guard, False)
    return found


def junctions(test: Test) -> int:
    """How many ands and ors stand in a test."""
    return sum(1 + sum(map(junctions, parts)) for word, parts in test.items() if word in ("$and", "$or"))


def atoms_of(formula: Formula) -> list[int]:
    """The atoms of a formula."""
    if isinstance(formula, Leaf):
        return [formula.atom]
    if isinstance(formula, Negation):
        return atoms_of(formula.part)
    parts = (formula.test, formula.then, formula.otherwise) if isinstance(formula, Choice) else formula.parts
    return [atom for part in parts for atom in atoms_of(part)]
