"""One case, end to end: facts -> program of the day and place -> conditions -> inference -> amounts -> outcome."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from app.language import Definition, FactDictionary, Law, Rulebook, region_name

from .case import Case, Facts, TooLong
from .compiled import SchemeFunctions, SchemePlan
from .given import Given, read_given
from .inference import SchemeRules
from .numbers import CERTIFIED, RATIONAL, Arithmetic, Undecided, written
from .program import Program
from .request import Incident, InputError, InputFault, Request
from .ruleset import InferenceError
from .second_decision import DrawnConclusion, Status, Told, draw_conclusions
from .unmet import of_unmet

MAX_PROGRAMS = 128
MAX_ASKED = 4_096


class Outcome(NamedTuple):
    """One scheme's answer: what was decided, the `truths` of the plan's conditions in its order; the values stand in the evaluation's case."""

    scheme: str
    status: Status
    plan: SchemePlan
    truths: tuple[bool | None, ...]
    conclusions: tuple[DrawnConclusion, ...]

    @property
    def met(self) -> dict[str, bool | None]:
        """The truth of each condition by its key."""
        return dict(zip(self.plan.keys, self.truths, strict=True))


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A finished evaluation. Trace and answer are both read from `case`, so they come from one run."""

    request: Request
    program: Program
    case: Case
    facts: FactDictionary
    outcomes: tuple[Outcome, ...]
    shortfalls: Mapping[tuple[int, int], Any]
    # Of conditions that are not met, by number and wording: the values that `unmet` of the rules names.
    named: Mapping[tuple[int, int], tuple[Any, ...]]
    arithmetic: str


Concludes = Callable[[SchemePlan, Status, Mapping[str, bool | None]], bool]
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
        kept = program.kept.presentation("rulesets")
        found: SchemeRules | None = kept.get(plan.scheme)
        if found is None:
            conditions = {each.key: each.conditional for each in plan.conditions}
            conclusions = {each.key: each.conditional for each in plan.conclusions}
            shapes = (*conditions.items(), *conclusions.items())
            shape = (plan.scheme, tuple((key, each.versions, tuple(atom.op for atom in each.atoms)) for key, each in shapes))
            with self._lock:
                if shape not in self._rules:
                    called = {each.key: _called(each.unit.definition) for each in plan.conditions}
                    self._rules[shape] = SchemeRules(plan.scheme, conditions, conclusions, called)
                found = kept[plan.scheme] = self._rules[shape]
        return found

    # -- evaluation ---------------------------------------------------------------------------

    def evaluate(self, request: Request) -> Evaluation:
        """Evaluate one case. Raises InputError on a bad request, Incident where the two decisions disagree."""
        program = self.program(request.as_of, request.region, request.reforms, request.schemes)
        given = read_given(request.given, program, request.schemes)
        try:
            try:
                return self._run(request, program, given, CERTIFIED)
            except (Undecided, ArithmeticError):
                return self._run(request, program, given, RATIONAL)
        except TooLong:
            raise _too_long() from None

    def survey(self, request: Request, schemes: tuple[str, ...], concludes: Concludes) -> Evaluation:
        """Some of a request's schemes, without their outputs; conclusions only of those that `concludes` names.

        Whatever is determined is decided twice, as `evaluate` does, and what `concludes` names as well; a scheme that stays
        open and of which nobody is told is only read. Raises InputError, Incident.
        """
        program = self.program(request.as_of, request.region, request.reforms, request.schemes)
        given = read_given(request.given, program, request.schemes)
        part = replace(request, schemes=schemes)
        try:
            return self._run(part, program, given, CERTIFIED, concludes)
        except (Undecided, ArithmeticError):
            return self._run(part, program, given, RATIONAL, concludes)
        except TooLong:
            raise _too_long() from None

    def _run(self, request: Request, program: Program, given: Given, arithmetic: Arithmetic, concludes: Concludes | None = None) -> Evaluation:
        space = program.space(arithmetic)
        case = new_case(request, program, given.in_arithmetic(arithmetic), arithmetic)
        with arithmetic.context():
            self._check_plausible(case, space, program)
            planned = program.planned(request.schemes, arithmetic)
            outcomes = tuple([self._decide(program, plan, functions, case, concludes) for plan, functions in planned])
            shortfalls, named = of_unmet(outcomes, case, space)
            self._decide_others(program, request.schemes, case)
        if arithmetic is RATIONAL:
            _as_decimals(program, case, request, given)
        return Evaluation(request, program, case, self.rulebook.facts, outcomes, shortfalls, named, arithmetic.name)

    @staticmethod
    def _check_plausible(case: Case, space: dict[str, Any], program: Program) -> None:
        """Refuse facts that cannot be true together; a check none of whose facts was given has nothing to say."""
        given = frozenset(case.facts)
        faults = [
            InputFault(f"/facts/{each.check.pointer}", each.check.name, each.check.message.zh, each.check.message.en)
            for index, (each, facts) in enumerate(zip(program.checks, program.check_facts, strict=True))
            if not given.isdisjoint(facts) and space[f"check_{index}"](case) is False
        ]
        if faults:
            raise InputError(faults)

    def _decide(self, program: Program, plan: SchemePlan, functions: SchemeFunctions, case: Case, concludes: Concludes | None) -> Outcome:
        """Read a scheme exactly and have the rules engine decide it again. Raises Incident where it concludes otherwise."""
        truths: tuple[bool | None, ...] = tuple([read(case) for read in functions.conditions])
        amounts_known = not all(truths) or all([compute(case) is not None for compute in functions.benefits])
        status = status_of(truths, amounts_known)
        concluded = concludes is None or concludes(plan, status, dict(zip(plan.keys, truths, strict=True)))
        if status == "undetermined" and not concluded:
            return Outcome(plan.scheme, status, plan, truths, ())
        drawn, read = functions.conclusions(case) if concluded else ((), ())
        self._compare(program, plan, Told(truths, amounts_known, tuple(map(case.sides.get, plan.numbers)), read, drawn, status))
        conclusions = draw_conclusions(plan, functions, case, drawn)
        for compute in functions.outputs if concludes is None else ():
            compute(case)
        return Outcome(plan.scheme, status, plan, truths, conclusions)

    def _decide_others(self, program: Program, asked: tuple[str, ...], case: Case) -> None:
        """Have the rules engine decide what was read of the conditions of schemes not asked for. Raises Incident."""
        own = program.kept.once(("conditions of", asked), lambda: _conditions_of(map(program.plan, asked)))
        for scheme in sorted({program.definitions[number].name.scheme for number in case.decided.keys() - own}):
            self._decide_conditions(program, program.plan(scheme), case)

    def _decide_conditions(self, program: Program, plan: SchemePlan, case: Case) -> None:
        """Have the rules engine decide what was read of a scheme's conditions, and no more."""
        truths = tuple([case.memo[each.unit.number] for each in plan.conditions])
        told = Told(truths, True, tuple(map(case.sides.get, plan.numbers)), (), (), None)
        if any(told.conditions):
            self._compare(program, plan, told)

    def _compare(self, program: Program, plan: SchemePlan, told: Told) -> None:
        """Have the rules engine decide, unless it decided the very same before and agreed. Raises Incident."""
        try:
            rules = self._ruleset(program, plan)
            if self._tamper is None and rules.has_agreed(told):
                return
            fired = rules.fired(*told.facts(plan))
        except InferenceError as error:
            raise Incident(str(error)) from error
        if self._tamper is not None:
            fired = self._tamper(plan.scheme, fired)
        expected = told.follows(plan)
        if fired != expected:
            raise Incident(f"{plan.scheme}: the rules engine and the exact reading disagree on {sorted(fired ^ expected)}.")
        rules.agree(told)


def _called(condition: Definition) -> str:
    """How a message names a condition: with the line of its latest wording."""
    return f"the condition '{condition.name.local}' ({condition.versions[0].lowered.clause.place})"


def _conditions_of(plans: Iterable[SchemePlan]) -> frozenset[int]:
    return frozenset(number for plan in plans for number in plan.numbers)


def _as_decimals(program: Program, case: Case, request: Request, given: Given) -> None:
    """Write what was given or rounded as the decimals it is, so that both arithmetics answer alike."""
    case.memo[:] = [given.definitions.get(number, value) for number, value in enumerate(case.memo)]
    case.facts.update((name, value) for name, value in request.facts.items() if value is not None)
    for number in case.before_rounding:
        value = case.memo[number]
        rounding = program.definitions[number].versions[case.version.get(number, 0)].rounding
        if isinstance(value, Fraction) and rounding is not None:
            case.memo[number] = written(value, rounding.step)


def _too_long() -> InputError:
    zh, en = "事实或给定值使计算年限超出合理范围，请核对年份和日期。", "the facts or given values make a series of years impossibly long. Check the years and dates."
    return InputError([InputFault("/facts", "too_long", zh, en)])


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
