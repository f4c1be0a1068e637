"""What the driver sends every worker: rules, questions and compiled code as bytes, and who made them for what machine."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import pyarrow as pa

from app import __version__
from app.engine import Engine
from app.language import Rulebook, rulebook_of

from ..columns import GIVEN
from ..engine import GivenNames, PopulationEngine
from ..kernel import CompilerError, Image
from ..question import Question
from ..runs.answers import RowAnswerer
from ..runs.simulation import Simulation

Uncompiled = Literal["refuse", "exact"]
_PROGRAM = Path(__file__).resolve().parents[2]


class WorkerError(Exception):
    """A worker cannot answer what it was sent: another version of the program, or a machine of another kind without a compiler."""


@dataclass(frozen=True)
class Shipment:
    """All that answering a batch takes. `images` holds, for each question, the compiled code by its columns of given figures."""

    contents: Mapping[str, bytes]
    release: str
    tag: str
    questions: tuple[Question, ...]
    images: tuple[Mapping[GivenNames, bytes], ...]
    input: pa.Schema
    uncompiled: Uncompiled
    program: str
    machine: str

    @property
    def key(self) -> str:
        """Equal for shipments that are answered alike."""
        parts = [self.release, self.uncompiled, repr(self.questions), str(self.input)]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()

    def answerer(self) -> RowAnswerer:
        """Unpacked on a worker, once in its life. Raises WorkerError where it is not the place to answer."""
        if self.program != program():
            raise WorkerError(
                f"this worker has another version of Shebao ({program()}) than the driver ({self.program}). Install the same on all, or ship it with the job."
            )
        rulebook = rulebook_of(dict(self.contents), self.tag)
        if rulebook.release != self.release:
            raise WorkerError(f"the rules arrived as release {rulebook.release}, but were sent as {self.release}. Start the job again.")
        return self._answerer(rulebook)

    def _answerer(self, rulebook: Rulebook) -> RowAnswerer:
        if self.machine == machine():
            try:
                return make_answerer(rulebook, self.questions, self.input, self.uncompiled, self.images)
            except OSError:
                # The same processor with an older C library: compiled here, it fits.
                pass
        try:
            return make_answerer(rulebook, self.questions, self.input, self.uncompiled)
        except CompilerError as error:
            raise WorkerError(
                f"the driver compiled for {self.machine}, which does not run on this worker ({machine()}), and here {error} Or start the driver on a machine like the workers."
            ) from None


def pack(rulebook: Rulebook, questions: tuple[Question, ...], people: pa.Schema, uncompiled: Uncompiled) -> tuple[Shipment, pa.Schema]:
    """Everything compiled and packed on the driver, and the schema of the answers. Raises InputError, KernelError, CompilerError."""
    engines = [_engine(rulebook, question, uncompiled) for question in questions]
    schema = _answerer(rulebook, questions, engines, people).schema
    images = tuple({names: engine.image(names).to_bytes() for names in {(), _given(people)}} for engine in engines)
    return Shipment(dict(rulebook.contents), rulebook.release, rulebook.tag, questions, images, people, uncompiled, program(), machine()), schema


def make_answerer(
    rulebook: Rulebook, questions: tuple[Question, ...], people: pa.Schema, uncompiled: Uncompiled, images: tuple[Mapping[GivenNames, bytes], ...] = ()
) -> RowAnswerer:
    """An answerer from compiled code, or one that compiles where there is none."""
    exact = Engine(rulebook)
    read = [{names: Image.from_bytes(data) for names, data in each.items()} for each in images] or [{} for _ in questions]
    engines = [_engine(rulebook, question, uncompiled, exact, each) for question, each in zip(questions, read, strict=True)]
    return _answerer(rulebook, questions, engines, people)


def _engine(
    rulebook: Rulebook, question: Question, uncompiled: Uncompiled, exact: Engine | None = None, images: Mapping[GivenNames, Image] | None = None
) -> PopulationEngine:
    # Spark runs a worker process for every core, so each needs one thread only.
    return PopulationEngine(rulebook, question, threads=1, uncompiled=uncompiled, engine=exact, images=images or {})


def _answerer(rulebook: Rulebook, questions: tuple[Question, ...], engines: list[PopulationEngine], people: pa.Schema) -> RowAnswerer:
    for engine in engines:
        engine.kernel(_given(people))
    after, evaluator = (questions[1], engines[1]) if len(questions) > 1 else (None, None)
    return RowAnswerer([people], Simulation(rulebook, questions[0], engines[0], after, evaluator))


def _given(people: pa.Schema) -> GivenNames:
    return tuple(name for name in people.names if name.startswith(GIVEN))


def machine() -> str:
    """The kind of machine that compiled code is for."""
    return f"{platform.system()} {platform.machine()}"


@lru_cache(maxsize=1)
def program() -> str:
    """The version of this program and a hash of its code: compiled code and the code around it must be of one piece."""
    digest = hashlib.sha256()
    for path in sorted(_PROGRAM.rglob("*")):
        if path.suffix in (".py", ".h", ".lark"):
            digest.update(path.relative_to(_PROGRAM).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return f"{__version__}, {digest.hexdigest()[:12]}"
