"""What a caseworker files: everything that took part, from the amounts down to the law, the figures and the facts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from app import __version__
from app.engine import Compared, Outcome, expression_text, render_value, unit_of
from app.language import Fact, Source
from app.language.types import ListType, RecordType

from .citizen import amount_paragraphs, asked, missing
from .descent import descent, facts_below, parameters_below
from .paragraphs import Paragraph, Section
from .told import Told, joined

# Of a table of figures, of a list of records: what a page bears. The trace of POST /v1/evaluate has all.
_TOLD_ROWS = 60


def for_caseworker(told: Told) -> tuple[Section, ...]:
    """The whole text, scheme by scheme."""
    schemes = tuple(Section(told.scheme_title(each.scheme), tuple(_scheme(told, each))) for each in told.evaluation.outcomes)
    return (Section(None, tuple(_head(told))), *schemes, Section(None, (Paragraph("estimate", told.word("estimate")),)))


def _head(told: Told) -> Iterator[Paragraph]:
    request = told.evaluation.request
    yield from asked(told)
    yield Paragraph("asked", told.word("asked_with", release=told.evaluation.program.law.release, engine=__version__))
    if request.given:
        yield Paragraph("asked", told.word("given_figures", names=joined(sorted(request.given), told.language)))
    if request.assumptions:
        stated = [f"{told.evaluation.facts.assumptions[name].title.in_language(told.language)} {render_value(value)}" for name, value in request.assumptions.items()]
        yield Paragraph("asked", told.word("assumed", names=joined(stated, told.language)))


def _scheme(told: Told, outcome: Outcome) -> Iterator[Paragraph]:
    yield Paragraph("result", told.word(outcome.status, title=told.scheme_title(outcome.scheme)), (), outcome.scheme)
    yield from amount_paragraphs(told, outcome)
    for number in (*told.days(outcome), *(each for each in outcome.plan.outputs if each not in told.days(outcome))):
        name = told.definition(number).name.local
        yield Paragraph("value", told.word("amount", title=told.title(number), value=told.value(number)), _law(told, number), outcome.scheme, name)
    yield from _conditions(told, outcome)
    yield from missing(told, outcome)
    order = descent(told.evaluation, told.walk, outcome)
    places = {number: place for place, number in enumerate(order, start=1)}
    for number in order:
        yield _step(told, outcome.scheme, number, places)
    for parameter in parameters_below(told.walk, order):
        yield _figure(told, outcome.scheme, parameter)
    for name in facts_below(told.evaluation, told.walk, order):
        yield _fact(told, outcome.scheme, told.evaluation.facts.facts[name])
    yield from _doubts(told, outcome)
    for each, line in zip(outcome.conclusions, (line for line in told.answer["conclusions"] if line["scheme"] == outcome.scheme), strict=True):
        text = f"{told.word(line['kind'])}{told.say.either('：', ': ')}{line['text']}"
        yield Paragraph("conclusion", text, (each.lowered.clause.source,), outcome.scheme, line["id"], str(each.lowered.clause.place))


def _law(told: Told, number: int) -> tuple[Source, ...]:
    return () if number in told.evaluation.case.given else (told.law_of(number),)


# -- conditions -----------------------------------------------------------------------------------


def _conditions(told: Told, outcome: Outcome) -> Iterator[Paragraph]:
    keys = {True: "condition_met", False: "condition_unmet", None: "condition_open"}
    for each, line in zip(outcome.plan.conditions, told.answer["results"][outcome.scheme]["conditions"], strict=True):
        parts = [told.word(keys[line["met"]], title=line["title"])]
        lines = line.get("parts", [line] if "left" in line else [])
        compared = [_compared(told, one, part) for one, part in zip(told.sentences.compared(each.unit), lines, strict=True)]
        parts.append(joined([part for part in compared if part], told.language, "；", "; "))
        if line.get("given"):
            parts.append(told.word("stated"))
        if line.get("shortfall") is not None:
            parts.append(told.word("shortfall", shortfall=line["shortfall"]))
        if line.get("matters") is False:
            parts.append(told.word("no_matter"))
        if line["met"] is False:
            parts.append(line["sentence"].rstrip("。."))
        yield Paragraph("condition", _sentence(told, parts), _law(told, each.unit.number), outcome.scheme, line["id"], line["file"])


def _compared(told: Told, compared: Compared, part: dict[str, Any]) -> str:
    """Actual and required value in words, with the margin as the answer has it, and what requires it."""
    parts = [compared.actual if compared.who is None else told.word("actual", who=compared.who, actual=compared.actual)]
    if compared.required is not None:
        parts.append(told.word("required", required=compared.required))
    if "margin" in part:
        unit = part.get("unit")
        parts.append(told.word("margin", margin=part["margin"] if unit is None else told.say.number(part["margin"], unit)))
    if "required_by" in part:
        parts.append(told.word("required_by", name=part["required_by"] if compared.by is None else f"{compared.by} {part['required_by']}"))
    return joined(parts, told.language, "，", ", ")


def _sentence(told: Told, parts: list[str]) -> str:
    return joined([part for part in parts if part], told.language, "；", "; ") + told.say.either("。", ".")


# -- steps ----------------------------------------------------------------------------------------


def _step(told: Told, scheme: str, number: int, places: dict[int, int]) -> Paragraph:
    """One definition: its value, the expression, the values that went in, rounding, row, law, file, standing."""
    case = told.evaluation.case
    definition = told.definition(number)
    name = definition.name.local if definition.name.scheme == scheme else str(definition.name)
    parts = [told.word("step", number=places[number], title=told.title(number), name=name, value=told.value(number))]
    if number in case.given:
        return Paragraph("step", _sentence(told, [*parts, told.word("stated")]), (), scheme, str(definition.name))
    version = told.walk.version(number)
    parts.append(told.word("expression", expression=expression_text(version.lowered.clause.body)))
    used = told.walk.used(number)
    inputs = [f"{told.title(each)} {told.value(each)}" + (f" [{places[each]}]" if each in places else "") for each in used.definitions]
    inputs += [_read(told, each) for each in used.parameters]
    facts = [told.evaluation.facts.facts[each] for each in used.facts if told.evaluation.request.facts.get(each) is not None]
    inputs += [f"{each.title.in_language(told.language)} {told.say.value(told.evaluation.request.facts[each.name], each.type, each)}" for each in facts]
    if inputs:
        parts.append(told.word("with", names=joined(inputs, told.language)))
    before = case.before_rounding.get(number)
    if before is not None and version.rounding is not None and before != case.memo[number]:
        filled = {"before": render_value(before), "to": version.rounding.step, "mode": told.word(version.rounding.mode)}
        parts.append(told.word("rounded", **filled))
    rows = [row for owner, row in case.rows_hit if owner == number]
    if rows:
        parts.append(told.word("rows", rows=joined(list(map(str, rows)), told.language)))
    parts.append(told.word("law", law=version.source.cite()))
    place = str(version.lowered.clause.place)
    parts.append(told.word("file", file=place))
    standing = told.walk.standing(number)
    if standing:
        parts.append(told.word("firm", standing=told.word(standing.word)))
    sources = [version.source]
    if version.rounding_source is not None and before is not None and version.rounding_source != version.source:
        sources.append(version.rounding_source)
    return Paragraph("step", _sentence(told, parts), tuple(sources), scheme, str(definition.name), place)


def _read(told: Told, number: int) -> str:
    """A published figure by its title, with its value where one row was read."""
    parameter = told.evaluation.program.parameters[number]
    readings = told.walk.readings(number)
    value = f" {told.say.value(readings[0][1].value, parameter.type)}" if len(readings) == 1 else ""
    return parameter.title.in_language(told.language) + value


def _figure(told: Told, scheme: str, number: int) -> Paragraph:
    """A published figure: the rows that were read, with how firm they are."""
    parameter = told.evaluation.program.parameters[number]
    unit = unit_of(parameter.type)
    sources: dict[Source, None] = {}
    rows: list[str] = []
    if parameter.bands:
        rows = [told.word("scale", above=told.say.number(f"{band.above:f}", unit), rate=f"{band.rate:f}") for band in parameter.bands]
        sources |= dict.fromkeys(band.source for band in parameter.bands)
    readings = told.walk.readings(number)
    for key, reading in readings[:_TOLD_ROWS]:
        value = told.say.value(reading.value, parameter.type)
        text = value if key is None else told.word("figure_row", key=render_value(key), value=value)
        notes = [told.word(reading.standing.word)] if reading.standing else []
        notes += [told.word("stated")] if reading.given else []
        rows.append(text + (f" [{joined(notes, told.language)}]" if notes else ""))
        if reading.row is not None:
            sources[reading.row.source] = None
    if len(readings) > _TOLD_ROWS:
        rows.append(told.word("rows_left_out", count=len(readings) - _TOLD_ROWS))
    if not sources and not any(reading.given for _, reading in readings):
        sources[parameter.clause.source] = None
    text = told.word("figure", title=parameter.title.in_language(told.language), name=parameter.name, rows=joined(rows, told.language, "；", "; "))
    laws = [told.word("law", law=each.cite()) for each in sources]
    return Paragraph("figure", _sentence(told, [text, *laws]), tuple(sources), scheme, str(parameter.name), str(parameter.clause.place))


def _fact(told: Told, scheme: str, fact: Fact) -> Paragraph:
    value = told.evaluation.request.facts[fact.name]
    if isinstance(fact.type, ListType) and isinstance(fact.type.item, RecordType) and isinstance(value, tuple):
        rows = [_record(told, fact, each) for each in value[:_TOLD_ROWS] if not isinstance(each, str)]
        if len(value) > _TOLD_ROWS:
            rows.append(told.word("rows_left_out", count=len(value) - _TOLD_ROWS))
        shown = told.say.value(value, fact.type) + told.say.either("：", ": ") + joined(rows, told.language, "；", "; ") if rows else told.say.value(value, fact.type)
    elif isinstance(fact.type, RecordType):
        shown = _record(told, fact, value)
    else:
        shown = told.say.value(value, fact.type, fact)
    text = told.word("fact", title=fact.title.in_language(told.language), name=fact.name, value=shown)
    return Paragraph("fact", text + told.say.either("。", "."), (), scheme, fact.name)


def _record(told: Told, fact: Fact, record: Any) -> str:
    """A record by the titles of its fields, those that were stated."""
    stated = [field for field in fact.fields if record.get(field.name) is not None]
    told_fields = [f"{field.title.in_language(told.language)} {told.say.value(record[field.name], field.type, field)}" for field in stated]
    return joined(told_fields, told.language, "，", ", ")


def _doubts(told: Told, outcome: Outcome) -> Iterator[Paragraph]:
    """Every figure and wording that is not official, with what is known of it."""
    for standing, lines in told.doubts(outcome.scheme):
        for line in lines:
            keys = joined([str(key) for key in line.get("keys", [])[:_TOLD_ROWS]], told.language)
            note = "".join(f"{told.say.either('；', '; ')}{each}" for each in (keys, line.get("note")) if each)
            text = told.word("doubt", standing=told.word(standing), title=line["title"], name=line["name"], note=note)
            yield Paragraph("doubt", text + told.say.either("。", "."), (), outcome.scheme, line["name"])
