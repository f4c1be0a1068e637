"""Random rules written down, read again, and made smaller."""

from __future__ import annotations

import re
from pathlib import Path

from app.language import Rulebook, RuleError, load_rulebook
from tests.population.kernel.random_ground import FACTS


def write(folder: Path, files: dict[str, str], facts: str = FACTS) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "facts.yaml").write_text(facts, encoding="utf-8")
    for path, text in files.items():
        (folder / path).write_text(text, encoding="utf-8")


def without(files: dict[str, str], names: set[str]) -> dict[str, str]:
    """The files without some definitions and whatever reads them."""
    blocks = {path: re.split(r"(?m)^(?=  [a-z]\w*:)|^(?=[a-z_]+:)", text) for path, text in files.items()}
    gone = set(names)
    while True:
        word = re.compile(rf"\b({'|'.join(sorted(gone))})\b")
        reading = {block.strip().split(":")[0] for parts in blocks.values() for block in parts if re.match(r"  [bcd]\d+:", block) and word.search(block)}
        if reading <= gone:
            break
        gone |= reading
    kept = {}
    for path, parts in blocks.items():
        text = "".join(part for part in parts if not (re.match(r"  [bcd]\d+:", part) and part.strip().split(":")[0] in gone))
        kept[path] = re.sub(r"(?m)^(definitions|eligibility|benefits):\n(?=[a-z]|\Z)", "", text)
    return kept


def load(folder: Path, files: dict[str, str]) -> tuple[Rulebook, dict[str, str], list[str]]:
    """The rulebook of what loads, its files, and what the language said of the rest."""
    said: list[str] = []
    for _ in range(30):
        write(folder, files)
        try:
            rulebook = load_rulebook(folder)
            faults = [str(fault) for fault in rulebook.check_everywhere()]
        except RuleError as error:
            faults = [str(fault) for fault in error.faults]
        names = {name for fault in faults if (name := _blamed(files, fault)) is not None}
        if not faults or not names:
            assert not faults, faults
            return rulebook, files, said
        said += faults
        files = without(files, names)
    raise AssertionError(said)


def _blamed(files: dict[str, str], fault: str) -> str | None:
    """The definition a fault's line stands in."""
    found = re.match(r"([\w.]+):(\d+):", fault)
    if found is None:
        return None
    lines = files[Path(found[1]).name].splitlines()[: int(found[2])]
    return next((line.strip().split(":")[0] for line in reversed(lines) if re.match(r"  [bcd]\d+:", line)), None)
