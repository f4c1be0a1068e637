"""`shebao scan`: the service's answer as JSON, and the same for people."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from app.cli import app

ROOT = Path(__file__).resolve().parents[2]
HOUSEHOLD = ROOT / "fixtures" / "households" / "three_generations_beijing.json"


def scanned(*arguments: str) -> tuple[int, str]:
    found = CliRunner().invoke(app, ["--rules", str(ROOT / "rules"), "scan", *arguments])
    return found.exit_code, found.output


def test_as_the_service_gives_it() -> None:
    code, output = scanned(str(HOUSEHOLD), "--json", "--lang", "en")
    answer = json.loads(output)
    assert code == 0
    assert answer["totals"]["all"] == {"CNY/month": "4060.35", "CNY": "3600"}
    assert [each["id"] for each in answer["members"]] == ["grandmother", "father", "mother", "child"]


def test_on_the_screen() -> None:
    code, output = scanned(str(HOUSEHOLD), "--lang", "en")
    text = " ".join(output.split())
    assert code == 0
    for said in (
        "in all 4060.35 CNY/month 3600 CNY",
        "Persons in the household: 4 (counted from the members)",
        "✓ Old-age allowance care.old_age_allowance Old-age allowance a month 100",
        "nothing known suggests:",
        "Next: how to claim",
        "Identity card (social security card)",
    ):
        assert said in text


def test_what_cannot_be(tmp_path: Path) -> None:
    file = tmp_path / "household.json"
    file.write_text(json.dumps({"members": [{"id": "a", "facts": {"sx": "male"}}]}))
    code, output = scanned(str(file), "--lang", "en")
    assert code == 2
    assert "/members/0/facts/sx" in output and "Did you mean 'sex'?" in output
