"""One law as C: its definitions as functions, each computed when first asked for and kept where it is read more than once."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from app.language import Definition, DefinitionVersion, Law, ir
from app.language.types import ListType, NumberType

from .expressions import Expressions, Found
from .facts import FactColumns
from .given import given_lane, given_value
from .lanes import FLAG, TEXT, CannotCompile, Lane, Nothing, Span, Whole
from .lists import Items, Store, Stored, capacity, struct_type
from .numbering import Slot
from .parameters import ParameterCode
from .reuse import Asked, Refused, Reuse, Same
from .rounding import round_to
from .source import Source
from .tables import Figures, Form
from .uses import MANY
from .writer import KNOWN, UNKNOWN, Case, Value, Writer, assignments

Question = tuple[str, ir.Name]
_LENGTHS = Span(0, 10_000)


@dataclass(frozen=True, slots=True)
class Shape:
    """What others have to know of a definition to call its function: a value's lane, or a list's and its length; `known` where it always is.

    A value is returned as a `kind`, or where it is kept (`slot`), stored there. `call` stands for the function.
    """

    call: str
    lane: Lane
    known: bool
    kind: str = ""
    slot: Slot | None = None
    list_type: str | None = None
    most: int = 0


@dataclass(frozen=True, slots=True)
class Written:
    """A function as it was written, by its name in C; `shape` of a definition's."""

    function: str
    call: str
    shape: Shape | None = None


class LawCode:
    """Writes one law into a source. `tables` are the figures its code reads, by number; `reuse` is what was written for other laws."""

    def __init__(
        self,
        law: Law,
        source: Source,
        facts: FactColumns,
        given: Mapping[str, int],
        tables: Callable[[ir.Name, str], Figures | None],
        uses: Mapping[ir.Name, int],
        reuse: Reuse[Written],
    ) -> None:
        self.law = law
        self.facts = facts
        self.source = source
        self.given = given
        self._tables = tables
        self._parameters = ParameterCode(source, self._figures, given, lambda name: self._told(("type", name)))
        self._shapes: dict[ir.Name, Shape] = {}
        self._uses = uses
        self._reuse = reuse
        self._asked: list[Asked] = []
        # By what stands for them in calls, the functions that this law has.
        self.calls: dict[str, str] = {}

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
        if self._told(("inlined", name)):
            return Expressions(w, self).find(definition.versions[0].body)
        shape: Shape = self._told(("shape", name))
        if shape.list_type is not None:
            return w.once(name, lambda: self._call_list(w, shape))
        if isinstance(shape.lane, Nothing):
            if str(name) in self.given:  # a figure given for what has none of its own here: the function marks the row
                w.line(f"{shape.call}(c);")
            return UNKNOWN
        return w.once(name, lambda: self._call(w, shape))

    @staticmethod
    def _call(w: Writer, shape: Shape) -> Value:
        """The function's value in variables; one that is kept is computed unless it was."""
        ctypes = shape.lane.ctypes()
        names, ok, found = [w.name() for _ in ctypes], w.name("k"), w.name("r")
        if shape.slot is None:
            w.line(f"{shape.kind} {found} = {shape.call}(c);")
            source, state = f"{found}.", f"{found}.ok"
        else:
            w.line(f"if (!STATE[{shape.slot.number}]) {shape.call}(c);")
            source, state = f"(({shape.kind} *)SLOT({shape.slot.at}))->", f"STATE[{shape.slot.number}] & 1"
        for number, (ctype, name) in enumerate(zip(ctypes, names, strict=True)):
            w.line(f"{ctype} {name} = {source}p{number};")
        if not shape.known:
            w.line(f"char {ok} = {state};")
        return Value(shape.lane, tuple(names), KNOWN if shape.known else ok)

    @staticmethod
    def _call_list(w: Writer, shape: Shape) -> Stored:
        at = w.temp(f"{shape.list_type} *", f"{shape.call}(c)")
        return Stored(at, shape.lane, shape.most, f"{at}->ok")

    # -- definitions --------------------------------------------------------------------------

    def _shape(self, name: ir.Name) -> Shape:
        """A definition's function is written, or was for another law. Raises CannotCompile."""
        known = self._shapes.get(name)
        if known is None:
            definition = self.law.definition(name)
            written = self.once("kept" if self._uses[name] >= MANY else "read once", definition, lambda: self._write(definition))
            assert written.shape is not None
            known = self._shapes[name] = written.shape
        return known

    def _write(self, definition: Definition) -> Written:
        try:
            return self._list_function(definition) if isinstance(definition.type, ListType) else self._value_function(definition)
        except CannotCompile as error:
            if error.where is not None:
                raise
            raise CannotCompile(error.reason, f"'{definition.name}' ({definition.versions[0].lowered.clause.place})") from None

    def once(self, key: str, of: object, write: Callable[[], Written]) -> Written:
        """What `write` writes of a rule, or what it wrote for another law where that had the same answers."""
        made = self._reuse.find(key, of, self._answer)
        if made is None:
            self._asked.append({})
            try:
                made = write()
            finally:
                asked = self._asked.pop()
            self._reuse.keep(key, of, asked, made)
        self.calls[made.call] = made.function
        return made

    # -- what is asked of the law, noted for whoever writes -----------------------------------

    def _told(self, question: Question) -> Any:
        """The law's answer to a question, which is part of what the text at hand depends on. Raises CannotCompile."""
        answer = self._answer(question)
        if self._asked:
            self._asked[-1][question] = answer
        if isinstance(answer, Refused):
            raise CannotCompile(answer.reason, answer.where)
        return answer

    def _answer(self, question: Question) -> Hashable:
        kind, name = question
        try:
            if kind == "inlined":
                return self._inlined(name)
            if kind == "shape":
                return self._shape(name)
            if kind == "type":
                return self.law.parameter(name).type
            found = self._tables(name, kind)
            return None if found is None else found.form
        except CannotCompile as error:
            return Refused(error.reason, error.where)

    def _inlined(self, name: ir.Name) -> Same | None:
        """A list that is read once and has one wording is written where it is read."""
        definition = self.law.definition(name)
        if not isinstance(definition.type, ListType) or self._uses[name] >= MANY or len(definition.versions) > 1 or definition.versions[0].guard is not None:
            return None
        return Same(definition)

    def _figures(self, name: ir.Name, part: str) -> Form | None:
        return self._told((part, name))  # type: ignore[no-any-return]

    # -- functions ----------------------------------------------------------------------------

    def _value_function(self, definition: Definition) -> Written:
        w = Writer()
        e = Expressions(w, self)
        value = self._given_or(w, definition, lambda: self._wordings(e, definition))
        ctypes = value.lane.ctypes()
        members = " ".join(f"{ctype} p{index};" for index, ctype in enumerate(ctypes))
        if self._uses[definition.name] >= MANY and ctypes:
            kind = self.source.struct(f"struct {{ {members} }}")
            slot = self.source.slot(definition.name, kind)
            keeps = [f"m->p{index} = {text};" for index, text in enumerate(value.parts)]
            body = [w.text(), f"{kind} *m = ({kind} *)SLOT({slot.at});", *keeps, f"STATE[{slot.number}] = 2 | {value.ok};"]
            return self._written(definition, "void", "\n".join(body), value.lane, known=value.ok == KNOWN, kind=kind, slot=slot)
        kind = self.source.struct(f"struct {{ {members} char ok; }}")
        result = f"return ({kind}){{ {', '.join([*value.parts, value.ok])} }};"
        return self._written(definition, kind, f"{w.text()}\n{result}", value.lane, known=value.ok == KNOWN, kind=kind)

    def _written(self, definition: Definition, returns: str, body: str, lane: Lane, **more: Any) -> Written:
        call = self.source.call(definition.name, returns)
        return Written(self.source.function(returns, body, definition.name.scheme), call, Shape(call, lane, **more))

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

    def _list_function(self, definition: Definition) -> Written:
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
        slot = self.source.slot(definition.name, kind)
        body = f"{kind} *q = ({kind} *)SLOT({slot.at});\nif (STATE[{slot.number}]) return q;\nq->n = 0; q->ok = 0;\n{w.text()}\nSTATE[{slot.number}] = 2;\nreturn q;"
        return self._written(definition, f"{kind} *", body, lane, known=False, list_type=kind, most=most)
