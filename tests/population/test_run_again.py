"""A run that is stopped, and gone on with: nothing is lost, nothing is done twice, nothing is mixed."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from app.engine import Incident, InputError
from app.language import Rulebook
from app.population.exact import ExactEvaluator
from app.population.question import Evaluated
from app.population.runs.faults import TooManyRejects
from app.population.runs.manifest import read_manifest
from app.population.runs.running import Progress, RunOptions, run
from app.population.runs.streams import open_population

from .people import AFTER, QUESTION, contents, rejects, rules_folder, simulation, write_people
from .running import SMALL, consistent, go, refused

ROOT = Path(__file__).parents[2]


# -- stopped and gone on with -----------------------------------------------------------------------

KILLED = """
import sys
from pathlib import Path
from app.population.runs.running import RunOptions, run
from app.population.runs.streams import open_population
from app.language import load_rulebook
from tests.population.people import simulation
rules, source, out = map(Path, sys.argv[1:])
rulebook = load_rulebook(rules)
run(open_population([source], rulebook.facts), simulation(rulebook, compared=True), out, RunOptions(part_rows=300, batch_rows=100))
"""


def mixed(path: Path, count: int) -> Path:
    """People of whom every fiftieth is refused, as CSV."""
    lines = [f"p{number},{'?' if number % 50 == 0 else 'male'},{number % 40},{number}.50,[]" for number in range(count)]
    path.write_text("\n".join(["person_id,sex,months,wage,records", *lines]) + "\n")
    return path


@pytest.mark.parametrize("source", ["csv", "parquet"])
def test_a_run_killed_in_the_middle_goes_on_and_gives_the_same_bytes(source: str, tmp_path: Path) -> None:
    rules = rules_folder(tmp_path)
    path = mixed(tmp_path / "in.csv", 6000) if source == "csv" else write_people(tmp_path / "in.parquet", 6000, group=700)
    out, undisturbed = tmp_path / "out", tmp_path / "undisturbed"
    command = [sys.executable, "-c", KILLED, str(rules), str(path)]
    process = subprocess.Popen([*command, str(out)], cwd=ROOT)
    wait_for(lambda: (out / "results" / "part-00002.parquet").exists() or process.poll() is not None)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL, "the run ended before it could be killed"
    before = read_manifest(out)
    assert before.state == "running"
    assert 2 <= len(before.parts) < 20
    stamps = {part.file: (out / part.file).stat().st_mtime_ns for part in before.parts}

    from app.language import load_rulebook

    rulebook = load_rulebook(rules)
    options = RunOptions(resume=True)
    manifest = run(open_population([path], rulebook.facts), simulation(rulebook, compared=True), out, options)
    consistent(out, manifest)
    assert manifest.resumed == 1
    assert {file: (out / file).stat().st_mtime_ns for file in stamps} == stamps  # what was finished was not done again
    run(open_population([path], rulebook.facts), simulation(rulebook, compared=True), undisturbed, RunOptions(part_rows=300))
    assert contents(out) == contents(undisturbed)
    assert manifest.parts == read_manifest(undisturbed).parts


def wait_for(there: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not there():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.01)


class Stops:
    """An evaluator that is interrupted, or fails, after some batches."""

    def __init__(self, inner: ExactEvaluator, after: int, error: BaseException) -> None:
        self._inner, self._left, self._error = inner, after, error
        self._lock = threading.Lock()
        self.schema = inner.schema

    def evaluate(self, batch: pa.RecordBatch) -> Evaluated:
        with self._lock:
            self._left -= 1
            if self._left < 0:
                raise self._error
        return self._inner.evaluate(batch)


def begun(rulebook: Rulebook, source: Path, out: Path, options: RunOptions = SMALL) -> None:
    """A run that is interrupted in its third part."""
    asked = simulation(rulebook)
    stopping = replace(asked, evaluator=Stops(ExactEvaluator(rulebook, QUESTION), 7, KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        run(open_population([source], rulebook.facts), stopping, out, options)


def test_an_interrupted_run_keeps_its_parts_and_leaves_no_half_one(tmp_path: Path, rulebook: Rulebook) -> None:
    source = write_people(tmp_path / "in.parquet", 1200)
    begun(rulebook, source, tmp_path / "out")
    assert [path.name for path in sorted((tmp_path / "out" / "results").iterdir())] == ["part-00000.parquet", "part-00001.parquet"]
    go(rulebook, source, tmp_path / "out", replace(SMALL, resume=True))
    go(rulebook, source, tmp_path / "other")
    assert contents(tmp_path / "out") == contents(tmp_path / "other")


def test_an_incident_ends_the_run_and_says_among_which_rows(tmp_path: Path, rulebook: Rulebook) -> None:
    asked = simulation(rulebook)
    failing = replace(asked, evaluator=Stops(ExactEvaluator(rulebook, QUESTION), 7, Incident("the two decisions disagree.")))
    source = write_people(tmp_path / "in.parquet", 1200)
    with pytest.raises(Incident, match=r"in the input's rows [0-9]+1 to [0-9]+: the two decisions disagree\."):
        run(open_population([source], rulebook.facts), failing, tmp_path / "out", SMALL)
    wait_for(lambda: not [thread for thread in threading.enumerate() if thread.name.startswith(("read", "evaluate"))])
    assert read_manifest(tmp_path / "out").state == "running"


def test_a_damaged_part_is_done_again(tmp_path: Path, rulebook: Rulebook) -> None:
    source = mixed(tmp_path / "in.csv", 900)
    go(rulebook, source, tmp_path / "sound")
    damages: list[Callable[[Path], object]] = [Path.unlink, lambda path: path.write_bytes(b"x" * path.stat().st_size)]
    for damage in damages:
        begun(rulebook, source, tmp_path / "out")
        damage(tmp_path / "out" / "results" / "part-00000.parquet")
        go(rulebook, source, tmp_path / "out", replace(SMALL, resume=True))
        assert contents(tmp_path / "out") == contents(tmp_path / "sound")
        damage(tmp_path / "out" / "results" / "part-00001.parquet")  # of a finished run, too
        assert go(rulebook, source, tmp_path / "out", replace(SMALL, resume=True)).resumed == 2
        assert contents(tmp_path / "out") == contents(tmp_path / "sound")
        shutil.rmtree(tmp_path / "out")


def test_a_finished_run_is_not_run_again(tmp_path: Path, rulebook: Rulebook) -> None:
    source = write_people(tmp_path / "in.parquet", 300)
    first = go(rulebook, source, tmp_path / "out")
    before = contents(tmp_path / "out")
    steps: list[Progress] = []
    again = run(open_population([source], rulebook.facts), simulation(rulebook), tmp_path / "out", replace(SMALL, resume=True), steps.append)
    assert again == first
    assert contents(tmp_path / "out") == before
    assert {step.stage for step in steps} == {"checking"}


def test_resuming_what_never_began_begins(tmp_path: Path, rulebook: Rulebook) -> None:
    go(rulebook, write_people(tmp_path / "in.parquet", 300), tmp_path / "out", replace(SMALL, resume=True))


def test_a_run_does_not_go_on_with_something_else(tmp_path: Path, rulebook: Rulebook) -> None:
    source = write_people(tmp_path / "in.parquet", 1200)
    begun(rulebook, source, tmp_path / "out")
    resume = replace(SMALL, resume=True)
    with pytest.raises(InputError) as caught:
        go(rulebook, source, tmp_path / "out", resume, compared=True)
    assert [each.pointer for each in caught.value.faults] == ["/reforms", ""]
    assert "fewer_months" in caught.value.faults[0].en
    other = write_people(tmp_path / "other.parquet", 1201)
    with pytest.raises(InputError) as caught:
        go(rulebook, other, tmp_path / "out", resume)
    assert caught.value.faults[0].pointer == "/inputs/0"
    assert "other.parquet" in caught.value.faults[0].en
    later = replace(simulation(rulebook), baseline=replace(QUESTION, region="110000"))
    with pytest.raises(InputError) as caught:
        run(open_population([source], rulebook.facts), later, tmp_path / "out", resume)
    assert [each.pointer for each in caught.value.faults] == ["/region", ""]
    shutil.copy(source, tmp_path / "moved.parquet")
    go(rulebook, tmp_path / "moved.parquet", tmp_path / "out", resume)  # the same people under another name


def test_a_folder_that_is_not_ours(tmp_path: Path, rulebook: Rulebook) -> None:
    source = write_people(tmp_path / "in.parquet", 300)
    go(rulebook, source, tmp_path / "out")
    assert refused(lambda: go(rulebook, source, tmp_path / "out")) == ["in_use"]
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    for options in (SMALL, replace(SMALL, resume=True)):
        assert refused(lambda options=options: go(rulebook, source, tmp_path / "mine", options)) == ["not_empty"]  # type: ignore[misc]
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["thesis.txt"]
    (tmp_path / "file").write_text("")
    assert refused(lambda: go(rulebook, source, tmp_path / "file")) == ["unwritable"]
    (tmp_path / "out" / "manifest.json").write_text("{")
    assert refused(lambda: go(rulebook, source, tmp_path / "out", replace(SMALL, resume=True))) == ["unreadable"]


def test_one_process_at_a_time(tmp_path: Path, rulebook: Rulebook) -> None:
    source = write_people(tmp_path / "in.parquet", 1200)
    inside: list[list[str]] = []

    def again(_: Progress) -> None:
        if not inside:
            inside.append(refused(lambda: go(rulebook, source, tmp_path / "out", replace(SMALL, resume=True))))

    run(open_population([source], rulebook.facts), simulation(rulebook), tmp_path / "out", SMALL, again)
    assert inside == [["locked"]]


def test_too_many_rejects_stop_the_run_and_name_the_faults(tmp_path: Path, rulebook: Rulebook) -> None:
    source = mixed(tmp_path / "in.csv", 1200)  # 24 are refused
    options = replace(SMALL, max_rejects=12)
    with pytest.raises(TooManyRejects) as caught:
        go(rulebook, source, tmp_path / "out", options)
    summary, *named = caught.value.faults
    assert summary.code == "too_many_rejects" and "--max-rejects" in summary.en
    assert [(each.pointer, each.en.partition(":")[0]) for each in named] == [("/facts/sex", f"row {1 + 50 * number}") for number in range(10)]
    assert [line["row"] for line in rejects(tmp_path / "out")][:3] == [1, 51, 101]
    assert read_manifest(tmp_path / "out").state == "running"
    assert len(go(rulebook, source, tmp_path / "out", replace(SMALL, resume=True, max_rejects=24)).parts) == 5


@pytest.mark.parametrize("where", ["fsync", "write"])
def test_a_full_disk_leaves_what_is_finished(where: str, tmp_path: Path, rulebook: Rulebook, monkeypatch: pytest.MonkeyPatch) -> None:
    source = write_people(tmp_path / "in.parquet", 1200)
    calls = [0]
    real = os.fsync

    def full(descriptor: int) -> None:
        calls[0] += 1
        if calls[0] > 12:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(descriptor)

    with monkeypatch.context() as patch:
        if where == "fsync":
            patch.setattr("app.population.runs.parts.os.fsync", full)
        else:
            patch.setattr("app.population.runs.parts.SyncedParquet._write", _full_after(3))
        with pytest.raises(OSError, match="No space left"):
            go(rulebook, source, tmp_path / "out")
    assert not list((tmp_path / "out").rglob("*.tmp"))
    assert read_manifest(tmp_path / "out").parts
    go(rulebook, source, tmp_path / "out", replace(SMALL, resume=True))


def _full_after(count: int) -> Callable[[Any], None]:
    from app.population.runs.parts import SyncedParquet

    real, calls = SyncedParquet._write, [0]

    def write(self: SyncedParquet) -> None:
        calls[0] += 1
        if calls[0] > count:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(self)

    return write


def test_an_input_changed_meanwhile_spoils_the_run(tmp_path: Path, rulebook: Rulebook) -> None:
    source = write_people(tmp_path / "in.parquet", 300)

    def change(step: Progress) -> None:
        if step.rows == 300:
            os.utime(source, (1, 1))

    assert refused(lambda: run(open_population([source], rulebook.facts), simulation(rulebook), tmp_path / "out", SMALL, change)) == ["changed"]
    assert read_manifest(tmp_path / "out").state == "running"


def test_a_run_can_be_repeated_from_its_manifest(tmp_path: Path, rulebook: Rulebook) -> None:
    from app.population.runs.manifest import recorded_questions

    manifest = go(rulebook, write_people(tmp_path / "in.parquet", 300), tmp_path / "out", compared=True)
    assert recorded_questions(manifest, rulebook.facts) == (QUESTION, AFTER)
    stated = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert stated["release"] == rulebook.release
    assert stated["counts"]["input_rows"] == 300
    assert stated["inputs"][0]["path"].endswith("in.parquet")
    again = run(
        open_population([Path(each.path) for each in manifest.inputs], rulebook.facts), simulation(rulebook, compared=True), tmp_path / "again", SMALL
    )
    assert [part.sha256 for part in again.parts] == [part.sha256 for part in manifest.parts]
