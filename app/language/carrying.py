"""`carry`: a number, or a record of several values, taken through a list; what it may hold and how its numbers stay exact.

The numbers of a record may start as bare literals: each takes the unit that `next` gives its field. What is carried is
rounded where it gains decimals from step to step, or a long list would make numbers without end.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Protocol, cast

from lark import Token

from . import ir
from .errors import ExpressionError
from .facts import FactDictionary
from .located import located, located_error
from .lowering import Lowering
from .model import CarryClause
from .parser import SyntaxTree
from .types import LITERAL_NUMBER, ListType, NullType, NumberType, RecordType, Type, join
from .units import ONE, Unit

_ROUND_IT = "a carried number says how each step is rounded: 'round: {to: 0.01, mode: half up}', or 'round: none' where every step is exact."
_INSIDE = "'round' of a carry is for a carried number. Round the numbers of a record where they are computed: round_half_up(..., 2)."
# Functions whose result has decimals of its own, however many went in.
_WHOLE = frozenset("floor ceiling count year month day months_between years_between days_between string_length".split())
_ENDLESS = frozenset({"mean", "in_years"})
_FIXED, _CARRIED, _GAINING = range(3)


class Parser(Protocol):
    """Texts to trees, and the facts whose units carried numbers may have."""

    @property
    def dictionary(self) -> FactDictionary: ...

    def parse(self, text: str) -> SyntaxTree: ...
    def parse_sequence(self, text: str) -> SyntaxTree: ...


def lower_carry(clause: CarryClause, lowering: Lowering, parser: Parser, unit: Unit | None) -> ir.Carry:
    """Lower a carry; `unit`, the declared one, is what a number that starts as a literal is in. Raises RuleError."""
    source = located(clause.over, lambda: lowering.lower(parser.parse_sequence(clause.over.text)))
    if not isinstance(source.type, ListType):
        raise located_error(clause.over, f"'in' of a carry must be a list or a sequence first..last, not {source.type}.")
    start = located(clause.start, lambda: lowering.lower(parser.parse(clause.start.text)))
    tree = located(clause.next, lambda: parser.parse(clause.next.text))
    step = _Step(lowering, clause.variable, source.type, tree)
    state: Type = NumberType(unit or ONE) if start.type == LITERAL_NUMBER else start.type
    if isinstance(state, RecordType):
        state = step.with_units(state, _units(parser.dictionary, source.type.item, unit))
    item, previous, body = located(clause.next, lambda: step.lower(state))
    joined = join(state, body.type)
    if joined is None or isinstance(joined, NullType):
        raise located_error(clause.next, _differs(state, body.type))
    _check_rounded(clause, joined, body, previous)
    if clause.round is not None:
        body = ir.Round(body.type, body.nullable, body, clause.round.step, clause.round.mode)
    kind: Type = ListType(joined, True) if clause.collect else joined
    return ir.Carry(kind, True, item, previous, source, start, body, clause.collect)


def _differs(state: Type, following: Type) -> str:
    if isinstance(state, RecordType) and isinstance(following, RecordType):
        if state.names() != following.names():
            return f"'next' gives the fields {', '.join(following.names())}, but 'start' has {', '.join(state.names())}. Both need the same fields in the same order."
        for name, mine, _ in state.fields:
            theirs = following.field(name)
            if theirs is not None and join(mine, theirs[0]) is None:
                return f"'next' gives {theirs[0]} for '{name}', but 'start' has {mine}. They must be of one type and unit."
    return f"'next' gives {following}, but 'start' is {state}. They must be of one type and unit."


# -- units of the fields ----------------------------------------------------------------------------


class _Step:
    """The text `next`, lowered for one type of the state or another."""

    def __init__(self, lowering: Lowering, variable: str, source: ListType, tree: SyntaxTree) -> None:
        self._lowering, self._variable, self._source, self._tree = lowering, variable, source, tree
        self._fields = dict(_fields_of(tree))

    def lower(self, state: Type, field: str | None = None) -> tuple[str, str, ir.Expr]:
        """The names of the item and of `previous`, and the whole step (or one field of it). Raises ExpressionError."""
        with (
            self._lowering.binding(self._variable, self._source.item, self._source.item_nullable) as item,
            self._lowering.binding("previous", state, nullable=True) as previous,
        ):
            return item, previous, self._lowering.lower(self._tree if field is None else self._fields[field])

    def with_units(self, state: RecordType, units: tuple[Unit, ...]) -> RecordType:
        """The state with the unit of each number that starts as a literal, as far as `next` tells; else pure numbers."""
        kinds: dict[str, Type] = {name: kind for name, kind, _ in state.fields}
        open_ = [name for name, kind in kinds.items() if kind == LITERAL_NUMBER or isinstance(kind, NullType)]
        while open_:
            found = self._told(state, kinds, open_) or self._tried(state, kinds, open_, units)
            if not found:
                break
            kinds |= found
            open_ = [name for name in open_ if name not in found]
        return _typed(state, {name: NumberType(ONE) if kind == LITERAL_NUMBER else kind for name, kind in kinds.items()})

    def _told(self, state: RecordType, kinds: Mapping[str, Type], open_: list[str]) -> dict[str, Type]:
        """The fields whose step has a type; first those that read no other open field, whose type would be a guess."""
        guessed: dict[str, Type] = {}
        sure: dict[str, Type] = {}
        for name in open_:
            kind, read = self._kind_of(state, kinds, name)
            fits = kind != LITERAL_NUMBER and (isinstance(kind, NumberType) or isinstance(kinds[name], NullType))
            if kind is not None and fits and not isinstance(kind, NullType):
                (guessed if read & set(open_) - {name} else sure)[name] = kind
        return sure or dict(list(guessed.items())[:1])

    def _tried(self, state: RecordType, kinds: Mapping[str, Type], open_: list[str], units: tuple[Unit, ...]) -> dict[str, Type]:
        """A field whose step only makes sense in one unit, such as `previous.balance * rate + r.paid`."""
        pure = {name: NumberType(ONE) if kind == LITERAL_NUMBER else kind for name, kind in kinds.items()}
        for name in open_:
            if kinds[name] != LITERAL_NUMBER or None not in (self._kind_of(state, kinds, name)[0], self._kind_of(state, pure, name)[0]):
                continue
            for unit in units:
                if self._kind_of(state, {**kinds, name: NumberType(unit)}, name)[0] == NumberType(unit):
                    return {name: NumberType(unit)}
        return {}

    def _kind_of(self, state: RecordType, kinds: Mapping[str, Type], name: str) -> tuple[Type | None, set[str]]:
        """What `next` makes of a field under some types, and which fields of the state that reads; None where it is at fault."""
        try:
            _, previous, body = self.lower(_typed(state, kinds), name if name in self._fields else None)
        except ExpressionError:
            return None, set()
        read = {node.field for node in ir.walk(body) if isinstance(node, ir.Field) and isinstance(node.record, ir.Local) and node.record.name == previous}
        if name in self._fields:
            return body.type, read
        found = body.type.field(name) if isinstance(body.type, RecordType) else None
        return (None if found is None else found[0]), read


def _typed(state: RecordType, kinds: Mapping[str, Type]) -> RecordType:
    return RecordType(tuple((name, kinds[name], nullable) for name, _, nullable in state.fields))


def _fields_of(tree: SyntaxTree) -> Iterator[tuple[str, SyntaxTree]]:
    """The fields of a record written out; none of anything else."""
    for child in tree.children if tree.data == "record" else ():
        if child is not None and not isinstance(child, Token):
            yield str(child.children[0]), cast(SyntaxTree, child.children[-1])


def _units(dictionary: FactDictionary, item: Type, declared: Unit | None) -> tuple[Unit, ...]:
    """The units a carried number may be in: the declared one, those of the items, those of all facts."""
    found = [declared] if declared is not None else []
    found += [kind.unit for kind in (item, *_parts(item)) if isinstance(kind, NumberType) and kind.unit is not None]
    found += [unit for fact in dictionary.facts.values() for each in (fact, *fact.fields) if (unit := each.unit) is not None]
    return tuple(dict.fromkeys(found))


def _parts(kind: Type) -> list[Type]:
    return [each for _, each, _ in kind.fields] if isinstance(kind, RecordType) else []


# -- decimals ---------------------------------------------------------------------------------------


def _check_rounded(clause: CarryClause, state: Type, body: ir.Expr, previous: str) -> None:
    """Raise RuleError where a carried number may gain decimals without end."""
    if isinstance(state, NumberType):
        if clause.round is None and not clause.unrounded:
            raise located_error(clause.next, _ROUND_IT)
        return
    if clause.round is not None:
        raise located_error(clause.next, _INSIDE)
    for name, kind in ((name, kind) for name, kind, _ in state.fields) if isinstance(state, RecordType) else ():
        if isinstance(kind, ListType | RecordType):
            raise located_error(clause.start, f"'{name}' of a carried record is a {kind}. It may hold numbers, dates, texts and truths; carry the parts as fields.")
        if isinstance(kind, NumberType) and not clause.unrounded and any(_gains(each, previous) == _GAINING for each in _field_bodies(body, name)):
            message = f"the carried number '{name}' gains decimals from step to step. Round it where it is computed: round_half_up(..., 2); or say 'round: none' where every step is exact."
            raise located_error(clause.next, message)


def _field_bodies(body: ir.Expr, field: str) -> Iterator[ir.Expr]:
    """What a step may make of a field, where it is written out as a record."""
    if isinstance(body, ir.RecordOf):
        yield from (value for name, value in body.entries if name == field)
    elif isinstance(body, ir.If):
        yield from (*_field_bodies(body.then, field), *_field_bodies(body.otherwise, field))
    elif isinstance(body, ir.Call) and body.function == "or_else":
        for each in body.arguments:
            yield from _field_bodies(each, field)


def _gains(node: ir.Expr, previous: str) -> int:
    """Whether a number has decimals of its own, as many as the state before, or more than that."""
    if isinstance(node, ir.Local):
        return _CARRIED if node.name == previous else _FIXED
    if isinstance(node, ir.Round | ir.Compare | ir.And | ir.Or | ir.Not | ir.IsNull | ir.ParameterAt):
        return _FIXED
    if isinstance(node, ir.If):
        return max(_gains(node.then, previous), _gains(node.otherwise, previous))
    below = max((_gains(each, previous) for each in ir.children(node)), default=_FIXED)
    if isinstance(node, ir.Arithmetic):
        return _gained(node, below)
    if isinstance(node, ir.Progressive):
        return _FIXED if below == _FIXED else _GAINING
    if isinstance(node, ir.Call):
        return _FIXED if node.function in _WHOLE else _GAINING if node.function in _ENDLESS else below
    return below


def _gained(node: ir.Arithmetic, below: int) -> int:
    if node.op == "div":
        return below if below != _CARRIED and _is_decimal(node.right) else _GAINING
    if node.op == "mul":
        return _GAINING if below == _CARRIED and not any(_is_whole(each) for each in (node.left, node.right)) else below
    return _GAINING if node.op == "pow" and below == _CARRIED else below


def _is_whole(node: ir.Expr) -> bool:
    return isinstance(node, ir.Const) and isinstance(node.value, Decimal) and node.value == int(node.value)


def _is_decimal(node: ir.Expr) -> bool:
    """Whether division by a written number ends: it has no factor but 2 and 5."""
    if not isinstance(node, ir.Const) or not isinstance(node.value, Decimal) or not node.value:
        return False
    number = abs(int(node.value.scaleb(max(0, -int(node.value.as_tuple().exponent)))))
    for factor in (2, 5):
        while number % factor == 0:
            number //= factor
    return number == 1
