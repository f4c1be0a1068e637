"""A run: a population evaluated into a folder of results, part by part, so that it can be stopped and gone on with.

Reading, evaluating (in threads: compiled kernels free the interpreter) and writing overlap. Memory is bounded by the
batches under way and one row group of results; what is finished is on disk for good, and never done twice.
"""

from __future__ import annotations

import fcntl
import shutil
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from app.engine import InputError, InputFault

from .answers import Answered, Answerer
from .faults import TooManyRejects, refuse
from .manifest import MANIFEST, InputRecord, Manifest, PartRecord, differences, new_manifest, now, read_manifest
from .parts import PART_ROWS, REJECTS, RESULTS, WORK, PartWriter, discard_unfinished, gather_rejects, rows_within
from .pieces import Piece
from .rejects import first_rejects
from .simulation import Simulation
from .streams import BATCH_ROWS, Population, digest

MAX_REJECTS = 10_000
# The exact engine takes about a millisecond a row: smaller steps show progress and stop sooner.
EXACT_BATCH_ROWS = 2_048
# Of the results of a batch, of which several wait at a time.
BATCH_BYTES = 64 * 1024 * 1024
_NAMED_FAULTS = 10


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How to run; none of it changes a result."""

    resume: bool = False
    max_rejects: int = MAX_REJECTS
    threads: int = 2
    part_rows: int = PART_ROWS
    batch_rows: int = BATCH_ROWS


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is: `done` of `total` in `unit`, and the rows it has read, refused and computed exactly so far."""

    stage: Literal["checking", "evaluating"]
    done: int
    total: int
    unit: Literal["rows", "bytes"]
    rows: int = 0
    rejects: int = 0
    exact_rows: int = 0


Watch = Callable[[Progress], None]


def run(population: Population, simulation: Simulation, out: Path, options: RunOptions | None = None, watch: Watch | None = None) -> Manifest:
    """Evaluate a population into the folder `out`.

    Raises InputError (columns, an input that cannot be read, an `out` that is in use or holds another run),
    TooManyRejects, Incident, OSError (a full disk). Whatever ends it, finished parts stay and `resume` goes on from them.
    """
    settings = options or RunOptions()
    show = watch or (lambda _: None)
    answerer = Answerer(population, simulation)
    _make_folder(out, resume=settings.resume)
    with _locked(out):
        manifest = _begin(population, simulation, out, settings, show)
        if manifest.state == "finished":
            shutil.rmtree(out / WORK, ignore_errors=True)
            return manifest
        try:
            return _Run(population, answerer, out, settings, show, manifest).go(exact=simulation.exact)
        except BaseException:
            # A signal may come between the making of a file and the `with` that would take it away.
            discard_unfinished(out)
            raise


class _Run:
    """One session of a run."""

    def __init__(self, population: Population, answerer: Answerer, out: Path, options: RunOptions, watch: Watch, manifest: Manifest) -> None:
        self._population, self._answerer, self._out = population, answerer, out
        self._options, self._watch = options, watch
        self._manifest = manifest
        self._done = {each.first_row // manifest.part_rows for each in manifest.parts}
        self._begun, self._seconds_before = time.monotonic(), manifest.seconds
        counts = manifest.counts
        self._rows, self._rejected, self._exact_rows = counts["input_rows"], counts["rejected_rows"], counts["exact_rows"]

    def go(self, *, exact: bool) -> Manifest:
        part_rows = self._manifest.part_rows
        batch_rows = min(self._options.batch_rows, EXACT_BATCH_ROWS) if exact else rows_within(BATCH_BYTES, self._answerer.schema, self._options.batch_rows)
        pieces = self._population.pieces(part_rows, lambda part: part not in self._done, batch_rows)
        with ThreadPoolExecutor(self._options.threads, thread_name_prefix="evaluate") as pool:
            try:
                with closing(pieces), closing(_in_order(pool, self._answerer.answer, pieces, ahead=self._options.threads + 2)) as answers:
                    pending = next(answers, None)
                    while pending is not None:
                        pending = self._write_part(pending, answers)
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
        if not self._manifest.parts:
            self._write_part(None, iter(()))
        return self._finish()

    def _write_part(self, first: Answered | None, answers: Iterator[Answered]) -> Answered | None:
        """Write one part, beginning with `first`; returns the first answer of the next."""
        part_rows = self._manifest.part_rows
        number = 0 if first is None else first.piece.first // part_rows
        answered = first
        with PartWriter(self._out, number, number * part_rows + 1, self._answerer.schema) as writer:
            while answered is not None and answered.piece.first // part_rows == number:
                self._rows += answered.input_rows
                self._rejected += answered.rejected
                self._exact_rows += answered.exact_rows
                writer.add(answered.results, answered.rejects, answered.input_rows, answered.rejected, answered.exact_rows)
                if self._rejected > self._options.max_rejects:
                    self._give_up(writer.finish_rejects())
                self._show()
                answered = next(answers, None)
            self._save(self._manifest.with_part(writer.finish()))
        return answered

    def _save(self, manifest: Manifest) -> None:
        self._manifest = replace(manifest, seconds=round(self._seconds_before + time.monotonic() - self._begun, 3))
        self._manifest.save(self._out)

    def _show(self) -> None:
        total = self._population.rows
        if total is None:
            done, total, unit = self._population.read_bytes, self._population.bytes, "bytes"
        else:
            done, unit = self._rows, "rows"
        self._watch(Progress("evaluating", done, total, "rows" if unit == "rows" else "bytes", self._rows, self._rejected, self._exact_rows))

    def _give_up(self, unfinished: PartRecord) -> None:
        """Stop, with all rejects so far in rejects.parquet and the first of them named."""
        gather_rejects(self._out, [*self._manifest.parts, unfinished])
        most, file = self._options.max_rejects, self._out / REJECTS
        zh = f"已拒绝 {self._rejected} 行，超过上限 {most}（--max-rejects）。全部原因见 {file}；最先的如下。"
        en = f"{self._rejected} rows were refused, more than the {most} allowed (--max-rejects). All reasons are in {file}; the first are:"
        raise TooManyRejects([InputFault("", "too_many_rejects", zh, en), *first_rejects(self._out, _NAMED_FAULTS)])

    def _finish(self) -> Manifest:
        if not self._population.unchanged():
            zh, en = "运行期间输入文件被改动，结果不可用。请重新运行。", "an input file was changed during the run, so the results are of no use. Run anew."
            raise refuse("/population", "changed", zh, en)
        gather_rejects(self._out, self._manifest.parts)
        starts = self._population.starts
        inputs = tuple(replace(each, rows=starts[index + 1] - starts[index]) for index, each in enumerate(self._manifest.inputs))
        self._save(replace(self._manifest, inputs=inputs, state="finished", finished=now()))
        shutil.rmtree(self._out / WORK, ignore_errors=True)
        return self._manifest


def _in_order(
    pool: ThreadPoolExecutor, answer: Callable[[Piece], Answered], pieces: Iterable[Piece], ahead: int
) -> Generator[Answered, None, None]:
    """The pieces' answers in order, computed up to `ahead` at a time."""
    waiting: deque[Future[Answered]] = deque()
    for piece in pieces:
        waiting.append(pool.submit(answer, piece))
        if len(waiting) >= ahead:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


# -- beginning and going on -------------------------------------------------------------------------


def _begin(population: Population, simulation: Simulation, out: Path, options: RunOptions, watch: Watch) -> Manifest:
    """A new manifest, or the one found with the parts that are still sound. Raises InputError where another run lies there."""
    before = read_manifest(out) if options.resume and (out / MANIFEST).exists() else None
    part_rows = options.part_rows if before is None else before.part_rows
    release = (simulation.rulebook.release, simulation.rulebook.tag)
    fresh = new_manifest(simulation.baseline, simulation.after, release, _hashed(population, watch), part_rows, exact=simulation.exact)
    if before is None:
        fresh.save(out)
        return fresh
    faults = differences(before, fresh)
    if faults:
        raise InputError(faults)
    sound = tuple(part for part in before.parts if _is_sound(out, part))
    if before.state == "finished" and sound == before.parts:
        return before
    sound = tuple(part for part in sound if not part.rejected_rows or (out / WORK / Path(part.file).name).is_file())
    again = replace(before, parts=sound, state="running", finished=None, resumed=before.resumed + 1)
    again.save(out)
    return again


def _is_sound(out: Path, part: PartRecord) -> bool:
    """Whether a finished part's results are on disk as they were written."""
    path = out / part.file
    return path.is_file() and path.stat().st_size == part.bytes and digest(path) == part.sha256


def _hashed(population: Population, watch: Watch) -> tuple[InputRecord, ...]:
    done = 0

    def tell(more: int) -> None:
        nonlocal done
        done += more
        watch(Progress("checking", done, population.bytes, "bytes"))

    try:
        return tuple(InputRecord(str(file.path), file.format, file.rows, file.bytes, digest(file.path, tell)) for file in population.files)
    except OSError as error:
        raise refuse("/population", "unreadable", f"无法读取输入：{error}", f"the input cannot be read: {error}") from None


def _make_folder(out: Path, *, resume: bool) -> None:
    """The folder with its place for work in progress. Raises InputError where it holds something else."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        entries = {each.name for each in out.iterdir()} - {WORK}
        begun = MANIFEST in entries
        # Killed in its first moments, a run leaves no manifest.
        if (entries and not resume) or (entries - {RESULTS} and not begun):
            raise _occupied(out, begun=begun)
        (out / WORK).mkdir(exist_ok=True)
    except OSError as error:
        raise refuse("/out", "unwritable", f"无法写入 '{out}'：{error.strerror}。", f"'{out}' cannot be written to: {error.strerror}.") from None


def _occupied(out: Path, *, begun: bool) -> InputError:
    if begun:
        zh, en = f"'{out}' 中已有一次运行。加 --resume 继续，或另选文件夹。", f"'{out}' already holds a run. Add --resume to go on with it, or name another folder."
        return refuse("/out", "in_use", zh, en)
    return refuse("/out", "not_empty", f"'{out}' 不是空文件夹。请另选一个。", f"'{out}' is not empty. Name a new folder.")


@contextmanager
def _locked(out: Path) -> Iterator[None]:
    """Hold the folder for this process; the lock ends with the process, however that ends."""
    with (out / WORK / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            zh, en = f"另一个进程正在写 '{out}'。", f"another process is writing to '{out}'. Wait for it, or name another folder."
            raise refuse("/out", "locked", zh, en) from None
        yield
