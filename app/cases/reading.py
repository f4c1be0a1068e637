"""Case files to `RuleCase`s: the `defaults` under each case, the request of each, and what it expects."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from collections.abc import Mapping as Map
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from app.language import FactDictionary, Fault, Place, RuleError, Standing
from app.language.marked_yaml import Mapping, Node, parse

from .model import Expectation, RuleCase, Wanted
from .request_body import MERGED_KEYS, Parts, is_null, request_body
from .table_cases import TABLE_KEYS, read_table_cases

CASES_FOLDER = "cases"
SHARED_KEYS = frozenset({"as_of", "region", "schemes", "reforms", "source", "note", *MERGED_KEYS})
CASE_KEYS = SHARED_KEYS | {"name", "expect"}
CASE_FILE_KEYS = frozenset({"defaults", "cases", "table", "tables"})
_Word = TypeVar("_Word", str, bool | None)
STATUSES = ("eligible", "not_eligible", "undetermined")
_TRUTHS: dict[str, bool | None] = {"true": True, "false": False, "unknown": None}


def case_files(rules: Path, path: Path | None = None) -> list[Path]:
    """The case files of a rules folder, or those at or below `path`, in path order.

    Raises FileNotFoundError where `path` does not exist.
    """
    start = path or rules
    if start.is_file():
        return [start]
    if not start.is_dir():
        raise FileNotFoundError(f"there is no file or folder '{start}'.")
    inside = CASES_FOLDER in start.resolve().parts[-2:]
    return sorted(found for found in start.rglob("*.yaml") if inside or CASES_FOLDER in found.relative_to(start).parts[:-1])


def read_cases(rules: Path, dictionary: FactDictionary, path: Path | None = None) -> tuple[RuleCase, ...]:
    """Read every case of the files `case_files(rules, path)` finds. Raises RuleError with the faults of all files."""
    faults: list[Fault] = []
    cases: list[RuleCase] = []
    for file in case_files(rules, path):
        try:
            cases.extend(read_case_file(file, shown_path(file, rules), dictionary, set()))
        except RuleError as error:
            faults.extend(error.faults)
    if faults:
        raise RuleError(faults)
    return tuple(cases)


def read_case_file(file: Path, shown: str, dictionary: FactDictionary, tables: set[Path]) -> list[RuleCase]:
    """The cases of one file; adds to `tables` the tables that were read for it. Raises RuleError with all its faults."""
    return _FileReader(file, shown, dictionary, tables).read()


def shown_path(file: Path, rules: Path) -> str:
    """The path as rule faults show it: from the rules folder, else as it was given."""
    file, rules = file.resolve(), rules.resolve()
    return file.relative_to(rules).as_posix() if file.is_relative_to(rules) else file.as_posix()


def _text_of(file: Path, shown: str) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise RuleError([Fault(Place(shown, 1), "the file is not UTF-8 text. Save it as UTF-8.")]) from None


@dataclass(frozen=True, slots=True)
class _FileReader:
    file: Path
    shown: str
    dictionary: FactDictionary
    tables: set[Path]

    def read(self) -> list[RuleCase]:
        top = parse(_text_of(self.file, self.shown), self.shown).as_map("a case file", CASE_FILE_KEYS)
        defaults = _shared(top.get("defaults"), "'defaults'", SHARED_KEYS)
        faults: list[Fault] = []
        cases: list[RuleCase] = []
        for work in self._works(top, defaults):
            try:
                cases.extend(work())
            except RuleError as error:
                faults.extend(error.faults)
        faults.extend(_repeated(cases))
        if faults:
            raise RuleError(faults)
        if not cases:
            top.node.fail("the file has no cases. Add 'cases:' with a list, or 'table:' with the name of a CSV file.")
        return cases

    def _works(self, top: Mapping, defaults: Parts) -> Iterator[Callable[[], list[RuleCase]]]:
        cases, table, tables = top.get("cases"), top.get("table"), top.get("tables")
        for node in () if cases is None else cases.as_list("'cases'"):
            yield partial(self._case, node, defaults)
        for node in (*(() if table is None else (table,)), *(() if tables is None else tables.as_list("'tables'"))):
            yield partial(self._table, node, defaults)

    def _case(self, node: Node, defaults: Parts) -> list[RuleCase]:
        entries = node.as_map("a case", CASE_KEYS)
        name = entries.require("name", "a case").as_text("'name'")
        expectations = read_expectations(entries.require("expect", f"the case '{name}'"))
        parts = _shared(node, "a case", CASE_KEYS).over(defaults)
        return [make_case(name, node.place, parts, expectations, self.dictionary)]

    def _table(self, node: Node, defaults: Parts) -> list[RuleCase]:
        entries = node.as_map("'table'", TABLE_KEYS | SHARED_KEYS | {"name", "expect"})
        expect = entries.get("expect")
        constant = () if expect is None else read_expectations(expect)
        parts = _shared(node, "'table'", None).over(defaults)
        table = self.file.parent / entries.require("file", "'table'").as_text("'file'")
        self.tables.add(table)
        return [
            make_case(row.name, row.place, row.parts.over(parts), (*constant, *row.expectations), self.dictionary)
            for row in read_table_cases(entries, table, self.shown, self.dictionary)
        ]


def _repeated(cases: list[RuleCase]) -> Iterator[Fault]:
    seen: dict[str, Place] = {}
    for case in cases:
        if case.name in seen:
            yield Fault(case.place, f"the name '{case.name}' stands here a second time (first on {seen[case.name]}). Give each case its own.")
        seen.setdefault(case.name, case.place)


def _shared(node: Node | None, what: str, allowed: frozenset[str] | None) -> Parts:
    if node is None:
        return Parts({}, {})
    entries = node.as_map(what, allowed)
    single = {key: value for key, value in entries if key in SHARED_KEYS and key not in MERGED_KEYS}
    merged = {key: dict(value.as_map(f"'{key}'")) for key, value in entries if key in MERGED_KEYS}
    return Parts(single, merged)


def make_case(name: str, place: Place, parts: Parts, expectations: tuple[Expectation, ...], dictionary: FactDictionary) -> RuleCase:
    """One case from its merged parts. Raises RuleError where it expects nothing or says not when."""
    if not expectations:
        raise RuleError([Fault(place, f"the case '{name}' expects nothing. Name a scheme under 'expect:' and what it must answer.")])
    schemes = tuple(dict.fromkeys(each.scheme for each in expectations))
    body, places = request_body(name, parts, schemes, place, dictionary)
    asked = body["schemes"]
    for each in expectations:
        if each.scheme not in asked:
            raise RuleError([Fault(each.place, f"'{each.scheme}' is expected but not asked for. Add it to 'schemes', or leave 'schemes' out.")])
    source, note = parts.single.get("source"), parts.single.get("note")
    return RuleCase(
        name=name,
        place=place,
        source=None if source is None else source.as_text("'source'"),
        note=None if note is None else note.as_text("'note'"),
        body=body,
        places=places,
        expectations=expectations,
    )


# -- what is expected -----------------------------------------------------------------------------


def read_expectations(node: Node) -> tuple[Expectation, ...]:
    """Read `expect:`, a mapping of scheme ids. Raises RuleError."""
    found: list[Expectation] = []
    for scheme, each in node.as_map("'expect'"):
        if each.entries is None:
            each.fail(f"'expect' maps scheme ids to what they must answer; '{scheme}' maps to none. Write 'pension.employee: {{status: eligible}}'.")
        for key, value in each.as_map(f"what '{scheme}' must answer"):
            found.extend(_expectations(scheme, key, value))
    return tuple(found)


def _expectations(scheme: str, key: str, node: Node) -> Iterator[Expectation]:
    if key == "conditions":
        for name, value in node.as_map("'conditions'"):
            yield Expectation(scheme, "condition", name, _choice(value, f"the condition '{name}'", _TRUTHS), value.place)
    elif key in ("missing", "conclusions"):
        names = tuple(item.as_text(f"an item of '{key}'") for item in node.as_list(f"'{key}'"))
        yield Expectation(scheme, "missing" if key == "missing" else "conclusions", key, names, node.place)
    elif key == "status":
        yield Expectation(scheme, "status", key, _choice(node, "'status'", {word: word for word in STATUSES}), node.place)
    elif key == "standing":
        yield Expectation(scheme, "standing", key, _choice(node, "'standing'", {each.word: each.word for each in Standing}), node.place)
    else:
        yield Expectation(scheme, "value", key, _wanted(node, f"the value of '{key}'"), node.place)


def _wanted(node: Node, what: str) -> Wanted:
    """A value: text, a list of values (the rows of a table), or a mapping of fields."""
    if node.items is not None:
        return tuple(_wanted(item, f"an item of {what}") for item in node.items)
    if node.entries is not None:
        return {name: _wanted(value, f"'{name}' in {what}") for name, value in node.as_map(what)}
    return None if is_null(node) else node.as_text(what)


def _choice(node: Node, what: str, words: Map[str, _Word]) -> _Word:
    text = node.as_text(what)
    if text not in words:
        node.fail(f"{what} must be {', '.join(list(words)[:-1])} or {list(words)[-1]}, not '{text}'.")
    return words[text]
