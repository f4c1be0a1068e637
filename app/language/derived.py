"""Rules that no file states: `eligible`, which every scheme has of itself, and what stands in for names not in force.

`<scheme>.eligible` says whether every condition of the scheme is met, as the law of the day, place and reforms has
them. A scheme that is not in force then and there entitles nobody; any other of its names is unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from . import ir
from .amendment import Definition, DefinitionVersion, Parameter, Scheme
from .errors import Place
from .model import DefinitionClause, ParameterClause, RuleFile, Source, Standing, Text, Title
from .scope import ELIGIBLE
from .symbols import LoweredDefinition, Symbols
from .types import BOOLEAN, NumberType
from .units import ONE

Rule = Definition | Parameter
NOT_IN_FORCE = "not in force here and now"


def eligibility(scheme: Scheme) -> Definition | None:
    """Whether every condition of a scheme is met; None of a library, which nobody is entitled to."""
    if scheme.library:
        return None
    conditions = [each.name for each in scheme.conditions()]
    refs = tuple(ir.DefinitionRef(BOOLEAN, True, name) for name in conditions)
    body = ir.And(BOOLEAN, True, refs) if len(refs) > 1 else refs[0] if refs else ir.Const(BOOLEAN, False, True)
    text = " and ".join(name.local for name in conditions) or "true"
    return _definition(ir.Name(scheme.id, ELIGIBLE), body, text, _entitled(scheme.title), scheme.files[0], scheme.source)


def derive(schemes: Mapping[str, Scheme], used: Iterable[ir.Name], symbols: Symbols) -> dict[ir.Name, Rule]:
    """Every scheme's `eligible`, and a stand-in for each name used that is not in force in these schemes."""
    derived: dict[ir.Name, Rule] = {each.eligible.name: each.eligible for each in schemes.values() if each.eligible is not None}
    for name in used:
        scheme = schemes.get(name.scheme)
        if name not in derived and (scheme is None or (name.local not in scheme.definitions and name.local not in scheme.parameters)):
            derived[name] = absent(name, symbols)
    return derived


def absent(name: ir.Name, symbols: Symbols) -> Rule:
    """What a name of the rules gives where it is not in force: `eligible` is false, anything else unknown."""
    if name.local == ELIGIBLE:
        file = symbols.founder(name.scheme)
        title = _entitled(file.title or Title(name.scheme, name.scheme))
        return _definition(name, ir.Const(BOOLEAN, False, False), f"false // {NOT_IN_FORCE}", title, file, file.source)
    founding = symbols.founding(name)
    assert founding is not None
    clause, file = founding
    if isinstance(clause, DefinitionClause):
        kind = symbols.definition_type(name)
        return _definition(name, ir.Const(kind, True, None), f"null // {NOT_IN_FORCE}", clause.title or Title(name.local, name.local), file, clause.source, clause.place)
    return _parameter(name, clause, file)


def is_absent(rule: Rule) -> bool:
    """Whether a derived rule stands in for one that is not in force."""
    if isinstance(rule, Parameter):
        return True
    body = rule.versions[0].body
    return len(rule.versions) == 1 and isinstance(body, ir.Const) and body.value is not True


def _entitled(title: Title) -> Title:
    return Title(f"可以享受{title.zh}", f"Entitled to {title.en}")


def _definition(name: ir.Name, body: ir.Expr, text: str, title: Title, file: RuleFile, source: Source, place: Place | None = None) -> Definition:
    where = place or file.place
    clause = DefinitionClause(
        name=name.local, kind="definition", place=where, title=title, unit=None, body=Text(text, where), round=None, unrounded=False,
        shortfall=None, applies_when=None, output=None, source=source, standing=Standing.OFFICIAL,
    )  # fmt: skip
    lowered = LoweredDefinition(clause, file, None, body, None)
    return Definition(name, "definition", title, body.type, False, (DefinitionVersion(None, body, lowered, None, None, None),))


def _parameter(name: ir.Name, clause: ParameterClause, file: RuleFile) -> Parameter:
    """A parameter without rows, which are what makes it known."""
    return Parameter(
        name=name, title=clause.title or Title(name.local, name.local), type=clause.value_type or NumberType(clause.unit or ONE), unit=clause.unit,
        key_type=clause.key_type, at=None, match=clause.match, rows=(), bands=(), extend=None, clause=clause, file=file, gaps_are_known=True,
    )  # fmt: skip
