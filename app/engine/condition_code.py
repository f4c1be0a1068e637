"""Conditions to straight Python: read every atom, decide the formula in three-valued logic, keep what was read."""

from __future__ import annotations

from collections.abc import Sequence

from app.language.types import NumberType

from .conditions import Choice, Conditional, Formula, Junction, Leaf, Negation
from .emitter import Emitter

_PYTHON = {"=": "==", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


def condition_function(number: int, conditional: Conditional, emitter: Emitter) -> str:
    """The function `d{number}(c)` of a condition: decided once a case, what was read of it kept by its number."""
    reader = _Reader(conditional, emitter, stops_early=False)
    lines = [
        f"def d{number}(c):",
        f"    v = c.memo[{number}]",
        "    if v is not UNSET: return v",
        *reader.lines(),
        f"    c.sides[{number}] = {reader.sides}",
        f"    c.decided[{number}] = (chosen, {reader.truths})",
        f"    c.memo[{number}] = v",
        f"    c.order.append({number})",
        "    return v",
    ]
    return "\n".join(lines)


def conclusions_function(name: str, conditionals: Sequence[Conditional], emitter: Emitter) -> str:
    """The function `name(c)` of a scheme's conclusions: the truth of each, and the sides of each one's comparisons."""
    lines, truths, sides = [f"def {name}(c):"], "", ""
    for index, conditional in enumerate(conditionals):
        reader = _Reader(conditional, emitter, stops_early=True)
        lines += [*reader.lines(), f"    v{index} = v; a{index} = {reader.sides}"]
        truths += f"v{index}, "
        sides += f"a{index}, "
    return "\n".join([*lines, f"    return ({truths}), ({sides})"])


class _Reader:
    """Writes the lines that read one condition and leave its truth in `v`.

    Atom n has the sides l{n} and r{n}, the truth t{n} and, once read, the pair p{n}. `stops_early` leaves the
    parts of an `and` unread once one is false (for conclusions, which are drawn or not; conditions show all), and those
    of the outermost `and` also once one is unknown, which leaves nothing to draw.
    """

    def __init__(self, conditional: Conditional, emitter: Emitter, *, stops_early: bool) -> None:
        self._conditional = conditional
        self._emitter = emitter
        self._stops_early = stops_early
        self._lines: list[str] = []
        self._counter = 0

    @property
    def sides(self) -> str:
        """What was read: the pairs."""
        return f"({''.join(f'p{index}, ' for index in range(len(self._conditional.atoms)))})"

    @property
    def truths(self) -> str:
        """What it came to, comparison by comparison."""
        return f"({''.join(f't{index}, ' for index in range(len(self._conditional.atoms)))})"

    def lines(self) -> list[str]:
        count = len(self._conditional.atoms)
        names = [f"{letter}{index}" for index in range(count) for letter in "tp"]
        self._line(1, " = ".join([*names, "v", "None"]))
        depth = 1
        for index, (guard, body) in enumerate(self._conditional.versions):
            self._line(depth, f"chosen = {index}")
            if guard is not None:
                test = self._formula(guard, depth)
                self._line(depth, f"if {test}:")
                self._line(depth + 1, f"v = {self._formula(body, depth + 1)}")
                self._line(depth, f"elif {test} is False:")
                depth += 1
            else:
                self._line(depth, f"v = {self._formula(body, depth, outermost=self._stops_early)}")
        return self._lines

    def _line(self, depth: int, text: str) -> None:
        self._lines.append("    " * depth + text)

    def _formula(self, formula: Formula, depth: int, *, outermost: bool = False) -> str:
        """Write what a formula needs before it and return the name that holds its truth."""
        if isinstance(formula, Leaf):
            self._atom(formula.atom, depth)
            return f"t{formula.atom}"
        self._counter += 1
        name = f"f{self._counter}"
        if isinstance(formula, Negation):
            part = self._formula(formula.part, depth)
            self._line(depth, f"{name} = None if {part} is None else not {part}")
        elif isinstance(formula, Choice):
            self._choice(formula, name, depth)
        else:
            self._junction(formula, name, depth, outermost=outermost)
        return name

    def _choice(self, formula: Choice, name: str, depth: int) -> None:
        test = self._formula(formula.test, depth)
        self._line(depth, f"{name} = None")
        self._line(depth, f"if {test}:")
        self._line(depth + 1, f"{name} = {self._formula(formula.then, depth + 1)}")
        self._line(depth, f"elif {test} is False:")
        self._line(depth + 1, f"{name} = {self._formula(formula.otherwise, depth + 1)}")

    def _junction(self, formula: Junction, name: str, depth: int, *, outermost: bool) -> None:
        settled, other = ("False", "True") if formula.every else ("True", "False")
        if self._stops_early and formula.every:
            self._line(depth, f"{name} = True")
            inner = depth
            for part in formula.parts:
                truth = self._formula(part, inner, outermost=outermost)
                if outermost:
                    self._line(inner, f"if {truth} is not True: {name} = {truth}")
                    self._line(inner, "else:")
                    self._line(inner + 1, "pass")
                    inner += 1
                    continue
                self._line(inner, f"if {truth} is False: {name} = False")
                self._line(inner, "else:")
                self._line(inner + 1, f"if {truth} is None: {name} = None")
                inner += 1
            return
        parts = [self._formula(part, depth) for part in formula.parts]
        settles = " or ".join(f"{part} is {settled}" for part in parts)
        unknown = " or ".join(f"{part} is None" for part in parts)
        self._line(depth, f"{name} = {settled} if {settles} else None if {unknown} else {other}")

    def _atom(self, index: int, depth: int) -> None:
        atom = self._conditional.atoms[index]
        left = self._emitter.emit(atom.left)
        if atom.op is None or atom.right is None:
            self._line(depth, f"t{index} = {left}; p{index} = (t{index}, None)")
            return
        self._line(depth, f"l{index} = {left}; r{index} = {self._emitter.emit(atom.right)}; p{index} = (l{index}, r{index})")
        numbers = isinstance(atom.left.type, NumberType)
        test = f"compare(l{index}, r{index}) {_PYTHON[atom.op]} 0" if numbers else f"l{index} {_PYTHON[atom.op]} r{index}"
        unknown = " or ".join(f"{name}{index} is None" for name, side in (("l", atom.left), ("r", atom.right)) if side.nullable)
        self._line(depth, f"t{index} = None if {unknown} else {test}" if unknown else f"t{index} = {test}")

