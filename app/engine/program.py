"""The law of one day and place, compiled: every definition a Python function, made once and shared by all cases.

Schemes are compiled when first asked for, with the schemes they use. The same source runs over certified
decimals and, for the few cases these cannot decide, over fractions.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from decimal import Decimal
from types import CodeType
from typing import Any

from app.language import Definition, DefinitionVersion, Law, LoweredCheck, Parameter, Standing, ir
from app.language.derived import is_absent
from app.language.symbols import LoweredConclusion

from .case import UNSET
from .compiled import PlannedConclusion, PlannedCondition, SchemeFunctions, SchemePlan, Unit, Uses, conclusions_name
from .condition_code import conclusions_function, condition_function
from .conditions import Conditional, split_condition
from .definition_code import definition_function
from .emitter import Emitter
from .inference import properties
from .kept import Kept
from .numbers import CERTIFIED, RATIONAL, Arithmetic
from .runtime import namespace
from .tables import Table


@dataclass(frozen=True, slots=True)
class _Source:
    """Generated Python with the constants it names."""

    code: CodeType
    text: str
    constants: dict[str, ir.Scalar]
    raw: dict[str, Any]


class Program:
    """Compiled rules of one `Law`. Thread-safe to read once a scheme is compiled."""

    def __init__(self, law: Law, checks: tuple[LoweredCheck, ...] = (), *, cover: bool = False) -> None:
        self.law = law
        self.cover = cover
        self.branches: dict[tuple[int, str], ir.If] = {}
        self.definitions: list[Definition] = []
        self.parameters: list[Parameter] = []
        self.number_of: dict[ir.Name, int] = {}
        self.parameter_number: dict[ir.Name, int] = {}
        self.condition_keys: dict[int, str] = {}
        for scheme in law.schemes.values():
            for definition in scheme.definitions.values():
                self.number_of[definition.name] = len(self.definitions)
                self.definitions.append(definition)
            for parameter in scheme.parameters.values():
                self.parameter_number[parameter.name] = len(self.parameters)
                self.parameters.append(parameter)
            for position, condition in enumerate(scheme.conditions()):
                # By place in the scheme, not by number: regions whose conditions are alike share a ruleset.
                self.condition_keys[self.number_of[condition.name]] = f"{scheme.id.replace('.', '_')}_c{position}"
        for rule in law.derived.values():
            if isinstance(rule, Parameter):
                self.parameter_number[rule.name] = len(self.parameters)
                self.parameters.append(rule)
            else:
                self.number_of[rule.name] = len(self.definitions)
                self.definitions.append(rule)
        self.units: list[Unit | None] = [None] * len(self.definitions)
        self._sources: list[_Source] = []
        self._spaces: dict[str, dict[str, Any]] = {}
        self._loaded: dict[str, int] = {}
        self._compiled: set[str] = set()
        self._loading = threading.Lock()
        self._reads: dict[tuple[int, ...], tuple[tuple[ir.Expr, ...], Uses]] = {}
        self._absent = frozenset(self.number_of[name] for name, rule in law.derived.items() if isinstance(rule, Definition) and is_absent(rule))
        self.conclusions: dict[str, Conditional] = {}
        self.checks = checks
        self.check_facts: list[frozenset[str]] = []
        self._plans: dict[str, SchemePlan] = {}
        self._functions: dict[tuple[str, str], SchemeFunctions] = {}
        self.kept = Kept()
        self._compile_checks(checks)

    # -- compiling ----------------------------------------------------------------------------

    @property
    def compiled(self) -> int:
        """How many schemes are compiled by now: what is made of all of them is made anew when there are more."""
        return len(self._compiled)

    def ensure(self, schemes: list[str]) -> None:
        """Compile schemes and every scheme they use, with the derived rules that they read."""
        waiting = [scheme for scheme in schemes if scheme not in self._compiled]
        while waiting:
            scheme = waiting.pop()
            if scheme in self._compiled:
                continue
            self._compiled.add(scheme)
            stood = self.law.schemes.get(scheme)
            derived = [each for each in self.law.derived.values() if each.name.scheme == scheme and isinstance(each, Definition)]
            for definition in (*(stood.definitions.values() if stood is not None else ()), *derived):
                unit = self._compile(definition)
                self.units[unit.number] = unit
                waiting.extend(self.definitions[used].name.scheme for uses in unit.uses for used in uses.definitions)
                for version in definition.versions:
                    short = version.lowered.shortfall
                    waiting.extend(self._schemes_of([*([] if short is None else [short]), *version.lowered.unmet.values()]))
            self._compile_conclusions(scheme)
            for conclusion in self._conclusions_of(scheme):
                waiting.extend(self._schemes_of([conclusion.when, *conclusion.placeholders.values()]))

    def _conclusions_of(self, scheme: str) -> tuple[LoweredConclusion, ...]:
        stood = self.law.schemes.get(scheme)
        return () if stood is None else stood.conclusions

    def _schemes_of(self, expressions: list[ir.Expr]) -> list[str]:
        return [self.definitions[used].name.scheme for used in self.reads(expressions).definitions]

    def _emitter(self, owner: int, constants: dict[str, ir.Scalar], raw: dict[str, Any]) -> Emitter:
        return Emitter(self.number_of.__getitem__, self.parameter_number.__getitem__, constants, raw, owner, self.cover, branches=self.branches)

    def _compile(self, definition: Definition) -> Unit:
        number = self.number_of[definition.name]
        constants: dict[str, ir.Scalar] = {}
        raw: dict[str, Any] = {}
        emitter = self._emitter(number, constants, raw)
        conditional = None
        if definition.kind == "condition":
            conditional = split_condition([(version.guard, version.body) for version in definition.versions])
            function = condition_function(number, conditional, emitter)
        else:
            function = definition_function(number, definition, emitter)
        self._add_unmet(definition, emitter, number)
        self._add("\n".join([*emitter.helpers, function]), f"<{definition.name}>", constants, raw)
        return Unit(
            number=number,
            definition=definition,
            uses=self._uses(definition),
            own_standings=tuple(map(_own_standing, definition.versions)),
            conditional=conditional,
        )

    def _add_unmet(self, definition: Definition, emitter: Emitter, number: int) -> None:
        """What is said where a condition is not met: `s{number}_{version}` the shortfall, `u{number}_{version}` the values its text names."""
        for index, version in enumerate(definition.versions):
            if version.lowered.shortfall is not None:
                text = emitter.emit(version.lowered.shortfall)
                emitter.helpers.append(f"def s{number}_{index}(c):\n    return {text}")
            if version.lowered.unmet:
                values = "".join(f"{emitter.emit(each)}, " for each in version.lowered.unmet.values())
                emitter.helpers.append(f"def u{number}_{index}(c):\n    return ({values})")

    def _compile_conclusions(self, scheme: str) -> None:
        drawn = self._conclusions_of(scheme)
        conditionals = [split_condition([(None, each.when)]) for each in drawn]
        constants: dict[str, ir.Scalar] = {}
        emitter = self._emitter(len(self.definitions) + len(self._sources), constants, {})
        name = conclusions_name(scheme)
        text = conclusions_function(name, conditionals, emitter)
        self._add("\n".join([*emitter.helpers, text]), f"<{name}>", constants, emitter.raw)
        for index, (conclusion, conditional) in enumerate(zip(drawn, conditionals, strict=True)):
            key = conclusion_key(scheme, index)
            self.conclusions[key] = conditional
            for position, expr in enumerate(conclusion.placeholders.values()):
                self.compile_expression(f"{key}_text{position}", expr)

    def _compile_checks(self, checks: tuple[LoweredCheck, ...]) -> None:
        for index, check in enumerate(checks):
            self.compile_expression(f"check_{index}", check.holds)
            self.check_facts.append(frozenset(self.reads([check.holds]).facts))

    def compile_expression(self, name: str, expr: ir.Expr) -> None:
        """Compile a free-standing expression as the function `name`."""
        constants: dict[str, ir.Scalar] = {}
        raw: dict[str, Any] = {}
        emitter = self._emitter(len(self.definitions) + len(self._sources), constants, raw)
        text = emitter.emit(expr)
        body = [*emitter.helpers, f"def {name}(c):", f"    return {text}"]
        self._add("\n".join(body), f"<{name}>", constants, raw)

    def _add(self, text: str, origin: str, constants: dict[str, ir.Scalar], raw: dict[str, Any]) -> None:
        self._sources.append(_Source(compile(text, origin, "exec"), text, constants, raw))

    def _uses(self, definition: Definition) -> tuple[Uses, ...]:
        """Per version: what its body and the guards tried before it read."""
        guards: list[ir.Expr] = []
        uses = []
        for version in definition.versions:
            if version.guard is not None:
                guards.append(version.guard)
            uses.append(self.reads([version.body, *guards]))
        return tuple(uses)

    def reads(self, expressions: list[ir.Expr]) -> Uses:
        """The definitions, parameters and facts that expressions name."""
        key = tuple(map(id, expressions))
        found = self._reads.get(key)
        if found is None:
            # The expressions are kept with their numbers, which may not come to mean others.
            found = self._reads[key] = (tuple(expressions), self._read(expressions))
        return found[1]

    def _read(self, expressions: list[ir.Expr]) -> Uses:
        definitions: dict[int, None] = {}
        parameters: dict[int, None] = {}
        facts: dict[str, None] = {}
        for expression in expressions:
            for node in ir.walk(expression):
                if isinstance(node, ir.DefinitionRef):
                    definitions[self.number_of[node.name]] = None
                elif isinstance(node, ir.ParameterAt | ir.Progressive):
                    parameters[self.parameter_number[node.name]] = None
                elif isinstance(node, ir.FactRef):
                    facts[node.name] = None
        return Uses(tuple(definitions), tuple(parameters), tuple(facts))

    # -- running ------------------------------------------------------------------------------

    def space(self, arithmetic: Arithmetic) -> dict[str, Any]:
        """The functions of everything compiled so far, in one arithmetic."""
        if self._loaded.get(arithmetic.name) == len(self._sources):
            return self._spaces[arithmetic.name]
        with self._loading:
            return self._load(arithmetic)

    def _load(self, arithmetic: Arithmetic) -> dict[str, Any]:
        space = self._spaces.get(arithmetic.name)
        if space is None:
            tables = [Table(number, parameter, arithmetic) for number, parameter in enumerate(self.parameters)]
            space = namespace(arithmetic, tables)
            self._loaded[arithmetic.name] = 0
            self._spaces[arithmetic.name] = space
        for source in self._sources[self._loaded[arithmetic.name] :]:
            for name, value in source.constants.items():
                space[name] = arithmetic.number(value) if isinstance(value, Decimal) else value
            space.update(source.raw)
            exec(source.code, space)  # noqa: S102 - the source was emitted above from checked, typed expressions
        self._loaded[arithmetic.name] = len(self._sources)
        return space

    def plan(self, scheme: str) -> SchemePlan:
        """How to evaluate a compiled scheme."""
        kept = self._plans.get(scheme)
        if kept is None:
            kept = self._plans[scheme] = self._make_plan(scheme)
        return kept

    def _make_plan(self, scheme: str) -> SchemePlan:
        law = self.law.schemes[scheme]
        conditions = []
        for definition in law.conditions():
            unit = self.units[self.number_of[definition.name]]
            assert unit is not None and unit.conditional is not None
            key = self.condition_keys[unit.number]
            conditions.append(PlannedCondition(unit, unit.conditional, key, f"{key}:met", f"{key}:not met", f"{key}_status", properties(key, unit.conditional)))
        conclusions = []
        for index, lowered in enumerate(law.conclusions):
            key = conclusion_key(scheme, index)
            texts = tuple(f"{key}_text{position}" for position in range(len(lowered.placeholders)))
            conclusions.append(PlannedConclusion(lowered, self.conclusions[key], key, f"{key}:met", texts, properties(key, self.conclusions[key])))
        benefits = tuple(self.number_of[each.name] for each in law.benefits())
        outputs = tuple(self.number_of[each.name] for each in law.definitions.values() if each.output)
        return SchemePlan(scheme, tuple(conditions), tuple(conclusions), benefits, outputs, tuple(each.unit.number for each in conditions), tuple(each.key for each in conditions))

    def planned(self, schemes: tuple[str, ...], arithmetic: Arithmetic) -> list[tuple[SchemePlan, SchemeFunctions]]:
        """How to evaluate compiled schemes, and their functions in one arithmetic."""
        return self.kept.once(("planned", schemes, arithmetic.name), lambda: [(self.plan(each), self.functions(each, arithmetic)) for each in schemes])

    def functions(self, scheme: str, arithmetic: Arithmetic) -> SchemeFunctions:
        """The functions of a compiled scheme in one arithmetic."""
        found = self._functions.get((scheme, arithmetic.name))
        if found is None:
            found = self._functions[scheme, arithmetic.name] = SchemeFunctions.of(self.plan(scheme), self.space(arithmetic))
        return found

    def stands_in(self, number: int) -> bool:
        """Whether a definition only stands in for one that is not in force."""
        return number in self._absent

    def new_memo(self) -> list[Any]:
        return [UNSET] * len(self.definitions)

    def sources(self) -> str:
        """The generated Python, for those who want to read it."""
        return "\n\n".join(source.text for source in self._sources)


def _own_standing(version: DefinitionVersion) -> Standing:
    """The standing of a wording and of the rounding applied to it."""
    own = version.lowered.clause.standing
    if version.rounding is None or version.rounding_standing is None:
        return own
    return max(own, version.rounding_standing)


def conclusion_key(scheme: str, index: int) -> str:
    """How the rules engine calls a conclusion."""
    return f"w_{scheme.replace('.', '_')}_{index}"


__all__ = ["CERTIFIED", "RATIONAL", "Program", "Unit"]
