"""What rule files state of a name, and what of it can change a value: titles, sources and standings cannot."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from . import ir
from .amendment import Definition, Parameter
from .errors import Place
from .model import ParameterClause, Rounding, RuleFile, Source, TableRow
from .symbols import LoweredDefinition, LoweredFile, LoweredParameter

Rule = Definition | Parameter
Value = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """A clause: what one file says of one name, where and by which law."""

    name: ir.Name
    file: RuleFile
    place: Place
    source: Source

    @property
    def key(self) -> str:
        """Names the clause in its release."""
        return f"{self.name} ({self.file.path})"


def statement(file: LoweredFile, local: str) -> Statement:
    """What a file says of a name that it states."""
    clause = _lowered(file, local).clause
    return Statement(ir.Name(file.file.scheme, local), file.file, clause.place, clause.source)


def stated(file: LoweredFile, local: str, as_of: date) -> Value:
    """What a clause says, as far as it can change a value: equal for clauses that say the same."""
    lowered = _lowered(file, local)
    if isinstance(lowered, LoweredDefinition):
        clause = lowered.clause
        return (lowered.guard, lowered.body, _rounding(clause.round), clause.unrounded, clause.output, clause.kind)
    return (lowered.at, *_parameter_clause(lowered.clause, as_of))


def said(rule: Rule) -> Value:
    """What a folded rule says, as far as it can change a value."""
    if isinstance(rule, Definition):
        return (rule.kind, rule.output, tuple((each.guard, each.body, _rounding(each.rounding)) for each in rule.versions))
    return (rule.type, rule.key_type, rule.at, rule.match, _rows(rule.rows), _bands(rule), _extend(rule))


def stands_in(rule: Rule, file: LoweredFile) -> bool:
    """Whether a wording, rounding, row or band of what a file states has found its way into the folded rule."""
    lowered = _lowered(file, rule.name.local)
    if isinstance(lowered, LoweredDefinition):
        versions = rule.versions if isinstance(rule, Definition) else ()
        return any(each.lowered is lowered or (each.rounding is not None and each.rounding is lowered.clause.round) for each in versions)
    kept = {id(each) for each in (*rule.rows, *rule.bands)} if isinstance(rule, Parameter) else set()
    return any(id(each) in kept for each in (*(lowered.clause.rows or ()), *(lowered.clause.bands or ())))


def references(rule: Rule) -> Iterator[ir.Expr]:
    """The nodes of a rule's wordings and their guards that stand for something outside it."""
    if isinstance(rule, Parameter):
        return
    for version in rule.versions:
        for expr in (version.guard, version.body):
            for node in ir.walk(expr) if expr is not None else ():
                if isinstance(node, ir.DefinitionRef | ir.ParameterAt | ir.Progressive | ir.AsOf | ir.RegionRef):
                    yield node


def _lowered(file: LoweredFile, local: str) -> LoweredDefinition | LoweredParameter:
    definition = file.definitions.get(local)
    return file.parameters[local] if definition is None else definition


def _parameter_clause(clause: ParameterClause, as_of: date) -> Value:
    visible = None if clause.rows is None else _rows(tuple(row for row in clause.rows if row.published is None or row.published <= as_of))
    return (visible, _bands(clause), _extend(clause), clause.match, clause.adds_rows, clause.value_type)


def _rows(rows: tuple[TableRow, ...]) -> Value:
    return tuple((row.key, row.value) for row in rows)


def _bands(of: Parameter | ParameterClause) -> Value:
    return tuple((band.above, band.rate) for band in of.bands or ())


def _extend(of: Parameter | ParameterClause) -> Value:
    extend = of.extend
    return () if extend is None else (extend.assumption, extend.how, _rounding(extend.round), extend.provisional)


def _rounding(rounding: Rounding | None) -> Value:
    return () if rounding is None else (rounding.step, rounding.mode)
