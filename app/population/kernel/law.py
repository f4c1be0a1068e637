"""One law as C: its definitions as functions, each computed when first asked for and kept where it is read more than once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from app.language import Definition, DefinitionVersion, Law, ir
from app.language.types import ListType, NumberType

from .expressions import Expressions, Found
from .facts import FactColumns
from .given import given_lane, given_value
from .lanes import FLAG, TEXT, CannotCompile, Lane, Nothing, Span, Whole
from .lists import Items, Store, Stored, capacity, struct_type
from .numbers import round_to
from .parameters import ParameterCode
from .source import Source
from .tables import Figures
from .writer import KNOWN, UNKNOWN, Case, Value, Writer, assignments

MANY = 2
_LENGTHS = Span(0, 10_000)


@dataclass(frozen=True, slots=True)
class Compiled:
    """A definition as a C function: a value's lane, or a list's and its length; `known` where it always is.

    A value is returned as a `kind`, or where it is kept (`slot`), stored there.
    """

    function: str
    lane: Lane
    known: bool
    kind: str = ""
    slot: int | None = None
    list_type: str | None = None
    most: int = 0


class LawCode:
    """Writes one law into a source. `tables` are the figures its code reads, by number."""

    def __init__(
        self,
        law: Law,
        source: Source,
        facts: FactColumns,
        given: Mapping[str, int],
        tables: Callable[[ir.Name, str], Figures | None],
        needed: Sequence[ir.Expr | ir.Name],
    ) -> None:
        self.law = law
        self.facts = facts
        self.source = source
        self.given = given
        self._parameters = ParameterCode(source, tables, given, lambda name: law.parameter(name).type)
        self._compiled: dict[ir.Name, Compiled] = {}
        self._uses = _uses(law, needed)

    # -- what expressions ask -----------------------------------------------------------------

    def text(self, text: str) -> str:
        return self.source.texts.macro(text)

    def text_function(self, function: str, text: Value, constants: tuple[str, ...]) -> Value:
        number = self.source.texts.function(function, constants)
        result = f"c->functions[{number}][{text.part}]"
        if function in ("contains", "starts_with", "ends_with"):
            return Value(FLAG, (f"(char){result}",), text.ok)
        lane = Whole(0, _LENGTHS) if function == "string_length" else TEXT
        return Value(lane, (result,), text.ok)

    def as_of(self) -> str:
        return "c->as_of"

    def parameter(self, w: Writer, name: ir.Name, key: Value | None) -> Value:
        return self._parameters.read(w, name, key)

    def bands(self, w: Writer, name: ir.Name, amount: Value) -> Value:
        return self._parameters.progressive(w, name, amount)

    def definition(self, w: Writer, name: ir.Name) -> Found:
        """Code that gives a definition's value: a call, or the text itself for a list that is read once."""
        definition = self.law.definition(name)
        if isinstance(definition.type, ListType):
            if self._uses[name] < MANY and len(definition.versions) == 1 and definition.versions[0].guard is None:
                return Expressions(w, self).find(definition.versions[0].body)
            return w.once(name, lambda: self._call_list(w, self._compile(definition)))
        compiled = self._compile(definition)
        if isinstance(compiled.lane, Nothing):
            if str(name) in self.given:  # a figure given for what has none of its own here: the function marks the row
                w.line(f"{compiled.function}(c);")
            return UNKNOWN
        return w.once(name, lambda: self._call(w, compiled))

    @staticmethod
    def _call(w: Writer, compiled: Compiled) -> Value:
        """The function's value in variables; one that is kept is computed unless it was."""
        ctypes = compiled.lane.ctypes()
        names, ok, found = [w.name() for _ in ctypes], w.name("k"), w.name("r")
        if compiled.slot is None:
            w.line(f"{compiled.kind} {found} = {compiled.function}(c);")
            source, state = f"{found}.", f"{found}.ok"
        else:
            w.line(f"if (!MEMO->state[{compiled.slot}]) {compiled.function}(c);")
            source, state = f"(({compiled.kind} *)&MEMO->slot{compiled.slot})->", f"MEMO->state[{compiled.slot}] & 1"
        for number, (ctype, name) in enumerate(zip(ctypes, names, strict=True)):
            w.line(f"{ctype} {name} = {source}p{number};")
        if not compiled.known:
            w.line(f"char {ok} = {state};")
        return Value(compiled.lane, tuple(names), KNOWN if compiled.known else ok)

    @staticmethod
    def _call_list(w: Writer, compiled: Compiled) -> Stored:
        at = w.temp(f"{compiled.list_type} *", f"{compiled.function}(c)")
        return Stored(at, compiled.lane, compiled.most, f"{at}->ok")

    # -- definitions --------------------------------------------------------------------------

    def _compile(self, definition: Definition) -> Compiled:
        known = self._compiled.get(definition.name)
        if known is None:
            try:
                known = self._list_function(definition) if isinstance(definition.type, ListType) else self._value_function(definition)
            except CannotCompile as error:
                if error.where is not None:
                    raise
                raise CannotCompile(error.reason, f"'{definition.name}' ({definition.versions[0].lowered.clause.place})") from None
            self._compiled[definition.name] = known
        return known

    def _value_function(self, definition: Definition) -> Compiled:
        w = Writer()
        e = Expressions(w, self)
        value = self._given_or(w, definition, lambda: self._wordings(e, definition))
        ctypes = value.lane.ctypes()
        members = " ".join(f"{ctype} p{index};" for index, ctype in enumerate(ctypes))
        if self._uses[definition.name] >= MANY and ctypes:
            kind = self.source.struct(f"struct {{ {members} }}")
            slot = self.source.slots.take(definition.name, kind)
            keeps = [f"m->p{index} = {text};" for index, text in enumerate(value.parts)]
            body = [w.text(), f"{kind} *m = ({kind} *)&MEMO->slot{slot};", *keeps, f"MEMO->state[{slot}] = 2 | {value.ok};"]
            return Compiled(self.source.function("void @(ctx *c)", "\n".join(body)), value.lane, value.ok == KNOWN, kind, slot)
        kind = self.source.struct(f"struct {{ {members} char ok; }}")
        result = f"return ({kind}){{ {', '.join([*value.parts, value.ok])} }};"
        return Compiled(self.source.function(f"{kind} @(ctx *c)", f"{w.text()}\n{result}"), value.lane, value.ok == KNOWN, kind)

    def _given_or(self, w: Writer, definition: Definition, build: Callable[[], Value]) -> Value:
        """A figure given for the person in place of the rule's own, in the rule's own lane."""
        column = self.given.get(str(definition.name))
        if column is None:
            return build()
        place, head = w.mark(), w.mark()
        w.line("else {")
        own = build()
        result = w.declare(place, given_lane(definition.type) if isinstance(own.lane, Nothing) else own.lane)
        for line in assignments(own, result):
            w.line(line)
        w.line("}")
        head.lines = given_value(column, result, w.name("g"))
        return result

    def _wordings(self, e: Expressions, definition: Definition) -> Value:
        """The first wording whose guard holds; unknown where a guard is."""
        rounds = isinstance(definition.type, NumberType)
        versions = definition.versions
        if versions[0].guard is None:
            return self._wording(e, versions[0], rounds=rounds)
        return e.w.first(
            [
                Case(None if each.guard is None else partial(e.flag, each.guard), partial(self._wording, e, each, rounds=rounds), unknown_ends=True)
                for each in versions
            ]
        )

    @staticmethod
    def _wording(e: Expressions, version: DefinitionVersion, *, rounds: bool) -> Value:
        value = e.value(version.body)
        if version.rounding is None or not rounds or isinstance(value.lane, Nothing):
            return value
        return round_to(e.w, value, version.rounding.step, version.rounding.mode)

    def _list_function(self, definition: Definition) -> Compiled:
        """A list, filled once a person into memory."""
        w = Writer()
        e = Expressions(w, self)
        store = Store(w, "q", 0)
        w.line("do {")
        for version in definition.versions:
            if version.guard is not None:
                guard = e.flag(version.guard)
                w.line(f"if (!({guard.ok})) break;")
                w.line(f"if ({guard.part}) {{")
            items: Items = e.items(version.body)
            store.most = max(store.most, capacity(items))
            w.line(f"q->ok = {items.loop(w, store.append)}; break;")
            if version.guard is not None:
                w.line("}")
        w.line("} while (0);")
        lane = store.close()
        most = max(store.most, 1)
        kind = self.source.struct(struct_type(lane, most))
        slot = self.source.slots.take(definition.name, kind)
        body = f"{kind} *q = ({kind} *)&MEMO->slot{slot};\nif (MEMO->state[{slot}]) return q;\nq->n = 0; q->ok = 0;\n{w.text()}\nMEMO->state[{slot}] = 2;\nreturn q;"
        return Compiled(self.source.function(f"{kind} *@(ctx *c)", body), lane, known=False, list_type=kind, most=most)


def _uses(law: Law, needed: Sequence[ir.Expr | ir.Name]) -> Counter[ir.Name]:
    """How often each definition is read, at most, to answer one person; inside a loop counts as often.

    Of several wordings, or of the branches of an `if`, only one is read.
    """
    counts: Counter[ir.Name] = Counter()
    waiting: list[ir.Name] = []
    for each in needed:
        reads = _reads(each, 1) if isinstance(each, ir.Expr) else Counter({each: 1})
        waiting += [name for name in reads if name not in counts]
        counts.update(reads)
    seen: set[ir.Name] = set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        versions = law.definition(name).versions
        reads = Counter[ir.Name]()
        for version in versions:
            reads |= _reads(version.body, 1)
        for version in versions:
            if version.guard is not None:
                reads.update(_reads(version.guard, 1))
        counts.update(reads)
        waiting += reads
    return counts


def _reads(node: ir.Expr, times: int) -> Counter[ir.Name]:
    if isinstance(node, ir.DefinitionRef):
        return Counter({node.name: times})
    if isinstance(node, ir.If):
        reads = _reads(node.condition, times)
        reads.update(_reads(node.then, times) | _reads(node.otherwise, times))
        return reads
    looped = isinstance(node, ir.For | ir.Filter | ir.Quantified | ir.Carry)
    reads = Counter[ir.Name]()
    for child in ir.children(node):
        reads.update(_reads(child, MANY if looped else times))
    return reads
