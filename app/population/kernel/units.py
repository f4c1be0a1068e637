"""The files of a kernel: one a scheme, or a part of one, with nothing in it but what its own functions need.

So the text of a file changes only where its functions do, and an object file that is there for the text is taken as it is.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .linking import LinkedLaw, Links, link
from .numbering import STATES
from .source import Source

PRELUDE = Path(__file__).with_name("prelude.h")
CHECKS = Path(__file__).with_name("checks.h")
DRIVER = Path(__file__).with_name("driver.h")
# Characters of a file, about: long enough to be worth a start of the compiler, short enough to share the work out.
LENGTH = 60_000
_TYPE = re.compile(r"\bT_[0-9a-f]{12}\b")
_TEXT = re.compile(r"\bS_[0-9a-f]{12}\b")
# `restrict`: what a function stores is never a column, so columns may stay in registers.
_COLUMNS = "const struct col *const restrict col = c->col;"


def write_units(source: Source, laws: Sequence[LinkedLaw]) -> tuple[str, ...]:
    """The files, to be compiled one by one and linked."""
    links = link(laws, {name: each.calls for name, each in source.functions.items()})
    numbers = {token: source.numbering.call(token) for token in links.several}
    writer = _Units(source, links, numbers, _symbols(laws, links))
    return (*writer.files(_listed(laws, links)), _tables(source, laws, numbers, writer.symbols), f'#include "{DRIVER.name}"\n')


@dataclass(frozen=True)
class _Units:
    source: Source
    links: Links
    numbers: Mapping[str, int]
    # The C name of each function.
    symbols: Mapping[str, str]

    def files(self, listed: set[str]) -> list[str]:
        """`listed` are the functions that the laws' tables name."""
        tops = self._tops(listed)
        units: dict[str, list[str]] = {}
        for name in self.links.functions:
            units.setdefault(self.source.functions[tops[name]].home, []).append(name)
        parts = [part for home in sorted(units) for part in self._parts(units[home], tops)]
        home = {name: number for number, part in enumerate(parts) for name in part}
        outside = listed | {target for name in home for target in self.links.direct[name].values() if home[target] != home[name]}
        return [self._file(part, outside) for part in parts]

    def _tops(self, listed: set[str]) -> dict[str, str]:
        """For each function the one that it is only a part of: what only one function calls is compiled into that."""
        callers: dict[str, set[str]] = {}
        for name, direct in self.links.direct.items():
            for target in direct.values():
                callers.setdefault(target, set()).add(name)
        tops: dict[str, str] = {}

        def top(name: str) -> str:
            if name not in tops:
                own = callers.get(name, set())
                tops[name] = top(next(iter(own))) if len(own) == 1 and name not in listed else name
            return tops[name]

        return {name: top(name) for name in self.links.functions}

    def _parts(self, functions: list[str], tops: Mapping[str, str]) -> list[list[str]]:
        """The functions of a scheme in parts by digests of names, which do not move where others come or go."""
        length = sum(len(self.source.functions[name].body) for name in functions)
        count = 1
        while length > LENGTH * count:
            count *= 2
        parts: list[list[str]] = [[] for _ in range(count)]
        for name in sorted(functions, key=self.symbols.__getitem__):
            parts[int(hashlib.sha256(self.symbols[tops[name]].encode()).hexdigest()[:8], 16) % count].append(name)
        return [part for part in parts if part]

    def _file(self, functions: list[str], outside: set[str]) -> str:
        own = set(functions)
        called = {target for name in functions for target in self.links.direct[name].values()}
        heads = [f"{'' if name in outside or name not in own else 'static '}{self._head(name)};" for name in sorted(own | called, key=self.symbols.__getitem__)]
        bodies = [f"{'' if name in outside else 'static '}{self._head(name)} {{\n{_COLUMNS}\n{self._body(name)}\n}}" for name in functions]
        return "\n".join([f'#include "{PRELUDE.name}"', *self._defines(functions, [*heads, *bodies]), *heads, *bodies, ""])

    def _head(self, name: str) -> str:
        return f"{self.source.functions[name].returns} {self.symbols[name]}(ctx *c)"

    def _body(self, name: str) -> str:
        return self.source.functions[name].linked({token: self.symbols[target] for token, target in self.links.direct[name].items()})

    def _defines(self, functions: Iterable[str], text: list[str]) -> list[str]:
        """The types, the codes of texts and the calls by the laws' tables that some text needs."""
        types = sorted({found for each in text for found in _TYPE.findall(each)})
        texts = sorted({found for each in text for found in _TEXT.findall(each)})
        calls = sorted({token for name in functions for token in self.source.functions[name].calls if token not in self.links.direct[name]})
        return [
            *(f"typedef {self.source.types[name]} {name};" for name in types),
            *(f"#define {name} {self.source.texts.code_of(name)}LL" for name in texts),
            *(f"#define {token} (({self.source.calls[token]} (*)(ctx *))c->law[{self.numbers[token]}])" for token in calls),
        ]


def _symbols(laws: Sequence[LinkedLaw], links: Links) -> dict[str, str]:
    """A function that is all that any law has for a rule is called by the rule, so that its callers stay as they are where it changes."""
    has: dict[str, set[str]] = {}
    for law in laws:
        for token, function in law.calls.items():
            if function in links.direct:
                has.setdefault(token, set()).add(function)
    symbols = {name: name for name in links.functions}
    for token in sorted(has, reverse=True):
        if len(has[token]) == 1:
            symbols[next(iter(has[token]))] = f"only_{token}"
    return symbols


def _listed(laws: Sequence[LinkedLaw], links: Links) -> set[str]:
    """The functions in the laws' tables, and the laws' own."""
    return {law.driver for law in laws} | {law.calls[token] for law in laws for token in links.several if law.calls.get(token) in links.direct}


def _tables(source: Source, laws: Sequence[LinkedLaw], numbers: Mapping[str, int], symbols: Mapping[str, str]) -> str:
    """For each law its function, and those that its rules have where other laws have others; how much is kept of a person."""
    width = max(numbers.values(), default=0) + 1
    tokens = {number: token for token, number in numbers.items()}
    rows = [[symbols.get(law.calls.get(tokens.get(number, ""), ""), "0") for number in range(width)] for law in laws]
    declared = sorted({f"extern void {symbols[law.driver]}(ctx *c);" for law in laws} | {f"extern char {each}[];" for row in rows for each in row if each != "0"} - {f"extern char {symbols[law.driver]}[];" for law in laws})
    return "\n".join(
        [
            f'#include "{PRELUDE.name}"',
            *declared,
            f"const int LAW_COUNT = {len(laws)}, STATE_COUNT = {source.numbering.states};",
            f"const i64 MEMORY = {STATES + source.numbering.memory};",
            f"void (*const LAWS[])(ctx *) = {{ {', '.join(symbols[law.driver] for law in laws)} }};",
            *(f"static const void *const RULES_{number}[] = {{ {', '.join(row)} }};" for number, row in enumerate(rows)),
            f"void *const *const RULES[] = {{ {', '.join(f'(void *const *)RULES_{number}' for number in range(len(rows)))} }};",
            "",
        ]
    )
