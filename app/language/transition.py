"""From one law to another, one amendment at a time: what changes on the way, and every law in between.

An amendment is a clause (or several that only make sense together) that holds in one of two laws and not in the
other. A law in between has some of the amendments made. It is put together from rules that are already folded, so
it is there at once; whether it holds together is checked as for any law.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Literal

from . import ir, links
from .amendment import Definition, Parameter, Scheme
from .derived import is_absent
from .errors import RuleError
from .folding import in_turn
from .model import NATION, Title
from .rule_changes import rule_changes
from .rulebook import Law, Rulebook
from .scope import ELIGIBLE
from .statements import Rule, Statement, references
from .symbols import LoweredFile, file_order

AmendmentKind = Literal["parameter", "condition", "definition", "benefit", "day", "place"]
_ORDER = {"condition": 0, "definition": 1, "benefit": 2}
_DAY, _PLACE = Title("询问日期", "The day asked about"), Title("地区", "The place asked about")


@dataclass(frozen=True, slots=True)
class Standpoint:
    """From where the law is asked for."""

    rulebook: Rulebook
    as_of: date
    region: str = NATION
    reforms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Amendment:
    """A step from one law to another: the clauses that hold `before` it and no longer, and those that hold from then on.

    `names` are the rules it changes, `introduces` the new ones that these read and nothing read before. The kinds `day`
    and `place` have neither: rules that read the day or the place asked about read another one.
    """

    kind: AmendmentKind
    names: tuple[ir.Name, ...]
    title: Title
    before: tuple[Statement, ...] = ()
    after: tuple[Statement, ...] = ()
    introduces: tuple[ir.Name, ...] = ()

    @property
    def key(self) -> str:
        """The same for the same amendment in every place, and for no other."""
        if not self.names:
            return self.kind
        before, after = (", ".join(each.key for each in side) for side in (self.before, self.after))
        return f"{before} -> {after}" if before and after else f"+ {after}" if after else f"- {before}"


class Transition:
    """The amendments between the laws of two standpoints that can matter to some schemes.

    They stand in the order of the way: what holds no longer first, the last to come the first to go; then what begins
    to hold, as the files apply.

    Raises what `Rulebook.at` raises.
    """

    def __init__(self, before: Standpoint, after: Standpoint, schemes: Iterable[str]) -> None:
        self.before, self.after = before, after
        self._sides = (_Side(before), _Side(after))
        self._references = links.References()
        matter = self._reached(tuple(schemes))
        self._changes = {each.name: each for each in rule_changes(*self._sides) if each.name in matter}
        reforms = (*after.reforms, *before.reforms)
        groups = [(self._amendment(group), group) for group in self._grouped()]
        groups.sort(key=lambda pair: _turn(pair[0], reforms))
        # On the way back, what came last goes first.
        groups = [*(each for each in reversed(groups) if not each[0].after), *(each for each in groups if each[0].after)]
        self.amendments: tuple[Amendment, ...] = (*(amendment for amendment, _ in groups), *self._asked(matter))
        self._number_of = {part: number for number, (_, group) in enumerate(groups) for part in group}

    # -- laws in between ----------------------------------------------------------------------

    def names(self) -> list[ir.Name]:
        """Every rule of either law."""
        return list(dict.fromkeys(name for side in self._sides for name in side.rules))

    def steps(self, name: ir.Name) -> tuple[int, ...]:
        """The amendments, by number, that change a rule; none for most."""
        change = self._changes.get(name)
        return () if change is None else tuple(self._number_of[name, step] for step in range(len(change.steps)))

    def rule(self, name: ir.Name, made: frozenset[int]) -> Rule:
        """A rule with some amendments made. One that only one of the laws has stands in between: only amended rules read it."""
        change = self._changes.get(name)
        if change is not None:
            return change.rule(frozenset(step for step, number in enumerate(self.steps(name)) if number in made))
        return next(side.rules[name] for side in self._sides if name in side.rules)

    def law(self, made: Iterable[int]) -> Law:
        """The law with some amendments made, by number. It draws no conclusions. Raises RuleError where it does not hold together."""
        chosen = frozenset(made)
        law = self.assemble(self.rule(name, chosen) for name in self.names())
        faults = list(links.check_links(law.schemes, links.uses_in(law.schemes.values(), law.derived.values(), self._references)))
        if faults:
            raise RuleError(faults)
        return law

    def assemble(self, rules: Iterable[Rule]) -> Law:
        """A law of these rules, without conclusions, in the schemes that either law has."""
        laws = [side.law for side in reversed(self._sides)]
        likes = {scheme: each for law in reversed(laws) for scheme, each in law.schemes.items()}
        kept: dict[str, list[Rule]] = {}
        derived: dict[ir.Name, Rule] = {}
        for rule in rules:
            if rule.name.local == ELIGIBLE or rule.name.scheme not in likes:
                derived[rule.name] = rule
            else:
                kept.setdefault(rule.name.scheme, []).append(rule)
        return replace(laws[0], schemes={scheme: _scheme(like, kept.get(scheme, [])) for scheme, like in sorted(likes.items())}, derived=derived)

    def standpoint(self, made: frozenset[int]) -> Standpoint:
        """From where a law in between is asked for: the day and the place count as amendments where rules read them."""
        open_kinds = {each.kind for number, each in enumerate(self.amendments) if number not in made}
        as_of = self.before.as_of if "day" in open_kinds else self.after.as_of
        return replace(self.after, as_of=as_of, region=self.before.region if "place" in open_kinds else self.after.region)

    # -- amendments ---------------------------------------------------------------------------

    def _reached(self, schemes: tuple[str, ...]) -> set[ir.Name]:
        """Every rule that the conditions, benefits and outputs of some schemes may read under either law."""
        shown = [
            each.name
            for side in self._sides
            for scheme in schemes
            if scheme in side.law.schemes
            for each in side.law.schemes[scheme].definitions.values()
            if each.output or each.kind != "definition"
        ]
        return self._read(shown, frozenset())

    def _read(self, names: Iterable[ir.Name], known: frozenset[ir.Name]) -> set[ir.Name]:
        """These rules and everything they may read under either law, but for what is known."""
        waiting = deque(names)
        seen = set(waiting)
        while waiting:
            name = waiting.popleft()
            used = {other for side in self._sides if name in side.rules for other in side.used(name)} - known - seen
            waiting.extend(used)
            seen |= used
        return seen

    def _grouped(self) -> list[list[tuple[ir.Name, int]]]:
        """The steps of all changes; those of a rule whose type changes together with those of the changed rules that read it."""
        together: dict[ir.Name, set[ir.Name]] = {name: {name} for name in self._changes}
        for name, change in self._changes.items():
            if not change.keeps_type:
                readers = [each for each in self._changes for side in self._sides if each in side.rules and name in side.used(each)]
                joined = set().union(*(together[each] for each in (name, *readers)))
                together.update(dict.fromkeys(joined, joined))
            elif name.local == ELIGIBLE:
                joined = set().union(*(together[each] for each in (name, *self._beginning_with(name))))
                together.update(dict.fromkeys(joined, joined))
        found: list[list[tuple[ir.Name, int]]] = []
        done: set[ir.Name] = set()
        for name, change in self._changes.items():
            if len(together[name]) == 1 and change.keeps_type:
                found += [[(name, step)] for step in range(len(change.steps))]
            elif name not in done:
                done |= together[name]
                found.append([(each, step) for each in self._changes if each in together[name] for step in range(len(self._changes[each].steps))])
        return found

    def _beginning_with(self, eligible: ir.Name) -> Iterator[ir.Name]:
        """The changes that come with one in who is entitled: the conditions that come or go, and all of a scheme that begins or ends."""
        rules = [side.rules.get(eligible) for side in self._sides]
        whole = any(rule is not None and is_absent(rule) for rule in rules)
        for name in self._changes:
            is_read = any(name in side.used(eligible) for side in self._sides)
            if name.scheme == eligible.scheme and (whole or (is_read and self._comes_or_goes(name))):
                yield name

    def _comes_or_goes(self, name: ir.Name) -> bool:
        return [name in side.rules and not side.stands_in(name) for side in self._sides].count(True) == 1

    def _amendment(self, parts: list[tuple[ir.Name, int]]) -> Amendment:
        steps = [self._changes[name].steps[step] for name, step in parts]
        names = tuple(sorted(dict.fromkeys(name for name, _ in parts), key=self._rank))
        first = next(side.rules[names[0]] for side in reversed(self._sides) if names[0] in side.rules)
        return Amendment(
            kind="parameter" if isinstance(first, Parameter) else first.kind,
            names=names,
            title=first.title,
            before=_once(each for step in steps for each in step.before),
            after=_once(each for step in steps for each in step.after),
            introduces=self._introduced(names),
        )

    def _rank(self, name: ir.Name) -> int:
        """What names an amendment: a scheme that begins or ends before all, who is entitled after the condition it is because of."""
        if name.local != ELIGIBLE:
            return 1
        return 0 if any(side.stands_in(name) for side in self._sides) else 2

    def _introduced(self, names: tuple[ir.Name, ...]) -> tuple[ir.Name, ...]:
        """The new rules that the wordings after an amendment read, and what only these read."""
        before, after = self._sides
        found = self._read([name for name in names if name in after.rules], frozenset(before.rules) - set(names)) - set(names)
        return tuple(name for name in after.rules if name in found)

    def _asked(self, matter: set[ir.Name]) -> Iterator[Amendment]:
        """What rules read of the question itself, where it differs."""
        if (self.before.as_of, self.before.region) == (self.after.as_of, self.after.region):
            return
        read = {kind for side in self._sides for name in matter & side.rules.keys() for kind in side.reads_question(name)}
        if self.before.as_of != self.after.as_of and ir.AsOf in read:
            yield Amendment("day", (), _DAY)
        if self.before.region != self.after.region and ir.RegionRef in read:
            yield Amendment("place", (), _PLACE)


class _Side:
    """The law of one standpoint with the clauses it is added up from."""

    def __init__(self, standpoint: Standpoint) -> None:
        self._standpoint = standpoint
        self.as_of = standpoint.as_of
        self.law = standpoint.rulebook.at(standpoint.as_of, standpoint.region, standpoint.reforms)
        self.rules: dict[ir.Name, Rule] = {}
        for scheme in self.law.schemes.values():
            self.rules |= {each.name: each for each in scheme.parameters.values()}
            self.rules |= {each.name: each for each in scheme.definitions.values()}
        self.rules |= self.law.derived
        self._used: dict[ir.Name, frozenset[ir.Name]] = {}

    def stands_in(self, name: ir.Name) -> bool:
        """Whether the rule of a name only stands in for one that is not in force."""
        return name in self.law.derived and is_absent(self.law.derived[name])

    @cached_property
    def _files(self) -> Mapping[str, list[LoweredFile]]:
        asked = self._standpoint
        return asked.rulebook.files_at(asked.as_of, asked.region, asked.reforms)

    def stating(self, name: ir.Name) -> list[LoweredFile]:
        return in_turn(self._files.get(name.scheme, []), name.local)

    def fold(self, name: ir.Name, files: list[LoweredFile]) -> Rule:
        return self._standpoint.rulebook.fold_rule(name.local, files, self.as_of)

    def used(self, name: ir.Name) -> frozenset[ir.Name]:
        if name not in self._used:
            found = self._standpoint.rulebook.references
            rule = self.rules[name]
            versions = rule.versions if isinstance(rule, Definition) else ()
            self._used[name] = frozenset(found.of(expression for version in versions for expression in (version.guard, version.body)))
        return self._used[name]

    def reads_question(self, name: ir.Name) -> set[type[ir.Expr]]:
        return {type(node) for node in references(self.rules[name])}


def _once(statements: Iterable[Statement]) -> tuple[Statement, ...]:
    """Each clause once, though it changes several rules."""
    return tuple({each.key: each for each in statements}.values())


def _scheme(like: Scheme, rules: list[Rule]) -> Scheme:
    definitions = sorted((each for each in rules if isinstance(each, Definition)), key=lambda each: _ORDER[each.kind])
    return replace(
        like,
        parameters={each.name.local: each for each in rules if isinstance(each, Parameter)},
        definitions={each.name.local: each for each in definitions},
        conclusions=(),
    )


def _turn(amendment: Amendment, reforms: tuple[str, ...]) -> tuple[object, ...]:
    """When an amendment comes: as the files apply, then by line."""
    last = max((*amendment.before, *amendment.after), key=lambda each: file_order(each.file))
    proposal = last.file.proposal
    return (reforms.index(proposal) if proposal in reforms else -1, file_order(last.file), last.place.line, str(last.name))
