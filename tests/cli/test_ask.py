"""`shebao ask`: answers typed on a terminal, checked, and the case answered at the end."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from app.cli import app
from tests.conftest import HEAD, write

BODY = """\
eligibility:
  member: {title: {zh: 参保, en: Insured}, holds: insured}
  long: {title: {zh: 足月, en: Enough months}, holds: 'sum(records.paid) >= 12'}
benefits:
  amount:
    title: {zh: 金额, en: Amount}
    unit: CNY/month
    value: 'wage + (if sex = "male" and or_else(count_of_children, 0) > 0 then 10 else 0)'
"""


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    return write(tmp_path / "rules", {"a.yaml": HEAD + BODY})


def ask(rules: Path, answers: str, *options: str, **facts: Any) -> Result:
    path = rules.parent / "case.json"
    path.write_text(json.dumps({"as_of": "2025-06-01", "schemes": ["test.scheme"], "facts": facts, "trace": "full"}))
    return CliRunner().invoke(app, ["--rules", str(rules), "ask", str(path), "--lang", "en", *options], input=answers)


def words(result: Result) -> str:
    return " ".join(result.output.replace("│", " ").split())


def test_questions_are_asked_until_the_answer(rules: Path, tmp_path: Path) -> None:
    saved = tmp_path / "saved.json"
    # insured; two records, the second's year wrong at first; sex by its number; wage; children left out
    typed = ["yes", "2023", "6", "", "year", "2024", "7", "1.1", "", "1", "1000.50", ""]
    result = ask(rules, "\n".join(typed) + "\n", "--save", str(saved))
    assert result.exit_code == 0, result.output
    shown = words(result)
    assert "Entitled (eligible)" in shown and "1000.50 CNY/month" in shown
    assert "must be a whole number, such as 12." in shown
    facts = json.loads(saved.read_text())["facts"]
    assert facts["insured"] is True and facts["sex"] == "male" and facts["wage"] == "1000.50" and "count_of_children" not in facts
    assert facts["records"] == [{"year": "2023", "paid": "6"}, {"year": "2024", "paid": "7", "index": "1.1"}]


def test_a_settled_case_asks_nothing_more(rules: Path) -> None:
    result = ask(rules, "no\n")
    assert result.exit_code == 0
    assert "Not entitled (not_eligible)" in words(result) and "Wage" not in result.output


@pytest.mark.parametrize("wrong", ["3", "perhaps", "mal"])
def test_a_wrong_choice_is_asked_again(rules: Path, wrong: str) -> None:
    records = [{"year": 2024, "paid": 12}]
    result = ask(rules, f"{wrong}\nfemale\n5\n", insured=True, records=records)
    assert result.exit_code == 0, result.output
    assert "Type the number, the code or the title of a choice." in words(result)
    assert "5 CNY/month" in words(result)


def test_a_needed_fact_left_out_leaves_the_case_open(rules: Path) -> None:
    result = ask(rules, "\n\n\n\n\n", records=[{"year": 2024, "paid": 12}])
    assert result.exit_code == 0
    assert "Cannot be decided yet" in words(result) and "Please give the fact" in words(result)


def test_the_questions_once(rules: Path) -> None:
    answer = json.loads(ask(rules, "", "--json").output)
    assert [each["name"] for each in answer["questions"]][:2] == ["insured", "records"]
    shown = words(ask(rules, "", "--list"))
    assert "1. Insured insured" in shown and "Test test.scheme: open" in shown


def test_what_cannot_be_asked(rules: Path, tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["--rules", str(rules), "ask", "-"], input="{}")
    assert (result.exit_code, "has to be a file" in result.output) == (2, True)
    assert ask(rules, "", sexx="male").exit_code == 2
    assert ask(rules, "yes\n").exit_code == 1  # the input ends before the questions do
    assert ask(rules, "no\n", "--save", str(tmp_path)).exit_code == 2
