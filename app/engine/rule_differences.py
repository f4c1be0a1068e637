"""The rules that differ between two evaluations of one case, and for each what made it differ."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

from app.language import Definition, DefinitionVersion, Parameter, Place, Source, Standing, ir
from app.language.statements import references

from .case import UNSET, Reading
from .evaluate import Evaluation
from .figures import ABSENT, SEVERAL, UNKNOWN, Figure, figure_of, same, same_value
from .numbers import CERTIFIED
from .tables import Table
from .trace import expression_text
from .values import render_value, unit_of
from .walk import Walk

# What a wording may read besides rules and facts.
AS_OF, REGION = "as_of", "region"
What = Literal["wording", "rounding", "row", "bands"]


@dataclass(frozen=True, slots=True)
class Said:
    """What one of the two laws says, by which source, and the line of the rule file."""

    text: str
    source: Source
    place: Place


@dataclass(frozen=True, slots=True)
class Amended:
    """What a rule says otherwise: None on the side that says nothing. `key` tells which row of a table.

    `by` is the amendment: what holds newly; or, where something holds no longer, what that was.
    """

    what: What
    before: Said | None
    after: Said | None
    by: Said
    key: Any = None


@dataclass(frozen=True, slots=True)
class Difference:
    """A rule that differs: because it was `amended`, because of others (`because`: rules, facts, as_of, region), or both.

    Of a table read by several keys only the rows in `amended` tell the values. `other_wording` says that both laws have
    both wordings, and another one applies.
    """

    name: ir.Name
    kind: Literal["parameter", "definition", "condition", "benefit"]
    title: tuple[str, str]
    unit: str | None
    before: Figure
    after: Figure
    amended: tuple[Amended, ...]
    because: tuple[str, ...]
    other_wording: bool = False


class Differences:
    """Compares the traces of two evaluations rule by rule."""

    def __init__(self, before: Evaluation, after: Evaluation) -> None:
        self.before, self.after = before, after
        self._sides = (_Side(before), _Side(after))

    def of(self, scheme: str) -> tuple[Difference, ...]:
        """The rules that differ behind one scheme's results, each after those it differs because of."""
        reached = set().union(*(side.reached(scheme) for side in self._sides))
        read = set().union(*(side.parameters_of(reached) for side in self._sides))
        order = [name for name in (*self._sides[1].order, *self._sides[0].order) if name in reached]
        found: dict[ir.Name, Difference] = {}
        for name in (*sorted(read, key=str), *dict.fromkeys(order)):
            if (made := self._all.get(name)) is not None:
                found[name] = made
        kept = set(found)
        return tuple(self._in_order({name: self._explained(each, kept) for name, each in found.items()}))

    @cached_property
    def _all(self) -> dict[ir.Name, Difference]:
        """Every rule that differs, without what it is because of."""
        names = dict.fromkeys(name for side in self._sides for name in side.rules)
        made = {name: self._parameter(name) if self._is_parameter(name) else self._definition(name) for name in names}
        return {name: each for name, each in made.items() if each is not None}

    def _is_parameter(self, name: ir.Name) -> bool:
        return any(isinstance(side.rules.get(name), Parameter) for side in self._sides)

    # -- definitions --------------------------------------------------------------------------

    def _definition(self, name: ir.Name) -> Difference | None:
        before, after = (side.figure(name) for side in self._sides)
        one_sided = [each.state for each in (before, after)].count("not_computed")
        rule = self._like(name)
        assert isinstance(rule, Definition)
        if same(before, after) or (one_sided and rule.kind != "benefit") or {before.state, after.state} == {"absent", "not_computed"}:
            return None
        amended, other = self._wordings(name) if not one_sided else ((), False)
        title = (rule.title.zh, rule.title.en)
        return Difference(name, rule.kind, title, unit_of(rule.type), before, after, amended, (), other)

    def _wordings(self, name: ir.Name) -> tuple[tuple[Amended, ...], bool]:
        """How the wordings that applied differ; and whether both laws have both."""
        rules = [side.rules.get(name) for side in self._sides]
        versions = [side.version(name) for side in self._sides]
        said = [None if version is None else _wording(version) for version in versions]
        if None in versions or rules[0] is None or rules[1] is None:
            return tuple(_amended("wording", *said)), False
        old, new = versions
        assert old is not None and new is not None
        found: list[Amended] = []
        other = False
        if old.body != new.body or old.guard != new.guard:
            in_other = [_has(rules[1], old), _has(rules[0], new)]
            other = all(in_other) and old.body != new.body
            if old.body != new.body and not all(in_other):
                found += _amended("wording", *said, kept=in_other[1])
        if _rounding(old) != _rounding(new):
            found += _amended("rounding", _rounding_said(old), _rounding_said(new))
        return tuple(found), other

    # -- parameters ---------------------------------------------------------------------------

    def _parameter(self, name: ir.Name) -> Difference | None:
        """A parameter whose rows that were read on either side are not the same on the other."""
        rule = self._like(name)
        assert isinstance(rule, Parameter)
        keys = dict.fromkeys(key for side in self._sides for key in side.keys(name))
        rows = {key: tuple(side.row(name, key) for side in self._sides) for key in keys}
        moved = {key: pair for key, pair in rows.items() if not same(pair[0][0], pair[1][0])}
        amended = [each for key, pair in moved.items() for each in _amended("row", pair[0][1], pair[1][1], key)]
        bands = [side.bands(name) for side in self._sides]
        if any(bands) and bands[0] != bands[1] and any(side.reads(name) for side in self._sides):
            amended += _amended("bands", *(side.bands_said(name) for side in self._sides))
        if not amended and not moved:
            return None
        only = next(iter(moved.values())) if len(moved) == 1 and len(rows) == 1 else None
        figures = (SEVERAL, SEVERAL) if only is None else (only[0][0], only[1][0])
        return Difference(name, "parameter", (rule.title.zh, rule.title.en), unit_of(rule.type), *figures, tuple(amended), ())

    # -- what each is because of --------------------------------------------------------------

    def _explained(self, made: Difference, kept: set[ir.Name]) -> Difference:
        """With what it read that differs. A benefit computed on one side only is because of the conditions."""
        if made.kind == "parameter":
            return made
        if "not_computed" in (made.before.state, made.after.state):
            conditions = [name for name in kept if name.scheme == made.name.scheme and self._all[name].kind == "condition"]
            return replace(made, because=tuple(sorted(map(str, conditions))))
        used = dict.fromkeys(name for side in self._sides for name in side.used(made.name))
        because = [str(name) for name in used if name in kept and name != made.name]
        return replace(made, because=(*because, *self._of_question(made.name), *self._facts(made.name)))

    def _of_question(self, name: ir.Name) -> Iterator[str]:
        read = {type(node) for side in self._sides if name in side.rules for node in references(side.rules[name])}
        asked = (self.before.request, self.after.request)
        if ir.AsOf in read and asked[0].as_of != asked[1].as_of:
            yield AS_OF
        if ir.RegionRef in read and asked[0].region != asked[1].region:
            yield REGION

    def _facts(self, name: ir.Name) -> Iterator[str]:
        """The facts that were read and are not the same, where the two cases are not one."""
        facts = [side.evaluation.request.facts for side in self._sides]
        for fact in dict.fromkeys(fact for side in self._sides for fact in side.facts(name)):
            if not same_value(facts[0].get(fact), facts[1].get(fact)):
                yield fact

    def _in_order(self, found: dict[ir.Name, Difference]) -> Iterator[Difference]:
        by_text = {str(name): each for name, each in found.items()}
        done: set[str] = set()

        def visit(name: str) -> Iterator[Difference]:
            if name in done or name not in by_text:
                return
            done.add(name)
            for other in by_text[name].because:
                yield from visit(other)
            yield by_text[name]

        for name in by_text:
            yield from visit(name)

    def _like(self, name: ir.Name) -> Definition | Parameter:
        return next(side.rules[name] for side in reversed(self._sides) if name in side.rules)


class _Side:
    """One of the two evaluations, asked by name."""

    def __init__(self, evaluation: Evaluation) -> None:
        self.evaluation = evaluation
        self._program, self._case = evaluation.program, evaluation.case
        self._walk = Walk(evaluation)
        self.rules: dict[ir.Name, Definition | Parameter] = {each.name: each for each in self._program.definitions}
        self.rules |= {each.name: each for each in self._program.parameters}
        self.order = [self._program.definitions[number].name for number in self._case.order]
        self._tables: dict[int, Table] = {}

    def reached(self, scheme: str) -> set[ir.Name]:
        """The definitions that took part in a scheme's results."""
        outcome = next((each for each in self.evaluation.outcomes if each.scheme == scheme), None)
        if outcome is None:
            return set()
        shown = outcome.plan.benefits if outcome.status != "not_eligible" else ()
        roots = (*(each.unit.number for each in outcome.plan.conditions), *outcome.plan.outputs, *shown)
        return {self._program.definitions[number].name for number in self._walk.reach(roots)}

    def parameters_of(self, names: Iterable[ir.Name]) -> set[ir.Name]:
        numbers = [self._program.number_of[name] for name in names if name in self._program.number_of]
        return {self._program.parameters[each].name for number in numbers if self._computed(number) for each in self._walk.used(number).parameters}

    def _computed(self, number: int) -> bool:
        return self._case.memo[number] is not UNSET

    def figure(self, name: ir.Name) -> Figure:
        number = self._program.number_of.get(name)
        return ABSENT if number is None else figure_of(self._case.memo[number])

    def version(self, name: ir.Name) -> DefinitionVersion | None:
        """The wording that applied; None where the figure was given, or there is no such rule."""
        number = self._program.number_of.get(name)
        if number is None or number in self._case.given or not self._computed(number):
            return None
        return self._walk.version(number)

    def used(self, name: ir.Name) -> list[ir.Name]:
        """The rules that a definition's wording, and the guards tried before it, read."""
        number = self._program.number_of.get(name)
        if number is None or not self._computed(number):
            return []
        used = self._walk.used(number)
        return [*(self._program.definitions[each].name for each in used.definitions), *(self._program.parameters[each].name for each in used.parameters)]

    def facts(self, name: ir.Name) -> tuple[str, ...]:
        number = self._program.number_of.get(name)
        return () if number is None or not self._computed(number) else self._walk.used(number).facts

    # -- parameters ---------------------------------------------------------------------------

    def reads(self, name: ir.Name) -> bool:
        number = self._program.parameter_number.get(name)
        return number is not None and self._walk.is_read(number)

    def keys(self, name: ir.Name) -> list[Any]:
        """The keys that a parameter was read by, unpublished ones too."""
        number = self._program.parameter_number.get(name)
        if number is None:
            return []
        return [*(key for key, _ in self._walk.readings(number)), *(key for owner, key in self._case.unpublished if owner == number)]

    def row(self, name: ir.Name, key: Any) -> tuple[Figure, Said | None]:
        """A parameter's value at a key, read or not, and where it is stated."""
        number = self._program.parameter_number.get(name)
        if number is None:
            return ABSENT, None
        parameter = self._program.parameters[number]
        reading = self._case.readings.get((number, key)) or self._unread(number, key)
        if reading is None or reading.value is None:
            return UNKNOWN, None
        figure = figure_of(reading.value)
        if reading.given:
            return figure, None
        if reading.row is None:
            return figure, Said(_shown(reading.value, parameter), parameter.clause.source, parameter.clause.place)
        return figure, Said(_shown(reading.value, parameter), reading.row.source, reading.row.place)

    def _unread(self, number: int, key: Any) -> Reading | None:
        """What a parameter would have given, had this case read it by this key."""
        given = self._case.given_parameters.get(number)
        if given is not None and (value := given.get(key, given.get(None))) is not None:
            return Reading(value, Standing.OFFICIAL, None, given=True)
        table = self._tables.setdefault(number, Table(number, self._program.parameters[number], CERTIFIED))
        return table.single() if key is None else table.find(key) or table.extend(self._case, key)

    def bands(self, name: ir.Name) -> tuple[tuple[object, object], ...]:
        rule = self.rules.get(name)
        return tuple((band.above, band.rate) for band in rule.bands) if isinstance(rule, Parameter) else ()

    def bands_said(self, name: ir.Name) -> Said | None:
        rule = self.rules.get(name)
        if not isinstance(rule, Parameter) or not rule.bands:
            return None
        text = "; ".join(f"> {render_value(band.above)}: {render_value(band.rate)}" for band in rule.bands)
        return Said(text, rule.bands[0].source, rule.bands[0].place)


def _amended(what: What, before: Said | None, after: Said | None, key: Any = None, *, kept: bool = False) -> Iterator[Amended]:
    """`kept`: what holds now held before as well, so the amendment is that the other holds no longer."""
    by = before if kept or after is None else after
    if by is not None:
        yield Amended(what, before, after, by, key)


def _has(rule: Definition | Parameter | None, version: DefinitionVersion) -> bool:
    return isinstance(rule, Definition) and any(each.body == version.body and each.guard == version.guard for each in rule.versions)


def _wording(version: DefinitionVersion) -> Said:
    clause = version.lowered.clause
    return Said(expression_text(clause.body), version.source, clause.place)


def _rounding(version: DefinitionVersion) -> tuple[object, ...]:
    return () if version.rounding is None else (version.rounding.step, version.rounding.mode)


def _rounding_said(version: DefinitionVersion) -> Said | None:
    if version.rounding is None:
        return None
    return Said(f"{version.rounding.step}, {version.rounding.mode}", version.rounding_source or version.source, version.rounding.place)


def _shown(value: Any, parameter: Parameter) -> str:
    unit = unit_of(parameter.type)
    return f"{render_value(value)}" + ("" if unit in (None, "1") else f" {unit}")
