"""`shebao release` and `--release`: keep the rules, change them, answer from either, compare."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from app.cli import app
from app.language import load_rulebook
from tests.cases.sample import sample

from .test_cli import a_case, words


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    return sample(tmp_path)


@pytest.fixture
def case(tmp_path: Path) -> str:
    return a_case(tmp_path)


def shebao(rules: Path, *arguments: str) -> Result:
    options = ["--rules", str(rules), "--releases", str(rules.parent / "kept"), *arguments]
    language = () if arguments[0] in ("schemes", "check") else ("--lang", "en")
    return CliRunner().invoke(app, [*options, *language])


def rewritten(rules: Path) -> None:
    """The rate is another one."""
    (path,) = [each for each in rules.rglob("*.yaml") if "2020: 0.1" in each.read_text() and "cases" not in each.parts]
    path.write_text(path.read_text().replace("2020: 0.1", "2020: 0.12"))


def test_keep_change_compare(rules: Path, case: str) -> None:
    assert "No release is kept" in words(shebao(rules, "release", "list"))
    old = load_rulebook(rules).release
    kept = shebao(rules, "release", "keep", "--tag", "before")
    assert kept.exit_code == 0 and f"Release {old} is kept" in words(kept)
    assert "already" in words(shebao(rules, "release", "keep", "--tag", "before"))
    first = json.loads(shebao(rules, "evaluate", case, "--json").output)
    rewritten(rules)
    now = json.loads(shebao(rules, "evaluate", case, "--json").output)
    then = json.loads(shebao(rules, "evaluate", case, "--json", "--release", "before").output)
    assert then == first != now and then["release"] == old
    found = words(shebao(rules, "compare", case, "--release", "before", "--against-release", "running"))
    assert old in found and "this file itself was edited" in found and "0.1 " in found and "0.12" in found
    answer = json.loads(shebao(rules, "compare", case, "--against-release", "before", "--json").output)
    assert (answer["before"]["release"], answer["after"]["release"]) == (now["release"], old)
    shown = words(shebao(rules, "release", "show", "before"))
    assert "Since then, the rules as they are: changed 1" in shown
    taken = shebao(rules, "release", "keep", "--tag", "before")
    assert taken.exit_code == 1 and old in taken.output
    listed = json.loads(shebao(rules, "release", "list", "--json").output)
    assert [(each["id"], each["tags"]) for each in listed] == [(old, ["before"])]
    assert f"{old} before" in words(shebao(rules, "release", "list"))
    assert "1 changed" in words(shebao(rules, "diff", "test.scheme@2025-06-01", "test.scheme@2025-06-01", "--release", "before", "--against-release", "running"))


def test_every_command_that_answers_takes_a_release(rules: Path, case: str, tmp_path: Path) -> None:
    shebao(rules, "release", "keep", "--tag", "before")
    rewritten(rules)
    old, now = (json.loads(shebao(rules, "evaluate", case, "--json", "--release", name).output)["release"] for name in ("before", "running"))
    assert old != now
    household = tmp_path / "household.json"
    asked = json.loads(Path(case).read_text())
    household.write_text(json.dumps({"as_of": asked["as_of"], "members": [{"id": "one", "facts": asked["facts"]}]}))
    for command in (
        ("timeline", case, "--from", "2025-01", "--to", "2025-02", "--over", "claim_month"),
        ("what-if", case, "--goal", "not_eligible"),
        ("words", case),
        ("scan", str(household)),
        ("ask", case),
    ):
        found = shebao(rules, *command, "--json", "--release", "before")
        assert found.exit_code == 0, found.output
        assert json.loads(found.output)["release"] == old
    assert shebao(rules, "notice", case, "--out", str(tmp_path / "n.html"), "--release", "before").exit_code == 0
    assert old in (tmp_path / "n.html").read_text()
    lines = tmp_path / "lines.ndjson"
    body = json.loads(Path(case).read_text())
    lines.write_text("".join(json.dumps(each) + "\n" for each in (body, {**body, "release": "running"})))
    found = shebao(rules, "evaluate", "--batch", str(lines), "--out", str(tmp_path / "out.ndjson"), "--release", "before", "--processes", "2")
    assert found.exit_code == 0, found.output
    assert [json.loads(line)["release"] for line in (tmp_path / "out.ndjson").read_text().splitlines()] == [old, now]


def test_a_kept_release_answers_while_the_rules_are_broken(rules: Path, case: str) -> None:
    shebao(rules, "release", "keep", "--tag", "before")
    (rules / "facts.yaml").write_text("facts: {")
    assert shebao(rules, "evaluate", case).exit_code == 1
    assert shebao(rules, "release", "keep").exit_code == 1
    assert shebao(rules, "evaluate", case, "--release", "before").exit_code == 0
    shutil.rmtree(rules)
    assert shebao(rules, "evaluate", case, "--release", "before").exit_code == 0
    assert shebao(rules, "release", "show", "before").exit_code == 0
    assert shebao(rules, "evaluate", case).exit_code == 2


def test_carried_to_another_machine(rules: Path, case: str, tmp_path: Path) -> None:
    shebao(rules, "release", "keep", "--tag", "before")
    file = tmp_path / "release.zip"
    assert shebao(rules, "release", "export", "before", str(file)).exit_code == 0
    shutil.rmtree(rules.parent / "kept")
    assert shebao(rules, "release", "import", str(file)).exit_code == 0
    rewritten(rules)
    assert shebao(rules, "evaluate", case, "--release", "before").exit_code == 0
    file.write_bytes(file.read_bytes()[:-100])
    broken = shebao(rules, "release", "import", str(file))
    assert broken.exit_code == 2 and "damaged" in words(broken)


def test_names_that_mean_nothing(rules: Path, case: str) -> None:
    release = load_rulebook(rules).release
    for command in (("evaluate", case, "--release", "x"), ("compare", case, "--against-release", "x"), ("diff", "a.b@2020-01-01", "a.b@2020-01-01", "--release", "x")):
        found = shebao(rules, *command)
        assert found.exit_code == 2 and release in words(found), found.output
    for asked in (("show", "x"), ("export", "x", str(rules / "x.zip")), ("import", str(rules / "no.zip"))):
        assert shebao(rules, "release", *asked).exit_code == 2
    assert shebao(rules, "release", "keep", "--tag", "../x").exit_code == 1
    assert not (rules.parent / "kept").exists()
