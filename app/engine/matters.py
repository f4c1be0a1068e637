"""Which conditions still matter: one that fails for good decides alone, and no other can change that.

For good fails what rests on fixed facts alone (`fixed` in the fact dictionary), or on a day that has passed.
"""

from __future__ import annotations

from collections.abc import Iterator

from app.language import Definition, FactDictionary, ir
from app.language.types import DateType, MonthType

from .case import Case
from .compiled import Unit
from .conditions import Atom, Choice, Formula, Leaf, Negation, read_formula
from .evaluate import Evaluation, Outcome
from .program import Program
from .walk import Walk

_DAY, _PLACE = " as_of", " region"  # not names a fact can have
_ONLY_THE_DAY = frozenset({_DAY})
_LATER_FAILS = {("<", True), ("<=", True), (">", False), (">=", False)}


class Lasting:
    """What of one evaluation cannot change any more."""

    def __init__(self, evaluation: Evaluation, walk: Walk) -> None:
        self._rests = _Rests.of(evaluation.program, evaluation.facts)
        self._case: Case = evaluation.case
        self._walk = walk

    def deciding(self, outcome: Outcome) -> frozenset[str]:
        """The keys of the conditions that are not met and never will be."""
        conditions = zip(outcome.plan.conditions, outcome.truths, strict=True)
        return frozenset(each.key for each, met in conditions if met is False and self.fails_for_good(each.unit))

    def fails_for_good(self, unit: Unit) -> bool:
        """Whether nothing a person does, and no time that passes, can make an unmet condition met."""
        decided = self._walk.decided(unit.number)
        if unit.number in self._case.given or decided is None or unit.conditional is None:
            return False
        chosen, truths = decided
        guards = [version.guard for version in unit.definition.versions[: chosen + 1] if version.guard is not None]
        if not all(self._is_fixed(guard) for guard in guards):
            return False
        return self._for_good(unit.conditional.versions[chosen][1], unit.conditional.atoms, truths, wanted=True)

    def _for_good(self, formula: Formula, atoms: tuple[Atom, ...], truths: tuple[bool | None, ...], *, wanted: bool) -> bool:
        if isinstance(formula, Leaf):
            return truths[formula.atom] is (not wanted) and self._atom_lasts(atoms[formula.atom], wanted=wanted)
        if isinstance(formula, Negation):
            return self._for_good(formula.part, atoms, truths, wanted=not wanted)
        if isinstance(formula, Choice):
            test = read_formula(formula.test, truths)
            if test is None or not self._for_good(formula.test, atoms, truths, wanted=not test):
                return False
            return self._for_good(formula.then if test else formula.otherwise, atoms, truths, wanted=wanted)
        parts = (self._for_good(part, atoms, truths, wanted=wanted) for part in formula.parts)
        return any(parts) if formula.every == wanted else all(parts)

    def _atom_lasts(self, atom: Atom, *, wanted: bool) -> bool:
        if self._is_fixed(atom.left) and (atom.right is None or self._is_fixed(atom.right)):
            return True
        passed = isinstance(atom.left.type, DateType | MonthType) and (atom.op, wanted) in _LATER_FAILS
        return passed and atom.right is not None and self._is_fixed(atom.right) and self._is_fixed(atom.left, but_the_day=True)

    def _is_fixed(self, expr: ir.Expr, *, but_the_day: bool = False) -> bool:
        moving, definitions = self._rests.below(expr)
        return (not moving or (but_the_day and moving == _ONLY_THE_DAY)) and definitions.isdisjoint(self._case.given)


class _Rests:
    """Of one program: what an expression rests on that may move (facts, the day, the place), through whatever it reads."""

    def __init__(self, program: Program, dictionary: FactDictionary) -> None:
        self._program = program
        self._fixed = frozenset(name for name, fact in dictionary.facts.items() if fact.changes == "never")
        # An expression is kept with what is known of it: its id may not come to mean another while it stands here.
        self._expressions: dict[int, tuple[ir.Expr, frozenset[str], frozenset[int]]] = {}
        self._known: dict[int, tuple[frozenset[str], frozenset[int]]] = {}

    @staticmethod
    def of(program: Program, dictionary: FactDictionary) -> _Rests:
        return program.kept.once("rests", lambda: _Rests(program, dictionary))

    def below(self, expr: ir.Expr) -> tuple[frozenset[str], frozenset[int]]:
        """The names it rests on that may move, and the numbers of the definitions it reads."""
        known = self._expressions.get(id(expr))
        if known is None:
            known = self._expressions[id(expr)] = (expr, *self._look(expr))
        return known[1], known[2]

    def _look(self, expr: ir.Expr) -> tuple[frozenset[str], frozenset[int]]:
        names, direct = _reads(expr)
        definitions: set[int] = set()
        for name in direct:
            number = self._program.number_of[name]
            below = self._of_definition(number)
            names |= below[0]
            definitions |= {number, *below[1]}
        return frozenset(names - self._fixed), frozenset(definitions)

    def _of_definition(self, number: int) -> tuple[frozenset[str], frozenset[int]]:
        known = self._known.get(number)
        if known is not None:
            return known
        names: set[str] = set()
        seen = {number}
        waiting = [number]
        while waiting:
            for expr in _wordings(self._program.definitions[waiting.pop()]):
                read, direct = _reads(expr)
                names |= read
                more = {self._program.number_of[name] for name in direct} - seen
                seen |= more
                waiting.extend(more)
        self._known[number] = frozenset(names), frozenset(seen - {number})
        return self._known[number]


def _wordings(definition: Definition) -> Iterator[ir.Expr]:
    for version in definition.versions:
        yield version.body
        if version.guard is not None:
            yield version.guard


def _reads(expr: ir.Expr) -> tuple[set[str], set[ir.Name]]:
    names: set[str] = set()
    definitions: set[ir.Name] = set()
    for node in ir.walk(expr):
        if isinstance(node, ir.FactRef):
            names.add(node.name)
        elif isinstance(node, ir.AsOf):
            names.add(_DAY)
        elif isinstance(node, ir.RegionRef):
            names.add(_PLACE)
        elif isinstance(node, ir.DefinitionRef):
            definitions.add(node.name)
    return names, definitions
