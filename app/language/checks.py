"""Checks that look at more than one clause: chains of amendment, rows of tables, types that amendments keep."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

from . import ir
from .errors import Fault, suggestion
from .facts import FactDictionary
from .household_checks import check_households
from .model import NATION, DefinitionClause, ParameterClause, RuleFile
from .scope import ELIGIBLE
from .symbols import LoweredFile, Symbols, file_order
from .types import DateType, MonthType, NumberType, join
from .units import ONE


def check_files(files: tuple[RuleFile, ...], dictionary: FactDictionary) -> Iterator[Fault]:
    """Chains of amendment, names, rows, assumptions."""
    if ELIGIBLE in dictionary.facts:
        yield Fault(dictionary.facts[ELIGIBLE].place, f"'{ELIGIBLE}' is what every scheme has of itself and cannot name a fact. Choose another name.")
    yield from _check_chains(files)
    yield from check_households(files, dictionary)
    for file in files:
        yield from _check_names(file, dictionary)
        yield from _check_timeline(file, dictionary)
        for parameter in file.parameters.values():
            yield from _check_parameter(parameter, dictionary)


def _check_timeline(file: RuleFile, dictionary: FactDictionary) -> Iterator[Fault]:
    if file.timeline is None:
        return
    known = [name for name, fact in dictionary.facts.items() if fact.kind in ("date", "month")]
    if file.timeline.text not in known:
        message = f"'timeline' names a fact that is a date or a month, and '{file.timeline.text}' is none.{suggestion(file.timeline.text, known)}"
        yield Fault(file.timeline.place, message)


def _check_chains(files: tuple[RuleFile, ...]) -> Iterator[Fault]:
    by_id: dict[str, RuleFile] = {}
    for file in files:
        other = by_id.setdefault(str(file.id), file)
        if other is not file:
            yield Fault(
                file.place, f"{file.id} stands in two files that overlap in time: here and in {other.path}. Keep one, or give one another date."
            )
    founded = {file.scheme for file in files if file.amends is None and file.region == NATION}
    for file in files:
        if file.amends is None:
            if file.scheme not in founded:
                yield Fault(file.place, f"nothing founds the scheme {file.scheme}: its first file has to be national.")
            elif any(other.scheme == file.scheme and other.amends is None and file_order(other) < file_order(file) for other in files):
                yield Fault(file.place, f"{file.scheme} is founded in two files. This one must say what it 'amends:'.")
            continue
        yield from _check_amends(file, by_id)


def _check_amends(file: RuleFile, by_id: dict[str, RuleFile]) -> Iterator[Fault]:
    assert file.amends is not None
    amended = by_id.get(file.amends.text)
    if amended is None or amended.scheme != file.scheme:
        known = [name for name, other in by_id.items() if other.scheme == file.scheme]
        yield Fault(file.amends.place, f"there is no version '{file.amends.text}' to amend.{suggestion(file.amends.text, known)}")
        return
    if file.region != NATION or file.proposal:
        return
    if amended.start >= file.start:
        yield Fault(file.amends.place, f"{file.id} amends {amended.id}, which is not older.")
    if amended.end is not None and amended.end + timedelta(days=1) < file.start:
        yield Fault(file.place, f"there is a gap: {amended.id} ends on {amended.end}, this file begins on {file.start}.")
    if amended.end is not None and amended.end >= file.start:
        yield Fault(file.place, f"there is an overlap: {amended.id} is in force until {amended.end}, this file begins on {file.start}.")


def _check_names(file: RuleFile, dictionary: FactDictionary) -> Iterator[Fault]:
    clauses: list[tuple[str, DefinitionClause | ParameterClause]] = [*file.parameters.items(), *file.definitions.items()]
    for name, clause in clauses:
        if name in dictionary.facts and not (isinstance(clause, DefinitionClause) and clause.kind == "benefit"):
            yield Fault(clause.place, f"'{name}' is already a fact in the dictionary. Only a benefit may have the name of the fact it states. Choose another name.")
        if name in file.parameters and isinstance(clause, DefinitionClause):
            yield Fault(clause.place, f"'{name}' is both a parameter and a definition. Rename one.")


def _check_parameter(clause: ParameterClause, dictionary: FactDictionary) -> Iterator[Fault]:
    seen: dict[ir.Scalar, int] = {}
    for row in clause.rows or ():
        if row.key in seen:
            yield Fault(
                row.place, f"the key {row.key} of '{clause.name}' stands here a second time (first on line {seen[row.key]}): the rows overlap."
            )
        seen[row.key] = row.place.line
    if clause.match == "exact" and isinstance(clause.key_type, NumberType) and len(seen) > 1:
        yield from check_holes(clause, [key for key in seen if isinstance(key, Decimal)])
    extend = clause.extend
    if extend is None:
        return
    for name, kind in ((extend.assumption, "rate"), (extend.provisional, "boolean")):
        if name is None:
            continue
        assumption = dictionary.assumptions.get(name)
        if assumption is None or assumption.kind != kind:
            yield Fault(
                clause.place, f"'{name}' is not an assumption of type {kind} in the fact dictionary.{suggestion(name, dictionary.assumptions)}"
            )


def check_holes(clause: ParameterClause, keys: list[Decimal]) -> Iterator[Fault]:
    """Whole-number keys must follow each other; a year nobody knows is written `unknown`."""
    ordered = sorted(keys)
    for before, after in pairwise(ordered):
        if after - before > 1 and not clause.gaps_are_known:
            missing = before + 1 if after - before == 2 else f"{before + 1} to {after - 1}"
            yield Fault(
                clause.place,
                f"the rows of '{clause.name}' have a gap: no value for {missing}. Add it, or say 'gaps: unknown' if it was never published.",
            )
            return


def check_types(files: Iterable[LoweredFile], symbols: Symbols) -> Iterator[Fault]:
    """An amendment keeps the type and the kind of what it amends."""
    for each in files:
        for name, definition in each.definitions.items():
            founding = symbols.founding(ir.Name(each.file.scheme, name))
            if founding is None or isinstance(founding[0], ParameterClause):
                yield Fault(
                    definition.clause.place, f"'{name}' is a parameter in {founding[1].path if founding else ''}; it cannot become a definition."
                )
                continue
            if founding[0].kind != definition.clause.kind:
                yield Fault(
                    definition.clause.place, f"'{name}' is a {founding[0].kind} in {founding[1].path}; it cannot become a {definition.clause.kind}."
                )
            kind = symbols.definition_type(ir.Name(each.file.scheme, name))
            if definition.clause.changes is not None and not isinstance(kind, NumberType | DateType | MonthType):
                yield Fault(definition.clause.place, f"'changes' is said of a number, a date or a month, and '{name}' is {kind}. Remove it here.")
            if definition.clause.unit is not None and founding[0].unit is not None and definition.clause.unit != founding[0].unit:
                yield Fault(
                    definition.clause.place,
                    f"'{name}' is in {founding[0].unit} in {founding[1].path}, here in {definition.clause.unit}. An amendment keeps the unit.",
                )
            elif definition.body is not None and join(kind, definition.body.type) is None:
                yield Fault(
                    definition.clause.place,
                    f"'{name}' is {kind} in {founding[1].path}, here {definition.body.type}. An amendment keeps type and unit.",
                )
        for name, parameter in each.parameters.items():
            founding = symbols.founding(ir.Name(each.file.scheme, name), each.file.region)
            if founding is None or not isinstance(founding[0], ParameterClause):
                yield Fault(
                    parameter.clause.place, f"'{name}' is a definition in {founding[1].path if founding else ''}; it cannot become a parameter."
                )
            elif parameter.clause.unit is not None and (founding[0].unit or ONE) != parameter.clause.unit:
                yield Fault(
                    parameter.clause.place,
                    f"'{name}' is in {founding[0].unit or 'pure numbers'} in {founding[1].path}, here in {parameter.clause.unit}. An amendment keeps the unit.",
                )
            else:
                yield from _check_parameter_shape(parameter.clause, founding[0], founding[1])


def _check_parameter_shape(clause: ParameterClause, founding: ParameterClause, file: RuleFile) -> Iterator[Fault]:
    """An amended parameter is looked up as the founding one is, and has values of its type."""
    name, place = clause.name, clause.place
    if (clause.bands is not None and founding.bands is None) or (clause.rows is not None and founding.bands is not None):
        yield Fault(
            place,
            f"'{name}' is {'a scale of bands' if founding.bands is not None else 'not a scale of bands'} in {file.path}. An amendment keeps that.",
        )
        return
    if clause.rows:
        keyed = clause.rows[0].key is not None
        if keyed and founding.key_type is None:
            yield Fault(place, f"'{name}' has one value in {file.path}. Write 'value:' here, not a table of values.")
        elif not keyed and founding.key_type is not None:
            yield Fault(place, f"'{name}' has a value for each {founding.key_type} in {file.path}. Write 'values:' here.")
        elif keyed and clause.key_type != founding.key_type and not (clause.key_type is None and isinstance(founding.key_type, NumberType)):
            yield Fault(place, f"'{name}' is looked up by {founding.key_type} in {file.path}. Repeat its line 'by:' here.")
        if clause.value_type != founding.value_type:
            yield Fault(place, f"the values of '{name}' are of type {founding.value_type or 'number'} in {file.path}. Repeat its line 'type:' here.")
    if clause.at is not None and (founding.at is None or clause.at.text != founding.at.text):
        yield Fault(
            clause.at.place,
            f"'at' of '{name}' cannot change: expressions that use it were written for the 'at' of {file.path}. Use at({name}, ...) in them instead.",
        )
    if clause.match == "from" and founding.match != "from":
        yield Fault(place, f"'match' of '{name}' is {founding.match} in {file.path}. Only the file that founds a parameter says how it is matched.")
