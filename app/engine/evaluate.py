"""One case, end to end: facts -> program of the day and place -> conditions -> inference -> amounts -> outcome."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal, cast

from app.language import FactDictionary, Law, LoweredCheck, Rulebook, region_name
from app.language.symbols import LoweredConclusion

from .case import Case, Facts
from .given import Given, read_given
from .inference import InferenceError, SchemeRules, encode_atoms
from .numbers import CERTIFIED, RATIONAL, Arithmetic, Undecided, written
from .program import Program, SchemePlan
from .request import Incident, InputError, InputFault, Request
from .runtime import TooLong

MAX_PROGRAMS = 128
MAX_ASKED = 4_096
Status = Literal["eligible", "not_eligible", "undetermined"]
AssertFact = Callable[[dict[str, Any]], frozenset[str]]
_WORDS = {True: "met", False: "not met", None: "open"}


@dataclass(frozen=True, slots=True)
class DrawnConclusion:
    """A conclusion that holds, with the values its text names."""

    lowered: LoweredConclusion
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One scheme's answer: what was decided; the values stand in the evaluation's case."""

    scheme: str
    status: Status
    plan: SchemePlan
    met: Mapping[str, bool | None]
    conclusions: tuple[DrawnConclusion, ...]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A finished evaluation. Trace and answer are both read from `case`, so they come from one run."""

    request: Request
    program: Program
    case: Case
    facts: FactDictionary
    outcomes: tuple[Outcome, ...]
    shortfalls: Mapping[tuple[int, int], Any]
    arithmetic: str


Tamper = Callable[[str, frozenset[str]], frozenset[str]]


class Engine:
    """Evaluates cases against one rulebook; keeps compiled programs and rulesets. Safe to share between threads."""

    def __init__(self, rulebook: Rulebook, *, cover: bool = False, tamper: Tamper | None = None) -> None:
        self.rulebook = rulebook
        self._cover = cover
        self._tamper = tamper
        self._lock = threading.Lock()
        self._programs: OrderedDict[tuple[date, str, tuple[str, ...]], Program] = OrderedDict()
        self._asked: dict[tuple[date, str, tuple[str, ...], tuple[str, ...]], Program] = {}
        self._rules: dict[Any, SchemeRules] = {}

    # -- programs -----------------------------------------------------------------------------

    def program(self, as_of: date, region: str, reforms: tuple[str, ...], schemes: tuple[str, ...]) -> Program:
        """The compiled law of a day and place with the schemes asked for. Raises InputError."""
        asked = (as_of, region, reforms, schemes)
        known = self._asked.get(asked)
        if known is not None:
            return known
        law = self._law(as_of, region, reforms, schemes)
        key = (law.epoch, law.region, reforms)
        with self._lock:
            program = self._programs.get(key)
            if program is None or program.law is not law:
                program = Program(law, self.rulebook.fact_checks, cover=self._cover)
                self._programs[key] = program
            self._programs.move_to_end(key)
            program.ensure(list(schemes))
            if len(self._programs) > MAX_PROGRAMS or len(self._asked) >= MAX_ASKED:
                self._asked.clear()
            while len(self._programs) > MAX_PROGRAMS:
                self._programs.popitem(last=False)
            self._asked[asked] = program
        return program

    def _law(self, as_of: date, region: str, reforms: tuple[str, ...], schemes: tuple[str, ...]) -> Law:
        faults: list[InputFault] = []
        if region_name(region) is None:
            faults.append(InputFault("/region", "unknown_region", f"没有行政区划代码 '{region}'。请用六位 GB/T 2260 代码，如 110000。", f"there is no region '{region}'. Use a six-digit GB/T 2260 code, such as 110000."))
        for index, reform in enumerate(reforms):
            if reform not in self.rulebook.proposals():
                faults.append(InputFault(f"/reforms/{index}", "unknown_reform", f"没有名为 '{reform}' 的改革方案。", f"there is no reform '{reform}'."))
        known = self.rulebook.scheme_ids()
        for index, scheme in enumerate(schemes):
            if scheme not in known:
                faults.append(InputFault(f"/schemes/{index}", "unknown_scheme", f"没有险种 '{scheme}'。现有：{'、'.join(known)}。", f"there is no scheme '{scheme}'. There are: {', '.join(known)}."))
        if faults:
            raise InputError(faults)
        law = self.rulebook.at(as_of, region, reforms)
        for index, scheme in enumerate(schemes):
            if scheme not in law.schemes:
                faults.append(InputFault(f"/schemes/{index}", "not_in_force", f"'{scheme}' 在 {as_of} 尚未施行（或本规则库未收录当时的规定）。", f"'{scheme}' was not in force on {as_of}, or its rules of that day are not encoded."))
        if faults:
            raise InputError(faults)
        return law

    def _ruleset(self, program: Program, plan: SchemePlan) -> SchemeRules:
        """The scheme's ruleset; programs whose conditions have the same shape share one."""
        kept = program.presentation("rulesets")
        if plan.scheme not in kept:
            conditions = {each.key: each.conditional for each in plan.conditions}
            conclusions = {each.key: each.conditional for each in plan.conclusions}
            shapes = (*conditions.items(), *conclusions.items())
            shape = (plan.scheme, tuple((key, each.versions, tuple(atom.op for atom in each.atoms)) for key, each in shapes))
            with self._lock:
                if shape not in self._rules:
                    self._rules[shape] = SchemeRules(plan.scheme, conditions, conclusions)
                kept[plan.scheme] = self._rules[shape]
        return cast(SchemeRules, kept[plan.scheme])

    # -- evaluation ---------------------------------------------------------------------------

    def evaluate(self, request: Request) -> Evaluation:
        """Evaluate one case. Raises InputError on a bad request, Incident where the two decisions disagree."""
        program = self.program(request.as_of, request.region, request.reforms, request.schemes)
        given = read_given(request.given, program, request.schemes)
        try:
            return self._run(request, program, given, CERTIFIED)
        except (Undecided, ArithmeticError):
            return self._run(request, program, given, RATIONAL)
        except TooLong:
            raise InputError([InputFault("/facts", "too_long", "事实或给定值使计算年限超出合理范围，请核对年份和日期。", "the facts or given values make a series of years impossibly long. Check the years and dates.")]) from None

    def _run(self, request: Request, program: Program, given: Given, arithmetic: Arithmetic) -> Evaluation:
        space = program.space(arithmetic)
        case = new_case(request, program, given.in_arithmetic(arithmetic), arithmetic)
        with arithmetic.context():
            self._check_plausible(case, space, program.checks)
            outcomes = tuple(self._decide(program, scheme, case, space) for scheme in request.schemes)
            shortfalls = _shortfalls(outcomes, case, space)
            self._decide_others(program, request.schemes, case)
        if arithmetic is RATIONAL:
            _as_decimals(program, case, request, given)
        return Evaluation(request, program, case, self.rulebook.facts, outcomes, shortfalls, arithmetic.name)

    @staticmethod
    def _check_plausible(case: Case, space: dict[str, Any], checks: tuple[LoweredCheck, ...]) -> None:
        faults = [
            InputFault(f"/facts/{each.check.pointer}", each.check.name, each.check.message.zh, each.check.message.en)
            for index, each in enumerate(checks)
            if space[f"check_{index}"](case) is False
        ]
        if faults:
            raise InputError(faults)

    def _decide(self, program: Program, scheme: str, case: Case, space: dict[str, Any]) -> Outcome:
        plan = program.plan(scheme)
        exact: dict[str, bool | None] = {each.key: space[each.function](case) for each in plan.conditions}
        try:
            with self._ruleset(program, plan).session() as assert_fact:
                self._conclude_conditions(plan, exact, case, assert_fact)
                amounts_known = True
                if all([value is True for value in exact.values()]):
                    amounts_known = all([space[f"d{number}"](case) is not None for number in plan.benefits])
                outcome = self._conclude(plan, exact, amounts_known, case, space, assert_fact)
        except InferenceError as error:
            raise Incident(str(error)) from error
        for number in plan.outputs:
            space[f"d{number}"](case)
        return outcome

    def _decide_others(self, program: Program, asked: tuple[str, ...], case: Case) -> None:
        """Have the rules engine decide what was read of the conditions of schemes not asked for. Raises Incident."""
        numbers = [program.condition_numbers[key] for key in case.atoms if key in program.condition_numbers]
        for scheme in dict.fromkeys(program.definitions[number].name.scheme for number in numbers):
            if scheme in asked:
                continue
            plan = program.plan(scheme)
            try:
                with self._ruleset(program, plan).session() as assert_fact:
                    self._conclude_conditions(plan, {each.key: case.memo[each.unit.number] for each in plan.conditions}, case, assert_fact)
            except InferenceError as error:
                raise Incident(str(error)) from error

    def _conclude_conditions(self, plan: SchemePlan, exact: dict[str, bool | None], case: Case, assert_fact: AssertFact) -> None:
        """Have the rules engine decide every condition again. Raises Incident where it concludes otherwise."""
        fact: dict[str, Any] = {"stage": "conditions"}
        expected: set[str] = set()
        for each in plan.conditions:
            atoms = case.atoms.get(each.key)
            if atoms is None:  # given for this case, so there is nothing to decide
                continue
            encode_atoms(fact, each.key, atoms[1], each.conditional)
            if exact[each.key] is not None:
                expected.add(each.met if exact[each.key] else each.not_met)
        if len(fact) > 1:
            self._compare(plan.scheme, assert_fact(fact), expected)

    def _conclude(
        self, plan: SchemePlan, met: dict[str, bool | None], amounts_known: bool, case: Case, space: dict[str, Any], assert_fact: AssertFact
    ) -> Outcome:
        """Chain the status and the conclusions from what was concluded of the conditions. Raises Incident."""
        status = status_of(met.values(), amounts_known)
        fact: dict[str, Any] = {"stage": "conclusions", "amounts_known": amounts_known}
        for condition in plan.conditions:
            fact[condition.status] = _WORDS[met[condition.key]]
        expected: set[str] = {status}
        drawn = []
        for each in plan.conclusions:
            if space[each.function](case):
                expected.add(each.met)
                drawn.append(DrawnConclusion(each.lowered, tuple(space[text](case) for text in each.texts)))
            encode_atoms(fact, each.key, case.atoms[each.key][1], each.conditional)
        self._compare(plan.scheme, assert_fact(fact), expected)
        return Outcome(plan.scheme, status, plan, met, tuple(drawn))

    def _compare(self, scheme: str, fired: frozenset[str], expected: set[str]) -> None:
        if self._tamper is not None:
            fired = self._tamper(scheme, fired)
        if fired != expected:
            raise Incident(f"{scheme}: the rules engine and the exact reading disagree on {sorted(fired ^ expected)}.")


def _shortfalls(outcomes: tuple[Outcome, ...], case: Case, space: dict[str, Any]) -> dict[tuple[int, int], Any]:
    """By how much each unmet condition is missed, where the rule says how to measure it."""
    found: dict[tuple[int, int], Any] = {}
    for outcome in outcomes:
        for each in outcome.plan.conditions:
            if outcome.met[each.key] is not False:
                continue
            index = case.atoms[each.key][0] if each.key in case.atoms else 0
            function = space.get(f"s{each.unit.number}_{index}")
            if function is not None:
                found[each.unit.number, index] = function(case)
    return found


def _as_decimals(program: Program, case: Case, request: Request, given: Given) -> None:
    """Write what was given or rounded as the decimals it is, so that both arithmetics answer alike."""
    case.memo[:] = [given.definitions.get(number, value) for number, value in enumerate(case.memo)]
    case.facts.update(request.facts)
    for number in case.before_rounding:
        value = case.memo[number]
        rounding = program.definitions[number].versions[case.version.get(number, 0)].rounding
        if isinstance(value, Fraction) and rounding is not None:
            case.memo[number] = written(value, rounding.step)


def status_of(met: Collection[bool | None], amounts_known: bool) -> Status:
    """A scheme's status from its conditions, and from whether every amount is known."""
    if False in met:
        return "not_eligible"
    return "undetermined" if None in met or not amounts_known else "eligible"


def new_case(request: Request, program: Program, given: Given, arithmetic: Arithmetic) -> Case:
    memo = program.new_memo()
    for number, value in given.definitions.items():
        memo[number] = value
    return Case(
        as_of=request.as_of,
        region=request.region,
        facts=Facts(request.facts if arithmetic is CERTIFIED else converted(request.facts, arithmetic)),
        memo=memo,
        given_parameters=given.parameters,
        assumptions={name: arithmetic.number(value) if isinstance(value, Decimal) else value for name, value in request.assumptions.items()},
        given=frozenset(given.definitions),
        order=list(given.definitions),
    )


def converted(value: Any, arithmetic: Arithmetic) -> Any:
    """The same facts with every number in another arithmetic."""
    if isinstance(value, Decimal):
        return arithmetic.number(value)
    if isinstance(value, Mapping):
        return {name: converted(each, arithmetic) for name, each in value.items()}
    if isinstance(value, tuple):
        return tuple(converted(each, arithmetic) for each in value)
    return value
