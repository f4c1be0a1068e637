"""`notices.yaml`: what every notice says of ways to object, each text with its law, and of which schemes it is said."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .clause_parts import SOURCE_KEYS, read_standing
from .errors import Fault, Place, RuleError
from .facts import read_title
from .marked_yaml import Mapping, Node
from .model import Source, Standing, Title

NOTICES_FILE = "notices.yaml"
NOTICES_KEYS = frozenset({"objections"})
OBJECTION_KEYS = frozenset({"schemes", "except", "text", "source", "standing"})
_BEGINNING = re.compile(r"[a-z][a-z_]*(\.[a-z][a-z_]*)*\Z")


@dataclass(frozen=True, slots=True)
class Objection:
    """One thing to say; of schemes whose id is or begins with one of `schemes` (of all, if there is none), but for `but`."""

    name: str
    text: Title
    source: Source
    standing: Standing
    schemes: tuple[str, ...]
    but: tuple[str, ...]
    place: Place

    def concerns(self, scheme: str) -> bool:
        return (not self.schemes or _begins(scheme, self.schemes)) and not _begins(scheme, self.but)


@dataclass(frozen=True, slots=True)
class Notices:
    """What notices say, in the order of the file."""

    objections: tuple[Objection, ...] = ()

    def of_scheme(self, scheme: str) -> tuple[Objection, ...]:
        return tuple(each for each in self.objections if each.concerns(scheme))


def read_notices(node: Node | None) -> Notices:
    """Read the file, if there is one. Raises RuleError with every fault."""
    if node is None:
        return Notices()
    faults: list[Fault] = []
    found: list[Objection] = []
    section = node.as_map("the texts of notices", NOTICES_KEYS).require("objections", "the texts of notices")
    for name, entry in section.as_map("'objections'"):
        try:
            found.append(_objection(name, entry))
        except RuleError as error:
            faults.extend(error.faults)
    if faults:
        raise RuleError(faults)
    return Notices(tuple(found))


def _objection(name: str, node: Node) -> Objection:
    what = f"the text '{name}'"
    entries = node.as_map(what, OBJECTION_KEYS)
    return Objection(
        name=name,
        text=read_title(entries.require("text", what), what),
        source=_source(entries, what),
        standing=read_standing(entries, Standing.OFFICIAL),
        schemes=tuple(_beginnings(entries, "schemes")),
        but=tuple(_beginnings(entries, "except")),
        place=node.place,
    )


def _source(entries: Mapping, what: str) -> Source:
    fields = entries.require("source", what).as_map("the source", SOURCE_KEYS)
    values = {key: value.as_text(f"the source's {key}") for key, value in fields}
    for needed in ("instrument", "article"):
        if needed not in values:
            fields.node.fail(f"{what} does not say its {needed}. What people are told of their rights is told with its law: 'source: {{instrument: ..., article: ...}}'.")
    return Source(**values)


def _beginnings(entries: Mapping, key: str) -> Iterator[str]:
    node = entries.get(key)
    for item in () if node is None else node.as_list(f"'{key}'"):
        text = item.as_text("a scheme")
        if not _BEGINNING.match(text):
            item.fail(f"'{text}' is no scheme and no beginning of one. Write it like pension, or pension.employee.")
        yield text


def _begins(scheme: str, beginnings: tuple[str, ...]) -> bool:
    return any(scheme == each or scheme.startswith(each + ".") for each in beginnings)
