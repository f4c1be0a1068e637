"""Columns of given figures: the rules they name, and as which type their texts are read."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

import pyarrow as pa

from app.engine import InputError, InputFault
from app.language import Rulebook, Type, ir
from app.language.scope import ELIGIBLE
from app.language.types import BooleanType, DateType, NumberType

from ..question import Question
from .casting import GIVEN_DECIMALS
from .conforming import GIVEN

# A request gives at most 15 digits before the point.
NUMBER_TYPE = pa.decimal128(15 + GIVEN_DECIMALS, GIVEN_DECIMALS)


def given_types(rulebook: Rulebook, question: Question, columns: Iterable[str]) -> dict[str, pa.DataType]:
    """For each column `given.<rule>` the type of the rule's values. Raises InputError with every name no region knows."""
    wanted = [column for column in columns if column.startswith(GIVEN)]
    known = _known_rules(rulebook, question) if wanted else {}
    found: dict[str, pa.DataType] = {}
    faults: list[InputFault] = []
    for column in wanted:
        name = _find(column.removeprefix(GIVEN), known, question.schemes)
        if name is None:
            faults.append(_unknown(column, known, question))
        else:
            found[column] = _arrow_type(known[name])
    if faults:
        raise InputError(faults)
    return found


def given_rules(rulebook: Rulebook, question: Question, columns: Iterable[str]) -> dict[str, ir.Name]:
    """For each column `given.<rule>` that names a rule of the question's day, its full name."""
    wanted = [column for column in columns if column.startswith(GIVEN)]
    known = _known_rules(rulebook, question) if wanted else {}
    found = {column: _find(column.removeprefix(GIVEN), known, question.schemes) for column in wanted}
    return {column: name for column, name in found.items() if name is not None}


def _known_rules(rulebook: Rulebook, question: Question) -> dict[ir.Name, Type]:
    """Every definition and parameter of the question's day, in any region."""
    known: dict[ir.Name, Type] = {}
    for region in dict.fromkeys((question.region, *rulebook.regions())):
        law = rulebook.at(question.as_of, region, question.reforms)
        for rule in law.derived.values():
            known.setdefault(rule.name, rule.type)
        for scheme in law.schemes.values():
            for definition in scheme.definitions.values():
                known.setdefault(definition.name, definition.type)
            for parameter in scheme.parameters.values():
                known.setdefault(parameter.name, parameter.type)
    return known


def _find(text: str, known: dict[ir.Name, Type], schemes: tuple[str, ...]) -> ir.Name | None:
    """As a request finds it: by full name, in the schemes asked for, or anywhere if only one scheme has it."""
    if "." in text:
        scheme, _, local = text.rpartition(".")
        name = ir.Name(scheme, local)
        return name if name in known else None
    for scheme in schemes if text != ELIGIBLE else ():
        if ir.Name(scheme, text) in known:
            return ir.Name(scheme, text)
    elsewhere = [name for name in known if name.local == text]
    return elsewhere[0] if len(elsewhere) == 1 else None


def _unknown(column: str, known: dict[ir.Name, Type], question: Question) -> InputFault:
    names = [f"{name.scheme}.{name.local}" for name in known if name.scheme in question.schemes]
    names += [name.local for name in known if name.scheme in question.schemes]
    close = get_close_matches(column.removeprefix(GIVEN), names, n=1)
    zh = f"所问险种在 {question.as_of} 没有名为 '{column.removeprefix(GIVEN)}' 的规则。" + (f"是否指 '{GIVEN}{close[0]}'？" if close else "")
    en = f"the schemes asked for have no rule '{column.removeprefix(GIVEN)}' on {question.as_of}."
    return InputFault(f"/columns/{column}", "unknown_name", zh, en + (f" Did you mean '{GIVEN}{close[0]}'?" if close else ""))


def _arrow_type(kind: Type) -> pa.DataType:
    if isinstance(kind, NumberType):
        return NUMBER_TYPE
    if isinstance(kind, DateType):
        return pa.date32()
    return pa.bool_() if isinstance(kind, BooleanType) else pa.string()
