"""All names of all rule files and what they mean: the scope expressions are lowered in, and the lowered clauses.

A name's type is that of the clause that founds it (the earliest national one); every amendment must keep it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, cast

from . import ir
from .carrying import lower_carry
from .decision_tables import lower_decision
from .errors import ExpressionError, Fault, RuleError
from .facts import FactDictionary
from .located import located
from .lowering import Lowering
from .model import NATION, Body, ConclusionClause, DecisionClause, DefinitionClause, ParameterClause, RuleFile, Text
from .parser import SyntaxTree
from .regions import level, lineage
from .scope import ELIGIBLE, ParameterSymbol
from .trees import Trees
from .types import BOOLEAN, DATE, NUMBER, STRING, ListType, NullType, NumberType, RecordType, Type, loosened
from .units import ONE, Unit


@dataclass(frozen=True, slots=True)
class LoweredDefinition:
    """A clause with its meaning; `body` is before rounding, None where the clause does not state it.

    `guard` joins the file's `applies_when` and the clause's own.
    """

    clause: DefinitionClause
    file: RuleFile
    guard: ir.Expr | None
    body: ir.Expr | None
    shortfall: ir.Expr | None
    # What the words of `unmet` mean, by word.
    unmet: dict[str, ir.Expr] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class LoweredParameter:
    clause: ParameterClause
    file: RuleFile
    at: ir.Expr | None
    # The days on which rows of it were published, in order.
    published: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class LoweredConclusion:
    clause: ConclusionClause
    file: RuleFile
    when: ir.Expr
    placeholders: dict[str, ir.Expr]


@dataclass(frozen=True, slots=True)
class LoweredFile:
    file: RuleFile
    guard: ir.Expr | None
    parameters: dict[str, LoweredParameter]
    definitions: dict[str, LoweredDefinition]
    conclusions: dict[str, LoweredConclusion]


def file_order(file: RuleFile) -> tuple[bool, int, object, str]:
    """The order in which files apply: proposals last, wide before narrow, early before late."""
    return (file.proposal is not None, level(file.region), file.start, file.path)


class Symbols:
    """Founding clauses by scheme and name; infers types on demand and refuses circular ones."""

    def __init__(self, dictionary: FactDictionary, files: Iterable[RuleFile], trees: Trees) -> None:
        self.dictionary = dictionary
        self._schemes: dict[str, dict[str, list[tuple[DefinitionClause | ParameterClause, RuleFile]]]] = {}
        self._parameters: dict[ir.Name, list[ParameterClause]] = {}
        self._types: dict[ir.Name, Type] = {}
        self._inferring: list[ir.Name] = []
        self._bodies: dict[tuple[int, str, str, Unit | None], ir.Expr] = {}
        self._trees = trees
        self._founders: dict[str, RuleFile] = {}
        self._libraries: set[str] = set()
        for file in sorted(files, key=file_order):
            names = self._schemes.setdefault(file.scheme, {})
            self._founders.setdefault(file.scheme, file)
            if file.library:
                self._libraries.add(file.scheme)
            clauses: list[tuple[str, DefinitionClause | ParameterClause]] = [*file.parameters.items(), *file.definitions.items()]
            for name, clause in clauses:
                names.setdefault(name, []).append((clause, file))
            for name, parameter in file.parameters.items():
                self._parameters.setdefault(ir.Name(file.scheme, name), []).append(parameter)

    def __getstate__(self) -> dict[str, Any]:
        """Without what texts are lowered from: what is kept on disk has been lowered, and reads no text again."""
        return {**self.__dict__, "_trees": Trees(), "_bodies": {}}

    def scheme_ids(self) -> list[str]:
        return sorted(self._schemes)

    def founder(self, scheme: str) -> RuleFile:
        """The first file of a scheme."""
        return self._founders[scheme]

    def has_eligible(self, scheme: str) -> bool:
        """Whether anybody can be entitled to a scheme: not to a library, whose figures are for others."""
        return scheme in self._schemes and scheme not in self._libraries

    def names(self, scheme: str) -> list[str]:
        return list(self._schemes.get(scheme, ()))

    def founding(self, name: ir.Name, region: str = NATION) -> tuple[DefinitionClause | ParameterClause, RuleFile] | None:
        """The first clause of a name as a place sees it: two provinces may each have a parameter of one name."""
        clauses = self._schemes.get(name.scheme, {}).get(name.local, [])
        places = lineage(region)
        return next((each for each in clauses if each[1].region in places), clauses[0] if clauses else None)

    def parse(self, text: str) -> SyntaxTree:
        """Parse an expression once however often it stands in the rules."""
        return self._trees.parse(text)

    def parse_sequence(self, text: str) -> SyntaxTree:
        """Parse what a carry runs over: a list, or a sequence `first..last` as `for` takes it."""
        return cast(SyntaxTree, self.parse(f"for each_one in {text} return each_one").children[3])

    def split(self, dotted: str, scheme: str) -> ir.Name | None:
        """Find the scheme part of a dotted name; a plain name belongs to `scheme`."""
        if "." not in dotted:
            return ir.Name(scheme, dotted)
        head, _, local = dotted.rpartition(".")
        return ir.Name(head, local) if head in self._schemes else None

    def definition_type(self, name: ir.Name) -> Type:
        """The type of a definition or condition. Raises RuleError when circular or faulty."""
        if name in self._types:
            return self._types[name]
        if name in self._inferring:
            raise self._circular(self._inferring[self._inferring.index(name) :])
        entry = self.founding(name)
        assert entry is not None
        clause, file = entry
        if not isinstance(clause, DefinitionClause):
            raise RuleError([Fault(clause.place, f"'{name.local}' is a parameter here and a definition elsewhere. Rename one.")])
        self._inferring.append(name)
        try:
            kind = self._infer(clause, file)
        finally:
            self._inferring.pop()
        # A later wording may leave open what the first one always knows.
        self._types[name] = loosened(kind) if self._is_worded_again(name) else kind
        return self._types[name]

    def _is_worded_again(self, name: ir.Name) -> bool:
        clauses = self._schemes[name.scheme][name.local]
        return sum(isinstance(clause, DefinitionClause) and clause.body is not None for clause, _ in clauses) > 1

    def _circular(self, circle: list[ir.Name]) -> RuleError:
        """The same fault wherever the circle is entered."""
        start = circle.index(min(circle, key=str))
        turned = [*circle[start:], *circle[: start + 1]]
        entry = self.founding(turned[0])
        assert entry is not None
        return RuleError([Fault(entry[0].place, "circular definition: " + " -> ".join(each.local for each in turned) + ". Break the circle.")])

    def _infer(self, clause: DefinitionClause, file: RuleFile) -> Type:
        if clause.kind == "condition":
            return BOOLEAN
        if clause.body is None:
            raise RuleError([Fault(clause.place, f"'{clause.name}' has no value yet: this is the first file that names it. Add 'value:'.")])
        body = self.lower_body(clause.body, file.scheme, file.region, clause.unit)
        return located(Text("", clause.place), lambda: with_unit(clause.name, body.type, clause.unit))

    def lower_body(self, body: Body, scheme: str, region: str, unit: Unit | None = None) -> ir.Expr:
        """Lower a body; `unit`, the declared one, is what a carry that starts from a bare number carries."""
        # Of the clause that founds a name it is asked twice: for the type, and for the meaning.
        key = (id(body), scheme, region, unit)
        found = self._bodies.get(key)
        if found is None:
            found = self._bodies[key] = self._lower_body(body, Lowering(SchemeScope(self, scheme, region)), unit)
        return found

    def _lower_body(self, body: Body, lowering: Lowering, unit: Unit | None) -> ir.Expr:
        if isinstance(body, Text):
            return located(body, lambda: lowering.lower(self.parse(body.text)))
        if isinstance(body, DecisionClause):
            return lower_decision(body, lowering, self._trees)
        return lower_carry(body, lowering, self, unit)

    def parameter_symbol(self, name: ir.Name, region: str) -> ParameterSymbol | None:
        """What expressions of a place need of a parameter; None where `name` is not one."""
        entry = self.founding(name, region)
        if entry is None:
            return None
        clause, file = entry
        if not isinstance(clause, ParameterClause):
            return None
        kind: Type = clause.value_type or NumberType(clause.unit or ONE)
        default: Callable[[], ir.Expr] | None = None
        at = clause.at
        if at is not None:
            home = SchemeScope(self, file.scheme, file.region)

            def default() -> ir.Expr:
                return located(at, lambda: Lowering(home).lower(self.parse(at.text)))

        nullable = any(not other.rows and not other.bands for other in self._parameters[name])
        key_type = NumberType(clause.unit or ONE) if clause.bands is not None else clause.key_type
        return ParameterSymbol(name, kind, key_type, default, clause.bands is not None, nullable)


class SchemeScope:
    """Names as the files of one scheme in one place see them."""

    def __init__(self, symbols: Symbols, scheme: str, region: str = NATION) -> None:
        self._symbols = symbols
        self._scheme = scheme
        self._region = region

    def value(self, name: str) -> ir.Expr | None:
        if name == "as_of":
            return ir.AsOf(DATE, False)
        if name == "region":
            return ir.RegionRef(STRING, False)
        fact = self._symbols.dictionary.facts.get(name)
        if fact is not None:
            return ir.FactRef(fact.type, True, name)
        full = self._symbols.split(name, self._scheme)
        if full is not None and full.local == ELIGIBLE and self._symbols.has_eligible(full.scheme):
            return ir.DefinitionRef(BOOLEAN, True, full)
        entry = None if full is None else self._symbols.founding(full, self._region)
        if full is None or entry is None or not isinstance(entry[0], DefinitionClause):
            return None
        return ir.DefinitionRef(self._symbols.definition_type(full), True, full)

    def parameter(self, name: str) -> ParameterSymbol | None:
        full = self._symbols.split(name, self._scheme)
        symbol = None if full is None else self._symbols.parameter_symbol(full, self._region)
        if symbol is None or symbol.name.scheme == self._scheme:
            return symbol
        return replace(symbol, nullable=True)  # another scheme need not be in force

    def known_names(self) -> list[str]:
        own = self._symbols.names(self._scheme)
        others = [f"{scheme}.{name}" for scheme in self._symbols.scheme_ids() for name in self._symbols.names(scheme)]
        others += [f"{scheme}.{ELIGIBLE}" for scheme in self._symbols.scheme_ids() if self._symbols.has_eligible(scheme)]
        return [*own, *self._symbols.dictionary.facts, "as_of", "region", *others]

    def scheme_prefix(self, name: str) -> bool:
        return any(name == scheme or name.startswith(scheme + ".") for scheme in self._symbols.scheme_ids())


def with_unit(name: str, kind: Type, unit: Unit | None) -> Type:
    """Give a value its declared unit. Raises ExpressionError where the expression has another."""
    if isinstance(kind, NumberType):
        if unit is None:
            return NUMBER if kind.unit is None else kind
        if kind.unit is not None and kind.unit != unit:
            shown = "a pure number" if kind.unit == ONE else f"in {kind.unit}"
            wanted = "a pure number" if unit == ONE else f"in {unit}"
            raise ExpressionError(f"'{name}' is declared {wanted}, but its value is {shown}. Correct the unit or the expression.")
        return NumberType(unit)
    if isinstance(kind, ListType) and isinstance(kind.item, ListType):
        raise ExpressionError(f"'{name}' is a list of lists. Give the inner list a definition of its own, or reduce it (sum, count, ...).")
    if isinstance(kind, ListType):
        return ListType(with_unit(name, kind.item, unit), kind.item_nullable)
    if isinstance(kind, NullType):
        raise ExpressionError(f"'{name}' is never anything but null. Leave it out, or give it a value.")
    if unit is not None and not isinstance(kind, RecordType):
        raise ExpressionError(f"'{name}' has a unit, but its value is {kind}. Only numbers have units.")
    return kind
