"""The clauses of rule files to typed expressions, file by file, with every fault there is."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from . import ir
from .errors import ExpressionError, Fault, Place, RuleError
from .facts import FactCheck
from .located import located
from .lowering import Lowering
from .model import DefinitionClause, ParameterClause, RuleFile, Text, Title
from .symbols import LoweredConclusion, LoweredDefinition, LoweredFile, LoweredParameter, SchemeScope, Symbols
from .types import BooleanType
from .units import Unit

PLACEHOLDER = re.compile(r"\{([^{}]+)\}")
# In the text of an unmet condition, by how much it is missed.
SHORTFALL = "shortfall"
_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class LoweredCheck:
    """A plausibility check between facts, with its meaning."""

    check: FactCheck
    holds: ir.Expr


def lower_files(files: tuple[RuleFile, ...], symbols: Symbols) -> list[LoweredFile]:
    """Every file with the meaning of its clauses. Raises RuleError with the faults of all."""
    faults: list[Fault] = []
    lowered: list[LoweredFile] = []
    for file in files:
        reader = _FileLowering(file, symbols)
        lowered.append(reader.lower())
        faults.extend(reader.faults)
    if faults:
        raise RuleError(faults)
    return lowered


class _FileLowering:
    """Lowers the clauses of one file, collecting every fault."""

    def __init__(self, file: RuleFile, symbols: Symbols) -> None:
        self._file = file
        self._symbols = symbols
        self._scope = SchemeScope(symbols, file.scheme, file.region)
        self._guard: ir.Expr | None = None
        self.faults: list[Fault] = []

    def lower(self) -> LoweredFile:
        file = self._file
        guard = None if file.applies_when is None else self._boolean(file.applies_when, "'applies_when'")
        self._guard = guard
        self._check_guarded()
        return LoweredFile(
            file,
            guard,
            {name: self._parameter(clause) for name, clause in file.parameters.items()},
            {name: lowered for name, clause in file.definitions.items() if (lowered := self._definition(name)) is not None},
            {name: drawn for name in file.conclusions if (drawn := self._conclusion(name)) is not None},
        )

    def _check_guarded(self) -> None:
        for name, clause in self._file.parameters.items() if self._guard is not None else ():
            founding = self._symbols.founding(ir.Name(self._file.scheme, name), self._file.region)
            if founding is not None and founding[1] is not self._file and not clause.adds_rows:
                self.faults.append(
                    Fault(
                        clause.place, f"a file with 'applies_when' cannot replace the parameter '{name}' for everyone. Use add_values, or a new name."
                    )
                )
        for name, definition in self._file.definitions.items():
            if definition.body is None and (self._guard is not None or definition.applies_when is not None):
                self.faults.append(Fault(definition.place, f"under 'applies_when', '{name}' has to state its value too."))

    def _parameter(self, clause: ParameterClause) -> LoweredParameter:
        stated = clause.at
        at = None if stated is None else self._try(lambda: located(stated, lambda: Lowering(self._scope).lower(self._symbols.parse(stated.text))))
        return LoweredParameter(clause, self._file, at, tuple(sorted(row.published for row in clause.rows or () if row.published)))

    def _definition(self, name: str) -> LoweredDefinition | None:
        clause = self._file.definitions[name]
        shortfall = clause.shortfall
        body = None
        if clause.body is not None:
            stated = clause.body
            body = self._try(lambda: self._symbols.lower_body(stated, self._file.scheme, self._file.region, self._unit(name)))
        if body is not None and clause.kind == "condition" and not isinstance(body.type, BooleanType):
            self.faults.append(Fault(clause.place, f"the condition '{name}' must be true or false, not {body.type}."))
        founding = self._symbols.founding(ir.Name(self._file.scheme, name), self._file.region)
        if founding is not None and founding[1] is self._file and founding[0] is clause:
            self._try(lambda: self._symbols.definition_type(ir.Name(self._file.scheme, name)))
        short = (
            None
            if shortfall is None
            else self._try(lambda: located(shortfall, lambda: Lowering(self._scope).lower(self._symbols.parse(shortfall.text))))
        )
        return LoweredDefinition(clause, self._file, self._definition_guard(clause), body, short, self._unmet(clause, short))

    def _unmet(self, clause: DefinitionClause, shortfall: ir.Expr | None) -> dict[str, ir.Expr]:
        if clause.unmet is None:
            return {}
        if clause.shortfall is None and any(f"{{{SHORTFALL}}}" in text for text in (clause.unmet.zh, clause.unmet.en)):
            self.faults.append(Fault(clause.place, f"'{clause.name}' has no 'shortfall' for {{{SHORTFALL}}} to stand for. Add 'shortfall:', or leave the word out."))
        known = {SHORTFALL: shortfall} if shortfall is not None else {}
        return self._placeholders(clause.unmet, clause.place, known)

    def _definition_guard(self, clause: DefinitionClause) -> ir.Expr | None:
        own = None if clause.applies_when is None else self._boolean(clause.applies_when, "'applies_when'")
        if own is None or self._guard is None:
            return own or self._guard
        return ir.And(own.type, own.nullable or self._guard.nullable, (self._guard, own))

    def _unit(self, name: str) -> Unit | None:
        founding = self._symbols.founding(ir.Name(self._file.scheme, name), self._file.region)
        return None if founding is None else founding[0].unit

    def _conclusion(self, name: str) -> LoweredConclusion | None:
        clause = self._file.conclusions[name]
        when = self._boolean(clause.when, "'when'")
        placeholders = self._placeholders(clause.text, clause.place, {})
        return None if when is None else LoweredConclusion(clause, self._file, when, placeholders)

    def _placeholders(self, texts: Title, place: Place, known: Mapping[str, ir.Expr]) -> dict[str, ir.Expr]:
        """What the words in braces of a text mean; `known` are words that are no expressions."""
        placeholders: dict[str, ir.Expr] = {}
        for text in (texts.zh, texts.en):
            for word in PLACEHOLDER.findall(text):
                found = known.get(word) or (None if word == SHORTFALL else self._try_value(word, place))
                if found is not None:
                    placeholders[word] = found
        return placeholders

    def _try_value(self, word: str, place: Place) -> ir.Expr | None:
        def lower() -> ir.Expr:
            try:
                return Lowering(self._scope).lower(self._symbols.parse(word))
            except ExpressionError as error:
                raise RuleError([Fault(place, f"in the text, {{{word}}}: {error.message}")]) from None

        return self._try(lower)

    def _boolean(self, text: Text, what: str) -> ir.Expr | None:
        expr = self._try(lambda: located(text, lambda: Lowering(self._scope).lower(self._symbols.parse(text.text))))
        if expr is not None and not isinstance(expr.type, BooleanType):
            self.faults.append(Fault(text.place, f"{what} must be a condition that is true or false, not {expr.type}."))
            return None
        return expr

    def _try(self, work: Callable[[], _Result]) -> _Result | None:
        try:
            return work()
        except RuleError as error:
            self.faults.extend(error.faults)
            return None


def lower_check(check: FactCheck, symbols: Symbols) -> LoweredCheck:
    """A check between facts with its meaning. Raises RuleError where it reads a rule."""
    scope = SchemeScope(symbols, "facts")
    holds = located(check.holds, lambda: Lowering(scope).lower(symbols.parse(check.holds.text)))
    used = next((node.name for node in ir.walk(holds) if isinstance(node, ir.DefinitionRef | ir.ParameterAt | ir.Progressive)), None)
    if used is not None:
        raise RuleError([Fault(check.holds.place, f"a check compares facts only; '{used}' is a rule.")])
    return LoweredCheck(check, holds)
