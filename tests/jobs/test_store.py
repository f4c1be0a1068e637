"""The store of jobs: who takes what, what is kept and for how long, when many processes share it."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from app.jobs import JobLimits
from app.jobs.populations import populations
from app.jobs.store import Job, JobStore, QueueFullError


def store_in(folder: Path, **limits: Any) -> JobStore:
    return JobStore(JobLimits(**{"folder": folder / "jobs", **limits}))


def finished(store: JobStore, size: int = 0) -> Job:
    """A job worked to its end, with results of so many bytes."""
    job = store.submit({"n": 1})
    assert store.claim(0) == store.get(job.id)
    store.folder(job.id).mkdir()
    (store.folder(job.id) / "result").write_bytes(b"x" * size)
    store.finish(job.id, "finished")
    found = store.get(job.id)
    assert found is not None
    return found


def test_a_job_s_life(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    job = store.submit({"schemes": ["a"]})
    assert (job.state, job.request, job.over, store.queued()) == ("queued", {"schemes": ["a"]}, False, 1)
    claimed = store.claim(0)
    assert claimed is not None and (claimed.id, claimed.state) == (job.id, "running")
    assert store.claim(0) is None
    store.finish(job.id, "failed", {"code": "x", "zh": "错", "en": "wrong"})
    ended = store.get(job.id)
    assert ended is not None and (ended.state, ended.over, ended.error) == ("failed", True, {"code": "x", "zh": "错", "en": "wrong"})
    assert job.created <= (claimed.started or 0) <= (ended.finished or 0)
    store.finish(job.id, "finished")
    assert store.get(job.id) == ended
    store.remove(job.id)
    assert store.get(job.id) is None


def test_the_first_asked_is_the_first_taken(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    asked = [store.submit({"n": number}) for number in range(4)]
    assert [store.ahead_of(job) for job in asked] == [0, 1, 2, 3]
    taken = [store.claim(0) for _ in asked]
    assert [job and job.id for job in taken] == [job.id for job in asked]


def test_no_job_is_taken_twice_and_no_more_wait_than_may(tmp_path: Path) -> None:
    store = store_in(tmp_path, max_queued=19)

    def ask(number: int) -> str | int:
        try:
            return store.submit({"n": number}).id
        except QueueFullError as error:
            return error.retry_after

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(40)))
        taken = list(pool.map(lambda _: store.claim(0), range(40)))
    asked = [answer for answer in answers if isinstance(answer, str)]
    # Nineteen wait, and one more for the slot that is free.
    assert len(asked) == 20
    assert all(1 <= answer <= 60 for answer in answers if isinstance(answer, int))
    assert sorted(job.id for job in taken if job is not None) == sorted(asked)


def test_a_slot_is_held_by_one(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    with store.locked(0) as first, store.locked(0) as second:
        assert first is not None and second is None and store.is_locked(0)
    assert not store.is_locked(0)


def test_cancelling(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    running, queued = store.submit({}), store.submit({})
    store.claim(0)
    first, second = store.cancel(running.id), store.cancel(queued.id)
    assert first is not None and (first.state, store.is_cancelled(running.id)) == ("running", True)
    assert second is not None and second.state == "cancelled" and second.finished is not None
    assert store.claim(0) is None
    store.remove(running.id)
    assert store.get(running.id) is not None
    assert store.cancel("nothing") is None


def test_a_job_without_its_worker_is_lost(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    with store.locked(0):
        job, cancelled = store.submit({}), store.submit({})
        store.claim(0)
        store.claim(0)
        store.cancel(cancelled.id)
        store.tidy()
        assert [each and each.state for each in (store.get(job.id), store.get(cancelled.id))] == ["running", "running"]
    store.tidy()
    lost, ended = store.get(job.id), store.get(cancelled.id)
    assert lost is not None and lost.state == "failed" and lost.error is not None and lost.error["code"] == "interrupted"
    assert ended is not None and ended.state == "cancelled" and ended.error is None


def test_a_job_of_a_slot_that_is_no_more_is_lost_too(tmp_path: Path) -> None:
    wide, narrow = store_in(tmp_path, max_running=3), store_in(tmp_path)
    job = wide.submit({})
    wide.claim(2)
    narrow.tidy()
    found = narrow.get(job.id)
    assert found is not None and found.state == "failed"


def test_results_are_kept_for_a_while(tmp_path: Path) -> None:
    store = store_in(tmp_path, keep_seconds=3_600)
    job = finished(store)
    store.tidy()
    assert store.get(job.id) == job
    time.sleep(0.01)
    store_in(tmp_path, keep_seconds=0).tidy()
    assert store.get(job.id) is None
    assert not store.folder(job.id).exists()


def test_results_take_so_much_room_the_oldest_going_first(tmp_path: Path) -> None:
    store = store_in(tmp_path, max_bytes=250)
    jobs = [finished(store, 100) for _ in range(4)]
    store.tidy()
    assert [store.get(job.id) is not None for job in jobs] == [False, False, True, True]
    assert [store.folder(job.id).exists() for job in jobs] == [False, False, True, True]


def test_the_folder_is_for_its_owner_alone(tmp_path: Path) -> None:
    assert store_in(tmp_path).limits.folder.stat().st_mode & 0o077 == 0


def test_populations_by_name(tmp_path: Path) -> None:
    for name in ("jilin.parquet", "吉林2024.csv", "notes.txt", ".hidden.csv", "-rf.csv", "jilin.csv"):
        (tmp_path / name).write_text("")
    (tmp_path / "nation").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "nation")
    found = populations(tmp_path)
    assert {name: path.name for name, path in found.items()} == {"jilin": "jilin.csv", "吉林2024": "吉林2024.csv", "nation": "nation"}
    assert populations(None) == populations(tmp_path / "nowhere") == {}


@pytest.mark.parametrize(
    ("name", "value"), [("max_size", 0), ("max_running", 0), ("max_seconds", 0), ("max_queued", -1), ("keep_seconds", -1), ("max_bytes", -1)]
)
def test_limits_that_make_no_sense(tmp_path: Path, name: str, value: int) -> None:
    stated: dict[str, Any] = {name: value}
    with pytest.raises(ValueError, match=f"{name} of simulations is {value}"):
        JobLimits(folder=tmp_path, **stated)
