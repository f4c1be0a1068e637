"""`shebao evaluate --batch`: answers as the service gives them, tables as `simulate` gives them, faults beside them."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner, Result

from app.cli import app
from app.engine import Engine, explain
from app.intake import RequestReader
from tests.api.conftest import SMALL_RULES, career
from tests.test_rule_cases import rulebook

ROOT = Path(__file__).resolve().parents[2]
RECORDS = json.dumps(career()["facts"]["contribution_records"])
HEADER = ["person_id", "household_id", "region", "sex", "birth_date", "claim_date", "account_balance", "deemed_contribution_months", "contribution_records", "about.note"]
ROWS = [
    ["a", "h1", "110000", "male", "1965-05-12", "2025-08-31", "182345.60", "60", RECORDS, "one, two"],
    ["b", "h1", "", "male", "1965-05-12", "2025-08-31", "0.10", "", RECORDS, ""],
    ["c", "", "310000", "male", "1965-05-12", "2025-08-31", "182345.60", "0", "[]", "值"],
]


def batch(*arguments: object, stdin: bytes | str | None = None, rules: Path = SMALL_RULES) -> Result:
    return CliRunner().invoke(app, ["--rules", str(rules), "evaluate", "--lang", "en", "--batch", *map(str, arguments)], input=stdin)


def lines(path: Path, *values: Any) -> Path:
    path.write_text("".join((value if isinstance(value, str) else json.dumps(value)) + "\n" for value in values), encoding="utf-8")
    return path


def table(path: Path, header: list[str], rows: list[list[str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read_lines(text: str | bytes) -> list[Any]:
    return [json.loads(line) for line in text.splitlines()]


# -- lines of JSON ----------------------------------------------------------------------------------


def test_the_fixtures_are_answered_as_single_cases(tmp_path: Path) -> None:
    paths = sorted((ROOT / "fixtures").glob("*.json"))[:20]
    cases = lines(tmp_path / "cases.ndjson", *({"id": path.stem, **json.loads(path.read_bytes())} for path in paths))
    result = batch(cases, "--out", tmp_path / "answers.ndjson", "--processes", 2, rules=ROOT / "rules")
    assert result.exit_code == 0, result.output
    engine, reader = Engine(rulebook()), RequestReader(rulebook())
    found = read_lines((tmp_path / "answers.ndjson").read_bytes())
    for number, (path, answer) in enumerate(zip(paths, found, strict=True), 1):
        request, trace = reader.read(path.read_bytes())
        assert answer == {"line": number, "id": path.stem, **explain(engine.evaluate(request), "en", trace)}
    assert sorted(each.name for each in tmp_path.iterdir()) == ["answers.ndjson", "cases.ndjson"]


def test_faults_stand_beside_the_answers(tmp_path: Path) -> None:
    cases = lines(tmp_path / "cases.ndjson", career(), "{", "", {"id": 9, **career(facts={"sex": "x", "birth_date": "1"})}, career())
    result = batch(cases, "--out", tmp_path / "out.ndjson")
    assert result.exit_code == 1
    assert [each["line"] for each in read_lines((tmp_path / "out.ndjson").read_bytes())] == [1, 5]
    rejects = read(tmp_path / "out.rejects.csv")
    assert [(each["line"], each["id"], each["pointer"], each["code"]) for each in rejects] == [
        ("2", "", "", "not_json"),
        ("4", "9", "/facts/sex", "unknown_value"),
        ("4", "9", "/facts/birth_date", "wrong_form"),
    ]
    assert rejects[1]["detail"] == "'x' is not one of male, female."
    assert "4 lines: 2 answered, 2 refused" in result.stderr
    # A second batch without faults leaves none lying about.
    assert batch(lines(cases, career()), "--out", tmp_path / "out.ndjson").exit_code == 0
    assert not (tmp_path / "out.rejects.csv").exists()


def test_on_the_screen_faults_go_to_the_errors(tmp_path: Path) -> None:
    cases = lines(tmp_path / "cases.ndjson", "{", *["nonsense"] * 50, career(trace="none"))
    result = batch(cases)
    assert result.exit_code == 1
    (answer,) = read_lines(result.stdout)
    assert answer["line"] == 52
    assert result.stderr.count("is not JSON") == 20


def test_defaults_of_options_and_of_the_first_line() -> None:
    facts = career()["facts"]
    cases = "\n".join(map(json.dumps, [{"defaults": {"as_of": "2025-03-01"}}, {"facts": facts}, {"facts": facts, "as_of": "2026-03-01", "trace": "full"}]))
    result = batch("-", "--scheme", "pension.small", "--as-of", "2024-01-01", "--region", "110000", "--trace", "none", stdin=cases)
    assert result.exit_code == 0, result.stderr
    assert [(each["line"], each["as_of"], each["region"]) for each in read_lines(result.stdout)] == [(2, "2025-03-01", "110000"), (3, "2026-03-01", "110000")]
    assert [each["results"]["pension.small"]["trace"] for each in read_lines(result.stdout)] == [[], []]


@pytest.mark.parametrize(
    ("arguments", "stdin", "told"),
    [
        (["-"], '{"defaults": {"fact": 1}}\n', "/defaults/fact"),
        (["-", "--as-of", "2026-02-30"], "", "/as_of"),
        (["-", "--region", "x"], "", "/region"),
        (["-", "--from", "csv"], "sex\nmale\n", "Say with --scheme"),
        (["-", "--from", "csv", "--scheme", "pension.small"], "persn_id,sex\n", "Did you mean 'person_id'?"),
        (["-", "--from", "csv", "--scheme", "pension.small"], "", "has no header"),
        (["-", "--from", "csv", "--scheme", "pension.small"], "sex,as_of,as_of\n", "several columns 'as_of'"),
        (["-", "--from", "csv", "--scheme", "pension.small"], "sex,given.average\nmale,1\n", "have no rule 'average'"),
        (["-", "--from", "xml"], "", "is not one of 'ndjson', 'csv'"),
        (["nothing.ndjson"], "", "'nothing.ndjson' cannot be read"),
    ],
)
def test_what_nobody_can_be_asked_begins_nothing(arguments: list[str], stdin: str, told: str) -> None:
    result = batch(*arguments, stdin=stdin)
    assert result.exit_code == 2
    assert told in " ".join(result.stderr.replace("│", " ").split())
    assert result.stdout == ""


def test_the_file_of_cases_is_not_written_over(tmp_path: Path) -> None:
    cases = lines(tmp_path / "cases.ndjson", career())
    for options in (["--out", cases], ["--out", tmp_path / "out", "--rejects", cases]):
        assert batch(cases, *options).exit_code == 2
        assert read_lines(cases.read_bytes()) == [career()]


def test_options_of_a_batch_are_refused_of_a_single_case(tmp_path: Path) -> None:
    case = lines(tmp_path / "case.json", career())
    for arguments in (["evaluate", str(case), "--out", "x"], ["evaluate"], ["evaluate", str(case), "--batch", str(case)]):
        assert CliRunner().invoke(app, ["--rules", str(SMALL_RULES), *arguments]).exit_code == 2


# -- tables -----------------------------------------------------------------------------------------


def test_a_table_is_answered_as_simulate_answers_it(tmp_path: Path) -> None:
    people = table(tmp_path / "people.csv", HEADER, ROWS)
    common = ["--scheme", "pension.small", "--as-of", "2026-03-01", "--outputs"]
    assert batch(people, "--out", tmp_path / "out.csv", *common).exit_code == 0
    found = CliRunner().invoke(app, ["--rules", str(SMALL_RULES), "simulate", "--exact", "--population", str(people), "--out", str(tmp_path / "run"), *common])
    assert found.exit_code == 0, found.output
    (part,) = (tmp_path / "run" / "results").glob("*.parquet")
    answers = read(tmp_path / "out.csv")
    results = pq.read_table(part).to_pylist()
    assert len(answers) == len(results) == 3
    for answer, result in zip(answers, results, strict=True):
        assert (answer["id"], answer["household_id"], answer["about.note"]) == (result["person_id"], result["household_id"] or "", result["about.note"] or "")
        assert answer["region"] == result["region"]
        for name in (each for each in result if each.startswith("pension.small.")):
            assert plain(answer[name]) == plain(result[name]), name
    assert {each["pension.small.status"] for each in answers} == {"eligible", "not_eligible", "undetermined"}


def plain(value: Any) -> str:
    text = "" if value is None else format(value, "f") if isinstance(value, Decimal) else str(value)
    return text.rstrip("0").rstrip(".") if "." in text else text


def test_a_table_with_a_day_a_row_and_given_figures(tmp_path: Path) -> None:
    header = [*HEADER, "as_of", "given.contribution_months"]
    rows = [[*ROWS[0], "2026-03-01", "1"], [*ROWS[0], "", ""], [*ROWS[0], "2026-02-30", "360"], ["short"], [*ROWS[0][:3], "mail", *ROWS[0][4:], "", "x"]]
    people = table(tmp_path / "people.csv", header, rows)
    result = batch(people, "--out", tmp_path / "out.ndjson", "--scheme", "pension.small", "--as-of", "2026-04-01", "--processes", 2)
    assert result.exit_code == 1
    first, second = read_lines((tmp_path / "out.ndjson").read_bytes())
    assert (first["line"], first["as_of"], first["results"]["pension.small"]["values"]["contribution_months"]) == (1, "2026-03-01", "1")
    assert (second["line"], second["as_of"], second["results"]["pension.small"]["status"]) == (2, "2026-04-01", "eligible")
    assert [(each["line"], each["id"], each["pointer"]) for each in read(tmp_path / "out.rejects.csv")] == [
        ("3", "a", "/as_of"),
        ("4", "", ""),
        ("5", "a", "/facts/sex"),
        ("5", "a", "/given/contribution_months"),
    ]


def test_lines_of_json_into_a_table(tmp_path: Path) -> None:
    cases = lines(tmp_path / "cases.ndjson", {"defaults": {"schemes": ["pension.small"], "as_of": "2026-03-01"}}, {"id": 5, "facts": career()["facts"]}, {"facts": {}})
    result = batch(cases, "--to", "csv")
    assert result.exit_code == 0
    first, second = csv.DictReader(result.stdout.splitlines())
    assert (first["line"], first["id"], first["pension.small.status"], first["pension.small.monthly_pension"]) == ("2", "5", "eligible", "3831.84")
    assert (second["pension.small.status"], second["pension.small.monthly_pension"]) == ("undetermined", "")


# -- as a process -----------------------------------------------------------------------------------


def start(*arguments: object, **options: Any) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "app.cli", "--rules", str(SMALL_RULES), "evaluate", "--lang", "en", "--batch", *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)


def test_several_processes_give_the_same_bytes(tmp_path: Path) -> None:
    cases = lines(tmp_path / "cases.ndjson", *({"id": number, **career(trace="none", given={"contribution_months": str(number)})} for number in range(500)))
    found = [start(cases, "--processes", processes).communicate(timeout=120) for processes in (1, 3)]
    assert found[0][0] == found[1][0]
    assert [each["id"] for each in read_lines(found[0][0])] == list(range(500))
    assert all(b"\x1b" not in err and b"500 answered" in err for _, err in found)  # no bar where nobody watches


@pytest.mark.parametrize("processes", [1, 2])
def test_ctrl_c_leaves_whole_lines(tmp_path: Path, processes: int) -> None:
    out = tmp_path / "out.ndjson"
    # Tests that run in the background of a shell inherit that SIGINT is ignored.
    heard = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    process = start("-", "--out", out, "--processes", processes, stdin=subprocess.PIPE, start_new_session=True, preexec_fn=heard)
    assert process.stdin is not None
    process.stdin.write((json.dumps(career(trace="none")) + "\n").encode() * 1000)
    process.stdin.flush()
    deadline = time.monotonic() + 60
    while not (out.exists() and out.stat().st_size) and time.monotonic() < deadline:
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    _, told = process.communicate(timeout=30)
    assert process.returncode == 130
    assert b"Interrupted" in told and b"Traceback" not in told
    answers = read_lines(out.read_bytes())
    assert [each["line"] for each in answers] == list(range(1, len(answers) + 1))
    assert answers


def test_whoever_reads_may_have_enough(tmp_path: Path) -> None:
    cases = lines(tmp_path / "cases.ndjson", *[career()] * 400)
    process = start(cases)
    assert process.stdout is not None and process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.wait(60) == 1
    assert b"Traceback" not in process.stderr.read()
    process.stderr.close()
