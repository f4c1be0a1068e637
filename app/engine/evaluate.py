"""One case, end to end: facts -> program of the day and place -> conditions -> inference -> amounts -> outcome."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal, cast

from app.language import FactDictionary, Law, LoweredCheck, Rulebook, region_name
from app.language.symbols import LoweredConclusion

from .case import Case, Facts
from .given import Given, read_given
from .inference import InferenceError, SchemeRules, encode_atoms
from .numbers import CERTIFIED, RATIONAL, Arithmetic, Undecided
from .program import Program, Unit, conclusion_key, condition_key
from .request import Incident, InputError, InputFault, Request
from .runtime import TooLong

MAX_PROGRAMS = 128
Status = Literal["eligible", "not_eligible", "undetermined"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One scheme's answer: what was decided; the values stand in the evaluation's case."""

    scheme: str
    status: Status
    conditions: tuple[Unit, ...]
    met: Mapping[str, bool | None]
    benefits: tuple[int, ...]
    conclusions: tuple[tuple[int, LoweredConclusion, tuple[Any, ...]], ...]


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
        self._rules: dict[Any, SchemeRules] = {}

    # -- programs -----------------------------------------------------------------------------

    def program(self, as_of: date, region: str, reforms: tuple[str, ...], schemes: tuple[str, ...]) -> Program:
        """The compiled law of a day and place with the schemes asked for. Raises InputError."""
        law = self._law(as_of, region, reforms, schemes)
        key = (law.epoch, law.region, reforms)
        with self._lock:
            program = self._programs.get(key)
            if program is None or program.law is not law:
                program = Program(law, self.rulebook.fact_checks, cover=self._cover)
                self._programs[key] = program
            self._programs.move_to_end(key)
            while len(self._programs) > MAX_PROGRAMS:
                self._programs.popitem(last=False)
            program.ensure(list(schemes))
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

    def _ruleset(self, program: Program, scheme: str) -> SchemeRules:
        """The scheme's ruleset; programs whose conditions have the same shape share one."""
        kept = program.presentation("rulesets")
        if scheme not in kept:
            conditions, conclusions = self._conditionals(program, scheme)
            shapes = (*conditions.items(), *conclusions.items())
            shape = (scheme, tuple((key, each.versions, tuple(atom.op for atom in each.atoms)) for key, each in shapes))
            with self._lock:
                if shape not in self._rules:
                    self._rules[shape] = SchemeRules(scheme, conditions, conclusions)
                kept[scheme] = self._rules[shape]
        return cast(SchemeRules, kept[scheme])

    @staticmethod
    def _conditionals(program: Program, scheme: str) -> tuple[dict[str, Any], dict[str, Any]]:
        units = [program.units[program.number_of[each.name]] for each in program.law.schemes[scheme].conditions()]
        conditions = {condition_key(unit.number): unit.conditional for unit in units if unit is not None}
        keys = [conclusion_key(scheme, index) for index in range(len(program.law.schemes[scheme].conclusions))]
        return conditions, {key: program.conclusions[key] for key in keys}

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
        case = _new_case(request, program, given.in_arithmetic(arithmetic), arithmetic)
        with arithmetic.context():
            self._check_plausible(case, space, program.checks)
            outcomes = tuple(self._decide(program, scheme, case, space) for scheme in request.schemes)
            self._compute_outputs(program, request.schemes, case, space)
            shortfalls = _shortfalls(outcomes, case, space)
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

    @staticmethod
    def _compute_outputs(program: Program, schemes: tuple[str, ...], case: Case, space: dict[str, Any]) -> None:
        for scheme in schemes:
            for definition in program.law.schemes[scheme].definitions.values():
                if definition.output:
                    space[f"d{program.number_of[definition.name]}"](case)

    def _decide(self, program: Program, scheme: str, case: Case, space: dict[str, Any]) -> Outcome:
        law = program.law.schemes[scheme]
        units = [unit for each in law.conditions() if (unit := program.units[program.number_of[each.name]]) is not None]
        exact: dict[str, bool | None] = {condition_key(unit.number): space[f"d{unit.number}"](case) for unit in units}
        benefits = tuple(program.number_of[each.name] for each in law.benefits())
        try:
            with self._ruleset(program, scheme).session() as assert_fact:
                met = self._conclude_conditions(scheme, units, exact, case, assert_fact)
                amounts_known = True
                if all(value is True for value in met.values()):
                    amounts_known = all([space[f"d{number}"](case) is not None for number in benefits])
                return self._conclude(program, scheme, units, met, amounts_known, benefits, case, space, assert_fact)
        except InferenceError as error:
            raise Incident(str(error)) from error

    def _conclude_conditions(
        self, scheme: str, units: list[Unit], exact: dict[str, bool | None], case: Case, assert_fact: Callable[[dict[str, Any]], frozenset[str]]
    ) -> dict[str, bool | None]:
        if not units:
            return {}
        fact: dict[str, Any] = {"stage": "conditions"}
        for unit in units:
            key = condition_key(unit.number)
            assert unit.conditional is not None
            if key in case.atoms:
                fact |= encode_atoms(key, case.atoms[key][1], unit.conditional)
        fired = self._fired(scheme, assert_fact(fact))
        given = {key for key in exact if key not in case.atoms}
        concluded: dict[str, bool | None] = {
            key: exact[key] if key in given else True if f"{key}:met" in fired else False if f"{key}:not met" in fired else None for key in exact
        }
        if concluded != exact or any(f"{key}:met" in fired and f"{key}:not met" in fired for key in exact):
            raise Incident(f"{scheme}: the rules engine and the exact reading disagree on {sorted(key for key in exact if concluded[key] != exact[key])}.")
        return concluded

    def _conclude(
        self,
        program: Program,
        scheme: str,
        units: list[Unit],
        met: dict[str, bool | None],
        amounts_known: bool,
        benefits: tuple[int, ...],
        case: Case,
        space: dict[str, Any],
        assert_fact: Callable[[dict[str, Any]], frozenset[str]],
    ) -> Outcome:
        words = {True: "met", False: "not met", None: "open"}
        fact: dict[str, Any] = {"stage": "conclusions", "amounts_known": amounts_known}
        fact |= {f"{key}_status": words[value] for key, value in met.items()}
        conclusions = program.law.schemes[scheme].conclusions
        exact: dict[str, bool | None] = {}
        for index in range(len(conclusions)):
            key = conclusion_key(scheme, index)
            exact[key] = space[f"{key}_read"](case)
            fact |= encode_atoms(key, case.atoms[key][1], program.conclusions[key])
        fired = self._fired(scheme, assert_fact(fact))
        expected = {_status(met, amounts_known)} | {f"{key}:met" for key, value in exact.items() if value}
        if fired != expected:
            raise Incident(f"{scheme}: the rules engine and the exact reading disagree on {sorted(fired ^ expected)}.")
        drawn = tuple(
            (index, each, tuple(space[f"{conclusion_key(scheme, index)}_text{position}"](case) for position in range(len(each.placeholders))))
            for index, each in enumerate(conclusions)
            if exact[conclusion_key(scheme, index)] is True
        )
        return Outcome(scheme, _status(met, amounts_known), tuple(units), met, benefits, drawn)

    def _fired(self, scheme: str, fired: frozenset[str]) -> frozenset[str]:
        return fired if self._tamper is None else self._tamper(scheme, fired)


def _shortfalls(outcomes: tuple[Outcome, ...], case: Case, space: dict[str, Any]) -> dict[tuple[int, int], Any]:
    """By how much each unmet condition is missed, where the rule says how to measure it."""
    found: dict[tuple[int, int], Any] = {}
    for outcome in outcomes:
        for unit in outcome.conditions:
            key = condition_key(unit.number)
            index = case.atoms[key][0] if key in case.atoms else 0
            if outcome.met[key] is False and f"s{unit.number}_{index}" in space:
                found[unit.number, index] = space[f"s{unit.number}_{index}"](case)
    return found


def _status(met: dict[str, bool | None], amounts_known: bool) -> Status:
    if False in met.values():
        return "not_eligible"
    return "undetermined" if None in met.values() or not amounts_known else "eligible"


def _new_case(request: Request, program: Program, given: Given, arithmetic: Arithmetic) -> Case:
    memo = program.new_memo()
    for number, value in given.definitions.items():
        memo[number] = value
    return Case(
        as_of=request.as_of,
        region=request.region,
        facts=Facts(request.facts if arithmetic is CERTIFIED else _converted(request.facts, arithmetic)),
        memo=memo,
        given_parameters=given.parameters,
        assumptions={name: arithmetic.number(value) if isinstance(value, Decimal) else value for name, value in request.assumptions.items()},
        given=frozenset(given.definitions),
        order=list(given.definitions),
    )


def _converted(value: Any, arithmetic: Arithmetic) -> Any:
    """The same facts with every number in another arithmetic."""
    if isinstance(value, Decimal):
        return arithmetic.number(value)
    if isinstance(value, Mapping):
        return {name: _converted(each, arithmetic) for name, each in value.items()}
    if isinstance(value, tuple):
        return tuple(_converted(each, arithmetic) for each in value)
    return value
