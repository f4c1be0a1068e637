"""The command line on real files: what it prints, where, and with which exit code."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from app import __version__
from app.cli import app
from app.commands.serve import GUNICORN_SETTINGS
from app.language import load_rulebook
from tests.cases.sample import CASES, sample

FACTS = {"wage": "5000.55", "months": 200, "sex": "male", "insured": True, "claim_month": "2025-03"}


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    return sample(tmp_path)


def shebao(rules: Path, *arguments: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(app, ["--rules", str(rules), *arguments], input=stdin)


def a_case(folder: Path, **changed: Any) -> str:
    body = {"as_of": "2025-06-01", "schemes": ["test.scheme"], "facts": FACTS, **changed}
    path = folder / "case.json"
    path.write_text(json.dumps(body), encoding="utf-8")
    return str(path)


def words(result: Result) -> str:
    """What was printed, whatever the width it was laid out for."""
    return " ".join(result.output.replace("│", " ").split())


# -- evaluate -------------------------------------------------------------------------------------


def test_evaluate_explains_from_the_amount_to_the_law(rules: Path, tmp_path: Path) -> None:
    result = shebao(rules, "evaluate", a_case(tmp_path), "--lang", "en")
    assert result.exit_code == 0
    shown = words(result)
    for part in (
        "Entitled (eligible) rests on official figures",
        "Monthly benefit monthly 510.06 CNY/month",
        "✓ Enough months enough_months met",
        "actual 200 month >= 180 month required · margin 20 month",
        "wage * at(rate, year_asked) + bonus",
        "rounded from 510.055 to 0.01 (half up)",
        "测试办法（测发〔2000〕1号） · test/scheme.yaml:",
        "test/scheme.yaml:36",
    ):
        assert part in shown


def test_evaluate_speaks_chinese(rules: Path, tmp_path: Path) -> None:
    shown = words(shebao(rules, "evaluate", a_case(tmp_path)))
    assert "符合条件 (eligible)" in shown
    assert "由 510.055 取整到 0.01（half up）" in shown


def test_evaluate_says_by_how_much_a_condition_is_missed(rules: Path, tmp_path: Path) -> None:
    shown = words(shebao(rules, "evaluate", a_case(tmp_path, facts=FACTS | {"months": 100}), "--lang", "en"))
    assert "Not entitled (not_eligible)" in shown
    assert "✗ Enough months enough_months not met" in shown
    assert "short by 80 month" in shown
    assert "[suggestion] Pay on until 180" in shown


def test_evaluate_says_what_is_missing(rules: Path, tmp_path: Path) -> None:
    shown = words(shebao(rules, "evaluate", a_case(tmp_path, facts={"wage": "1"}), "--lang", "en"))
    assert "Cannot be decided yet (undetermined)" in shown
    assert "Please give the fact months" in shown


def test_evaluate_flags_figures_that_were_given(rules: Path, tmp_path: Path) -> None:
    shown = words(shebao(rules, "evaluate", a_case(tmp_path, given={"bonus": "20"}), "--lang", "en"))
    assert "bonus = 20 CNY/month [given]" in shown


@pytest.mark.parametrize("level", ["full", "summary", "none"])
def test_evaluate_traces_as_much_as_is_asked(rules: Path, tmp_path: Path, level: str) -> None:
    result = shebao(rules, "evaluate", a_case(tmp_path), "--lang", "en", "--trace", level)
    assert result.exit_code == 0
    assert ("How it was computed" in result.output) == (level != "none")


def test_evaluate_gives_the_answer_of_the_service(rules: Path) -> None:
    body = json.dumps({"as_of": "2025-06-01", "schemes": ["test.scheme"], "facts": FACTS, "trace": "none"})
    result = shebao(rules, "evaluate", "-", "--json", stdin=body)
    answer = json.loads(result.output)
    assert answer["engine"] == __version__
    assert answer["results"]["test.scheme"]["benefits"] == {"monthly": {"value": "510.06", "unit": "CNY/month"}}
    assert answer["results"]["test.scheme"]["trace"] == []


def test_every_fault_of_a_bad_case_is_named(rules: Path, tmp_path: Path) -> None:
    bad = a_case(tmp_path, as_of="2025-13-01", facts={"wage": "-", "mnths": 1})
    result = shebao(rules, "evaluate", bad, "--lang", "en")
    assert result.exit_code == 2
    assert [line.split()[0] for line in result.stderr.splitlines()] == ["/as_of", "/facts/wage", "/facts/mnths"]
    assert result.stdout == ""


@pytest.mark.parametrize("text", ["", "{", "[]", '{"as_of": NaN}'])
def test_what_is_not_a_case_is_bad_input(rules: Path, text: str) -> None:
    result = shebao(rules, "evaluate", "-", stdin=text)
    assert result.exit_code == 2
    assert result.stderr


def test_a_file_that_is_not_there_is_bad_input(rules: Path, tmp_path: Path) -> None:
    result = shebao(rules, "evaluate", str(tmp_path / "nowhere.json"))
    assert result.exit_code == 2
    assert "nowhere.json' cannot be read: No such file or directory." in result.stderr


def test_an_option_that_does_not_exist_is_refused(rules: Path, tmp_path: Path) -> None:
    assert shebao(rules, "evaluate", a_case(tmp_path), "--lang", "fr").exit_code == 2
    assert shebao(rules, "evaluate", a_case(tmp_path), "--trace", "some").exit_code == 2


# -- check ----------------------------------------------------------------------------------------


def test_check_passes_good_rules(rules: Path) -> None:
    result = shebao(rules, "check")
    assert result.exit_code == 0
    assert "2 rule files, 1 schemes, 2 regions" in result.output
    assert f"3 cases: no faults. Release {load_rulebook(rules).release}." in result.output


def test_check_names_file_and_line(rules: Path) -> None:
    (rules / "test" / "bad.yaml").write_text("scheme: test.scheme\n", encoding="utf-8")
    result = shebao(rules, "check")
    assert result.exit_code == 1
    assert result.stderr.startswith("test/bad.yaml:1: ")


def test_check_reads_the_cases_too(rules: Path) -> None:
    (rules / "test" / "cases" / "sample.yaml").write_text("cases:\n  - {name: a}\n", encoding="utf-8")
    result = shebao(rules, "check")
    assert result.exit_code == 1
    assert "test/cases/sample.yaml:2: the case 'a' has no 'expect'." in result.output


def test_a_rules_folder_that_is_not_there(tmp_path: Path) -> None:
    result = shebao(tmp_path / "nowhere", "check")
    assert result.exit_code == 2
    assert "Name one with --rules." in result.stderr


# -- test -----------------------------------------------------------------------------------------


def test_test_runs_the_cases(rules: Path) -> None:
    result = shebao(rules, "test")
    assert result.exit_code == 0
    assert result.output == "3 cases: 3 passed, 0 failed.\n"


def test_test_shows_expected_and_actual(rules: Path) -> None:
    (rules / "test" / "cases" / "sample.yaml").write_text(CASES.replace("510.06", "510.05"), encoding="utf-8")
    result = shebao(rules, "test")
    assert result.exit_code == 1
    assert "✗ paid with a bonus  test/cases/sample.yaml:5" in result.output
    assert "test/cases/sample.yaml:16: test.scheme monthly  expected 510.05, but it is 510.06" in result.output
    assert result.output.endswith("3 cases: 2 passed, 1 failed.\n")


def test_test_takes_a_path_and_a_name(rules: Path) -> None:
    file = str(rules / "test" / "cases" / "sample.yaml")
    assert shebao(rules, "test", file, "-k", "bonus").output == "1 cases: 1 passed, 0 failed.\n"
    assert shebao(rules, "test", "-k", "no such name").exit_code == 1
    assert shebao(rules, "test", str(rules / "nowhere")).exit_code == 2


def test_coverage_lists_what_is_left_by_line(rules: Path) -> None:
    result = shebao(rules, "test", "--coverage")
    assert result.exit_code == 0
    assert "test/scheme.yaml:18: branch bonus 'else' of if 1\n" in result.output
    assert "test.scheme: 76 % of the rules exercised (wordings 5/5, roundings 1/1, branches 1/2" in result.output


def test_too_little_coverage_fails(rules: Path) -> None:
    result = shebao(rules, "test", "--minimum-coverage", "90")
    assert result.exit_code == 1
    assert "Rule coverage: 13 of 17 (76.5 %); at least 90 % wanted." in result.output
    assert shebao(rules, "test", "--minimum-coverage", "70").exit_code == 0


# -- schemes, diff, serve, version ----------------------------------------------------------------


def test_schemes_are_listed(rules: Path) -> None:
    shown = words(shebao(rules, "schemes", "--lang", "en"))
    assert "test.scheme Test 2000-01-01 2 2" in shown


def test_diff_shows_both_sides_with_their_lines(rules: Path) -> None:
    result = shebao(rules, "diff", "test.scheme@2025-01-01", "test.scheme@2025-01-01/110000")
    assert result.exit_code == 0
    assert "~ parameter minimum_months 最低月数  changed" in result.output
    assert "- 180 month  test/scheme.yaml:14" in result.output
    assert "+ 120 month  test/beijing.yaml:7" in result.output
    assert "0 added, 0 removed, 1 changed." in result.output


def test_diff_of_equal_versions(rules: Path) -> None:
    assert "no difference." in shebao(rules, "diff", "test.scheme@2024-01-01", "test.scheme@2025-01-01").output


@pytest.mark.parametrize(
    ("version", "message"),
    [
        ("test.scheme", "'test.scheme' does not name a version."),
        ("test.scheme@2025-02-30", "'test.scheme@2025-02-30' does not name a version."),
        ("test.other@2025-01-01", "there is no scheme 'test.other' then and there. The rulebook has: test.scheme."),
        ("test.scheme@2025-01-01/999999", "there is no region '999999'"),
        ("test.scheme@2025-01-01+dream", "there is no reform 'dream'."),
    ],
)
def test_diff_refuses_what_it_does_not_know(rules: Path, version: str, message: str) -> None:
    result = shebao(rules, "diff", "test.scheme@2025-01-01", version)
    assert result.exit_code == 2
    assert message in result.stderr


def test_serve_becomes_gunicorn_with_the_projects_configuration(rules: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[tuple[str, list[str], dict[str, str]]] = []
    monkeypatch.setattr(os, "execve", lambda path, command, environment: started.append((path, command, environment)))
    assert shebao(rules, "serve", "--bind", "127.0.0.1:9", "--workers", "3").exit_code == 0
    [(path, command, environment)] = started
    assert path == sys.executable
    assert command[1:5] == ["-m", "gunicorn", "--config", str(GUNICORN_SETTINGS)]
    assert command[-5:] == ["--bind", "127.0.0.1:9", "--workers", "3", "wsgi:app"]
    assert environment["SHEBAO_RULES"] == str(rules)


def test_version() -> None:
    result = CliRunner().invoke(app, ["--version"])
    assert (result.exit_code, result.output) == (0, f"shebao {__version__}\n")


# -- words, notice --------------------------------------------------------------------------------


def test_words_for_a_citizen_and_for_the_file(rules: Path, tmp_path: Path) -> None:
    short = shebao(rules, "words", a_case(tmp_path), "--lang", "en")
    long = shebao(rules, "words", a_case(tmp_path), "--lang", "en", "--for", "caseworker", "--markdown")
    assert (short.exit_code, long.exit_code) == (0, 0)
    assert "Status of this answer:" in short.output and "## Facts used" in long.output
    assert json.loads(shebao(rules, "words", a_case(tmp_path), "--json").output)["for"] == "citizen"


@pytest.mark.parametrize(("name", "start"), [("n.pdf", b"%PDF-"), ("n.HTML", b"<!DOCTYPE html>")])
def test_a_notice_is_written(rules: Path, tmp_path: Path, name: str, start: bytes) -> None:
    out = tmp_path / name
    result = shebao(rules, "notice", a_case(tmp_path, trace="full"), "--out", str(out), "--reference", "2026-1", "--lang", "en")
    assert result.exit_code == 0, result.output
    assert out.read_bytes().startswith(start)


def test_a_notice_that_cannot_be(rules: Path, tmp_path: Path) -> None:
    assert shebao(rules, "notice", a_case(tmp_path), "--out", str(tmp_path / "n.docx")).exit_code == 2
    assert shebao(rules, "notice", a_case(tmp_path), "--out", str(tmp_path / "n.pdf"), "--determination").exit_code == 2
    assert shebao(rules, "notice", a_case(tmp_path), "--out", str(tmp_path / "no" / "n.pdf")).exit_code == 2
