"""The process that works queued jobs: `python -m app.jobs.runner LIMITS RULES`.

It holds one slot's lock, takes one job after another, and has each worked by a child (`app.jobs.work`) in a process
group of its own, which is ended where the job is cancelled or takes too long. The child inherits the lock, so that the
slot stays taken until the child too has ended, whatever becomes of this process.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO

import app

from .limits import JobLimits
from .store import Job, JobStore, State, write_whole

POLL_SECONDS = 0.2
GRACE_SECONDS = 5.0
REQUEST, PROGRESS, ERROR, LOG, REPORT = "request.json", "progress.json", "error.json", "work.log", "report"
_running: list[subprocess.Popen[bytes]] = []

_FAILED = {"code": "failed", "zh": "计算失败。请把编号告知维护人员。", "en": "the computation failed. Give the maintainers its id."}
_TOO_LONG = {
    "code": "time_limit",
    "zh": "超过时限 {seconds} 秒，已停止。请减少人数或险种。",
    "en": "stopped after {seconds} s, the time limit. Ask of fewer people or schemes.",
}


def start_runner(store: JobStore, rules: Path) -> None:
    """Start a runner where a job waits and a slot is free. It lives on when this process ends."""
    _running[:] = [process for process in _running if process.poll() is None]
    if store.queued() == 0 or all(store.is_locked(slot) for slot in store.slots()):
        return
    command = [sys.executable, "-m", __name__, store.limits.to_json(), str(rules)]
    with (store.limits.folder / "runner.log").open("ab") as log:
        _running.append(
            subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, env=_environment())  # noqa: S603 - this Python, on arguments of our own
        )


def run_jobs(store: JobStore, rules: Path) -> None:
    """Work queued jobs in a free slot until none is left; nothing where every slot is taken."""
    while store.queued():
        taken = False
        for slot in store.slots():
            with store.locked(slot) as lock:
                if lock is not None:
                    taken = True
                    store.end_lost(slot)
                    _drain(store, slot, lock, rules)
                    store.tidy()
        # A job that was queued after the last was taken, while the slot was still locked, is seen here.
        if not taken:
            return


def _drain(store: JobStore, slot: int, lock: TextIO, rules: Path) -> None:
    while (job := store.claim(slot)) is not None:
        folder = store.folder(job.id)
        folder.mkdir(mode=0o700, exist_ok=True)
        write_whole(folder / REQUEST, {"request": job.request, "rules": str(rules), "limits": store.limits.to_json()})
        state, error = _work(store, job, folder, lock)
        _leave_only_the_report(folder)
        store.finish(job.id, state, error)


def _work(store: JobStore, job: Job, folder: Path, lock: TextIO) -> tuple[State, dict[str, Any] | None]:
    """Have one job worked, to its end or until it is stopped."""
    limit = store.limits.max_seconds
    with (folder / LOG).open("wb") as log:
        command = [sys.executable, "-m", "app.jobs.work", str(folder)]
        child = subprocess.Popen(  # noqa: S603 - this Python, on arguments of our own
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, pass_fds=(lock.fileno(),), env=_environment()
        )
    # Should this process be killed, the child is still bounded; only Linux has this.
    if hasattr(resource, "prlimit"):
        with suppress(ProcessLookupError, PermissionError):
            resource.prlimit(child.pid, resource.RLIMIT_CPU, ((os.cpu_count() or 1) * limit,) * 2)
    deadline = time.monotonic() + limit
    while True:
        try:
            code = child.wait(POLL_SECONDS)
        except subprocess.TimeoutExpired:
            if store.is_cancelled(job.id):
                _stop(child)
                return "cancelled", None
            if time.monotonic() > deadline:
                _stop(child)
                return "failed", {name: text.format(seconds=limit) for name, text in _TOO_LONG.items()}
            continue
        return ("finished", None) if code == 0 else ("failed", _error(folder))


def _stop(child: subprocess.Popen[bytes]) -> None:
    """End a child and whatever it has started: asked first, then made to."""
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            child.wait(GRACE_SECONDS)
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def _error(folder: Path) -> dict[str, Any]:
    """What the child said of its failure."""
    try:
        found: dict[str, Any] = json.loads((folder / ERROR).read_text(encoding="utf-8"))
        return found
    except (OSError, ValueError):
        return _FAILED


def _leave_only_the_report(folder: Path) -> None:
    """Remove the people and their results: only what is summed up is kept. The log stays, for the maintainers."""
    for path in folder.iterdir():
        if path.is_dir() and path.name != REPORT:
            shutil.rmtree(path, ignore_errors=True)
        elif path.is_file() and path.name not in (LOG, PROGRESS):
            path.unlink(missing_ok=True)


def _environment() -> dict[str, str]:
    """This process's environment, in which a child finds the same `app`."""
    root = str(Path(app.__file__).resolve().parents[1])
    paths = [root, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    return os.environ | {"PYTHONPATH": os.pathsep.join(dict.fromkeys(paths))}


if __name__ == "__main__":
    run_jobs(JobStore(JobLimits.from_json(sys.argv[1])), Path(sys.argv[2]))
