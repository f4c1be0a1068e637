"""Simulations over HTTP, worked by real processes: asked for, watched, read, cancelled, refused."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator

from app.api import Settings, create_app
from app.engine import Engine
from app.intake import RequestReader
from app.jobs import JobLimits
from app.jobs.store import JobStore
from app.language import load_rulebook

from .conftest import SMALL_RULES, TRACE_ID, problem

HEADERS = {"Accept-Language": "en", "X-Request-Id": TRACE_ID}
LONGEST = 120.0
MONTHS = (100, 130, 180, 200, 240, 300)
PNG = b"\x89PNG\r\n\x1a\n"

App = Callable[..., FlaskClient]


def write_people(file: Path, rows: int) -> None:
    """People of both sexes and two places, around the edges of the small rules; each stands for three."""
    columns = {
        "person_id": pa.array([f"p{number}" for number in range(rows)]),
        "weight": pa.array([3.0] * rows),
        "region": pa.array([("110000", "220000")[number % 2] for number in range(rows)]),
        "sex": pa.array([("male", "female")[number % 3 == 0] for number in range(rows)]),
        "birth_date": pa.array([date(1960 + number % 8, 1 + number % 12, 15) for number in range(rows)]),
        "claim_date": pa.array([date(2024 + number % 2, 6, 1) for number in range(rows)]),
        "account_balance": pa.array(
            [None if number % 25 == 0 else Decimal(10_000 + 137 * number) / 100 for number in range(rows)], pa.decimal128(18, 2)
        ),
        "deemed_contribution_months": pa.array([MONTHS[number % len(MONTHS)] for number in range(rows)], pa.int32()),
        "contribution_records": pa.array(
            [[] for _ in range(rows)],
            pa.list_(pa.struct([("year", pa.int32()), ("months", pa.int32()), ("index", pa.decimal128(18, 6)), ("base", pa.decimal128(18, 2))])),
        ),
        "about.income": pa.array([Decimal(number % 400) for number in range(rows)], pa.decimal128(18, 2)),
    }
    pq.write_table(pa.table(columns), file)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("populations")
    write_people(folder / "small.parquet", 300)
    write_people(folder / "large.parquet", 2_000)
    pq.write_table(pa.table({"sexx": ["male"]}), folder / "wrong.parquet")
    (folder / "notes.txt").write_text("no population")
    (folder / ".hidden.parquet").write_bytes(b"")
    (folder / "link.parquet").symlink_to(folder / "small.parquet")
    return folder


@pytest.fixture
def make(tmp_path: Path, kept: Path) -> Iterator[App]:
    """A client of an application whose jobs are in this test's folder; more of them are more workers of one service."""
    clients: list[FlaskClient] = []

    def make_client(**limits: Any) -> FlaskClient:
        stated = {"folder": tmp_path / "jobs", "populations": kept, "max_size": 1_000, **limits}
        app = create_app(Settings(rules=SMALL_RULES, self_test=False, simulations=JobLimits(**stated)), log_stream=io.BytesIO())
        clients.append(app.test_client())
        return clients[-1]

    yield make_client
    store = JobStore(JobLimits(folder=tmp_path / "jobs"))
    deadline = time.monotonic() + LONGEST
    while store.is_locked(0):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def body(name: str = "small", **changed: Any) -> dict[str, Any]:
    return {"as_of": "2026-03-01", "schemes": ["pension.small"], "population": {"name": name}, **changed}


def ask(client: FlaskClient, asked: dict[str, Any], language: str = "en") -> Any:
    return client.post("/v1/simulations", json=asked, headers={**HEADERS, "Accept-Language": language})


def wait(client: FlaskClient, address: str, *states: str) -> dict[str, Any]:
    """The job once it is in one of the states."""
    deadline = time.monotonic() + LONGEST
    while True:
        job: dict[str, Any] = client.get(address, headers=HEADERS).json
        if job["state"] in states:
            return job
        assert job["state"] in ("queued", "running"), job
        assert time.monotonic() < deadline, job
        time.sleep(0.05)


def test_a_simulation_from_asking_to_reading(make: App, kept: Path, tmp_path: Path) -> None:
    client = make()
    answer = ask(client, body(reforms=["lower_minimum"], poverty_line="150", next_yuan={"fact": "account_balance", "sample": 100}))
    assert answer.status_code == 202, answer.text
    address = answer.headers["Location"]
    assert answer.json["state"] in ("queued", "running")
    assert answer.json["links"] == {"self": address}
    shares = []
    while client.get(address).json["state"] in ("queued", "running"):
        shares.append(client.get(address).json["progress"])
        time.sleep(0.05)
    job = wait(client, address, "finished")
    # Any worker of the service answers for the job.
    client = make()
    assert wait(client, address, "finished") == job
    assert shares == sorted(shares) and shares[0] >= 0 and len(set(shares)) > 2
    assert (job["progress"], job["seconds_left"]) == (1.0, 0)
    assert job["request"]["population"] == {"name": "small"}
    check_report(client, job, kept / "small.parquet")
    check_files(client, job)
    # Of the people nothing is left, but for what is summed up.
    left = {path.relative_to(tmp_path / "jobs" / job["id"]).parts[0] for path in (tmp_path / "jobs" / job["id"]).rglob("*")}
    assert left == {"report", "progress.json", "work.log"}
    check_schemas(client, job)
    assert client.delete(address).status_code == 204
    detail = "There is no such simulation; results are kept for a while only."
    assert client.get(address, headers=HEADERS).json == problem("unknown-simulation", "There is no such simulation", 404, detail)
    assert not (tmp_path / "jobs" / job["id"]).exists()


def check_report(client: FlaskClient, job: dict[str, Any], people: Path) -> None:
    """The headline figures against the engine's own answers, one person at a time."""
    report = client.get(job["links"]["report"], headers=HEADERS).json
    rulebook = load_rulebook(SMALL_RULES)
    before, after = exact(rulebook, people, []), exact(rulebook, people, ["lower_minimum"])
    summary = report["summary"][0]
    assert summary["persons"] == "900"
    for name, found in (("", before), ("after_", after)):
        assert summary[name + "eligible"] == str(3 * sum(status == "eligible" for status, _ in found))
        assert summary[name + "undetermined"] == str(3 * sum(status == "undetermined" for status, _ in found))
        assert summary[name + "cost_month"] == str(3 * sum((amount for _, amount in found if amount is not None), Decimal("0.00")))
    gainers = report["gainers_losers"][0]
    both = [
        (old or Decimal(0), new or Decimal(0)) for (one, old), (other, new) in zip(before, after, strict=True) if "undetermined" not in (one, other)
    ]
    assert gainers["gainers"] == str(3 * sum(new > old for old, new in both))
    assert gainers["losers"] == "0"
    assert report["cliffs"][0]["rows"] > 50
    assert report["inequality"][0]["poverty_line"] == 150.0


def exact(rulebook: Any, people: Path, reforms: list[str]) -> list[tuple[str, Decimal | None]]:
    reader, engine = RequestReader(rulebook), Engine(rulebook)
    found: list[tuple[str, Decimal | None]] = []
    for row in pq.read_table(people).to_pylist():
        facts = {
            name: format(value, "f") if isinstance(value, Decimal) else value.isoformat() if isinstance(value, date) else value
            for name, value in row.items()
            if name in rulebook.facts.facts and value is not None
        }
        request, _ = reader.read_value(
            {"as_of": "2026-03-01", "region": row["region"], "schemes": ["pension.small"], "reforms": reforms, "facts": facts}
        )
        evaluation = engine.evaluate(request)
        outcome = evaluation.outcomes[0]
        amount = evaluation.case.memo[outcome.plan.benefits[0]] if outcome.status == "eligible" else None
        found.append((outcome.status, amount))
    return found


def check_files(client: FlaskClient, job: dict[str, Any]) -> None:
    files = job["links"]["files"]
    page = client.get(job["links"]["page"])
    assert (page.mimetype, page.headers["Content-Security-Policy"][:18]) == ("text/html", "default-src 'none'")
    assert "示例养老金" in page.text
    assert client.get(files["cost_by_scheme.png"]).data.startswith(PNG)
    table = pq.read_table(io.BytesIO(client.get(files["by_region.parquet"]).data))
    assert table.column("region").to_pylist() == ["110000", "220000"]
    csv = client.get(files["summary.csv"])
    assert (csv.mimetype, csv.headers["Content-Disposition"]) == ("text/csv", "attachment; filename=summary.csv")
    missing = client.get(f"{job['links']['self']}/files/other.csv", headers=HEADERS)
    detail = "The report has no such file; links.files of the simulation lists them all."
    assert missing.json == problem("unknown-file", "There is no such file", 404, detail)
    for name in ("..%2F..%2Fjobs.sqlite", "%2e%2e", "..%2Fwork.log"):
        assert client.get(f"{job['links']['self']}/files/{name}").status_code == 404


def check_schemas(client: FlaskClient, job: dict[str, Any]) -> None:
    """What is answered is what the OpenAPI document describes."""
    document = client.get("/openapi.json").json
    for name, value in (("Simulation", job), ("SimulationReport", client.get(job["links"]["report"]).json), ("SimulationRequest", job["request"])):
        schema = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
        assert [f"{error.json_path}: {error.message}" for error in Draft202012Validator(schema).iter_errors(value)] == []


def test_the_document_s_example_is_accepted(make: App) -> None:
    client = make()
    example = client.get("/openapi.json").json["paths"]["/v1/simulations"]["post"]["requestBody"]["content"]["application/json"]["examples"][
        "reform"
    ]["value"]
    answer = ask(client, example)
    assert answer.status_code == 202
    client.delete(answer.headers["Location"])
    wait(client, answer.headers["Location"], "cancelled")


def test_a_running_job_is_cancelled(make: App, tmp_path: Path) -> None:
    client = make()
    address = ask(client, body()).headers["Location"]
    wait(client, address, "running")
    report = client.get(f"{address}/report", headers=HEADERS)
    assert report.json == problem("not-finished", "The simulation has no results", 409, "The simulation is running; there is no report.")
    assert report.headers["Retry-After"] == "5"
    assert client.delete(address, headers=HEADERS).status_code == 200
    job = wait(client, address, "cancelled")
    assert "error" not in job and job["links"] == {"self": address}
    assert client.get(f"{address}/files/summary.csv").status_code == 409
    assert client.delete(address).status_code == 204
    assert not (tmp_path / "jobs" / job["id"]).exists()


def test_waiting_refusing_and_cancelling_while_queued(make: App, tmp_path: Path) -> None:
    client = make(max_queued=2)
    store = JobStore(JobLimits(folder=tmp_path / "jobs"))
    with store.locked(0):
        first, second = ask(client, body()), ask(client, body())
        assert [answer.json["ahead"] for answer in (first, second)] == [0, 1]
        refused = ask(client, body())
        seconds = refused.headers["Retry-After"]
        detail = f"As many simulations wait as may. Try again in {seconds} seconds."
        assert refused.json == problem("too-many-simulations", "Too many simulations", 429, detail)
        assert 1 <= int(seconds) <= 60
        assert ask(client, body(), "zh").json["title"] == "测算任务过多"
        assert client.delete(first.headers["Location"]).json["state"] == "cancelled"
        assert client.get(second.headers["Location"]).json["ahead"] == 0
        assert ask(client, body()).status_code == 202
    # Nobody holds the slot any more: asking after a waiting job has it taken up.
    assert wait(client, second.headers["Location"], "finished")["progress"] == 1.0


def test_a_job_that_takes_too_long_is_stopped(make: App) -> None:
    client = make(max_seconds=1)
    job = wait(client, ask(client, body()).headers["Location"], "failed")
    assert job["error"] == {"code": "time_limit", "detail": "stopped after 1 s, the time limit. Ask of fewer people or schemes.", "errors": []}


def test_a_job_whose_process_died_is_said_to_be_interrupted(make: App, tmp_path: Path) -> None:
    client = make()
    store = JobStore(JobLimits(folder=tmp_path / "jobs"))
    with store.locked(0):
        address = ask(client, body()).headers["Location"]
        store.claim(0)
        assert client.get(address).json["state"] == "running"
    job = client.get(address, headers={"Accept-Language": "zh"}).json
    assert (job["state"], job["error"]["code"], job["error"]["detail"]) == ("failed", "interrupted", "计算进程意外终止，没有得到结果。请重新提交。")


def test_a_population_that_does_not_fit_says_why(make: App, kept: Path) -> None:
    client = make()
    job = wait(client, ask(client, body("wrong")).headers["Location"], "failed")
    fault = job["error"]["errors"][0]
    assert (fault["pointer"], fault["code"]) == ("/columns/sexx", "unknown_column")
    assert "Did you mean 'sex'?" in fault["detail"]
    assert str(kept) not in json.dumps(job)


def test_a_population_that_is_too_large(make: App) -> None:
    client = make()
    job = wait(client, ask(client, body("large")).headers["Location"], "failed")
    assert job["error"]["errors"] == [
        {
            "pointer": "/population",
            "code": "too_many_persons",
            "detail": "the population has more than 1000 persons, the most that are simulated here.",
        }
    ]


@pytest.mark.parametrize(
    ("changed", "pointer", "code"),
    [
        ({"population": {"name": "other"}}, "/population/name", "unknown_population"),
        ({"population": {"name": "../jobs"}}, "/population/name", "unknown_population"),
        ({"population": {"name": "/etc/passwd"}}, "/population/name", "unknown_population"),
        ({"population": {"name": "notes"}}, "/population/name", "unknown_population"),
        ({"population": {"name": ".hidden"}}, "/population/name", "unknown_population"),
        ({"population": {"name": "link"}}, "/population/name", "unknown_population"),
        ({"population": {"name": 5}}, "/population/name", "wrong_type"),
        ({"population": {"name": "small", "size": 5}}, "/population", "one_of"),
        ({"population": {"size": 1_001}}, "/population/size", "too_large"),
        ({"population": {"size": 0}}, "/population/size", "too_small"),
        ({"population": {"seed": 1}}, "/population/size", "missing"),
        ({"population": {"size": 5, "sead": 1}}, "/population/sead", "unknown_field"),
        ({"population": "small"}, "/population", "wrong_type"),
        ({"schemes": ["pension.other"]}, "/schemes/0", "unknown_scheme"),
        ({"as_of": "1990-01-01"}, "/schemes/0", "not_in_force"),
        ({"against_as_of": "1990-01-01"}, "/schemes/0", "not_in_force"),
        ({"reforms": ["other"]}, "/reforms/0", "unknown_reform"),
        ({"poverty_line": "0"}, "/poverty_line", "too_small"),
        ({"next_yuan": {"fact": "sex"}}, "/next_yuan/fact", "unknown_value"),
        ({"next_yuan": {"step": "1"}}, "/next_yuan/fact", "missing"),
        ({"assumptions": {"growth": "0.1"}}, "/assumptions/growth", "unknown_field"),
        ({"path": "x"}, "/path", "unknown_field"),
    ],
)
def test_what_is_wrong_is_said_at_once(make: App, tmp_path: Path, changed: dict[str, Any], pointer: str, code: str) -> None:
    answer = ask(make(), body(**changed))
    assert answer.status_code == 422, answer.text
    assert [(fault["pointer"], fault["code"]) for fault in answer.json["errors"]] == [(pointer, code)]
    assert JobStore(JobLimits(folder=tmp_path / "jobs")).queued() == 0


def test_bodies_that_are_not_json(make: App) -> None:
    client = make()
    assert client.post("/v1/simulations", data=b"{", content_type="application/json").status_code == 400
    assert client.post("/v1/simulations", data=b"[]", content_type="application/json").status_code == 422
    assert client.post("/v1/simulations", data=b"{}", content_type="text/plain").status_code == 415
    assert client.post("/v1/simulations", data=b'{"x": "' + b"9" * 300_000 + b'"}', content_type="application/json").status_code == 413


def test_without_a_folder_simulations_are_off_and_the_rest_goes_on(make: App, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    client = make(folder=tmp_path / "file" / "jobs")
    assert client.get("/readyz").status_code == 200
    detail = "This server cannot keep simulations now. Ask the maintainers to check the folder SHEBAO_SIMULATIONS names."
    assert ask(client, body()).json == problem("simulations-off", "Simulations are not available", 503, detail)


def test_a_worker_starts_without_what_simulations_need() -> None:
    code = (
        "import sys; from app.api import Settings, create_app; from pathlib import Path; "
        f"create_app(Settings(rules=Path({str(SMALL_RULES)!r}), self_test=False)); "
        "print([name for name in ('pyarrow', 'numpy', 'duckdb', 'sqlite_utils', 'vl_convert', 'app.jobs.store') if name in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=Path(__file__).resolve().parents[2])
    assert told.stdout.splitlines()[-1] == "[]"


def test_settings_of_simulations() -> None:
    assert JobLimits.from_environment({"XDG_STATE_HOME": "/s"}).folder == Path("/s/shebao/simulations")
    stated = JobLimits.from_environment({"SHEBAO_SIMULATIONS": "/jobs", "SHEBAO_POPULATIONS": "/people", "SHEBAO_SIMULATION_MAX_SIZE": "5"})
    assert (stated.folder, stated.populations, stated.max_size, stated.max_running) == (Path("/jobs"), Path("/people"), 5, 1)
    assert JobLimits.from_json(stated.to_json()) == stated
    with pytest.raises(ValueError, match="SHEBAO_SIMULATION_MAX_QUEUED is 'many'"):
        JobLimits.from_environment({"SHEBAO_SIMULATION_MAX_QUEUED": "many"})
    with pytest.raises(ValueError, match="max_running of simulations is 0"):
        JobLimits.from_environment({"SHEBAO_SIMULATION_MAX_RUNNING": "0"})


def test_people_drawn_anew(tmp_path: Path) -> None:
    limits = JobLimits(folder=tmp_path / "jobs")
    app: Flask = create_app(Settings(self_test=False, simulations=limits), log_stream=io.BytesIO())
    client = app.test_client()
    address = ask(client, body(schemes=["pension.retirement_age"], population={"size": 500, "seed": 7})).headers["Location"]
    job = wait(client, address, "finished", "failed")
    assert job["state"] == "finished", (tmp_path / "jobs" / job["id"] / "work.log").read_text()
    assert client.get(job["links"]["report"]).json["summary"][0]["rows"] == 500
    shutil.rmtree(tmp_path / "jobs")
