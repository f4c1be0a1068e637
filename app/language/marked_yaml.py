"""YAML 1.2 text to marked nodes: every scalar keeps its own text and line, nothing is typed by YAML.

PyYAML's C composer parses; this module refuses what a rule file must not hold (duplicate keys,
tags, anchors) and hands out typed accessors whose errors name file and line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NoReturn

import yaml

from .errors import Fault, Place, RuleError, suggestion

_PLAIN_DECIMAL = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?\Z")
_SCALAR_TAGS = frozenset(f"tag:yaml.org,2002:{kind}" for kind in ("str", "int", "float", "bool", "null", "timestamp", "merge", "value"))
_TAGS = {yaml.ScalarNode: "tag:yaml.org,2002:str", yaml.SequenceNode: "tag:yaml.org,2002:seq", yaml.MappingNode: "tag:yaml.org,2002:map"}
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")


@dataclass(frozen=True, slots=True)
class Node:
    """A YAML value with its place; exactly one of text, items, entries is set."""

    place: Place
    text: str | None = None
    quoted: bool = False
    items: tuple[Node, ...] | None = None
    entries: dict[str, Entry] | None = None

    def fail(self, message: str) -> NoReturn:
        raise RuleError([Fault(self.place, message)])

    def as_text(self, what: str) -> str:
        if self.text is None or self.text.strip() == "":
            self.fail(f"{what} must be text. Write one line of text here.")
        return self.text

    def as_date(self, what: str) -> date:
        text = self.as_text(what)
        try:
            if not _ISO_DATE.match(text):
                raise ValueError
            return date.fromisoformat(text)
        except ValueError:
            self.fail(f"{what} must be a date that exists, such as 2025-01-01, not '{text}'.")

    def as_decimal(self, what: str) -> Decimal:
        text = self.as_text(what)
        if not _PLAIN_DECIMAL.match(text):
            self.fail(
                f"{what} must be a plain decimal number, not '{text}'. "
                "Write all its digits, such as 0.001 or 1200 (no exponent, no bare point, no separators)."
            )
        return Decimal(text)

    def as_flag(self, what: str) -> bool:
        text = self.as_text(what)
        if text not in ("true", "false"):
            self.fail(f"{what} must be true or false, not '{text}'.")
        return text == "true"

    def as_list(self, what: str) -> tuple[Node, ...]:
        if self.items is None:
            self.fail(f"{what} must be a list. Put each item on a line of its own after '- '.")
        return self.items

    def as_map(self, what: str, allowed: frozenset[str] | None = None) -> Mapping:
        if self.entries is None:
            self.fail(f"{what} must be a mapping of 'key: value' lines.")
        if allowed is not None:
            faults = [
                Fault(
                    entry.key_place,
                    f"'{key}' is not a key of {what}.{suggestion(key, allowed)} Known keys: {', '.join(sorted(allowed))}.",
                )
                for key, entry in self.entries.items()
                if key not in allowed
            ]
            if faults:
                raise RuleError(faults)
        return Mapping(self, self.entries)


@dataclass(frozen=True, slots=True)
class Entry:
    key_place: Place
    value: Node


@dataclass(frozen=True, slots=True)
class Mapping:
    """A mapping node whose keys were checked."""

    node: Node
    entries: dict[str, Entry]

    def get(self, key: str) -> Node | None:
        entry = self.entries.get(key)
        return None if entry is None else entry.value

    def require(self, key: str, what: str) -> Node:
        found = self.get(key)
        if found is None:
            self.node.fail(f"{what} has no '{key}'. Add a line '{key}: ...'.")
        return found

    def __iter__(self) -> Iterator[tuple[str, Node]]:
        return ((key, entry.value) for key, entry in self.entries.items())

    def key_place(self, key: str) -> Place:
        return self.entries[key].key_place


class _Loader(yaml.CSafeLoader):
    """Types nothing: a scalar is its text, so that there is no need to look whether it might be a number."""

    def resolve(self, kind: type[yaml.Node], value: object, implicit: object) -> str:  # noqa: ARG002
        return _TAGS[kind]

    def descend_resolver(self, parent: object, index: object) -> None:
        """Nothing hangs on where a node stands."""

    def ascend_resolver(self) -> None:
        """As for descending."""


def parse(text: str, file: str) -> Node:
    """Parse one YAML document. Raises RuleError with file and line."""
    try:
        composed = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line = mark.line + 1 if mark else 1
        raise RuleError([Fault(Place(file, line), f"not readable as YAML: {error.problem}.")]) from None
    except yaml.YAMLError:
        raise RuleError([Fault(Place(file, _reader_line(text)), "not readable as YAML: it holds a control character. Remove it.")]) from None
    except RecursionError:
        raise RuleError([Fault(Place(file, 1), "the file nests too deep to be read. Write it flatter.")]) from None
    if composed is None:
        raise RuleError([Fault(Place(file, 1), "the file is empty.")])
    converter = _Converter(file)
    node = converter.convert(composed, None)
    if converter.faults:
        raise RuleError(converter.faults)
    return node


def _reader_line(text: str) -> int:
    """The line of the first character YAML does not allow."""
    match = _CONTROL.search(text)
    return 1 if match is None else text.count("\n", 0, match.start()) + 1


def _tag_fits(node: yaml.Node) -> bool:
    return node.tag == _TAGS[type(node)] or (isinstance(node, yaml.ScalarNode) and node.tag in _SCALAR_TAGS)


class _Converter:
    """The nodes of one file, marked, with every fault found on the way."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._seen: set[int] = set()
        self._places: dict[int, Place] = {}
        self.faults: list[Fault] = []

    def convert(self, node: yaml.Node, below: Place | None) -> Node:
        """`below`: where the key stands that it is the value of. What is written below a key is found by its key."""
        place = self._place(node.start_mark.line + 1)
        if id(node) in self._seen:
            self.faults.append(Fault(place, "anchors and aliases (& and *) are not used in rule files. Write the value out where it is needed."))
            return Node(place, text="")
        self._seen.add(id(node))
        if not _tag_fits(node):
            self.faults.append(Fault(place, f"'{node.tag}' is a YAML tag, which rule files do not use. Write the value without it."))
        if isinstance(node, yaml.ScalarNode):
            if node.style in ("|", ">"):  # the text itself begins on the line below the mark
                place = self._place(place.line + 1)
            return Node(place, text=node.value, quoted=bool(node.style))
        if isinstance(node, yaml.SequenceNode):
            return Node(below or place, items=tuple([self.convert(child, None) for child in node.value]))
        return Node(below or place, entries=self._entries(node))

    def _entries(self, node: yaml.Node) -> dict[str, Entry]:
        entries: dict[str, Entry] = {}
        for key_node, value_node in node.value:
            key_place = self._place(key_node.start_mark.line + 1)
            if not isinstance(key_node, yaml.ScalarNode):
                self.faults.append(Fault(key_place, "a key must be a single word or text."))
                continue
            key = key_node.value
            if key in entries:
                first = entries[key].key_place.line
                self.faults.append(Fault(key_place, f"the key '{key}' stands here a second time (first on line {first}). Keep one of them."))
                continue
            entries[key] = Entry(key_place, self.convert(value_node, key_place))
        return entries

    def _place(self, line: int) -> Place:
        found = self._places.get(line)
        if found is None:
            found = self._places[line] = Place(self._file, line)
        return found
