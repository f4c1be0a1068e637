"""Typed expressions to Python source over the functions of `runtime`.

A value that may be unknown is None; every emitted expression carries None through. Temporaries are
assigned with `:=`, so bodies that run per item stand in lambdas, where that is allowed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from app.language import ir
from app.language.types import DateType, MonthType, NumberType

NumberOfDefinition = Callable[[ir.Name], int]
NumberOfParameter = Callable[[ir.Name], int]

_COMPARE = {"=": "==", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_INFIX = {"add": "+", "sub": "-", "mul": "*", "duration_add": "+", "duration_sub": "-"}


@dataclass(slots=True)
class Emitter:
    """Collects the constants and helper functions of one definition while emitting its expressions.

    `definition` and `parameter` give the numbers that generated code calls rules by; `owner` is the number
    of the definition being emitted (for reports of division by zero and table rows); `cover` adds calls
    that record which branches ran, and `branches` tells which `if` a recorded one is.
    """

    definition: NumberOfDefinition
    parameter: NumberOfParameter
    constants: dict[str, ir.Scalar]
    raw: dict[str, Any]
    owner: int
    cover: bool = False
    helpers: list[str] = field(default_factory=list)
    branches: dict[tuple[int, str], ir.If] = field(default_factory=dict)
    _counter: int = 0
    # The variables of the loops over whole numbers that are being emitted.
    _counted: set[str] = field(default_factory=set)

    def emit(self, node: ir.Expr) -> str:
        """Return a Python expression for a node."""
        handler: Callable[[ir.Expr], str] = getattr(self, f"_{type(node).__name__.lower()}")
        return handler(node)

    def _temporary(self) -> str:
        self._counter += 1
        return f"q{self._counter}"  # not t, which condition code names its truths by

    def _lift(self, operands: list[ir.Expr], build: Callable[[list[str]], str]) -> str:
        """Apply `build` to operands, or give None where one is unknown."""
        tests, names = [], []
        for operand in operands:
            text = self.emit(operand)
            if operand.nullable:
                name = self._temporary()
                tests.append(f"({name} := {text}) is None")
                names.append(name)
            else:
                names.append(text)
        result = build(names)
        # `|`, not `or`: every operand is read, so that an unknown result can name all that is missing.
        unknown = tests[0] if len(tests) == 1 else " | ".join(f"({test})" for test in tests)
        return f"(None if {unknown} else {result})" if tests else f"({result})"

    # -- leaves -------------------------------------------------------------------------------

    def _const(self, node: ir.Const) -> str:
        if node.value is None or isinstance(node.value, bool):
            return repr(node.value)
        if isinstance(node.type, NumberType | DateType | MonthType):
            name = f"K{self.owner}_{len(self.constants)}"
            self.constants[name] = node.value
            return name
        return repr(node.value)

    def _factref(self, node: ir.FactRef) -> str:
        return f"c.facts[{node.name!r}]"

    def _local(self, node: ir.Local) -> str:
        return node.name

    def _definitionref(self, node: ir.DefinitionRef) -> str:
        return f"d{self.definition(node.name)}(c)"

    def _asof(self, _: ir.AsOf) -> str:
        return "c.as_of"

    def _regionref(self, _: ir.RegionRef) -> str:
        return "c.region"

    def _parameterat(self, node: ir.ParameterAt) -> str:
        number = self.parameter(node.name)
        if node.key is None:
            return f"single(c, {number})"
        return f"lookup(c, {number}, {self.emit(node.key)})"

    def _progressive(self, node: ir.Progressive) -> str:
        number = self.parameter(node.name)
        return self._lift([node.amount], lambda names: f"progressive(c, {number}, {names[0]})")

    def _field(self, node: ir.Field) -> str:
        return self._lift([node.record], lambda names: f"{names[0]}.get({node.field!r})")

    # -- operators ----------------------------------------------------------------------------

    def _arithmetic(self, node: ir.Arithmetic) -> str:
        if node.op == "div":
            return self._lift([node.left, node.right], lambda names: f"divide(c, {self.owner}, {names[0]}, {names[1]})")
        if node.op in _INFIX:
            return self._lift([node.left, node.right], lambda names: f"{names[0]} {_INFIX[node.op]} {names[1]}")
        return self._lift([node.left, node.right], lambda names: f"{node.op}({names[0]}, {names[1]})")

    def _negate(self, node: ir.Negate) -> str:
        return self._lift([node.operand], lambda names: f"-{names[0]}")

    def _compare(self, node: ir.Compare) -> str:
        if isinstance(node.left.type, NumberType):
            return self._lift([node.left, node.right], lambda names: f"compare({names[0]}, {names[1]}) {_COMPARE[node.op]} 0")
        return self._lift([node.left, node.right], lambda names: f"{names[0]} {_COMPARE[node.op]} {names[1]}")

    def _isnull(self, node: ir.IsNull) -> str:
        return f"({self._peek(node.operand)} is None)"

    def _peek(self, node: ir.Expr) -> str:
        """Read a fact or parameter without counting it as missing: the rule says what holds where it is unknown."""
        if isinstance(node, ir.FactRef):
            return f"c.facts.get({node.name!r})"
        if isinstance(node, ir.ParameterAt):
            return f"peek(c, {self.parameter(node.name)}, {'None' if node.key is None else self.emit(node.key)}, {node.key is not None})"
        return self.emit(node)

    def _and(self, node: ir.And) -> str:
        return self._junction(node.items, "False", "and")

    def _or(self, node: ir.Or) -> str:
        return self._junction(node.items, "True", "or")

    def _junction(self, items: tuple[ir.Expr, ...], settling: str, word: str) -> str:
        if not any(item.nullable for item in items):
            return "(" + f" {word} ".join(self.emit(item) for item in items) + ")"
        names = [self._temporary() for _ in items]
        settled = " or ".join(f"({name} := {self.emit(item)}) is {settling}" for name, item in zip(names, items, strict=True))
        unknown = " or ".join(f"{name} is None" for name in names)
        other = "True" if settling == "False" else "False"
        return f"({settling} if {settled} else (None if {unknown} else {other}))"

    def _not(self, node: ir.Not) -> str:
        return self._lift([node.operand], lambda names: f"not {names[0]}")

    def _if(self, node: ir.If) -> str:
        condition, name = self.emit(node.condition), self._temporary()
        then, otherwise = self.emit(node.then), self.emit(node.otherwise)
        if self.cover:
            branch = self._temporary()
            self.branches[self.owner, branch] = node
            then = f"branch(c, {self.owner}, {branch!r}, True, {then})"
            otherwise = f"branch(c, {self.owner}, {branch!r}, False, {otherwise})"
        return f"({then} if ({name} := {condition}) else (None if {name} is None else {otherwise}))"

    def _round(self, node: ir.Round) -> str:
        name = f"S{self.owner}_{len(self.raw)}"
        self.raw[name] = node.step
        return self._lift([node.operand], lambda names: f"round_to({names[0]}, {name}, {node.mode!r})")

    # -- lists --------------------------------------------------------------------------------

    def _for(self, node: ir.For) -> str:
        counts = isinstance(node.source, ir.Sequence) and not isinstance(node.source.first.type, MonthType)
        if counts:
            self._counted.add(node.variable)
        body = self.emit(node.body)
        if counts:
            self._counted.remove(node.variable)

        def build(names: list[str]) -> str:
            if ":=" in body or ":=" in names[0]:
                return f"each({names[0]}, lambda {node.variable}: {body})"
            return f"[{body} for {node.variable} in {names[0]}]"

        return self._lift([node.source], build)

    def _filter(self, node: ir.Filter) -> str:
        keyed = self._keyed_filter(node)
        if keyed is not None:
            return keyed
        return self._lift([node.source], lambda names: self._per_item("keep", node.variable, names[0], node.condition))

    def _keyed_filter(self, node: ir.Filter) -> str | None:
        """`list[field = key]` over a fact: looked up in an index made once a case."""
        keyed = keyed_by(node)
        if keyed is None:
            return None
        fact, field_name, key = keyed
        return f"matching(c, {fact.name!r}, {field_name!r}, {self.emit(key)})"

    def _quantified(self, node: ir.Quantified) -> str:
        return self._lift([node.source], lambda names: self._per_item(node.kind, node.variable, names[0], node.condition))

    def _per_item(self, function: str, variable: str, source: str, condition: ir.Expr) -> str:
        """Test each item; a side of a comparison that is the same for every item is computed once."""
        hoisted: list[tuple[str, ir.Expr]] = []
        test = self.emit(self._hoist(condition, variable, hoisted))
        text = f"{function}({source}, lambda {variable}: {test})"
        if not hoisted:
            return text
        names = ", ".join(name for name, _ in hoisted)
        return f"(lambda {names}: {text})({', '.join(self.emit(expr) for _, expr in hoisted)})"

    def _hoist(self, condition: ir.Expr, variable: str, hoisted: list[tuple[str, ir.Expr]]) -> ir.Expr:
        if isinstance(condition, ir.And | ir.Or):
            return replace(condition, items=tuple(self._hoist(item, variable, hoisted) for item in condition.items))
        if isinstance(condition, ir.Compare):
            left, right = (self._once(side, variable, hoisted) for side in (condition.left, condition.right))
            return replace(condition, left=left, right=right)
        return condition

    def _once(self, side: ir.Expr, variable: str, hoisted: list[tuple[str, ir.Expr]]) -> ir.Expr:
        simple = isinstance(side, ir.Const | ir.Local | ir.FactRef)
        if simple or any(isinstance(inner, ir.Local) and inner.name == variable for inner in ir.walk(side)):
            return side
        name = self._temporary() + "_once"
        hoisted.append((name, side))
        return ir.Local(side.type, side.nullable, name)

    def _sequence(self, node: ir.Sequence) -> str:
        kind = "months_from" if isinstance(node.first.type, MonthType) else "numbers_from"
        return self._lift([node.first, node.last], lambda names: f"{kind}({names[0]}, {names[1]})")

    def _index(self, node: ir.Index) -> str:
        function = "item_counted" if self._is_counted(node.position) else "item_at"
        return self._lift([node.source, node.position], lambda names: f"{function}({names[0]}, {names[1]})")

    def _is_counted(self, position: ir.Expr) -> bool:
        """Whether a position is a number counted off, or some whole number beside it: it carries no error."""
        if isinstance(position, ir.Arithmetic) and position.op in ("add", "sub"):
            right = position.right
            return self._is_counted(position.left) and isinstance(right, ir.Const) and isinstance(right.value, Decimal) and right.value == int(right.value)
        return isinstance(position, ir.Local) and position.name in self._counted

    def _listof(self, node: ir.ListOf) -> str:
        return "[" + ", ".join(self.emit(item) for item in node.items) + "]"

    def _recordof(self, node: ir.RecordOf) -> str:
        return "{" + ", ".join(f"{name!r}: {self.emit(expr)}" for name, expr in node.entries) + "}"

    def _call(self, node: ir.Call) -> str:
        if node.function == "or_else":
            name, other = self._temporary(), self._temporary()
            value, otherwise = node.arguments
            known = f"{name} if ({name} := {self._peek(value)}) is not None"
            if not otherwise.nullable or not isinstance(value, ir.FactRef | ir.ParameterAt):
                return f"({known} else {self.emit(otherwise)})"
            return f"({known} else {other} if ({other} := {self.emit(otherwise)}) is not None else {self.emit(value)})"
        if node.function == "substring":
            part = _constant_part(node.arguments[1:])
            if part is not None:
                return self._lift([node.arguments[0]], lambda names: f"{names[0]}[{part}]")
        case = f"c, {self.owner}, " if node.function == "modulo" else ""
        return self._lift(list(node.arguments), lambda names: f"f_{node.function}({case}{', '.join(names)})")

    # -- structures ---------------------------------------------------------------------------

    def _carry(self, node: ir.Carry) -> str:
        body = f"lambda {node.variable}, {node.previous}: {self.emit(node.next)}"
        start = self.emit(node.start)
        collect = "collect" if node.collect else "carry"
        return self._lift([node.source], lambda names: f"{collect}({names[0]}, {start}, {body})")

    def _decide(self, node: ir.Decide) -> str:
        self._counter += 1
        name = f"table{self.owner}_{self._counter}"
        inputs = ", ".join(local for local, _ in node.inputs)
        arguments = ", ".join(self.emit(expr) for _, expr in node.inputs)
        lines = [f"def {name}(c, {inputs}):", "    hits = []"]
        for row in node.rows:
            test = ir.And(row.tests[0].type, True, row.tests)
            lines.append(f"    r = {self.emit(test)}")
            lines.append(f"    if r is True: hits.append(({row.line}, lambda: {self.emit(row.output)}))")
            if node.hit in ("first", "unique", "any"):
                lines.append(f"    if r is True: return hit(c, {self.owner}, hits)")
            if node.hit in ("first", "rule order", "output order", "priority") or node.hit.startswith("collect"):
                lines.append("    if r is None: return None")
        priorities = "[" + ", ".join(self._const(ir.Const(node.rows[0].output.type, False, value)) for value in node.priorities) + "]"
        lines.append(f"    return collected(c, {self.owner}, {node.hit!r}, hits, {priorities})")
        self.helpers.append("\n".join(lines))
        return f"{name}(c, {arguments})"


def _constant_part(arguments: tuple[ir.Expr, ...]) -> str | None:
    """The slice that `substring(text, start, length)` takes where both are stated and the start is counted from the beginning."""
    values = [int(each.value) for each in arguments if isinstance(each, ir.Const) and isinstance(each.value, Decimal)]
    if len(values) != 2 or len(arguments) != 2 or values[0] < 1:
        return None
    return f"{values[0] - 1}:{values[0] - 1 + max(values[1], 0)}"


def keyed_by(node: ir.Filter) -> tuple[ir.FactRef, str, ir.Expr] | None:
    """The fact, the field and the key of a filter `list[field = key]` over a fact; None of any other filter."""
    condition = node.condition
    if not isinstance(node.source, ir.FactRef) or not isinstance(condition, ir.Compare) or condition.op != "=":
        return None
    left, right = condition.left, condition.right
    if not isinstance(left, ir.Field) or left.nullable or not isinstance(left.record, ir.Local) or left.record.name != node.variable:
        return None
    if any(isinstance(inner, ir.Local) and inner.name == node.variable for inner in ir.walk(right)):
        return None
    return node.source, left.field, right
