"""What of a person goes along into the results: who it is, where, sex and birth date, and the columns about.*."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from app.engine import InputError, InputFault
from app.language import FactDictionary

from .column_types import REGION_TYPE, fact_type, is_text
from .conforming import ABOUT, HOUSEHOLD_ID, PERSON_ID, REGION, WEIGHT

SEX, BIRTH_DATE = "sex", "birth_date"


class Carried:
    """The carried columns of a population, the same in every part. Raises InputError where its files disagree on a type."""

    def __init__(self, schemas: Sequence[pa.Schema], dictionary: FactDictionary, region: str) -> None:
        self._region = region
        names = dict.fromkeys(name for schema in schemas for name in schema.names)
        fields = [pa.field(PERSON_ID, pa.string() if _texts(schemas, PERSON_ID) else pa.int64())]
        if HOUSEHOLD_ID in names:
            fields.append(pa.field(HOUSEHOLD_ID, pa.string() if _texts(schemas, HOUSEHOLD_ID) else pa.int64()))
        fields.append(pa.field(REGION, REGION_TYPE))
        if WEIGHT in names:
            fields.append(pa.field(WEIGHT, pa.float64()))
        fields += [pa.field(name, fact_type(dictionary.facts[name])) for name in (SEX, BIRTH_DATE) if name in names and name in dictionary.facts]
        self.schema = pa.schema(fields + _about(schemas, [name for name in names if name.startswith(ABOUT)]))

    def of(self, batch: pa.RecordBatch, numbers: Any) -> list[pa.Array]:
        """The carried columns of a canonical batch; `numbers` are its rows' numbers in the input, from 1."""
        return [self._column(field, batch, numbers) for field in self.schema]

    def _column(self, field: pa.Field, batch: pa.RecordBatch, numbers: Any) -> pa.Array:
        position = batch.schema.get_field_index(field.name)
        found = batch.column(position) if position >= 0 else pa.nulls(batch.num_rows, field.type)
        if field.name == PERSON_ID:
            return pc.coalesce(found.cast(field.type), pa.array(np.asarray(numbers)).cast(field.type))
        if field.name == REGION and found.null_count:
            return pc.coalesce(found.cast(pa.string()), pa.scalar(self._region)).dictionary_encode().cast(field.type)
        return found if found.type == field.type else found.cast(field.type)


def person_ids(batch: pa.RecordBatch, numbers: Any) -> pa.Array:
    """How each row is named, as text: its person_id, else its number in the input."""
    named = pa.array(np.asarray(numbers)).cast(pa.string())
    return pc.coalesce(batch.column(PERSON_ID).cast(pa.string()), named) if PERSON_ID in batch.schema.names else named


def _texts(schemas: Sequence[pa.Schema], name: str) -> bool:
    """Whether a column of identifiers is text in some file; whole numbers of the others become text then."""
    return any(name in schema.names and is_text(schema.field(name).type) for schema in schemas)


def _about(schemas: Sequence[pa.Schema], names: Sequence[str]) -> list[pa.Field]:
    fields: list[pa.Field] = []
    faults: list[InputFault] = []
    for name in names:
        stated = [schema.field(name).type for schema in schemas if name in schema.names]
        kinds = dict.fromkeys(pa.string() if is_text(kind) else kind for kind in stated)
        known = [kind for kind in kinds if not pa.types.is_null(kind)] or [pa.string()]
        if len(known) > 1:
            types = ", ".join(map(str, known))
            zh, en = f"各文件中 '{name}' 的类型不同：{types}。请统一。", f"the files store '{name}' in different types: {types}. Use one."
            faults.append(InputFault(f"/columns/{name}", "wrong_type", zh, en))
        fields.append(pa.field(name, known[0]))
    if faults:
        raise InputError(faults)
    return fields

