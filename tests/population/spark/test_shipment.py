"""What a worker does with what it is sent, and what is said where pyspark is missing: all without Spark."""

from __future__ import annotations

import importlib
import pickle
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from app.language import Rulebook
from app.population.kernel import build
from app.population.question import Question
from app.population.spark import SparkMissing, WorkerError, open_session
from app.population.spark.shipment import Shipment, pack
from app.population.spark.worker import REJECTS, in_spark_types

from .people import people

ROWS = 400


@pytest.fixture(scope="module")
def batch(rulebook: Rulebook) -> pa.RecordBatch:
    return people(rulebook, ROWS, seed=3).combine_chunks().to_batches()[0]


@pytest.fixture(scope="module")
def shipment(rulebook: Rulebook, question: Question, batch: pa.RecordBatch) -> Shipment:
    return pack(rulebook, (question,), batch.schema, "refuse")[0]


def answers(shipment: Shipment, batch: pa.RecordBatch) -> pa.RecordBatch:
    return in_spark_types(shipment.answerer().answer(batch, np.full(batch.num_rows, None)), batch)


@pytest.fixture
def no_compiler(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A worker without a compiler that has compiled nothing before."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("SHEBAO_CACHE", str(tmp_path / "cache"))
    build.compiler.cache_clear()


@pytest.mark.usefixtures("no_compiler")
def test_a_shipment_is_all_a_worker_needs(shipment: Shipment, batch: pa.RecordBatch) -> None:
    arrived = pickle.loads(pickle.dumps(shipment))
    assert arrived.key == shipment.key
    assert answers(arrived, batch) == answers(shipment, batch)


def test_rejected_rows_keep_their_place_their_name_and_nothing_else(shipment: Shipment, batch: pa.RecordBatch) -> None:
    found = answers(shipment, batch)
    assert found["person_id"].equals(batch["person_id"])
    refused = [row for row in found.to_pylist() if row[REJECTS] is not None]
    assert [row["person_id"] for row in refused] == [f"p{number:06d}" for number in range(96, ROWS, 97)]
    assert all(value is None for row in refused for name, value in row.items() if name not in ("person_id", REJECTS))
    assert refused[0][REJECTS][0]["pointer"] == "/region" and "999999" in str(batch["region"][96])


def test_a_machine_of_another_kind_compiles_for_itself(shipment: Shipment, batch: pa.RecordBatch) -> None:
    foreign = replace(shipment, machine="Linux riscv64", images=({(): b"not for this machine"},))
    assert answers(foreign, batch) == answers(shipment, batch)


@pytest.mark.usefixtures("no_compiler")
def test_a_machine_of_another_kind_without_a_compiler_says_so(shipment: Shipment) -> None:
    with pytest.raises(WorkerError, match=r"compiled for Linux riscv64, which does not run on this worker .* there is no C compiler"):
        replace(shipment, machine="Linux riscv64").answerer()


def test_code_that_does_not_load_is_compiled_anew(shipment: Shipment, batch: pa.RecordBatch) -> None:
    """As with an older C library on the same kind of processor."""
    cut = {names: data[:-1000] for names, data in shipment.images[0].items()}
    assert answers(replace(shipment, images=(cut,)), batch) == answers(shipment, batch)


def test_another_version_of_the_program_is_refused(shipment: Shipment) -> None:
    with pytest.raises(WorkerError, match=r"another version of Shebao .* than the driver \(0.0.9\)"):
        replace(shipment, program="0.0.9").answerer()


def test_changed_rules_are_refused(shipment: Shipment) -> None:
    with pytest.raises(WorkerError, match="but were sent as 0000"):
        replace(shipment, release="0000").answerer()


def test_another_question_is_another_key(shipment: Shipment, question: Question) -> None:
    others = [replace(shipment, release="0"), replace(shipment, questions=(replace(question, reforms=("higher_base_rate",)),))]
    assert len({shipment.key, *(each.key for each in others)}) == 3


def test_without_pyspark_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "pyspark"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pyspark", None)
    importlib.invalidate_caches()
    with pytest.raises(SparkMissing, match=r"pip install 'shebao\[spark\]'"):
        open_session("local[1]")
