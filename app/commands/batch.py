"""`shebao evaluate --batch`: cases from lines of JSON or a table, answers into lines of JSON or a table, faults beside them."""

from __future__ import annotations

import csv
import os
import sys
from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, cast

from app.advice import Desks
from app.batch import BatchAnswerer, BatchReader
from app.batch.sources import CsvSource, LineSource, Source
from app.batch.work import Done, Render, Team, Worker, as_ndjson
from app.engine import Engine, InputError, InputFault, Language, TraceLevel
from app.intake import RequestReader, today_in_china
from app.language import Rulebook
from app.terminal import BatchTally, render_batch, render_input_faults, render_reject, watch_batch, word

from .asking import INTERRUPTED, in_force, read_assumptions
from .session import BAD_INPUT, FAILED, INCIDENT, Session

if TYPE_CHECKING:
    from app.population.question import Question

_MOST_PROCESSES = 8
_STANDARD = Path("-")
# On the screen, where no file takes them.
_FAULTS_SHOWN = 20


Format = Literal["ndjson", "csv"]


@dataclass(frozen=True, slots=True)
class BatchOptions:
    """What the command line said."""

    cases: Path
    out: Path
    rejects: Path | None
    read_as: Format | None
    write_as: Format | None
    as_of: str | None
    region: str | None
    schemes: tuple[str, ...]
    reforms: tuple[str, ...]
    assumptions: tuple[str, ...]
    trace: TraceLevel | None
    outputs: bool
    processes: int | None
    language: Language
    release: str | None = None

    @property
    def from_table(self) -> bool:
        return (self.read_as or _by_name(self.cases)) == "csv"

    @property
    def to_table(self) -> bool:
        return (self.write_as or _by_name(self.out)) == "csv"

    @property
    def rejects_file(self) -> Path | None:
        """Where faults go; None for the screen."""
        if self.rejects is not None or self.out == _STANDARD:
            return self.rejects
        return self.out.with_name(f"{self.out.stem}.rejects.csv")

    def workers(self) -> int:
        if self.processes is not None:
            return self.processes
        return 1 if self.cases == _STANDARD else min(os.cpu_count() or 1, _MOST_PROCESSES)


def _by_name(path: Path) -> Format:
    return "csv" if path.suffix.lower() == ".csv" else "ndjson"


def evaluate_batch(session: Session, options: BatchOptions) -> None:
    """Answer every case. Exits with 1 where some have faults, 2 where nothing could begin, 3 after an incident, 130 when interrupted."""
    rulebook = session.rulebook(options.release)
    try:
        with ExitStack() as opened:
            file = opened.enter_context(_open(session, options))
            source, worker, header = _prepare(options, file, rulebook, session.desks())
            team = opened.enter_context(Team(worker, options.workers()))
            code = _run(session, options, source, team, header)
    except InputError as error:
        session.stop(render_input_faults(error.faults, options.language), BAD_INPUT)
    except BrokenProcessPool:
        session.stop(word("batch_broken", options.language), INCIDENT)
    except BrokenPipeError:  # whoever read the answers has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = FAILED
    except OSError as error:
        session.stop(f"{error.filename or options.out}: {error.strerror or error}.", FAILED)
    if code:
        sys.exit(code)


@contextmanager
def _open(session: Session, options: BatchOptions) -> Iterator[BufferedReader]:
    if options.cases == _STANDARD:
        yield cast(BufferedReader, sys.stdin.buffer)
        return
    for name in (options.out, options.rejects_file):
        if name is not None and name.exists() and options.cases.exists() and name.samefile(options.cases):
            session.stop(f"'{name}' is the file of cases itself. Name another.", BAD_INPUT)
    try:
        file = options.cases.open("rb")
    except OSError as error:
        session.stop(f"'{options.cases}' cannot be read: {error.strerror}.", BAD_INPUT)
    with file:
        yield file


# -- what is asked ----------------------------------------------------------------------------------


def _prepare(options: BatchOptions, file: BufferedReader, rulebook: Rulebook, desks: Desks) -> tuple[Source, Worker, bytes]:
    """Where cases come from, what answers them, and the first line of what is written. Raises InputError."""
    reader = BatchReader(RequestReader(rulebook), _defaults(options, rulebook), desks=None if options.to_table or options.from_table else desks)
    faults = reader.default_faults({name: value for name, value in reader.defaults.items() if name != "schemes" or value}, rulebook)
    if faults:
        raise InputError(list(faults))
    source: Source
    if options.from_table:
        if not options.schemes:
            zh, en = "人员表没有险种列，请用 --scheme 说明要问哪些险种。", "a table of people has no column of schemes. Say with --scheme what to ask for."
            raise InputError([InputFault("/schemes", "missing", zh, en)])
        source = CsvSource(file, str(options.cases), rulebook, _question(options, reader, rulebook))
    else:
        source = LineSource(file, reader, rulebook)
    render: Render = as_ndjson(options.language, options.trace)
    header = b""
    if options.to_table:
        from app.batch.table import Table

        table = Table(rulebook, _question(options, reader, rulebook), source.carried)
        render, header = table.render, table.header
    return source, Worker(BatchAnswerer(Engine(rulebook), reader), render), header


def _defaults(options: BatchOptions, rulebook: Rulebook) -> dict[str, Any]:
    """What the options say of cases that do not say it themselves."""
    assumptions = read_assumptions(list(options.assumptions), rulebook.facts)
    stated: dict[str, Any] = {
        "as_of": options.as_of or today_in_china().isoformat(),
        "region": options.region,
        "schemes": list(options.schemes),
        "reforms": list(options.reforms),
        "assumptions": {name: value if isinstance(value, bool) else format(value, "f") for name, value in assumptions.items()},
    }
    return {name: value for name, value in stated.items() if value}


def _question(options: BatchOptions, reader: BatchReader, rulebook: Rulebook) -> Question:
    """The question whose answers are a table's columns; every scheme in force where none is named."""
    from app.population.question import Question

    request, *_ = reader.read({"schemes": rulebook.scheme_ids()[:1], "facts": {}, **reader.defaults})
    schemes = tuple(reader.defaults.get("schemes", ())) or tuple(in_force(rulebook, request.as_of, request.reforms))
    return Question(request.as_of, schemes, request.reforms, request.region, request.assumptions, outputs=options.outputs)


# -- running ----------------------------------------------------------------------------------------


def _run(session: Session, options: BatchOptions, source: Source, team: Team, header: bytes) -> int:
    began = perf_counter()
    total = options.cases.stat().st_size if options.cases != _STANDARD else None
    answered = failed = 0
    incident = interrupted = False
    with ExitStack() as opened:
        rejects = opened.enter_context(Rejects(session, options))
        out: BinaryIO = sys.stdout.buffer if options.out == _STANDARD else opened.enter_context(options.out.open("wb"))
        watch = opened.enter_context(watch_batch(session.err, options.language))
        try:
            out.write(header)
            for several in team.answer(source):
                for done in several:
                    if done.output is not None:
                        out.write(done.output)
                        answered += 1
                    else:
                        rejects.add(done)
                        failed += 1
                        incident |= done.kind in ("incident", "internal-error")
                if total is None:
                    out.flush()
                watch(BatchTally(source.position, total, answered, failed))
            out.flush()
        except KeyboardInterrupt:
            interrupted = True
            out.flush()
    tally = BatchTally(source.position, total, answered, failed)
    told = rejects.path if failed and rejects.path is not None else None
    session.err.print(render_batch(tally, perf_counter() - began, None if told is None else str(told), options.language), soft_wrap=True)
    if interrupted:
        session.err.print(word("batch_interrupted", options.language), soft_wrap=True)
        return INTERRUPTED
    return INCIDENT if incident else FAILED if failed else 0


class Rejects:
    """What is wrong with which line: a CSV file with a line a fault, made with the first; or the screen, where some are shown."""

    def __init__(self, session: Session, options: BatchOptions) -> None:
        self.path = options.rejects_file
        self._session = session
        self._language = options.language
        self._file: Any = None
        self._shown = 0

    def __enter__(self) -> Rejects:
        if self.path is not None:
            self.path.unlink(missing_ok=True)  # of an earlier batch
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def add(self, done: Done) -> None:
        if self.path is None:
            if self._shown < _FAULTS_SHOWN:
                self._session.err.print(render_reject(done.number, done.id, done.faults, self._language), soft_wrap=True)
            elif self._shown == _FAULTS_SHOWN:
                self._session.err.print("…")
            self._shown += 1
            return
        if self._file is None:
            self._file = self.path.open("w", encoding="utf-8", newline="")
            csv.writer(self._file).writerow(["line", "id", "pointer", "code", "detail"])
        csv.writer(self._file).writerows([done.number, done.id, each.pointer, each.code, each.detail(self._language)] for each in done.faults)
