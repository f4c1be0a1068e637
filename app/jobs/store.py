"""Jobs in a folder: a row each in a small SQLite database, a folder of results each.

Every change is one SQL statement, so any number of processes may share the folder. A job that runs belongs to a slot,
and a slot's lock file is locked by whoever works there, for as long as it lives: a job whose slot is not locked has
lost its worker, and is said to be failed.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TextIO

from sqlite_utils import Database

from .limits import JobLimits

State = Literal["queued", "running", "finished", "failed", "cancelled"]
OVER: tuple[State, ...] = ("finished", "failed", "cancelled")
BUSY_SECONDS = 10
LOST = {
    "code": "interrupted",
    "zh": "计算进程意外终止，没有得到结果。请重新提交。",
    "en": "the process that computed it ended unexpectedly. Ask again.",
}


@dataclass(frozen=True, slots=True)
class Job:
    """One simulation asked for. Times are seconds since 1970; `error` is a fault, with `faults` of the request where it has some."""

    id: str
    state: State
    request: dict[str, Any]
    created: float
    started: float | None
    finished: float | None
    error: dict[str, Any] | None

    @property
    def over(self) -> bool:
        return self.state in OVER


class QueueFullError(Exception):
    """As many jobs wait as may; `retry_after` seconds from now one may have begun."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"the queue is full; try again in {retry_after} s")
        self.retry_after = retry_after


class JobStore:
    """The jobs of a folder. Makes the folder where there is none. Raises OSError where it cannot be written."""

    def __init__(self, limits: JobLimits) -> None:
        self.limits = limits
        limits.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._database() as db:
            db.enable_wal()
            columns = {"id": str, "state": str, "request": str, "created": float, "started": float, "finished": float, "error": str}
            db.table("jobs").create({**columns, "slot": int, "cancel": int}, pk="id", if_not_exists=True)

    def folder(self, job: str) -> Path:
        """The folder of a job's results."""
        return self.limits.folder / job

    # -- asking -------------------------------------------------------------------------------------

    def submit(self, request: dict[str, Any]) -> Job:
        """Queue a job. Raises QueueFullError."""
        name = secrets.token_urlsafe(16)
        statement = (
            "INSERT INTO jobs (id, state, request, created, cancel) SELECT ?, 'queued', ?, ?, 0 "
            "WHERE (SELECT count(*) FROM jobs WHERE state = 'queued') < ? RETURNING *"
        )
        # One job may wait for a slot that is free; beyond that as many as may be queued.
        most = self.limits.max_queued + sum(not self.is_locked(slot) for slot in self.slots())
        found = self._write(statement, (name, json.dumps(request), time.time(), most))
        if not found:
            raise QueueFullError(self._retry_after())
        return found[0]

    def get(self, job: str) -> Job | None:
        with self._database() as db:
            return next((_job(row) for row in db.table("jobs").rows_where("id = ?", [job])), None)

    def ahead_of(self, job: Job) -> int:
        """How many jobs are queued before a queued one."""
        with self._database() as db:
            return int(db.table("jobs").count_where("state = 'queued' AND (created, id) < (?, ?)", [job.created, job.id]))

    def cancel(self, job: str) -> Job | None:
        """Cancel a job that is not over: at once where it is queued, soon where it runs."""
        self._write(
            "UPDATE jobs SET state = CASE state WHEN 'queued' THEN 'cancelled' ELSE state END, "
            "finished = CASE state WHEN 'queued' THEN ? END, cancel = 1 WHERE id = ? AND state IN ('queued', 'running') RETURNING *",
            (time.time(), job),
        )
        return self.get(job)

    def remove(self, job: str) -> None:
        """Forget a job that is over, with its results."""
        if self._write("DELETE FROM jobs WHERE id = ? AND state IN ('finished', 'failed', 'cancelled') RETURNING *", (job,)):
            shutil.rmtree(self.folder(job), ignore_errors=True)

    # -- working ------------------------------------------------------------------------------------

    def claim(self, slot: int) -> Job | None:
        """Take the job that has been queued the longest, to be run in a slot whose lock the caller holds."""
        found = self._write(
            "UPDATE jobs SET state = 'running', slot = ?, started = ? WHERE id = "
            "(SELECT id FROM jobs WHERE state = 'queued' ORDER BY created, id LIMIT 1) AND state = 'queued' RETURNING *",
            (slot, time.time()),
        )
        return found[0] if found else None

    def is_cancelled(self, job: str) -> bool:
        with self._database() as db:
            return db.table("jobs").count_where("id = ? AND cancel = 1", [job]) > 0

    def finish(self, job: str, state: State, error: dict[str, Any] | None = None) -> None:
        """Say how a running job ended."""
        text = None if error is None else json.dumps(error, ensure_ascii=False)
        self._write(
            "UPDATE jobs SET state = ?, finished = ?, error = ? WHERE id = ? AND state = 'running' RETURNING *", (state, time.time(), text, job)
        )

    def queued(self) -> int:
        with self._database() as db:
            return int(db.table("jobs").count_where("state = 'queued'"))

    # -- slots --------------------------------------------------------------------------------------

    def slots(self) -> range:
        return range(self.limits.max_running)

    @contextmanager
    def locked(self, slot: int) -> Iterator[TextIO | None]:
        """Hold a slot's lock, or None where somebody does. The lock passes to a child that inherits the file."""
        with (self.limits.folder / f"slot-{slot}.lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield None
                return
            yield file

    def is_locked(self, slot: int) -> bool:
        with self.locked(slot) as file:
            return file is None

    # -- tidying ------------------------------------------------------------------------------------

    def tidy(self) -> None:
        """Say of running jobs that have lost their worker that they failed; remove what is kept too long, or is too much."""
        for slot in [*self.slots(), *self._other_slots()]:
            self.release(slot)
        for row in self._write(
            "DELETE FROM jobs WHERE state IN ('finished', 'failed', 'cancelled') AND finished < ? RETURNING *",
            (time.time() - self.limits.keep_seconds,),
        ):
            shutil.rmtree(self.folder(row.id), ignore_errors=True)
        self._shrink()

    def release(self, slot: int) -> None:
        """End the jobs of a slot that nobody works in (the caller may hold its lock, and then no job of its own)."""
        with self.locked(slot) as file:
            if file is not None:
                self.end_lost(slot)

    def end_lost(self, slot: int) -> None:
        """End the jobs of a slot whose lock the caller holds."""
        self._write(
            "UPDATE jobs SET state = CASE cancel WHEN 1 THEN 'cancelled' ELSE 'failed' END, error = CASE cancel WHEN 1 THEN NULL ELSE ? END, "
            "finished = ? WHERE state = 'running' AND slot = ? RETURNING *",
            (json.dumps(LOST, ensure_ascii=False), time.time(), slot),
        )

    def _other_slots(self) -> list[int]:
        """Slots of running jobs that the present limits no longer have."""
        with self._database() as db:
            rows = db.query("SELECT DISTINCT slot FROM jobs WHERE state = 'running' AND slot >= ?", [self.limits.max_running])
            return [int(row["slot"]) for row in rows]

    def _shrink(self) -> None:
        """Remove the oldest results until all of them fit."""
        with self._database() as db:
            over = [row["id"] for row in db.table("jobs").rows_where("state IN ('finished', 'failed', 'cancelled')", order_by="finished DESC")]
        held = 0
        for job in over:
            held += sum(path.stat().st_size for path in self.folder(job).rglob("*") if path.is_file())
            if held > self.limits.max_bytes:
                self.remove(job)

    def _retry_after(self) -> int:
        """Seconds until the job that has run the longest is over for certain, at most a minute."""
        with self._database() as db:
            started = next(db.query("SELECT min(started) AS started FROM jobs WHERE state = 'running'"))["started"]
        left = 5.0 if started is None else started + self.limits.max_seconds - time.time()
        return int(max(1, min(60, left)))

    # -- the database -------------------------------------------------------------------------------

    @contextmanager
    def _database(self) -> Iterator[Database]:
        """A connection of its own for each use: none survives a fork."""
        connection = sqlite3.connect(self.limits.folder / "jobs.sqlite", timeout=BUSY_SECONDS)
        db = Database(connection, execute_plugins=False)
        try:
            yield db
        finally:
            with suppress(sqlite3.Error):
                db.close()

    def _write(self, statement: str, values: tuple[Any, ...]) -> list[Job]:
        """Run one changing statement that returns the rows it changed, and commit it."""
        with self._database() as db:
            return [_job(row) for row in db.query(statement, values)]


def _job(row: dict[str, Any]) -> Job:
    error = None if row["error"] is None else json.loads(row["error"])
    return Job(row["id"], row["state"], json.loads(row["request"]), row["created"], row["started"], row["finished"], error)


def write_whole(path: Path, value: Any) -> None:
    """Write JSON so that a reader sees the old file or the new one, whole."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
    temporary.replace(path)
