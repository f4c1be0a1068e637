"""`shebao what-if` on the screen and as JSON."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from app.cli import app

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
RULES = Path(__file__).resolve().parents[2] / "rules"


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["--rules", str(RULES), "what-if", *arguments], env={"COLUMNS": "200"})
    return result.exit_code, result.output if result.exit_code == 0 and "--json" in arguments else " ".join(result.output.split())


def test_the_change_and_the_value_one_step_short() -> None:
    code, said = run(str(FIXTURES / "07_man_under_minimum_hebei.json"), "--scheme", "pension.employee", "--lang", "en")
    assert code == 0
    assert "14 months more: Contribution months, deemed ones included 180 months instead of 166 months" in said
    assert "one step short: 179: Not entitled" in said
    assert "Tried, to no avail" in said


def test_options_make_the_goal() -> None:
    case = str(FIXTURES / "01_man_statutory_beijing.json")
    code, said = run(case, "--scheme", "pension.employee", "--benefit", "monthly_pension", "--at-least", "7000", "--allow", "account_balance", "--json")
    answer = json.loads(said)
    assert code == 0
    assert answer["goal"]["at_least"] == "7000"
    assert [each["to"] for each in answer["alternatives"]] == ["366285.50"]


def test_a_goal_that_makes_no_sense_is_refused_in_words() -> None:
    code, said = run(str(FIXTURES / "01_man_statutory_beijing.json"), "--at-least", "7000", "--lang", "en")
    assert code != 0
    assert "needs the 'benefit' it is of" in said
