"""What changes in one rule between two laws, clause by clause, and the rule with only some of these changes made."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol

from . import ir
from .amendment import Definition
from .derived import is_absent
from .scope import ELIGIBLE
from .statements import Rule, Statement, Value, references, said, stands_in, stated, statement
from .symbols import LoweredFile

Rules = Mapping[ir.Name, Rule]
Some = frozenset[int]


class Side(Protocol):
    """One of two laws: its rules, and the clauses that each is added up from."""

    @property
    def as_of(self) -> date: ...

    @property
    def rules(self) -> Rules: ...

    def stating(self, name: ir.Name) -> list[LoweredFile]:
        """The files that state a rule, each after what it amends."""

    def fold(self, name: ir.Name, files: list[LoweredFile]) -> Rule:
        """What some of these files add up to for the rule."""


@dataclass(frozen=True, slots=True)
class Step:
    """A change that can be made or not: the clauses that hold before it only, and after it only."""

    before: tuple[Statement, ...]
    after: tuple[Statement, ...]


@dataclass(frozen=True)
class RuleChange:
    """A rule that is not the same in two laws; `ends` are the rule with no step made and with all.

    A rule that only one law has is not taken away at the other end, where others may read it: it only stops showing.
    """

    name: ir.Name
    ends: tuple[Rule, Rule]
    steps: tuple[Step, ...]
    between: Callable[[Some], Rule]

    @property
    def keeps_type(self) -> bool:
        """Whether a wording written for one end can read the rule of the other."""
        old, new = self.ends
        if isinstance(old, Definition) or isinstance(new, Definition):
            return type(old) is type(new) and old.type == new.type
        return (old.type, old.key_type, bool(old.bands)) == (new.type, new.key_type, bool(new.bands))

    def rule(self, made: Some) -> Rule:
        """The rule with some of the steps made."""
        if not made:
            return self.ends[0]
        return self.ends[1] if len(made) == len(self.steps) else self.between(made)


def rule_changes(before: Side, after: Side) -> Iterator[RuleChange]:
    """Every rule that differs in what it says. A new rule that shows nothing of itself is none: what uses it is."""
    for name in dict.fromkeys((*before.rules, *after.rules)):
        old, new = before.rules.get(name), after.rules.get(name)
        if old is not None and new is not None:
            if said(old) != said(new) and name.local == ELIGIBLE:
                yield _eligible_changed(name, old, new, before, after)
            elif said(old) != said(new):
                yield _changed(name, old, new, before, after)
        elif isinstance(new, Definition) and shows(new):
            yield RuleChange(name, (_hidden(new), new), (Step((), _statements(after, name)),), _nothing_between)
        elif isinstance(old, Definition) and shows(old):
            yield RuleChange(name, (old, _hidden(old)), (Step(_statements(before, name), ()),), _nothing_between)


def _eligible_changed(name: ir.Name, old: Rule, new: Rule, before: Side, after: Side) -> RuleChange:
    """Conditions came or went, or the scheme did; in one step with those conditions (`Transition` joins them)."""
    conditions = [{each.name for each in references(rule) if isinstance(each, ir.DefinitionRef)} for rule in (old, new)]
    gone, come = conditions[0] - conditions[1], conditions[1] - conditions[0]
    lost = tuple(each for rule in sorted(gone, key=str) for each in _statements(before, rule))
    won = tuple(each for rule in sorted(come, key=str) for each in _statements(after, rule))
    if not lost and not won:  # a scheme without conditions, which begins or ends
        ends, begins = is_absent(new), is_absent(old)
        lost, won = (() if begins else _founding(old)), (() if ends else _founding(new))
    return RuleChange(name, (old, new), (Step(lost, won),), _nothing_between)


def _founding(rule: Rule) -> tuple[Statement, ...]:
    assert isinstance(rule, Definition)
    clause = rule.versions[0].lowered.clause
    return (Statement(rule.name, rule.versions[0].file, clause.place, clause.source),)


def shows(rule: Definition) -> bool:
    """Whether a rule is part of an answer, whatever else uses it."""
    return rule.output or rule.kind != "definition"


def _hidden(rule: Definition) -> Definition:
    return replace(rule, kind="definition", output=False)


def _nothing_between(_: Some) -> Rule:
    raise AssertionError("a change in one step has nothing between")


def _changed(name: ir.Name, old: Rule, new: Rule, before: Side, after: Side) -> RuleChange:
    """In one step, unless one law has every clause of the other and some more: then each clause more is a step."""
    gained = _more(name, after, before)
    if gained:
        steps = tuple(Step((), (statement(each, name.local),)) for each in gained)
        return RuleChange(name, (old, new), steps, lambda made: _without(name, after, [each for number, each in enumerate(gained) if number not in made]))
    lost = _more(name, before, after)
    if lost:
        steps = tuple(Step((statement(each, name.local),), ()) for each in lost)
        return RuleChange(name, (old, new), steps, lambda made: _without(name, before, [each for number, each in enumerate(lost) if number in made]))
    only_before, only_after = _only(name, before, after), _only(name, after, before)
    # The same clauses in another order: all of them are what changed.
    step = Step(only_before, only_after) if only_before or only_after else Step(_statements(before, name), _statements(after, name))
    return RuleChange(name, (old, new), (step,), _nothing_between)


def _more(name: ir.Name, richer: Side, poorer: Side) -> list[LoweredFile]:
    """The clauses that make all the difference, where one law has every clause of the other and these besides; else none."""
    said_by_poorer = [stated(each, name.local, poorer.as_of) for each in poorer.stating(name)]
    more: list[LoweredFile] = []
    position = 0
    for each in richer.stating(name):
        if position < len(said_by_poorer) and stated(each, name.local, richer.as_of) == said_by_poorer[position]:
            position += 1
        else:
            more.append(each)
    if position < len(said_by_poorer) or not more or len(more) == len(richer.stating(name)):
        return []
    living = [each for each in more if said(_without(name, richer, [each])) != said(richer.rules[name])]
    dead = [each for each in more if each not in living]
    same = said(_without(name, richer, dead)) == said(richer.rules[name]) and said(_without(name, richer, more)) == said(poorer.rules[name])
    return living if same else []


def _without(name: ir.Name, side: Side, left_out: list[LoweredFile]) -> Rule:
    return side.fold(name, [each for each in side.stating(name) if each not in left_out])


def _only(name: ir.Name, side: Side, other: Side) -> tuple[Statement, ...]:
    """The clauses that matter on one side and are not on the other."""
    elsewhere: list[Value] = [stated(each, name.local, other.as_of) for each in other.stating(name)]
    return tuple(each for each, value in _living(name, side) if value not in elsewhere)


def _statements(side: Side, name: ir.Name) -> tuple[Statement, ...]:
    return tuple(each for each, _ in _living(name, side))


def _living(name: ir.Name, side: Side) -> list[tuple[Statement, Value]]:
    """The clauses that a rule is not the same without, with what they say; what is left of the founding one counts."""
    stating = side.stating(name)
    if not stating:  # a stand-in for what is not in force
        return []
    first, *others = stating
    rule = side.rules[name]
    living = [first] if stands_in(rule, first) else []
    living += [each for each in others if said(_without(name, side, [each])) != said(rule)]
    if not living:  # what an amendment repeats word for word could do without either; the last to say it stands
        living = [each for each in others if stands_in(rule, each)][-1:]
    return [(statement(each, name.local), stated(each, name.local, side.as_of)) for each in living]
