"""What of a run waits in memory: row groups and batches of wide results have fewer rows."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from app.population.runs import parts
from app.population.runs.parts import ROW_GROUP, SyncedParquet, rows_within

WIDE = pa.schema([pa.field(f"f{number}", pa.decimal128(24, 2)) for number in range(64)])


def test_wide_rows_wait_in_smaller_groups() -> None:
    narrow = pa.schema([pa.field("name", pa.string()), pa.field("status", pa.dictionary(pa.int8(), pa.string())), pa.field("told", pa.bool_())])
    assert rows_within(1 << 26, narrow, ROW_GROUP) == ROW_GROUP
    assert rows_within(1 << 26, WIDE, ROW_GROUP) == (1 << 26) // (64 * 16)
    assert rows_within(1, WIDE, ROW_GROUP) == 8_192  # fewer are not worth a group
    assert rows_within(1, WIDE, 100) == 100


def test_a_wide_file_is_written_group_by_group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "GROUP_BYTES", 10_000 * 64 * 16)
    file = SyncedParquet(tmp_path / "wide.parquet", WIDE)
    batch = pa.RecordBatch.from_arrays([pa.array(range(3_000), pa.int64()).cast(pa.decimal128(24, 2)) for _ in WIDE], schema=WIDE)
    for _ in range(10):
        file.add(batch)
        assert file._waiting_rows < 8_192
    file.finish()
    found = pq.ParquetFile(tmp_path / "wide.parquet").metadata
    assert [found.row_group(number).num_rows for number in range(found.num_row_groups)] == [8_192, 8_192, 8_192, 30_000 - 3 * 8_192]


@pytest.mark.parametrize("module", ["app.commands.simulate", "app.commands.reasons", "app.jobs.work", "app.population.engine"])
def test_arrow_is_loaded_knowing_how_long_to_keep_memory(module: str) -> None:
    script = (
        "import sys, os, importlib.abc\n"
        "class Watch(importlib.abc.MetaPathFinder):\n"
        "    def find_spec(self, name, path, target=None):\n"
        "        if name == 'pyarrow': assert 'MIMALLOC_PURGE_DELAY' in os.environ, 'too late'\n"
        "sys.meta_path.insert(0, Watch())\n"
        f"import {module}, app.population.runs.running\n"
    )
    environment = {name: value for name, value in os.environ.items() if name != "MIMALLOC_PURGE_DELAY"}
    subprocess.run([sys.executable, "-c", script], check=True, env=environment)
