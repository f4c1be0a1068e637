"""One case and what moves in it: which rules and expressions rest on it, and the bounds of all that does not, made once."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from app.language import ir

from ..case import TooLong
from ..probe import Probe
from .tables import Figures
from .values import ANYTHING, ZERO, Bound, Span, exactly

MOVES = Span(ZERO, ZERO, Decimal(1))


class Moving:
    """One case, and what moves in it: a fact by name, or a definition by number. Not for sharing between threads."""

    def __init__(self, probe: Probe, moves: str | int) -> None:
        self.probe = probe
        self.program = probe.program
        self.moves = moves
        self.touched = frozenset(probe.touched_by(moves))
        self.figures = Figures(self.program.parameters, *probe.case_in_fractions())
        self._definitions: dict[int, Bound] = {}
        self._nodes: dict[int, Bound] = {}
        self._moving: dict[int, bool] = {}
        self._facts: dict[str, Bound] = {}
        self._free: dict[int, frozenset[str]] = {}

    def fact(self, name: str) -> Bound:
        if name not in self._facts:
            self._facts[name] = MOVES if name == self.moves else exactly(self.probe.request.facts.get(name))
        return self._facts[name]

    def untouched(self, number: int) -> Bound:
        """A definition that does not rest on what moves, as the exact engine has it."""
        if number not in self._definitions:
            try:
                self._definitions[number] = exactly(self.probe.value(number))
            except TooLong:
                self._definitions[number] = ANYTHING
        return self._definitions[number]

    def still(self, node: ir.Expr) -> bool:
        """Whether an expression neither rests on what moves nor names a variable from outside it."""
        return not self._rests(node) and not self.free(node)

    def _rests(self, node: ir.Expr) -> bool:
        """Whether an expression rests on what moves. Nodes are known by their identity: they live as long as the program."""
        key = id(node)
        if key not in self._moving:
            if isinstance(node, ir.DefinitionRef):
                self._moving[key] = self.program.number_of[node.name] in self.touched
            elif isinstance(node, ir.FactRef):
                self._moving[key] = node.name == self.moves
            else:
                self._moving[key] = any(map(self._rests, ir.children(node)))
        return self._moving[key]

    def free(self, node: ir.Expr) -> frozenset[str]:
        """The variables an expression names that it does not bind itself."""
        key = id(node)
        if key not in self._free:
            names = frozenset((node.name,)) if isinstance(node, ir.Local) else frozenset().union(*map(self.free, ir.children(node)))
            self._free[key] = names - _bound_by(node)
        return self._free[key]

    def kept(self, node: ir.Expr, make: Callable[[], Bound]) -> Bound:
        """The bound of an expression that stands still, made once."""
        key = id(node)
        if key not in self._nodes:
            self._nodes[key] = make()
        return self._nodes[key]


def _bound_by(node: ir.Expr) -> frozenset[str]:
    if isinstance(node, ir.For | ir.Filter | ir.Quantified):
        return frozenset((node.variable,))
    if isinstance(node, ir.Carry):
        return frozenset((node.variable, node.previous))
    return frozenset(name for name, _ in node.inputs) if isinstance(node, ir.Decide) else frozenset()
