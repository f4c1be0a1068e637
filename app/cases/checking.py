"""Whether the case files are in order, without running the cases; what was found in order is remembered by content."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.cache import cache_folder, code_mark, keep
from app.collector import collector_paused
from app.language import FactDictionary, Fault, RuleError, is_dictionary, read_facts

from .reading import case_files, read_case_file, shown_path

CHECKED = "cases"
# Of each case file by its path: how many cases it has, and the digests of all that says so.
_Kept = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class CaseCheck:
    """The case files of a rules folder: those that are as they were when they were last found in order, and the changed ones.

    `dictionary` has the files of the fact dictionary.

    A file is as it was where itself, the tables it names, the fact dictionary and the code that reads are.
    """

    rules: Path
    dictionary: Mapping[str, bytes]
    kept_at: Path
    same: _Kept
    changed: tuple[Path, ...]

    def run(self) -> tuple[int, tuple[Fault, ...]]:
        """Read what has changed: how many rule cases there are altogether, and what is wrong with their files.

        Raises RuleError where the fact dictionary is at fault.
        """
        found = dict(self.same)
        faults: list[Fault] = []
        if not self.changed:
            return _count(found), ()
        with collector_paused():
            facts = read_facts(self.dictionary)
            for file in self.changed:
                shown = shown_path(file, self.rules)
                try:
                    found[shown] = _read(file, shown, facts)
                except RuleError as error:
                    faults.extend(error.faults)
        keep(self.kept_at, json.dumps(found).encode())
        return _count(found), tuple(faults)


def case_check(rules: Path, contents: Mapping[str, bytes]) -> CaseCheck:
    """What there is to check of the cases beside the rules of a folder, whose files are `contents`."""
    dictionary = {path: data for path, data in contents.items() if is_dictionary(path)}
    path = cache_folder() / CHECKED / f"{_mark(dictionary)}.json"
    kept = _kept(path)
    same: _Kept = {}
    changed: list[Path] = []
    for file in case_files(rules):
        shown = shown_path(file, rules)
        if shown in kept and _is_as_it_was(file, kept[shown]):
            same[shown] = kept[shown]
        else:
            changed.append(file)
    return CaseCheck(rules, dictionary, path, same, tuple(changed))


def _count(found: _Kept) -> int:
    return sum(each["cases"] for each in found.values())


def _read(file: Path, shown: str, facts: FactDictionary) -> dict[str, Any]:
    """What is remembered of a file in order. Raises RuleError."""
    digest = _digest(file)
    tables: set[Path] = set()
    count = len(read_case_file(file, shown, facts, tables))
    return {"cases": count, "digest": digest, "tables": {str(table): _digest(table) for table in sorted(tables)}}


def _is_as_it_was(file: Path, known: Mapping[str, Any]) -> bool:
    try:
        return _digest(file) == known["digest"] and all(_digest(Path(table)) == digest for table, digest in known["tables"].items())
    except OSError:
        return False


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _mark(dictionary: Mapping[str, bytes]) -> str:
    """A mark of what reads the files: the code, and the facts that say what their values are."""
    here = Path(__file__).parent
    digest = hashlib.sha256(code_mark(here, here.parent / "language").encode())
    for path, data in dictionary.items():
        digest.update(path.encode() + b"\0" + data + b"\0")
    return digest.hexdigest()[:16]


def _kept(path: Path) -> _Kept:
    """What lies in the cache, if it can be read as what was put there."""
    try:
        found = json.loads(path.read_bytes())
        sound = all(isinstance(each["cases"], int) and isinstance(each["digest"], str) and isinstance(each["tables"], dict) for each in found.values())
    except Exception:
        return {}
    return found if sound else {}
