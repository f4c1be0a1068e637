"""What the documentation names is there: commands with their options, make targets, variables, names in files."""

from __future__ import annotations

import re
import shlex
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.core import TyperGroup

from app.batch import BatchLimits
from app.cli import COMMANDS, app
from app.jobs import JobLimits

ROOT = Path(__file__).resolve().parents[2]
GENERATED = {"checks.md", "coverage.md", "functions.md", "interactions.md", "unverified.md"}
PAGES = [
    page
    for page in sorted([*(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md"), ROOT / "bench" / "README.md", ROOT / "fixtures" / "README.md"])
    if page.name not in GENERATED | {"CHANGELOG.md"}
]
IDS = [str(page.relative_to(ROOT)) for page in PAGES]
_SPAN = re.compile(r"`([^`\n]+)`")
_BLOCK = re.compile(r"```(?:sh|console)\n(.*?)```", re.DOTALL)
_VARIABLE = re.compile(r"\bSHEBAO_[A-Z_]*[A-Z]\b")
_FILE_AND_NAME = re.compile(r"`(app/[\w/]+\.py)` `([A-Z]?\w+(?:\.\w+)?)`")


@cache
def command_line() -> TyperGroup:
    found = typer.main.get_command(app)
    assert isinstance(found, TyperGroup)
    return found


def lines(page: Path) -> list[str]:
    """What a page shows to be typed: the lines of its shell blocks, continued ones whole, and its code spans."""
    text = page.read_text(encoding="utf-8")
    blocks = "\n".join(_BLOCK.findall(text)).replace("\\\n", " ")
    return [*blocks.splitlines(), *_SPAN.findall(text)]


def unknown_words(line: str) -> list[str]:
    """The command or options of a `shebao …` that there are not."""
    found = re.search(r"(?:^|\s)(?:\S*/bin/)?shebao\s+(-?[^#|]*)", line)
    if found is None:
        return []
    words = shlex.split(found[1].partition(" > ")[0], comments=True)
    known: Any = command_line()  # the command line's library has no public name for a command
    context, wrong = typer.Context(known), []
    while words:
        word = words.pop(0)
        if word.startswith("--"):
            option = next((each for each in known.params if word in each.opts), None)
            if option is None:
                wrong.append(word)
            elif not getattr(option, "is_flag", False):
                words = words[1:]
        elif isinstance(known, TyperGroup):
            inner = known.get_command(context, word)
            if inner is None:
                return [*wrong, word]
            known = inner
    return wrong


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_a_command_that_is_shown_exists_with_its_options(page: Path) -> None:
    assert {line: unknown_words(line) for line in lines(page) if unknown_words(line)} == {}


@pytest.mark.parametrize("line", ["shebao evaluat x", "shebao evaluate x --langs en", "shebao release keeps", ".venv/bin/shebao --rule x check"])
def test_a_command_or_option_that_there_is_not_is_found(line: str) -> None:
    assert unknown_words(line)


def test_commands_are_shown() -> None:
    shown = {found[1] for page in PAGES for line in lines(page) if (found := re.match(r"(?:\$ )?(?:\.venv/bin/)?shebao ([a-z-]+)", line))}
    assert shown >= set(COMMANDS) - {"schemes"}


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_a_make_target_that_is_shown_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    shown = {found[1] for line in lines(page) if (found := re.match(r"(?:\$ )?make ([a-z]+)", line))}
    assert shown - targets == set()


def test_every_variable_named_is_read() -> None:
    sources = [*(ROOT / "app").rglob("*.py"), *(ROOT / "tests").rglob("*.py"), ROOT / "gunicorn.conf.py", ROOT / "wsgi.py"]
    read = {name for file in sources for name in _VARIABLE.findall(file.read_text(encoding="utf-8"))}
    read |= {f"SHEBAO_BATCH_{name.upper()}" for name in BatchLimits.__dataclass_fields__}
    read |= {f"SHEBAO_SIMULATION_{name.upper()}" for name in JobLimits.__dataclass_fields__}
    named = {name for page in PAGES for name in _VARIABLE.findall(page.read_text(encoding="utf-8"))}
    assert len(named) > 10
    assert named - read == set()


def test_every_name_said_to_stand_in_a_file_does() -> None:
    pairs = _FILE_AND_NAME.findall((ROOT / "docs" / "architecture.md").read_text(encoding="utf-8"))
    assert len(pairs) > 20
    assert [(file, name) for file, name in pairs if not defines(ROOT / file, name)] == []


def defines(file: Path, name: str) -> bool:
    text = file.read_text(encoding="utf-8")
    return all(re.search(rf"^\s*(?:def|class) {re.escape(part)}\b", text, re.MULTILINE) for part in name.split("."))
