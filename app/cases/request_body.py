"""The parts of a case to the request they ask: the JSON of the interface, and the line of each of its values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.language import Fact, FactDictionary, Fault, Place, RuleError
from app.language.marked_yaml import Entry, Node

MERGED_KEYS = ("facts", "given", "assumptions")
_WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,17})\Z")
_YEARS = re.compile(r"([0-9]{4})\.\.([0-9]{4})\Z")
_MAX_YEARS = 200


@dataclass(frozen=True, slots=True)
class Parts:
    """What a case, a table row or the defaults state: single values by key, and the three mappings by name."""

    single: Mapping[str, Node]
    merged: Mapping[str, Mapping[str, Node]]

    def over(self, defaults: Parts) -> Parts:
        """These parts, completed by the defaults name by name."""
        merged = {key: {**defaults.merged.get(key, {}), **self.merged.get(key, {})} for key in MERGED_KEYS}
        return Parts({**defaults.single, **self.single}, merged)


def is_null(node: Node) -> bool:
    """Whether a plain null stands here: 'unknown' where a value is expected, 'not given' among the facts."""
    return node.text in ("null", "~") and not node.quoted


def request_body(
    name: str, parts: Parts, expected: tuple[str, ...], place: Place, dictionary: FactDictionary
) -> tuple[dict[str, Any], dict[str, Place]]:
    """The body and the places of its values by JSON pointer; `expected` are the schemes asked where none are named."""
    writer = _Writer({})
    as_of = parts.single.get("as_of")
    if as_of is None:
        raise RuleError([Fault(place, f"the case '{name}' does not say when it is asked. Add 'as_of: YYYY-MM-DD' to it or to 'defaults'.")])
    body: dict[str, Any] = {"as_of": writer.text(as_of, "/as_of"), "schemes": list(expected), "trace": "none"}
    if "region" in parts.single:
        body["region"] = writer.text(parts.single["region"], "/region")
    for key in ("schemes", "reforms"):
        if key in parts.single:
            body[key] = writer.texts(parts.single[key], f"/{key}")
    for key in MERGED_KEYS:
        stated = {name: node for name, node in parts.merged[key].items() if not is_null(node)}
        if stated or key == "facts":
            body[key] = {name: writer.named(key, name, node, dictionary) for name, node in stated.items()}
    return body, writer.places


@dataclass(frozen=True, slots=True)
class _Writer:
    """Writes nodes as JSON and notes where each stood. What does not fit its type is passed on for the request's own reader to refuse."""

    places: dict[str, Place]

    def text(self, node: Node, pointer: str) -> str:
        self.places[pointer] = node.place
        return node.as_text(f"'{pointer.rpartition('/')[2]}'")

    def texts(self, node: Node, pointer: str) -> list[str]:
        self.places[pointer] = node.place
        return [self.text(item, f"{pointer}/{index}") for index, item in enumerate(node.as_list(f"'{pointer[1:]}'"))]

    def named(self, key: str, name: str, node: Node, dictionary: FactDictionary) -> Any:
        pointer = f"/{key}/{name}"
        if key == "facts":
            return self.fact(dictionary.facts.get(name), node, pointer)
        if key == "assumptions":
            assumption = dictionary.assumptions.get(name)
            self.places[pointer] = node.place
            return _flag(node) if assumption is not None and assumption.kind == "boolean" else node.as_text(f"'{name}'")
        return self.given(node, pointer)

    def given(self, node: Node, pointer: str) -> Any:
        """A figure known already: text, an unquoted true or false, or one of these by key."""
        self.places[pointer] = node.place
        if node.entries is not None:
            return {key: self.given(entry.value, f"{pointer}/{key}") for key, entry in node.entries.items()}
        return _flag(node) if not node.quoted else node.as_text("a given figure")

    def fact(self, fact: Fact | None, node: Node, pointer: str) -> Any:
        self.places[pointer] = node.place
        if node.items is not None:
            items = [expanded for item in node.items for expanded in _each_year(item)]
            return [self._record(fact, item, f"{pointer}/{index}") for index, item in enumerate(items)]
        if node.entries is not None:
            return self._record(fact, node, pointer)
        text = node.as_text(f"'{pointer.rpartition('/')[2]}'")
        if fact is not None and fact.kind == "whole" and _WHOLE.match(text):
            return int(text)
        return _flag(node) if fact is not None and fact.kind == "boolean" else text

    def _record(self, fact: Fact | None, node: Node, pointer: str) -> Any:
        if node.entries is None:
            return self.fact(None, node, pointer)
        self.places[pointer] = node.place
        fields = {} if fact is None else {field.name: field for field in fact.fields}
        return {name: self.fact(fields.get(name), entry.value, f"{pointer}/{name}") for name, entry in node.entries.items()}


def _flag(node: Node) -> bool | str:
    text = node.as_text("a value")
    return {"true": True, "false": False}.get(text, text)


def _each_year(item: Node) -> Iterator[Node]:
    """`{year: 1993..2017, ...}` stands for one record a year."""
    entry = None if item.entries is None else item.entries.get("year")
    span = None if entry is None else _YEARS.match(entry.value.text or "")
    if span is None or item.entries is None or entry is None:
        yield item
        return
    first, last = int(span[1]), int(span[2])
    if last < first or last - first >= _MAX_YEARS:
        entry.value.fail(f"'{first}..{last}' is not a span of years. Write the earlier year first, such as 1993..2017.")
    for year in range(first, last + 1):
        value = Node(entry.value.place, text=str(year))
        yield Node(item.place, entries={**item.entries, "year": Entry(entry.key_place, value)})
