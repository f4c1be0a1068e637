"""A population answered by compiled rules, and by the exact engine wherever these leave a row open."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from types import MappingProxyType
from typing import Literal

import numpy as np
import pyarrow as pa

from app.engine import Engine
from app.language import Rulebook

from .columns.conforming import GIVEN
from .columns.given import given_rules, given_types
from .exact import ExactEvaluator
from .kernel import FactColumns, Image, Kernel, KernelError, kernel_image
from .question import Evaluated, Question, Reject
from .results import result_columns, result_schema

_EPOCH = date(1970, 1, 1).toordinal()
GivenNames = tuple[str, ...]


class PopulationEngine:
    """Answers one question for batches in canonical columns; equal to `ExactEvaluator` in every row.

    Raises InputError for a question nobody can be asked, KernelError (with every reason by name) where rules cannot
    be compiled, unless `uncompiled="exact"` leaves their places to the exact engine. `regions` compiles the rules of
    these places only, for persons who are few elsewhere. Safe to share between threads.
    """

    def __init__(
        self,
        rulebook: Rulebook,
        question: Question,
        *,
        threads: int | None = None,
        uncompiled: Literal["refuse", "exact"] = "refuse",
        engine: Engine | None = None,
        images: Mapping[GivenNames, Image] = MappingProxyType({}),
        regions: Iterable[str] = (),
    ) -> None:
        self.question = question
        self.columns = result_columns(rulebook, question)
        self._schema = result_schema(self.columns)
        self._rulebook = rulebook
        self._facts = FactColumns(rulebook.facts)
        self._exact = ExactEvaluator(rulebook, question, engine)
        self._exact_lock = threading.Lock()
        self._uncompiled = uncompiled
        self._images = dict(images)
        self._regions = tuple(regions)
        self._kernels: dict[GivenNames, Kernel] = {}
        self._making = threading.Lock()
        count = (os.cpu_count() or 1) if threads is None else threads
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="kernel") if count > 1 else None
        self.kernel(())

    @property
    def schema(self) -> pa.Schema:
        """The schema of the results."""
        return self._schema

    def kernel(self, given: GivenNames) -> Kernel:
        """The compiled code for batches with these columns of given figures."""
        with self._making:
            if given not in self._kernels:
                self._kernels[given] = self._make(given)
            return self._kernels[given]

    def image(self, given: GivenNames) -> Image:
        """The compiled question for these columns of given figures: for `images` of an engine elsewhere, which then compiles nothing."""
        if given not in self._images:
            self._images[given] = kernel_image(self._rulebook, self.question, self.columns, self._facts, self._given_numbers(given), self._regions)
        return self._images[given]

    def _given_numbers(self, given: GivenNames) -> dict[str, int]:
        """The full names of the rules that the columns of given figures replace, with each one's place."""
        names = given_rules(self._rulebook, self.question, given)
        return {str(names[column]): number for number, column in enumerate(given) if column in names}

    def _make(self, given: GivenNames) -> Kernel:
        image = self.image(given)
        if image.layout.uncompiled and self._uncompiled != "exact":
            raise KernelError(dict(image.layout.uncompiled))
        columns = {name: number for number, name in enumerate(given)}
        as_of = self.question.as_of.toordinal() - _EPOCH
        return Kernel(image, self.columns, self._facts, columns, as_of, frozenset(self._rulebook.regions()))

    def _fitting(self, batch: pa.RecordBatch, given: GivenNames, skip: np.ndarray[tuple[int], np.dtype[np.bool_]] | None) -> pa.RecordBatch:
        """The batch with its given figures as compiled code reads them; rows with one of another kind are left to the exact engine."""
        if skip is None:
            return batch
        types = given_types(self._rulebook, self.question, [name for name in given if name in given_rules(self._rulebook, self.question, given)])
        for name in given:
            array = batch.column(name)
            fitting = _as_given(array, types[name]) if name in types else array
            if fitting is None:
                skip |= np.asarray(array.is_valid())
                fitting = pa.nulls(batch.num_rows, types[name])
            batch = batch.set_column(batch.schema.get_field_index(name), name, fitting)
        return batch

    def evaluate(self, batch: pa.RecordBatch) -> Evaluated:
        """Every row of a canonical batch. Raises Incident where the exact engine's two decisions disagree."""
        if batch.num_rows == 0:
            return Evaluated(_empty(self._schema), (), 0)
        given = tuple(name for name in batch.schema.names if name.startswith(GIVEN))
        skip = np.zeros(batch.num_rows, np.bool_) if given else None
        answer = self.kernel(given).answer(self._fitting(batch, given, skip), self.question.region, self._threads, skip)
        results = pa.RecordBatch.from_arrays(answer.arrays, schema=self._schema)
        rows = answer.open_rows
        if len(rows) == 0:
            return Evaluated(results, (), 0)
        with self._exact_lock:
            exact = self._exact.answer_rows(batch, rows.tolist())
        rejects = tuple(Reject(int(rows[each.row]), each.faults) for each in exact.rejects)
        return Evaluated(_replaced(results, rows, exact.results), rejects, len(rows))


def _as_given(array: pa.Array, kind: pa.DataType) -> pa.Array | None:
    """A column of given figures in the type of what it replaces; None where a request could not give it so."""
    numbers = pa.types.is_decimal(array.type) or pa.types.is_integer(array.type)
    if array.type == kind or not (pa.types.is_decimal(kind) and numbers):
        return array if array.type == kind else None
    try:
        return (array.cast(pa.decimal128(38, kind.scale)) if pa.types.is_integer(array.type) else array).cast(kind)
    except pa.ArrowInvalid:
        return None


def _replaced(results: pa.RecordBatch, rows: np.ndarray[tuple[int], np.dtype[np.int64]], other: pa.RecordBatch) -> pa.RecordBatch:
    """`results` with some rows taken from another batch."""
    order = np.arange(results.num_rows)
    order[rows] = results.num_rows + np.arange(len(rows))
    arrays = []
    for field, mine, theirs in zip(results.schema, results.columns, other.columns, strict=True):
        both = pa.chunked_array([mine, theirs.cast(field.type)])
        if pa.types.is_dictionary(field.type):
            both = both.unify_dictionaries()
        arrays.append(both.combine_chunks().take(pa.array(order)))
    return pa.RecordBatch.from_arrays([each.combine_chunks() if isinstance(each, pa.ChunkedArray) else each for each in arrays], schema=results.schema)


def _empty(schema: pa.Schema) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([pa.array([], field.type) for field in schema], schema=schema)
