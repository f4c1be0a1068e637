"""What the tests of runs share: a small run, what it leaves, and what refuses one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.engine import InputError
from app.language import Rulebook
from app.population.runs.manifest import Manifest, read_manifest
from app.population.runs.running import RunOptions, run
from app.population.runs.streams import open_population

from .people import rejects, results, simulation

SMALL = RunOptions(part_rows=250, batch_rows=100)


def go(rulebook: Rulebook, source: Path, out: Path, options: RunOptions = SMALL, *, compared: bool = False) -> Manifest:
    manifest = run(open_population([source], rulebook.facts), simulation(rulebook, compared=compared), out, options)
    consistent(out, manifest)
    return manifest


def consistent(out: Path, manifest: Manifest) -> None:
    """What must hold of every finished run."""
    counts = manifest.counts
    assert manifest == read_manifest(out)
    assert manifest.state == "finished"
    assert counts["result_rows"] + counts["rejected_rows"] == counts["input_rows"] == sum(each.rows or 0 for each in manifest.inputs)
    assert results(out).num_rows == counts["result_rows"]
    assert len({line["row"] for line in rejects(out)}) == counts["rejected_rows"]
    assert [part.first_row for part in manifest.parts] == [1 + number * manifest.part_rows for number in range(len(manifest.parts))]
    assert {path.name for path in out.iterdir()} == {"manifest.json", "rejects.parquet", "results"}
    assert sorted(path.name for path in (out / "results").iterdir()) == [Path(part.file).name for part in manifest.parts]


def refused(act: Callable[[], Any]) -> list[str]:
    with pytest.raises(InputError) as caught:
        act()
    assert all(each.zh and each.en for each in caught.value.faults)
    return [each.code for each in caught.value.faults]

