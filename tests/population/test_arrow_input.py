"""Populations in Arrow IPC files: the same rows, results, rejects and resumption as from Parquet."""

from __future__ import annotations

import random
from pathlib import Path

import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.ipc as ipc
import pytest

from app.engine import InputError
from app.language import Rulebook
from app.population.runs.running import Progress, RunOptions, run
from app.population.runs.streams import open_population

from .people import contents, people, rejects, simulation, write_people
from .running import SMALL, go, refused


def write_arrow(path: Path, count: int, first: int = 0, batch: int = 170) -> Path:
    table = people(count, first)
    with ipc.new_file(path, table.schema) as file:
        file.write_table(table, max_chunksize=batch)
    return path


@pytest.mark.parametrize("batch", [7, 170, 10_000])
def test_the_same_run_as_from_parquet(tmp_path: Path, rulebook: Rulebook, batch: int) -> None:
    arrow = go(rulebook, write_arrow(tmp_path / "in.arrow", 700, batch=batch), tmp_path / "arrow", compared=True)
    go(rulebook, write_people(tmp_path / "in.parquet", 700), tmp_path / "parquet", compared=True)
    assert contents(tmp_path / "arrow") == contents(tmp_path / "parquet")
    assert [(each.format, each.rows) for each in arrow.inputs] == [("arrow", 700)]


@pytest.mark.parametrize("compression", ["uncompressed", "lz4", "zstd"])
def test_feather_files_in_a_folder(tmp_path: Path, rulebook: Rulebook, compression: str) -> None:
    (tmp_path / "in").mkdir()
    for name, first in (("b", 100), ("a", 0)):
        feather.write_feather(people(100, first), tmp_path / "in" / f"{name}.feather", compression=compression)
    population = open_population([tmp_path / "in"], rulebook.facts)
    found = list(population.pieces(80, lambda part: part != 1, 30))
    ids = [name for piece in found for name in piece.batch.column("person_id").to_pylist()]
    assert ids == [f"p{number}" for number in range(200) if number // 80 != 1]
    assert population.starts == [0, 100, 200]
    write_people(tmp_path / "in" / "c.parquet", 10)
    assert refused(lambda: open_population([tmp_path / "in"], rulebook.facts)) == ["mixed"]


def test_faults_are_told_by_row_and_file(tmp_path: Path, rulebook: Rulebook) -> None:
    table = people(60)
    wages = [str(wage) if number != 41 else "12,5" for number, wage in enumerate(table.column("wage").to_pylist())]
    feather.write_feather(table.set_column(3, "wage", pa.array(wages)), tmp_path / "in.feather")
    go(rulebook, tmp_path / "in.feather", tmp_path / "out")
    (line,) = rejects(tmp_path / "out")
    assert (line["row"], line["file_row"], line["person_id"], line["pointer"]) == (42, 42, "p41", "/facts/wage")
    assert line["file"].endswith("in.feather")


def test_a_stopped_run_goes_on(tmp_path: Path, rulebook: Rulebook) -> None:
    path = write_arrow(tmp_path / "in.arrow", 900)
    go(rulebook, path, tmp_path / "whole")

    def stop(progress: Progress) -> None:
        if progress.rows >= 500:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(open_population([path], rulebook.facts), simulation(rulebook), tmp_path / "out", SMALL, stop)
    again = RunOptions(part_rows=SMALL.part_rows, batch_rows=SMALL.batch_rows, resume=True)
    assert go(rulebook, path, tmp_path / "out", again).resumed == 1
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")
    write_arrow(path, 901)
    (tmp_path / "out" / "results" / "part-00000.parquet").unlink()
    assert refused(lambda: run(open_population([path], rulebook.facts), simulation(rulebook), tmp_path / "out", again)) == ["changed", "cannot_resume"]


@pytest.mark.parametrize("seed", range(3))
def test_damage_is_words_or_rows(tmp_path: Path, rulebook: Rulebook, seed: int) -> None:
    sound = write_arrow(tmp_path / "in.arrow", 200).read_bytes()
    (tmp_path / "in.arrow").write_bytes(sound[: len(sound) // 2])
    assert refused(lambda: open_population([tmp_path / "in.arrow"], rulebook.facts)) == ["unreadable"]
    draw = random.Random(seed)
    told = 0
    for _ in range(60):
        damaged = bytearray(sound)
        for _ in range(draw.choice([1, 5, 30])):
            damaged[draw.randrange(8, len(sound) - 10)] = draw.randrange(256)
        (tmp_path / "in.arrow").write_bytes(damaged)
        told += words(tmp_path / "in.arrow", rulebook)
    assert told


def words(path: Path, rulebook: Rulebook) -> bool:
    """Whether a file is refused in words."""
    try:
        sum(piece.batch.num_rows for piece in open_population([path], rulebook.facts).pieces(1000, lambda _: True))
    except InputError:
        return True
    return False
