"""A finished run, opened to ask again about the people in it: what it asked, and the input it read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from app.language import Rulebook

from ..absent import absent_schemes
from ..columns import PERSON_ID
from ..columns.carried import person_ids
from ..question import Question
from ..runs.faults import refuse
from ..runs.manifest import Manifest, read_manifest, recorded_questions
from ..runs.pieces import Piece
from ..runs.streams import BATCH_ROWS, Population, digest, open_population


@dataclass(frozen=True, slots=True)
class FinishedRun:
    """A run that compared two questions, with the rules it was made with."""

    folder: Path
    manifest: Manifest
    rulebook: Rulebook
    before: Question
    after: Question
    population: Population

    @property
    def rows(self) -> int:
        return sum(each.rows or 0 for each in self.manifest.inputs)

    def questions_of_each(self) -> tuple[Question, Question]:
        """Both questions, each without the schemes that only the other's law has."""

        def present(question: Question, other: Question) -> Question:
            absent = absent_schemes(self.rulebook, question, other)
            return replace(question, schemes=tuple(each for each in question.schemes if each not in absent))

        return present(self.before, self.after), present(self.after, self.before)

    def of_shared_schemes(self) -> FinishedRun:
        """The run as if only those schemes had been asked for that both laws have. Raises InputError where there is none."""
        before, after = self.questions_of_each()
        shared = tuple(each for each in before.schemes if each in after.schemes)
        if not shared:
            zh = "所问险种都只在对比的一方施行，变化全部来自设立或终止该险种的文件。"
            en = "each scheme asked for is in force on one side only: all of the change is due to the file that founds or ends it."
            raise refuse("/run", "nothing_shared", zh, en)
        return replace(self, before=replace(before, schemes=shared), after=replace(after, schemes=shared))

    def batches(self, wanted: Any) -> Iterator[Piece]:
        """The pieces with any of the wanted rows of the input (sorted numbers, from 0)."""
        parts = set((wanted // BATCH_ROWS).tolist())
        yield from self.population.pieces(BATCH_ROWS, parts.__contains__, BATCH_ROWS)


def open_finished(folder: Path, rulebook: Rulebook) -> FinishedRun:
    """Open the folder of a run. Raises InputError where it is not finished, compared nothing, or its rules or input are others now."""
    manifest = read_manifest(folder)
    if manifest.state != "finished":
        raise refuse("/run", "unfinished", f"'{folder}' 中的运行尚未完成。加 --resume 继续。", f"the run in '{folder}' is not finished. Go on with it: shebao simulate --resume.")
    before, after = recorded_questions(manifest, rulebook.facts)
    if after is None:
        zh = f"'{folder}' 中的运行没有与改革方案或另一日期对比，没有可说明的变化。"
        raise refuse("/run", "nothing_compared", zh, f"the run in '{folder}' compared nothing: simulate with --reform or --against-as-of.")
    if manifest.release != rulebook.release:
        zh = f"规则已变：运行时为 {manifest.release}，现为 {rulebook.release}。请用当时的规则（--release，或 --rules），或重新运行。"
        en = f"the rules have changed: they were {manifest.release} in the run, and are {rulebook.release}. Name the rules of then with --release or --rules, or run anew."
        raise refuse("/run", "other_release", zh, en)
    return FinishedRun(folder, manifest, rulebook, before, after, _input(manifest, rulebook))


def _input(manifest: Manifest, rulebook: Rulebook) -> Population:
    paths = [Path(each.path) for each in manifest.inputs]
    for path, recorded in zip(paths, manifest.inputs, strict=True):
        if not path.is_file():
            raise refuse("/inputs", "no_such_file", f"找不到运行所用的输入文件 '{path}'。", f"the input of the run, '{path}', is not there. Put it back where it was.")
        if path.stat().st_size != recorded.bytes or digest(path) != recorded.sha256:
            zh, en = f"输入文件 '{path}' 在运行之后被改动。", f"the input '{path}' was changed after the run. Put the file back, or run anew."
            raise refuse("/inputs", "changed", zh, en)
    return open_population(paths, rulebook.facts)


def find_person(run: FinishedRun, person: str) -> tuple[Piece, int]:
    """The piece and the row in it of a person: by person_id, or by the row's number in the input where there are none. Raises InputError."""
    unnamed = all(PERSON_ID not in file.schema.names for file in run.population.files)
    number = int(person) - 1 if unnamed and person.isdigit() else _number_in_parquet(run, person)
    parts = None if number is None else number // BATCH_ROWS
    for piece in run.population.pieces(BATCH_ROWS, lambda part: parts is None or part == parts):
        found = pc.index(person_ids(piece.batch, piece.numbers + 1), pa.scalar(person)).as_py()
        if found >= 0:
            return piece, found
    zh, en = f"输入中没有 person_id 为 '{person}' 的人。", f"there is no person '{person}' in the input of the run."
    raise refuse("/person_id", "no_such_person", zh, en)


def _number_in_parquet(run: FinishedRun, person: str) -> int | None:
    """The number of a person's row, found in the column of identifiers alone; None where only reading everything tells."""
    first = 0
    for file in run.population.files:
        if file.format != "parquet" or file.rows is None or PERSON_ID not in file.schema.names:
            return None
        for group in _groups(file.path):
            found = pc.index(group.cast(pa.string()), pa.scalar(person)).as_py()
            if found >= 0:
                return first + int(found)
            first += len(group)
    return None


def _groups(path: Path) -> Iterator[pa.ChunkedArray]:
    with pq.ParquetFile(path) as file:
        for number in range(file.metadata.num_row_groups):
            yield file.read_row_group(number, columns=[PERSON_ID]).column(0)


def recorded_result(run: FinishedRun, person: str) -> dict[str, Any] | None:
    """A person's row of the results; None where it was refused."""
    results = ds.dataset([str(run.folder / each.file) for each in run.manifest.parts], format="parquet")
    named = results.schema.field(PERSON_ID).type
    wanted: Any = person
    if pa.types.is_integer(named):
        if not person.isdigit():
            return None
        wanted = int(person)
    rows = results.to_table(filter=ds.field(PERSON_ID) == wanted).to_pylist()
    return rows[0] if rows else None
