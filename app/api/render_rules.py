"""A scheme as it holds on a day in a place, as JSON: every rule with its text, its source and its line."""

from __future__ import annotations

from typing import Any

from app.engine import Language, render_claim, render_source, render_value, unit_of, units_of
from app.language import Definition, DefinitionVersion, Parameter, RuleFile, Scheme, Standing, TableRow
from app.language.model import Body, CarryClause, ConclusionClause, DecisionClause, Rounding, Text
from app.language.symbols import LoweredConclusion

Json = dict[str, Any]


def render_summary(scheme: Scheme, language: Language) -> Json:
    """One line of the list of schemes."""
    return {
        "id": scheme.id,
        "title": scheme.title.in_language(language),
        "benefits": [each.name.local for each in scheme.benefits()],
        "values": [each.name.local for each in scheme.definitions.values() if each.output],
        "source": render_source(scheme.source),
        "href": f"/v1/schemes/{scheme.id}",
    }


def render_scheme(scheme: Scheme, language: Language) -> Json:
    """The whole scheme: files, parameters with their rows, definitions, conditions, benefits, conclusions."""
    by_kind: dict[str, list[Json]] = {"condition": [], "definition": [], "benefit": []}
    for each in scheme.definitions.values():
        by_kind[each.kind].append(_definition(each, language))
    return {
        "id": scheme.id,
        "title": scheme.title.in_language(language),
        "source": render_source(scheme.source),
        "files": [_file(each) for each in scheme.files],
        "parameters": [_parameter(each, language) for each in scheme.parameters.values()],
        "definitions": by_kind["definition"],
        "conditions": by_kind["condition"],
        "benefits": by_kind["benefit"],
        "conclusions": [_conclusion(each, language) for each in scheme.conclusions],
        **({} if scheme.claim is None else {"claim": render_claim(scheme.claim, language)}),
    }


def _file(file: RuleFile) -> Json:
    line: Json = {"version": str(file.id), "file": file.path, "region": file.region, "from": file.start.isoformat()}
    if file.end is not None:
        line["to"] = file.end.isoformat()
    if file.amends is not None:
        line["amends"] = file.amends.text
    if file.applies_when is not None:
        line["applies_when"] = _one_line(file.applies_when)
    return {**line, "binding": file.binding, "source": render_source(file.source)}


# -- parameters -------------------------------------------------------------------------------------


def _parameter(parameter: Parameter, language: Language) -> Json:
    line: Json = {"name": parameter.name.local, "title": parameter.title.in_language(language), "type": str(parameter.type)}
    unit = unit_of(parameter.type)
    if unit is not None:
        line["unit"] = unit
    if parameter.key_type is not None:
        line |= {"key_type": str(parameter.key_type), "match": parameter.match}
    if parameter.clause.at is not None:
        line["at"] = _one_line(parameter.clause.at)
    if parameter.bands:
        line["bands"] = [
            {"above": render_value(band.above), "rate": render_value(band.rate), **_law(band.standing, band.source, str(band.place))}
            for band in parameter.bands
        ]
    else:
        line["rows"] = [_row(row) for row in parameter.rows]
    if parameter.extend is not None:
        line["extend"] = {"assumption": parameter.extend.assumption, "how": parameter.extend.how}
        if parameter.extend.provisional is not None:
            line["extend"]["provisional"] = parameter.extend.provisional
    return {**line, "source": render_source(parameter.clause.source), "file": str(parameter.clause.place), "version": str(parameter.file.id)}


def _row(row: TableRow) -> Json:
    line: Json = {} if row.key is None else {"key": render_value(row.key)}
    line["value"] = render_value(row.value)
    if row.published is not None:
        line["published"] = row.published.isoformat()
    return {**line, **_law(row.standing, row.source, str(row.place))}


def _law(standing: Standing, source: Any, file: str) -> Json:
    return {"standing": standing.word, "source": render_source(source), "file": file}


# -- definitions ------------------------------------------------------------------------------------


def _definition(definition: Definition, language: Language) -> Json:
    line: Json = {
        "name": definition.name.local,
        "title": definition.title.in_language(language),
        "type": str(definition.type),
        "output": definition.output or definition.kind == "benefit",
    }
    unit = unit_of(definition.type)
    if unit is not None:
        line["unit"] = unit
    units = units_of(definition.type)
    if units:
        line["units"] = units
    paid = {"paid_to": definition.paid_to, "counts_as": definition.counts_as}
    line |= {name: value for name, value in paid.items() if value is not None}
    return {**line, "versions": [_version(each) for each in definition.versions]}


def _version(version: DefinitionVersion) -> Json:
    clause = version.lowered.clause
    line: Json = {"version": str(version.file.id)}
    if version.guard is not None and version.file.applies_when is not None:
        line["applies_when"] = _one_line(version.file.applies_when)
    line |= _body(clause.body)
    if version.rounding is not None:
        line["round"] = _rounding(version.rounding)
        if version.rounding_source is not None:
            line["round"]["source"] = render_source(version.rounding_source)
    if clause.shortfall is not None:
        line["shortfall"] = _one_line(clause.shortfall)
    return {**line, **_law(clause.standing, version.source, str(clause.place))}


def _rounding(rounding: Rounding) -> Json:
    return {"to": render_value(rounding.step), "mode": rounding.mode, "file": str(rounding.place)}


def _body(body: Body | None) -> Json:
    if isinstance(body, Text):
        return {"expression": _one_line(body)}
    if isinstance(body, DecisionClause):
        rows = [{"tests": [_one_line(test) for test in tests], "output": _one_line(output), "file": str(output.place)} for tests, output in body.rows]
        return {"decide": {"hit": body.hit, "inputs": [_one_line(each) for each in body.inputs], "rows": rows}}
    if isinstance(body, CarryClause):
        carry: Json = {"each": body.variable, "in": _one_line(body.over), "start": _one_line(body.start), "next": _one_line(body.next)}
        if body.round is not None:
            carry["round"] = _rounding(body.round)
        return {"carry": carry}
    return {}


def _conclusion(conclusion: LoweredConclusion, language: Language) -> Json:
    clause = conclusion.clause
    return {
        "id": clause.name,
        "kind": clause.kind,
        "when": _one_line(clause.when),
        "text": clause.text.in_language(language),
        **render_links(clause),
        "source": render_source(clause.source),
        "file": str(clause.place),
    }


def render_links(clause: ConclusionClause) -> Json:
    """What a conclusion names besides its text: the schemes it is with, the own benefit it is about, whose they are."""
    stated: Json = {"with": list(clause.others) or None, "benefit": clause.benefit, "between": clause.between}
    return {name: value for name, value in stated.items() if value is not None}


def _one_line(text: Text) -> str:
    return " ".join(text.text.split())
