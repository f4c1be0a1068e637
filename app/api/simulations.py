"""Simulations over HTTP: asked for, watched, read and cancelled. The work is done elsewhere (`app.jobs`).

What computes and what keeps jobs is imported with the first request for it, so that a worker is ready at once.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from time import time
from typing import TYPE_CHECKING, Any, cast

import orjson
from flask import Blueprint, Response, current_app, request, send_file
from werkzeug.exceptions import UnsupportedMediaType

from app.engine import InputError, InputFault
from app.intake import JsonLimits, NamedPeople, SimulationReader
from app.jobs import JobLimits

from .answers import NO_SIMULATION, NO_SIMULATION_FILE, NOT_FINISHED, SIMULATIONS_OFF, TOO_MANY, json_answer, json_bytes, problem
from .languages import language_of_request
from .service import service

if TYPE_CHECKING:
    from app.jobs.store import Job, JobStore

blueprint = Blueprint("simulations", __name__)
EXTENSION = "shebao.simulations"
_PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'"
_TYPES = {
    ".csv": "text/csv; charset=utf-8",
    ".parquet": "application/vnd.apache.parquet",
    ".png": "image/png",
    ".json": "application/json",
    ".html": "text/html; charset=utf-8",
}
# Before this much is done, the time left is a guess not worth telling.
_TELLING_SHARE = 0.05


class Simulations:
    """What the calls need, made with the first of them."""

    def __init__(self, limits: JobLimits, rules: Path) -> None:
        from app.jobs.store import JobStore

        served = service()
        self.rules = rules
        self.store: JobStore = JobStore(limits)
        self.reader = SimulationReader(served.rulebook, limits.max_size, JsonLimits(size=served.reader.limits.size))


def _simulations() -> Simulations:
    found = current_app.extensions.get(EXTENSION)
    if found is None:
        served = service()
        found = current_app.extensions[EXTENSION] = Simulations(served.simulations, served.rules)
    return cast(Simulations, found)


View = Callable[..., Response]


def _kept(view: View) -> View:
    """Around every call: where the folder of jobs cannot be used, simulations are said to be off."""

    @wraps(view)
    def wrapped(**names: str) -> Response:
        try:
            return view(**names)
        except OSError as error:
            service().log.error("simulations", error=type(error).__name__)
            zh = "本服务目前无法保存测算任务。请告知维护人员检查 SHEBAO_SIMULATIONS 指定的文件夹。"
            return problem(
                SIMULATIONS_OFF, zh, "This server cannot keep simulations now. Ask the maintainers to check the folder SHEBAO_SIMULATIONS names."
            )

    return wrapped


@blueprint.post("/v1/simulations")
@_kept
def submit() -> Response:
    """Queue a simulation. 429 where too many wait."""
    from app.jobs.runner import start_runner
    from app.jobs.store import QueueFullError

    if request.mimetype != "application/json" or request.headers.get("Content-Encoding", "identity") != "identity":
        raise UnsupportedMediaType
    found = _simulations()
    asked = found.reader.read(request.get_data(cache=False))
    if isinstance(asked.people, NamedPeople):
        _check_name(asked.people.name, found.store.limits.populations)
    found.store.tidy()
    try:
        job = found.store.submit(asked.to_json())
    except QueueFullError as error:
        response = problem(
            TOO_MANY,
            f"等候的任务已满，请 {error.retry_after} 秒后再试。",
            f"As many simulations wait as may. Try again in {error.retry_after} seconds.",
        )
        response.headers["Retry-After"] = str(error.retry_after)
        return response
    start_runner(found.store, found.rules)
    response = json_answer(_render(job, found.store))
    response.status_code = 202
    response.headers["Location"] = f"/v1/simulations/{job.id}"
    return response


def _check_name(name: str, folder: Path | None) -> None:
    from app.jobs.populations import populations

    known = populations(folder)
    if name not in known:
        zh = "本服务没有此名称的人口数据。" + (f"现有：{'、'.join(known)}。" if known else "本服务未提供人口数据，请用 size。")
        en = "this server keeps no population of this name. " + (
            f"There are: {', '.join(known)}." if known else "It keeps none; give a size instead."
        )
        raise InputError([InputFault("/population/name", "unknown_population", zh, en)])


@blueprint.get("/v1/simulations/<name>")
@_kept
def simulation(name: str) -> Response:
    from app.jobs.runner import start_runner

    found = _simulations()
    found.store.tidy()
    job = found.store.get(name)
    if job is None:
        return _no_simulation()
    if job.state == "queued":
        # Whoever was to take it may have died.
        start_runner(found.store, found.rules)
    return json_answer(_render(job, found.store))


@blueprint.delete("/v1/simulations/<name>")
@_kept
def cancel(name: str) -> Response:
    """Cancel a job that is not over; forget one that is."""
    found = _simulations()
    job = found.store.get(name)
    if job is None:
        return _no_simulation()
    if job.over:
        found.store.remove(name)
        return Response(status=204, headers={"Cache-Control": "no-store"})
    cancelled = found.store.cancel(name)
    return _no_simulation() if cancelled is None else json_answer(_render(cancelled, found.store))


@blueprint.get("/v1/simulations/<name>/report")
@_kept
def report(name: str) -> Response:
    """The headline figures."""
    _, folder, refusal = _finished(name)
    return refusal or json_bytes((folder / "report.json").read_bytes())


@blueprint.get("/v1/simulations/<name>/files/<file>")
@_kept
def report_file(name: str, file: str) -> Response:
    """One file of the report."""
    _, folder, refusal = _finished(name)
    if refusal is not None:
        return refusal
    if file not in _files(folder):
        zh, en = "报告中没有这个文件；任务的 links.files 列出全部。", "The report has no such file; links.files of the simulation lists them all."
        return problem(NO_SIMULATION_FILE, zh, en)
    kind = _TYPES[Path(file).suffix]
    response = send_file(folder / file, mimetype=kind, as_attachment=Path(file).suffix in (".csv", ".parquet"), download_name=file, max_age=None)
    response.headers.update({"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Content-Security-Policy": _PAGE_POLICY})
    return response


def _finished(name: str) -> tuple[Job | None, Path, Response | None]:
    """The job and its report's folder; or the answer that there is none (yet)."""
    from app.jobs.runner import REPORT

    found = _simulations()
    found.store.tidy()
    job = found.store.get(name)
    folder = found.store.folder(name) / REPORT if job is not None else Path()
    if job is None:
        return None, folder, _no_simulation()
    if job.state != "finished":
        zh, en = f"测算任务的状态为 {job.state}，没有报告。", f"The simulation is {job.state}; there is no report."
        response = problem(NOT_FINISHED, zh, en)
        if not job.over:
            response.headers["Retry-After"] = "5"
        return job, folder, response
    return job, folder, None


def _no_simulation() -> Response:
    zh, en = "没有此测算任务；结果只保存一段时间。", "There is no such simulation; results are kept for a while only."
    return problem(NO_SIMULATION, zh, en)


# -- rendering ----------------------------------------------------------------------------------------


def _render(job: Job, store: JobStore) -> dict[str, Any]:
    """A job as it is told."""
    address = f"/v1/simulations/{job.id}"
    links: dict[str, Any] = {"self": address}
    told: dict[str, Any] = {"id": job.id, "state": job.state, **_progress(job, store)}
    if job.state == "finished":
        files = {name: f"{address}/files/{name}" for name in _files(store.folder(job.id) / "report")}
        links |= {"report": f"{address}/report", "page": f"{address}/files/report.html", "files": files}
    if job.error is not None:
        told["error"] = _error(job.error)
    times = {"created": job.created, "started": job.started, "finished": job.finished}
    return {**told, **{name: _time(value) for name, value in times.items() if value is not None}, "request": job.request, "links": links}


def _progress(job: Job, store: JobStore) -> dict[str, Any]:
    if job.state == "finished":
        return {"progress": 1.0, "seconds_left": 0}
    if job.state != "running" or job.started is None:
        return {"progress": 0.0, **({"ahead": store.ahead_of(job)} if job.state == "queued" else {})}
    from app.jobs.runner import PROGRESS

    try:
        told = orjson.loads((store.folder(job.id) / PROGRESS).read_bytes())
    except (OSError, ValueError):
        return {"progress": 0.0}
    share = float(told["progress"])
    found = {"stage": told["stage"], "progress": share}
    if share >= _TELLING_SHARE:
        found["seconds_left"] = max(1, round((time() - job.started) * (1 - share) / share))
    return found


def _files(folder: Path) -> list[str]:
    """The files that the report says it is made of."""
    try:
        return [str(name) for name in orjson.loads((folder / "report.json").read_bytes())["files"]]
    except OSError:
        return []


def _error(error: dict[str, Any]) -> dict[str, Any]:
    language = language_of_request()
    faults = [{"pointer": fault["pointer"], "code": fault["code"], "detail": fault[language]} for fault in error.get("faults", ())]
    return {"code": error["code"], "detail": error[language], "errors": faults}


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
