"""The columns of an answer: made from the rulebook for a question, over every region there is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from app.engine import InputError
from app.intake import RequestReader, nowhere_in_force
from app.language import Definition, Rulebook
from app.language.types import BooleanType, DateType, MonthType, NumberType, StringType, Type

from .question import Question

STATUSES = ("eligible", "not_eligible", "undetermined")
STATUS_TYPE = pa.dictionary(pa.int8(), pa.string())
MONTH_TYPE = pa.dictionary(pa.int32(), pa.string())
NUMBER_DIGITS = 24
# As many decimals as answers show of a number that no rule rounds.
UNROUNDED_DECIMALS = 12


@dataclass(frozen=True, slots=True)
class ResultColumn:
    """One column: of a scheme's status (`local` empty), of a benefit, or of another output."""

    scheme: str
    local: str
    benefit: bool
    type: pa.DataType

    @property
    def name(self) -> str:
        return f"{self.scheme}.{self.local or 'status'}"

    @property
    def decimals(self) -> int | None:
        """How many decimals a number has here; None for anything but a number."""
        return self.type.scale if pa.types.is_decimal(self.type) else None


def result_columns(rulebook: Rulebook, question: Question) -> tuple[ResultColumn, ...]:
    """The columns, scheme by scheme: status, benefits, then outputs. Raises InputError where nothing can be asked so."""
    check_question(rulebook, question)
    columns: list[ResultColumn] = []
    for scheme in question.schemes:
        columns.append(ResultColumn(scheme, "", benefit=False, type=STATUS_TYPE))
        for versions in _definitions(rulebook, question, scheme):
            kind = _arrow_type(versions[0].type, versions)
            if kind is not None:
                local = versions[0].name.local
                columns.append(ResultColumn(scheme, local, benefit=versions[0].kind == "benefit", type=kind))
    return tuple(columns)


def result_schema(columns: tuple[ResultColumn, ...]) -> pa.Schema:
    return pa.schema([pa.field(column.name, column.type) for column in columns])


def check_question(rulebook: Rulebook, question: Question) -> None:
    """Raise InputError with every fault of a question that no row could mend."""
    RequestReader(rulebook).read_value(question.body())
    faults = nowhere_in_force(rulebook, question.as_of, question.schemes, question.reforms, question.region)
    if faults:
        raise InputError(faults)


def _definitions(rulebook: Rulebook, question: Question, scheme: str) -> list[list[Definition]]:
    """Each benefit (and output) of a scheme as it stands in every region that has it: benefits first, each in the nation's order."""
    found: dict[str, list[Definition]] = {}
    for region in dict.fromkeys((question.region, *rulebook.regions())):
        law = rulebook.at(question.as_of, region, question.reforms)
        for definition in law.schemes[scheme].definitions.values() if scheme in law.schemes else ():
            if definition.kind == "benefit" or (definition.output and question.outputs):
                found.setdefault(definition.name.local, []).append(definition)
    return sorted(found.values(), key=lambda versions: versions[0].kind != "benefit")


def _arrow_type(kind: Type, definitions: list[Definition]) -> pa.DataType | None:
    """The column type of a definition's values; None for lists and records, which are no columns."""
    if isinstance(kind, NumberType):
        return pa.decimal128(NUMBER_DIGITS, max(_decimals(definition) for definition in definitions))
    plain: dict[Any, pa.DataType] = {MonthType: MONTH_TYPE, DateType: pa.date32(), BooleanType: pa.bool_(), StringType: pa.string()}
    return plain.get(type(kind))


def _decimals(definition: Definition) -> int:
    """Enough decimals for every wording of a definition."""
    steps = [version.rounding.step if version.rounding is not None else None for version in definition.versions]
    if None in steps:
        return UNROUNDED_DECIMALS
    return max(max(0, -int(step.normalize().as_tuple().exponent)) for step in steps if step is not None)
