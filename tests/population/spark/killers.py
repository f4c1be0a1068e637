"""Functions that run on the cluster before the evaluation and kill it in the middle, once."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PATIENCE = 60


class Killer:
    """Passes batches through. In partition `partition`, after the second batch, it kills something of its own executor, if that never was killed.

    `victim` is "worker": the other Python processes of the executor, which evaluate what this one passes on; or
    "executor": the whole executor. Files in `folder` say what happened: `killed`, and `attempt-<n>` for each attempt.
    """

    def __init__(self, folder: Path, victim: str, partition: int) -> None:
        self._folder, self._victim, self._partition = folder, victim, partition

    def __call__(self, batches: Iterator[Any]) -> Iterator[Any]:
        from pyspark import TaskContext

        context = TaskContext.get()
        assert context is not None
        mine = context.partitionId() == self._partition
        if mine:
            (self._folder / f"attempt-{context.attemptNumber()}").touch()
        for number, batch in enumerate(batches):
            if mine and number == 2 and not (self._folder / "killed").exists():
                self._kill()
            yield batch

    def _kill(self) -> None:
        daemon = os.getppid()
        if self._victim == "executor":
            (self._folder / "killed").write_text("1")
            os.kill(_parent(daemon), signal.SIGKILL)
            time.sleep(PATIENCE)
        others = [each for each in _processes() if _parent(each) == daemon and each != os.getpid()]
        for each in others:
            os.kill(each, signal.SIGKILL)
        (self._folder / "killed").write_text(str(len(others)))


def _processes() -> list[int]:
    return [int(each.name) for each in Path("/proc").iterdir() if each.name.isdigit()]


def _parent(process: int) -> int:
    try:
        # The name stands in parentheses and may hold anything.
        return int((Path("/proc") / str(process) / "stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0
