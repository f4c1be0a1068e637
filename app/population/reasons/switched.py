"""A law in which amendments are switched on and off by given figures: compiled once, it answers for every law in between.

Each amendment has a switch, a yes/no rule that a row gives (`given.amendments.s0`, ...). An amended definition has the
wordings of both laws under their switches, an amended parameter stands once for each of its states, and what reads it
chooses by the switch.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import combinations

from app.language import Definition, DefinitionVersion, Law, Parameter, Place, RuleError, RuleFile, Scheme, Source, Standing, Title, Transition, ir
from app.language.links import References, check_links, uses_in
from app.language.model import DefinitionClause, VersionId
from app.language.statements import Rule
from app.language.symbols import LoweredDefinition
from app.language.types import BOOLEAN

SWITCHES = "amendments"
# An amended rule stands once for each state of its amendments.
_MOST_STATES = 8
_TITLE = Title("改动开关", "Amendments made or not")
_PLACE = Place("amendments", 1)
_SOURCE = Source("amendments")
_FILE = RuleFile(
    VersionId(SWITCHES, "0001-01-01"), "amendments", _PLACE, _TITLE, date.min, None, "000000", _SOURCE, None, False, None, True, None, None, {}, {}, {}
)  # fmt: skip
_TRUE, _FALSE = ir.Const(BOOLEAN, False, True), ir.Const(BOOLEAN, False, False)


class CannotSwitch(Exception):
    """Rules of two laws that cannot stand in one: of different types, in a circle, or with too many states."""


def switch(number: int) -> ir.Name:
    """The rule that says whether an amendment is made."""
    return ir.Name(SWITCHES, f"s{number}")


def switched_law(transition: Transition, order: Sequence[int], switches: int) -> Law:
    """The law of all laws in between. Switch k is of amendment `order[k]`; there are `switches` of them, the last of no effect.

    Raises CannotSwitch.
    """
    law = _Switching(transition, {number: switch(place) for place, number in enumerate(order)}).law()
    own = {switch(number).local: _definition(switch(number), (_version(switch(number), None, _FALSE),)) for number in range(switches)}
    scheme = Scheme(SWITCHES, _TITLE, True, _SOURCE, (_FILE,), {}, own, ())
    made = replace(law, schemes={**law.schemes, SWITCHES: scheme})
    faults = list(check_links(made.schemes, uses_in(made.schemes.values(), made.derived.values(), References())))
    if faults:
        raise CannotSwitch(str(RuleError(faults)))
    return made


@dataclass(frozen=True, slots=True)
class _State:
    """A rule under some of its amendments; `guard` holds where just these are made."""

    guard: ir.Expr
    rule: Rule


class _Switching:
    def __init__(self, transition: Transition, switches: dict[int, ir.Name]) -> None:
        self._transition = transition
        self._switches = switches
        self._states = {name: self._states_of(name) for name in transition.names() if transition.steps(name)}
        self._hidden = {name: ir.Name(name.scheme, f"{name.local}__read") for name, states in self._states.items() if _comes_or_goes(states)}

    def law(self) -> Law:
        return self._transition.assemble(rule for name in self._transition.names() for rule in self._rules(name))

    def _states_of(self, name: ir.Name) -> list[_State]:
        numbers = sorted(set(self._transition.steps(name)))
        if 1 << len(numbers) > _MOST_STATES:
            raise CannotSwitch(f"{name} has {len(numbers)} amendments")
        made = [frozenset(chosen) for size in range(len(numbers) + 1) for chosen in combinations(numbers, size)]
        states = [_State(self._guard(numbers, chosen), self._transition.rule(name, chosen)) for chosen in made]
        kinds = {(type(each.rule), str(each.rule.type), str(each.rule.key_type) if isinstance(each.rule, Parameter) else "") for each in states}
        if len(kinds) > 1:
            raise CannotSwitch(f"{name} has another type")
        return states

    def _guard(self, numbers: list[int], chosen: frozenset[int]) -> ir.Expr:
        literals: list[ir.Expr] = []
        for number in numbers:
            on = ir.DefinitionRef(BOOLEAN, True, self._switches[number])
            literals.append(on if number in chosen else ir.Not(BOOLEAN, True, on))
        return literals[0] if len(literals) == 1 else ir.And(BOOLEAN, True, tuple(literals))

    def _rules(self, name: ir.Name) -> Iterator[Rule]:
        states = self._states.get(name)
        if states is None:
            rule = self._transition.rule(name, frozenset())
            yield rule if isinstance(rule, Parameter) else replace(rule, versions=tuple(map(self._rewritten, rule.versions)))
            return
        parameters = [each.rule for each in states if isinstance(each.rule, Parameter)]
        if parameters:
            for number, parameter in enumerate(parameters):
                yield replace(parameter, name=_state_name(name, number))
            return
        definitions = [(each.guard, each.rule) for each in states if isinstance(each.rule, Definition)]
        shown = next((rule for _, rule in definitions if rule.kind != "definition" or rule.output), definitions[-1][1])
        if name in self._hidden:
            yield replace(shown, name=self._hidden[name], kind="definition", output=False, versions=self._joined(definitions))
            yield replace(shown, versions=tuple(self._gate(definitions, self._hidden[name])))
        else:
            yield replace(shown, versions=self._joined(definitions))

    def _joined(self, states: list[tuple[ir.Expr, Definition]]) -> tuple[DefinitionVersion, ...]:
        """The wordings of all states, each under the guard of its state; the last needs none."""
        versions: list[DefinitionVersion] = []
        for guard, rule in states:
            for version in map(self._rewritten, rule.versions):
                both = guard if version.guard is None else ir.And(BOOLEAN, True, (guard, version.guard))
                versions.append(replace(version, guard=both))
        return (*versions[:-1], replace(versions[-1], guard=None))

    def _gate(self, states: list[tuple[ir.Expr, Definition]], hidden: ir.Name) -> Iterator[DefinitionVersion]:
        """A condition that stands in some states only: met in the others."""
        read = ir.DefinitionRef(BOOLEAN, True, hidden)
        for guard, rule in states:
            yield _version(rule.name, guard, read if rule.kind == "condition" else _TRUE)
        yield _version(hidden, None, _TRUE)

    def _rewritten(self, version: DefinitionVersion) -> DefinitionVersion:
        """A wording that reads amended parameters by their switches; without what is said where it is not met, which nobody asks for."""
        guard = None if version.guard is None else ir.rewrite(version.guard, self._read)
        return replace(version, guard=guard, body=ir.rewrite(version.body, self._read), lowered=replace(version.lowered, shortfall=None, unmet={}))

    def _read(self, node: ir.Expr) -> ir.Expr:
        if isinstance(node, ir.DefinitionRef) and node.name in self._hidden:
            return replace(node, name=self._hidden[node.name])
        if not isinstance(node, ir.ParameterAt | ir.Progressive) or node.name not in self._states:
            return node
        states = self._states[node.name]
        found: ir.Expr = replace(node, name=_state_name(node.name, len(states) - 1))
        for number in range(len(states) - 2, -1, -1):
            found = ir.If(node.type, True, states[number].guard, replace(node, name=_state_name(node.name, number)), found)
        return found


def _comes_or_goes(states: list[_State]) -> bool:
    """Whether a rule is a condition in some states and only read by others in the rest."""
    kinds = {each.rule.kind for each in states if isinstance(each.rule, Definition)}
    return "condition" in kinds and len(kinds) > 1


def _state_name(name: ir.Name, state: int) -> ir.Name:
    return ir.Name(name.scheme, f"{name.local}__state{state}")


def _definition(name: ir.Name, versions: tuple[DefinitionVersion, ...]) -> Definition:
    return Definition(name, "definition", Title(name.local, name.local), BOOLEAN, False, versions)


def _version(name: ir.Name, guard: ir.Expr | None, body: ir.Expr) -> DefinitionVersion:
    clause = DefinitionClause(
        name.local, "definition", _PLACE, None, None, None, None, True, None, None, None, _SOURCE, Standing.OFFICIAL
    )  # fmt: skip
    return DefinitionVersion(guard, body, LoweredDefinition(clause, _FILE, None, body, None), None, None, None)
