"""A run on a cluster: results and rejects written in one pass, with the manifest of a run.

The folder is laid out as `app.population.run` does, so that reports read either. What differs: rejects are a folder
(`rejects/`), named by person_id only; a part of the results is what one task wrote, and parts with no results have no
file. There is no going on with a run: Spark itself does failed tasks again.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from app.engine import InputFault
from app.language import Rulebook

from ..question import Question
from ..runs.faults import TooManyRejects, refuse
from ..runs.manifest import MANIFEST, InputRecord, Manifest, PartRecord, new_manifest, now
from ..runs.parts import RESULTS
from .evaluate import evaluate_on_spark, rejected_rows
from .folder import ClusterFolder
from .shipment import Uncompiled
from .worker import REJECTS, Tally, TallyParam

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

# Spark passes over files and folders that begin with an underscore.
WORK, KIND = "_work", "_kind"
# Spark takes a file whole into memory to hash it.
LARGEST_HASHED = 512 * 1024 * 1024
_NAMED_FAULTS = 10
_PART = re.compile(r"part-([0-9]+)-")


@dataclass(frozen=True, slots=True)
class SparkOptions:
    """How to run; none of it changes a result. `hash_inputs` reads the input files once more."""

    max_rejects: int = 10_000
    hash_inputs: bool = True
    uncompiled: Uncompiled = "refuse"


def run_on_spark(
    people: DataFrame, rulebook: Rulebook, baseline: Question, after: Question | None, out: str, options: SparkOptions | None = None
) -> Manifest:
    """Evaluate people into the folder `out`, an address that every machine of the cluster can write to.

    Raises InputError (columns, the question, an `out` that is in use), TooManyRejects (with rejects/ written and no
    results), KernelError, CompilerError, OSError, and pyspark's errors, with the worker's own words within.
    """
    settings = options or SparkOptions()
    session = people.sparkSession
    folder = ClusterFolder(session, out)
    if set(folder.names()) - {WORK}:
        raise refuse("/out", "not_empty", f"'{out}' 不是空文件夹。请另选一个。", f"'{out}' is not empty. Name a new folder.")
    started, begun = now(), time.monotonic()
    tally = session.sparkContext.accumulator({}, TallyParam())
    evaluated = evaluate_on_spark(people, rulebook, baseline, after, uncompiled=settings.uncompiled, tally=tally)
    _write(evaluated, folder)
    counts = tally.value
    _put_in_place(session, evaluated, folder, counts, settings)
    inputs = tuple(_inputs(session, people.inputFiles(), settings))
    manifest = replace(
        new_manifest(baseline, after, (rulebook.release, rulebook.tag), inputs, 0, exact=False),
        parts=tuple(_parts(session, folder, counts)),
        cluster=f"Spark {session.version}",
        started=started,
        finished=now(),
        seconds=round(time.monotonic() - begun, 3),
        state="finished",
    )
    folder.remove(WORK)
    folder.write(MANIFEST, manifest.text().encode())
    return manifest


def _write(evaluated: DataFrame, folder: ClusterFolder) -> None:
    """Results and rejects side by side in one pass over the people."""
    from pyspark.sql import functions as f

    kind = f.when(f.col(REJECTS).isNull(), RESULTS).otherwise(REJECTS)
    writer = evaluated.withColumn(KIND, kind).write.partitionBy(KIND).mode("overwrite")
    writer.option("compression", "zstd").option("maxRecordsPerFile", 0).parquet(folder.child(WORK))


def _put_in_place(session: SparkSession, evaluated: DataFrame, folder: ClusterFolder, counts: Tally, options: SparkOptions) -> None:
    """Rejects first, then the results under their name. Raises TooManyRejects."""
    rejected = sum(each[1] for each in counts.values())
    found = session.read.schema(evaluated.schema).parquet(_kind(folder, REJECTS)) if rejected else evaluated.limit(0)
    rejected_rows(found).write.option("compression", "zstd").parquet(folder.child(REJECTS))
    if rejected > options.max_rejects:
        _give_up(session, folder, rejected, options.max_rejects)
    if any(read > refused for read, refused, _ in counts.values()):
        folder.move(f"{WORK}/{KIND}={RESULTS}", RESULTS)
    else:
        evaluated.limit(0).write.parquet(folder.child(RESULTS))


def _kind(folder: ClusterFolder, kind: str) -> str:
    return folder.child(f"{WORK}/{KIND}={kind}")


def _give_up(session: SparkSession, folder: ClusterFolder, rejected: int, most: int) -> None:
    where = folder.child(REJECTS)
    zh = f"已拒绝 {rejected} 行，超过上限 {most}（--max-rejects）。全部原因见 {where}；其中几条如下。"
    en = f"{rejected} rows were refused, more than the {most} allowed (--max-rejects). All reasons are in {where}; some are:"
    faults = [InputFault("", "too_many_rejects", zh, en)]
    for line in session.read.parquet(where).limit(_NAMED_FAULTS).collect():
        faults.append(InputFault(line.pointer, line.code, f"{line.person_id}：{line.zh}", f"person {line.person_id}: {line.en}"))
    folder.remove(WORK)
    raise TooManyRejects(faults)


def _parts(session: SparkSession, folder: ClusterFolder, counts: Tally) -> Iterable[PartRecord]:
    """A part for each task that read rows, numbered on as if they followed one another."""
    files = {_number(file.path): file for file in _hashed(session, [folder.child(RESULTS)])}
    first = 1
    for number, (rows, rejected, exact_rows) in sorted(counts.items()):
        file = files.get(number) if rows > rejected else None
        name = f"{RESULTS}/{file.path.rpartition('/')[2]}" if file is not None else ""
        size, digest = (file.length, file.sha256 or "") if file is not None else (0, "")
        yield PartRecord(name, first, rows, rows - rejected, rejected, exact_rows, size, digest)
        first += rows


def _number(path: str) -> int:
    found = _PART.match(path.rpartition("/")[2])
    assert found is not None, path
    return int(found[1])


def _inputs(session: SparkSession, files: list[str], options: SparkOptions) -> Iterable[InputRecord]:
    found = _hashed(session, files) if files and options.hash_inputs else []
    known = {file.path: file for file in found}
    for path in sorted(known or files):
        file = known.get(path)
        yield InputRecord(path, "parquet", None, file.length if file else 0, (file.sha256 or "") if file else "")


def _hashed(session: SparkSession, paths: list[str]) -> list[Any]:
    """Path, length and SHA-256 of files (none where a file is too large), computed on the cluster."""
    from pyspark.sql import functions as f

    files = session.read.format("binaryFile").load(paths)
    names = ("path", "length")
    small = files.where(f.col("length") <= LARGEST_HASHED).select(*names, f.sha2("content", 256).alias("sha256"))
    large = files.where(f.col("length") > LARGEST_HASHED).select(*names, f.lit(None).cast("string").alias("sha256"))
    return list(small.unionByName(large).collect())
