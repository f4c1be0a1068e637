"""Two versions of a scheme, definition by definition: what was added, removed or changed, and where each stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from .amendment import Definition, DefinitionVersion, Parameter, Scheme
from .errors import Place
from .ir import Scalar
from .model import Body, CarryClause, ConclusionClause, DecisionClause, Rounding, Standing, Text, Title

ChangeKind = Literal["parameter", "condition", "definition", "benefit", "conclusion"]


@dataclass(frozen=True, slots=True)
class Said:
    """What one of the two versions says, and where."""

    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class Detail:
    """One aspect that differs (`expression`, `rounding`, `row 2025`, ...); None on the side that does not have it."""

    what: str
    before: Said | None
    after: Said | None


@dataclass(frozen=True, slots=True)
class Change:
    kind: ChangeKind
    name: str
    title: Title
    what: Literal["added", "removed", "changed"]
    details: tuple[Detail, ...]


Aspects = dict[str, Said]


def compare_schemes(before: Scheme, after: Scheme) -> tuple[Change, ...]:
    """Compare two versions: parameters, then conditions, definitions and benefits, then conclusions."""
    changes = [
        *_compare(_parameters(before), _parameters(after)),
        *_compare(_definitions(before), _definitions(after)),
        *_compare(_conclusions(before), _conclusions(after)),
    ]
    return tuple(changes)


@dataclass(frozen=True, slots=True)
class _Described:
    kind: ChangeKind
    title: Title
    aspects: Aspects


def _compare(before: dict[str, _Described], after: dict[str, _Described]) -> Iterator[Change]:
    for name in {**before, **after}:
        old, new = before.get(name), after.get(name)
        shown = new or old
        assert shown is not None
        details = tuple(_details(old.aspects if old else {}, new.aspects if new else {}))
        if old is None or new is None:
            yield Change(shown.kind, name, shown.title, "added" if old is None else "removed", details)
        elif details:
            yield Change(shown.kind, name, shown.title, "changed", details)


def _details(before: Aspects, after: Aspects) -> Iterator[Detail]:
    for what in {**before, **after}:
        old, new = before.get(what), after.get(what)
        if old is None or new is None or old.text != new.text:
            yield Detail(what, old, new)


def _parameters(scheme: Scheme) -> dict[str, _Described]:
    return {name: _Described("parameter", each.title, dict(_parameter(each))) for name, each in scheme.parameters.items()}


def _parameter(parameter: Parameter) -> Iterator[tuple[str, Said]]:
    unit = "" if parameter.unit is None else f" {parameter.unit}"
    for row in parameter.rows:
        text = f"{_scalar(row.value)}{unit}" + _standing(row.standing)
        yield ("value" if row.key is None else f"row {_scalar(row.key)}"), Said(text, row.place)
    for band in parameter.bands:
        yield f"band above {band.above}", Said(str(band.rate) + _standing(band.standing), band.place)
    extend = parameter.extend
    if extend is not None:
        provisional = f", provisionally under {extend.provisional}" if extend.provisional else ""
        yield "extension", Said(f"{extend.how} with {extend.assumption}{_rounding(extend.round)}{provisional}", parameter.clause.place)
    if parameter.key_type is not None:
        yield "match", Said(parameter.match, parameter.clause.place)


def _definitions(scheme: Scheme) -> dict[str, _Described]:
    return {name: _Described(each.kind, each.title, dict(_definition(each))) for name, each in scheme.definitions.items()}


def _definition(definition: Definition) -> Iterator[tuple[str, Said]]:
    """The wordings told apart by whom they are for, so that one for new people does not look like a change for the others."""
    for version in definition.versions:
        guards = [_one_line(text.text) for text in (version.file.applies_when, version.lowered.clause.applies_when) if text is not None]
        yield from _wording(version, f" where {' and '.join(guards)}" if guards and version.guard is not None else "")


def _wording(version: DefinitionVersion, label: str) -> Iterator[tuple[str, Said]]:
    clause = version.lowered.clause
    if clause.body is not None:
        yield f"expression{label}", Said(body_text(clause.body), clause.place)
    if version.rounding is not None:
        yield f"rounding{label}", Said(_rounding(version.rounding).strip(), version.rounding.place)
    if clause.shortfall is not None:
        yield f"shortfall{label}", Said(_one_line(clause.shortfall.text), clause.shortfall.place)
    if clause.unmet is not None:
        yield f"unmet{label}", Said(f"{clause.unmet.zh} / {clause.unmet.en}", clause.place)
    yield f"source{label}", Said(version.source.cite() + _standing(clause.standing), clause.place)


def _conclusions(scheme: Scheme) -> dict[str, _Described]:
    return {each.clause.name: _Described("conclusion", each.clause.text, dict(_conclusion(each.clause))) for each in scheme.conclusions}


def _conclusion(clause: ConclusionClause) -> Iterator[tuple[str, Said]]:
    yield "when", Said(_one_line(clause.when.text), clause.when.place)
    yield "text", Said(f"{clause.text.zh} / {clause.text.en}", clause.place)
    yield "kind", Said(clause.kind, clause.place)


def body_text(body: Body) -> str:
    """A body as one reads it: an expression on one line, a table or a carry line by line."""
    if isinstance(body, Text):
        return _one_line(body.text)
    if isinstance(body, DecisionClause):
        head = f"decide by {', '.join(text.text for text in body.inputs)} ({body.hit})"
        return "\n".join([head, *(" | ".join([*(cell.text for cell in cells), _one_line(output.text)]) for cells, output in body.rows)])
    assert isinstance(body, CarryClause)
    collect = "collect" if body.collect else "carry"
    lines = (f"{collect} each {body.variable} in {body.over.text}", f"start {_one_line(body.start.text)}", f"next {_one_line(body.next.text)}")
    return "\n".join(lines) + _rounding(body.round)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _rounding(rounding: Rounding | None) -> str:
    return "" if rounding is None else f" to {rounding.step}, {rounding.mode}"


def _standing(standing: Standing) -> str:
    return "" if standing == Standing.OFFICIAL else f" ({standing.word})"


def _scalar(value: Scalar) -> str:
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)
