"""Conditions as formulas over atoms: comparisons and plain yes/no values joined by and, or, not, if.

The exact engine reads the atoms; the rules engine decides the same formulas again from the atoms' values.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

from app.language import ir


@dataclass(frozen=True, slots=True)
class Atom:
    """The n-th atom of a condition; `op` None for a plain yes/no value."""

    index: int
    op: str | None
    left: ir.Expr
    right: ir.Expr | None


@dataclass(frozen=True, slots=True)
class Leaf:
    atom: int


@dataclass(frozen=True, slots=True)
class Junction:
    """All (`every`) or at least one of the parts."""

    every: bool
    parts: tuple[Formula, ...]


@dataclass(frozen=True, slots=True)
class Negation:
    part: Formula


@dataclass(frozen=True, slots=True)
class Choice:
    """`then` where `test` holds, `otherwise` where it does not; unknown where it is unknown."""

    test: Formula
    then: Formula
    otherwise: Formula


Formula = Leaf | Junction | Negation | Choice


@dataclass(frozen=True, slots=True)
class Conditional:
    """A condition ready to be read: versions are latest first, (guard or None, body)."""

    versions: tuple[tuple[Formula | None, Formula], ...]
    atoms: tuple[Atom, ...]


# The rules engine spreads a condition into its alternatives; it can bear only so many.
MAX_ALTERNATIVES = 16
# It refuses a rule with 16 ands and ors in it.
MAX_JUNCTIONS = 12


def alternatives(formula: Formula, wanted: bool) -> int:
    """In how many ways, at most, atoms make a formula true (or false) once all is written as either-or."""
    if isinstance(formula, Leaf):
        return 1
    if isinstance(formula, Negation):
        return alternatives(formula.part, not wanted)
    if isinstance(formula, Choice):
        then = alternatives(formula.test, True) * alternatives(formula.then, wanted)
        return then + alternatives(formula.test, False) * alternatives(formula.otherwise, wanted)
    counts = [alternatives(part, wanted) for part in formula.parts]
    return prod(counts) if formula.every == wanted else sum(counts)


def junctions(formula: Formula, wanted: bool, outer: bool | None = None) -> int:
    """How many ands and ors state for the rules engine when a formula is true (or false).

    Each atom is an and: it is known, and it holds. One inside of its like (`outer`: inside of an and) is part of that.
    """
    if isinstance(formula, Negation):
        return junctions(formula.part, not wanted, outer)
    if isinstance(formula, Leaf):
        return int(outer is not True)
    if isinstance(formula, Choice):
        branches = ((formula.test, True), (formula.then, wanted), (formula.test, False), (formula.otherwise, wanted))
        return int(outer is not False) + 2 + sum(junctions(part, true, True) for part, true in branches)
    joined = formula.every == wanted
    return int(outer is not joined) + sum(junctions(part, wanted, joined) for part in formula.parts)


class _Splitter:
    def __init__(self) -> None:
        self.atoms: list[Atom] = []

    def split(self, node: ir.Expr) -> Formula:
        """A formula over atoms; one with very many alternatives (a long list) or ands and ors stands as a single yes/no atom."""
        mark = len(self.atoms)
        formula = self._split(node)
        ways, size = (max(measure(formula, True), measure(formula, False)) for measure in (alternatives, junctions))
        if ways <= MAX_ALTERNATIVES and size <= MAX_JUNCTIONS:
            return formula
        del self.atoms[mark:]
        return self._atom(None, node, None)

    def _split(self, node: ir.Expr) -> Formula:
        if isinstance(node, ir.And | ir.Or):
            return Junction(isinstance(node, ir.And), tuple(self.split(item) for item in node.items))
        if isinstance(node, ir.Not):
            return Negation(self.split(node.operand))
        if isinstance(node, ir.If):
            return Choice(self.split(node.condition), self.split(node.then), self.split(node.otherwise))
        if isinstance(node, ir.Compare):
            return self._atom(node.op, node.left, node.right)
        return self._atom(None, node, None)

    def _atom(self, op: str | None, left: ir.Expr, right: ir.Expr | None) -> Formula:
        self.atoms.append(Atom(len(self.atoms), op, left, right))
        return Leaf(len(self.atoms) - 1)


def split_condition(versions: list[tuple[ir.Expr | None, ir.Expr]]) -> Conditional:
    """Split (guard, body) versions of a condition into atoms and formulas."""
    splitter = _Splitter()
    formulas = tuple((None if guard is None else splitter.split(guard), splitter.split(body)) for guard, body in versions)
    return Conditional(formulas, tuple(splitter.atoms))


def read_formula(formula: Formula, atoms: tuple[bool | None, ...]) -> bool | None:
    """Three-valued truth of a formula from the truth of its atoms."""
    if isinstance(formula, Leaf):
        return atoms[formula.atom]
    if isinstance(formula, Negation):
        value = read_formula(formula.part, atoms)
        return None if value is None else not value
    if isinstance(formula, Choice):
        test = read_formula(formula.test, atoms)
        return None if test is None else read_formula(formula.then if test else formula.otherwise, atoms)
    values = [read_formula(part, atoms) for part in formula.parts]
    settling = not formula.every
    if settling in values:
        return settling
    return None if None in values else not settling


def deciding(formula: Formula, atoms: tuple[bool | None, ...]) -> list[int]:
    """The atoms that make a formula what it is: what a reader has to see to follow the decision."""
    if isinstance(formula, Leaf):
        return [formula.atom]
    if isinstance(formula, Negation):
        return deciding(formula.part, atoms)
    if isinstance(formula, Choice):
        test = read_formula(formula.test, atoms)
        branch = [] if test is None else deciding(formula.then if test else formula.otherwise, atoms)
        return [*deciding(formula.test, atoms), *branch]
    value = read_formula(formula, atoms)
    settled = value is (not formula.every)
    parts = [part for part in formula.parts if not settled or read_formula(part, atoms) is value]
    return [atom for part in parts for atom in deciding(part, atoms)]


def undecided(formula: Formula, atoms: tuple[bool | None, ...]) -> list[int]:
    """The unknown atoms that keep a formula unknown; none where it is settled."""
    if read_formula(formula, atoms) is not None:
        return []
    if isinstance(formula, Leaf):
        return [formula.atom]
    if isinstance(formula, Negation):
        return undecided(formula.part, atoms)
    if isinstance(formula, Choice):
        test = read_formula(formula.test, atoms)
        return undecided(formula.test if test is None else formula.then if test else formula.otherwise, atoms)
    return [atom for part in formula.parts for atom in undecided(part, atoms)]
