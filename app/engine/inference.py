"""The second decision: durable_rules concludes every condition, status and conclusion from the atoms' values.

Held as its sharp edges demand: one ruleset a scheme, loaded from JSON; no host and so no background threads;
a catch-all rule; facts that are bounded integers, booleans and short codes only, with `..._known` beside each
value; a session of its own per evaluation, named by the server and always deleted; actions that do nothing,
what fires being collected outside by rule name.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import durable_rules_engine
import orjson
from durable.engine import Ruleset

from .conditions import Choice, Conditional, Formula, Leaf, Negation, alternatives

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
_OPERATORS = {"<": "$lt", "<=": "$lte", ">": "$gt", ">=": "$gte"}
_OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "=": "!=", "!=": "="}

class InferenceError(Exception):
    """The rules engine failed or could not take the facts; nothing may be issued."""


class _Ruleset(Ruleset):  # type: ignore[misc]
    """A ruleset driven without a Host, whose timer threads use sessions after they are freed.

    What fires is collected by rule name; the actions themselves do nothing, so none can fail unseen.
    """

    def __init__(self, name: str, rules: dict[str, Any]) -> None:
        super().__init__(name, None, rules)

    def fired_by(self, fact: dict[str, Any]) -> frozenset[str]:
        """Assert one fact and return the names of the rules that fired. Raises InferenceError."""
        try:
            state = self._handle_result(durable_rules_engine.assert_fact(self._handle, orjson.dumps(fact).decode()), fact)
            started = durable_rules_engine.start_action_for_state(self._handle, state)
        except Exception as error:
            raise InferenceError(f"the rules engine refused the facts of {self._name}.") from error
        fired: set[str] = set()
        message = started[1] if started else None
        while message:
            fired.add(message.split('"', 2)[1])  # {"name of the rule": {...}}; names hold no quotes
            message = durable_rules_engine.complete_and_start_action(self._handle, state)
        return frozenset(fired)

    def close(self) -> None:
        durable_rules_engine.delete_ruleset(self._handle)


def _no_action(_: Any) -> None:
    pass


@dataclass(frozen=True, slots=True)
class _Test:
    """A condition on the fact's properties, as the engine's JSON."""

    json: dict[str, Any]


class SchemeRules:
    """One scheme's ruleset: its conditions, its status, its conclusions.

    `conditions` maps a condition's key to its formula; the scheme is eligible when all are met and its
    amounts are known. Raises InferenceError at once where the ruleset is larger than the engine can bear.

    Everything is decided from one fact where that is small enough (`at_once`), otherwise from one for the conditions
    and one for status and conclusions.
    """

    def __init__(self, name: str, conditions: dict[str, Conditional], conclusions: dict[str, Conditional]) -> None:
        self.name = name
        self._lock = threading.Lock()
        self._counter = itertools.count(1)
        self._known: dict[Hashable, frozenset[str]] = {}
        self.at_once = _fits_one_fact(conditions, conclusions)
        rules = {"catch_all": _rule(_Test({"$ex": {"_req": 1}}))}
        for key, conditional in conditions.items():
            for number, (met, not_met) in enumerate(_wordings(key, conditional)):
                rules[f"{key}:met{_WORDING}{number}"] = self._rule("conditions", met)
                rules[f"{key}:not met{_WORDING}{number}"] = self._rule("conditions", not_met)
        rules |= {name: self._rule("conclusions", test) for name, test in _status_tests(list(conditions)).items()}
        for key, conditional in conclusions.items():
            ((met, _),) = _wordings(key, conditional)
            rules[f"{key}:met"] = self._rule("conclusions", met)
        if len(rules) > MAX_RULES:
            raise InferenceError(f"{name} has {len(rules)} rules; one fact may meet at most {MAX_RULES}. Split the scheme.")
        _check_size(name, conditions)
        _check_size(name, conclusions)
        try:
            self._ruleset = _Ruleset(name, rules)
        except Exception as error:
            raise InferenceError(f"the rules engine does not take the rules of {name}: {error}.") from error

    def close(self) -> None:
        """Give the ruleset's memory back."""
        self._ruleset.close()

    def _rule(self, stage: str, test: dict[str, Any]) -> dict[str, Any]:
        return _rule(_Test(test if self.at_once else {"$and": [{"stage": stage}, test]}))

    def fired(self, read: Hashable, facts: Callable[[], tuple[dict[str, Any], dict[str, Any]]]) -> frozenset[str]:
        """What follows from what was read of the conditions (the first fact), and from the status of each with what was read
        of the conclusions (the second).

        `read` is equal exactly where the facts are: what followed from the very same is known. Raises InferenceError.
        """
        known = self._known.get(read)
        if known is not None:
            return known
        found = self._ask(*facts())
        if len(self._known) >= MAX_KNOWN:
            self._known.clear()
        self._known[read] = found
        return found

    def _ask(self, conditions: dict[str, Any], conclusions: dict[str, Any]) -> frozenset[str]:
        """One session at a time per ruleset: C holds the interpreter lock anyway, so waiting costs nothing and two people's
        facts can never meet."""
        if self.at_once:
            facts = [{**conditions, **conclusions}]
        else:
            facts = [{"stage": stage, **fact} for stage, fact in (("conditions", conditions), ("conclusions", conclusions)) if fact]
        fired: set[str] = set()
        with self._lock:
            sid = f"s{next(self._counter)}"
            try:
                for number, fact in enumerate(facts):
                    found = self._ruleset.fired_by({**fact, "sid": sid, "id": f"f{number}", "_req": 1})
                    if "catch_all" not in found:
                        raise InferenceError(f"the rules engine lost the facts of {self.name}.")
                    fired |= {name.partition(_WORDING)[0] for name in found}
            finally:
                self._ruleset.delete_state(sid)
        return frozenset(fired - {"catch_all"})


def _fits_one_fact(conditions: dict[str, Conditional], conclusions: dict[str, Conditional]) -> bool:
    """Whether conditions, status and conclusions may meet in one fact, whatever comes true of it."""
    every = [*conditions.values(), *conclusions.values()]
    matches = 1 + sum(max(_ways_of(each, True), _ways_of(each, False)) for each in every) + len(conditions) + 1
    return matches <= MAX_MATCHES and sum(len(each.atoms) for each in every) <= MAX_ATOMS and sum(map(_ways, every)) <= MAX_WAYS


def _check_size(name: str, conditionals: dict[str, Conditional]) -> None:
    """Refuse what one fact cannot carry, or what would send the engine into a loop."""
    atoms = sum(len(each.atoms) for each in conditionals.values())
    ways = sum(_ways(each) for each in conditionals.values())
    if atoms > MAX_ATOMS or ways > MAX_WAYS:
        raise InferenceError(f"{name} compares {atoms} values in {ways} alternatives; at most {MAX_ATOMS} and {MAX_WAYS} can be decided at once. Split the scheme.")


def _ways(conditional: Conditional) -> int:
    """In how many alternatives a condition is met or not, over all its versions."""
    return _ways_of(conditional, True) + _ways_of(conditional, False)


def _ways_of(conditional: Conditional, wanted: bool) -> int:
    """In how many alternatives a condition is met, or is not."""
    ways, passed = 0, 1
    for guard, body in conditional.versions:
        applies = passed if guard is None else passed * alternatives(guard, True)
        ways += applies * alternatives(body, wanted)
        passed *= 1 if guard is None else alternatives(guard, False)
    return ways


def _status_tests(keys: list[str]) -> dict[str, dict[str, Any]]:
    """The scheme's status from its conditions' conclusions and whether its amounts are known."""
    all_met = [{f"{key}_status": "met"} for key in keys]
    none_failed = [{"$neq": {f"{key}_status": "not met"}} for key in keys]
    some_open = _any([{f"{key}_status": "open"} for key in keys] + [{"amounts_known": False}])
    tests = {"eligible": _all([{"amounts_known": True}, *all_met]), "undetermined": _all([*none_failed, some_open.json])}
    if keys:
        tests["not_eligible"] = _any([{f"{key}_status": "not met"} for key in keys])
    return {status: test.json for status, test in tests.items()}


# -- tests on a fact ------------------------------------------------------------------------------


def _rule(test: _Test) -> dict[str, Any]:
    return {"all": [{"m": test.json}], "run": _no_action}


def _all(tests: list[dict[str, Any]]) -> _Test:
    return _Test(tests[0] if len(tests) == 1 else {"$and": tests})


def _any(tests: list[dict[str, Any]]) -> _Test:
    return _Test(tests[0] if len(tests) == 1 else {"$or": tests})


def _wordings(key: str, conditional: Conditional) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Of each wording, when it applies and is met, and when it applies and is not.

    One rule each: the engine takes few comparisons of two values in one rule, and every amendment adds some.
    """
    passed: list[dict[str, Any]] = []
    for guard, body in conditional.versions:
        applies = [*passed]
        if guard is not None:
            applies.append(_formula_test(key, conditional, guard, True))
            passed.append(_formula_test(key, conditional, guard, False))
        met, not_met = (_all([*applies, _formula_test(key, conditional, body, wanted)]).json for wanted in (True, False))
        yield met, not_met


def _formula_test(key: str, conditional: Conditional, formula: Formula, wanted: bool) -> dict[str, Any]:
    if isinstance(formula, Leaf):
        return _atom_test(key, conditional, formula.atom, wanted)
    if isinstance(formula, Negation):
        return _formula_test(key, conditional, formula.part, not wanted)
    if isinstance(formula, Choice):
        then = [_formula_test(key, conditional, formula.test, True), _formula_test(key, conditional, formula.then, wanted)]
        other = [_formula_test(key, conditional, formula.test, False), _formula_test(key, conditional, formula.otherwise, wanted)]
        return {"$or": [{"$and": then}, {"$and": other}]}
    parts = [_formula_test(key, conditional, part, wanted) for part in formula.parts]
    return (_all(parts) if formula.every == wanted else _any(parts)).json


def _atom_test(key: str, conditional: Conditional, atom: int, wanted: bool) -> dict[str, Any]:
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
