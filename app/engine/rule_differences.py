"""The rules that differ between two evaluations of one case, and for each what made it differ."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

from app.language import Definition, DefinitionVersion, Parameter, ir
from app.language.statements import references

from .evaluate import Evaluation
from .figures import SEVERAL, Figure, same, same_value
from .sides import Said, Side
from .trace import expression_text
from .values import unit_of

# What a wording may read besides rules and facts.
AS_OF, REGION = "as_of", "region"
What = Literal["wording", "rounding", "row", "bands"]


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
        self._sides = (Side(before), Side(after))

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
