"""A folder of rule files to `RuleFile` records: reading only, no meaning yet."""

from __future__ import annotations

import re
from collections import abc
from datetime import date
from pathlib import Path, PurePosixPath

from .claim_clauses import read_claim
from .clause_parts import SOURCE_KEYS, FileContext, ParameterShape, read_standing, read_text
from .definition_clauses import read_conclusion, read_definition
from .errors import Fault, Place, RuleError
from .facts import FactDictionary, read_fact_dictionary, read_title
from .marked_yaml import Mapping, Node, parse
from .model import NATION, ConclusionClause, DefinitionClause, ParameterClause, RuleFile, Source, Standing, VersionId
from .notices import NOTICES_FILE, Notices, read_notices
from .parameter_clauses import read_parameter
from .regions import region_name

# Bytes by path.
Contents = abc.Mapping[str, bytes]
FACTS_FILE = "facts.yaml"
TAG_FILE = "RELEASE"
FACTS_FOLDER = "facts"
CASES_FOLDER = "cases"
_SCHEME_ID = re.compile(r"[a-z][a-z_]*(\.[a-z][a-z_]*)+\Z")
_NAME = re.compile(r"[^\W\d]\w*\Z")
FILE_KEYS = frozenset(
    "scheme title in_force region source amends binding proposal library timeline applies_when standing claim parameters definitions eligibility benefits conclusions".split()
)

IN_FORCE_KEYS = frozenset({"from", "to"})

# Words an expression uses itself; a definition of that name could never be read.
RESERVED = frozenset("if then else for in return some every satisfies or and between not true false null item previous as_of region at eligible".split())


def read_contents(folder: Path) -> dict[str, bytes]:
    """The bytes of every file below a folder that rules are read from, by path. Raises RuleError where there is no fact dictionary."""
    contents = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.suffix in (".yaml", ".csv") and CASES_FOLDER not in path.relative_to(folder).parts
    }
    if not any(map(is_dictionary, contents)):
        raise RuleError([Fault(Place(FACTS_FILE, 1), f"there is no fact dictionary in {folder.name}/. Add {FACTS_FILE}, or files in {FACTS_FOLDER}/.")])
    return contents


def read_tag(folder: Path) -> str:
    """What people call the release of a folder."""
    file = folder / TAG_FILE
    return file.read_text(encoding="utf-8").strip() if file.exists() else "untagged"


def is_dictionary(path: str) -> bool:
    """Whether a file below the rules says what facts there are."""
    return path.endswith(".yaml") and (path == FACTS_FILE or path.startswith(FACTS_FOLDER + "/"))


def read_facts(contents: Contents) -> FactDictionary:
    """The fact dictionary alone. Raises RuleError."""
    return read_fact_dictionary(parse(_decode(data, path), path) for path, data in contents.items() if is_dictionary(path))


def read_rules(contents: dict[str, bytes]) -> tuple[FactDictionary, tuple[RuleFile, ...], Notices]:
    """The fact dictionary, every rule file in path order and the texts of notices. Raises RuleError with the faults of all files.

    `contents` is what `read_contents` found.
    """
    faults: list[Fault] = []
    rule_files: list[RuleFile] = []
    nodes = _parse_all(contents, faults)
    shapes = _parameter_shapes(nodes)
    dictionary, notices = FactDictionary({}, (), {}), Notices()
    try:
        dictionary = read_fact_dictionary(node for path, node in nodes.items() if is_dictionary(path))
    except RuleError as error:
        faults.extend(error.faults)
    try:
        notices = read_notices(nodes.pop(NOTICES_FILE, None))
    except RuleError as error:
        faults.extend(error.faults)
    for path, node in nodes.items():
        try:
            if not is_dictionary(path):
                rule_files.append(_FileReader(path, contents, shapes).read(node))
        except RuleError as error:
            faults.extend(error.faults)
    if faults:
        raise RuleError(faults)
    return dictionary, tuple(rule_files), notices


def _parse_all(contents: dict[str, bytes], faults: list[Fault]) -> dict[str, Node]:
    nodes: dict[str, Node] = {}
    for path, data in contents.items():
        if path.endswith(".yaml"):
            try:
                nodes[path] = parse(_decode(data, path), path)
            except RuleError as error:
                faults.extend(error.faults)
    return nodes


def _parameter_shapes(nodes: dict[str, Node]) -> dict[str, dict[str, ParameterShape]]:
    """By scheme and parameter: the key and type stated anywhere, so that amendments need not repeat them."""
    shapes: dict[str, dict[str, ParameterShape]] = {}
    for node in nodes.values():
        scheme, parameters = _child(node, "scheme"), _child(node, "parameters")
        for name, entry in (parameters.entries or {}).items() if parameters else ():
            by, kind = _child(entry.value, "by"), _child(entry.value, "type")
            if scheme is None or scheme.text is None or (by is None and kind is None):
                continue
            shapes.setdefault(scheme.text, {}).setdefault(name, ParameterShape(None if by is None else by.text, None if kind is None else kind.text))
    return shapes


def _child(node: Node, key: str) -> Node | None:
    entry = (node.entries or {}).get(key)
    return None if entry is None else entry.value


def _decode(data: bytes, path: str) -> str:
    try:
        return data.decode("utf-8-sig")  # spreadsheets begin a CSV with a byte order mark
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise RuleError([Fault(Place(path, line), "the file is not UTF-8 text. Save it as UTF-8.")]) from None


class _FileReader:
    """Reads one file; tables beside it are read through `contents`."""

    def __init__(self, path: str, contents: dict[str, bytes], shapes: dict[str, dict[str, ParameterShape]]) -> None:
        self._path = path
        self._contents = contents
        self._shapes = shapes

    def read(self, node: Node) -> RuleFile:
        entries = node.as_map("a rule file", FILE_KEYS)
        scheme = entries.require("scheme", "the file").as_text("'scheme'")
        if not _SCHEME_ID.match(scheme):
            entries.require("scheme", "the file").fail(f"'{scheme}' is not a scheme id. Write it like pension.employee.")
        source = self._source(entries)
        start, end = self._in_force(entries)
        region = self._region(entries)
        proposal = self._proposal(entries)
        title = entries.get("title")
        binding, library = entries.get("binding"), entries.get("library")
        context = FileContext(source, read_standing(entries, Standing.OFFICIAL), self._read_table, self._shapes.get(scheme, {}))
        return RuleFile(
            id=VersionId(scheme, proposal or start.isoformat(), region),
            path=self._path,
            place=node.place,
            title=None if title is None else read_title(title, "the title"),
            start=start,
            end=end,
            region=region,
            source=source,
            amends=read_text(entries, "amends"),
            binding=binding is not None and binding.as_flag("'binding'"),
            proposal=proposal,
            library=library is not None and library.as_flag("'library'"),
            timeline=read_text(entries, "timeline"),
            applies_when=read_text(entries, "applies_when"),
            parameters=self._parameters(entries, context),
            definitions=self._definitions(entries, context),
            conclusions=self._conclusions(entries, context),
            claim=read_claim(entries, context),
        )

    def _source(self, entries: Mapping) -> Source:
        node = entries.get("source")
        if node is None:
            entries.node.fail("the file has no source. Add 'source: {instrument: ..., number: ...}': without its law a rule does not load.")
        fields = node.as_map("the source", SOURCE_KEYS)
        values = {key: value.as_text(f"the source's {key}") for key, value in fields}
        if "instrument" not in values:
            node.fail("the source does not name its instrument. Add 'instrument: ...'.")
        return Source(**values)

    @staticmethod
    def _in_force(entries: Mapping) -> tuple[date, date | None]:
        node = entries.require("in_force", "the file")
        fields = node.as_map("'in_force'", IN_FORCE_KEYS)
        start = fields.require("from", "'in_force'").as_date("'from'")
        to = fields.get("to")
        end = None if to is None else to.as_date("'to'")
        if end is not None and end < start:
            node.fail(f"'in_force' ends on {end}, before it begins on {start}.")
        return start, end

    @staticmethod
    def _region(entries: Mapping) -> str:
        node = entries.get("region")
        code = NATION if node is None else node.as_text("'region'")
        if node is not None and region_name(code) is None:
            node.fail(f'there is no region \'{code}\'. Use a six-digit GB/T 2260 code in quotes, such as "110000" (北京) or "000000" (the nation).')
        return code

    @staticmethod
    def _proposal(entries: Mapping) -> str | None:
        node = entries.get("proposal")
        if node is None:
            return None
        name = node.as_text("'proposal'")
        if not re.match(r"[a-z][a-z0-9_]*\Z", name):
            node.fail(f"'{name}' is not a name for a proposal. Use small letters, digits and underscores, such as higher_base_rate.")
        return name

    def _read_table(self, node: Node, name: str) -> tuple[str, str]:
        path = str(PurePosixPath(self._path).parent.joinpath(name))
        if path not in self._contents:
            node.fail(f"there is no table '{name}' beside this file (looked for {path}).")
        return path, _decode(self._contents[path], path)

    def _parameters(self, entries: Mapping, context: FileContext) -> dict[str, ParameterClause]:
        return {name: read_parameter(name, node, context) for name, node in _named(entries, "parameters")}

    def _definitions(self, entries: Mapping, context: FileContext) -> dict[str, DefinitionClause]:
        found: dict[str, DefinitionClause] = {}
        for section, kind in (("definitions", "definition"), ("eligibility", "condition"), ("benefits", "benefit")):
            for name, node in _named(entries, section):
                if name in found:
                    node.fail(f"'{name}' is already defined in this file on line {found[name].place.line}. Names are unique in a scheme.")
                found[name] = read_definition(name, kind, node, context)  # type: ignore[arg-type]
        return found

    def _conclusions(self, entries: Mapping, context: FileContext) -> dict[str, ConclusionClause]:
        return {name: read_conclusion(name, node, context) for name, node in _named(entries, "conclusions")}


def _named(entries: Mapping, section: str) -> list[tuple[str, Node]]:
    node = entries.get(section)
    if node is None:
        return []
    named = list(node.as_map(f"'{section}'"))
    for name, value in named:
        if not _NAME.match(name):
            value.fail(f"'{name}' is not a name. Use letters, digits and underscores, beginning with a letter.")
        if name in RESERVED:
            value.fail(f"'{name}' is a word of the language and cannot name a rule. Choose another name.")
    return named
