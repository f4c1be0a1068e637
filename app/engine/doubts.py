"""What keeps a result unknown, and what of it is not official: the lines of `missing`, `provisional`, `estimated`, `unverified`."""

from __future__ import annotations

from typing import Any

import orjson

from app.language import DefinitionVersion, Source, Standing

from .blame import Blame, Blaming
from .compiled import Unit
from .evaluate import Evaluation
from .request import Language
from .values import Json, render_value
from .walk import Walk

# What is said of a line of `missing` that is no fact to be asked for.
_SENTENCES = {
    "parameter": ("{what}：当时当地的数值尚未公布或未收录。", "{what}: no figure in force then and there is known; not published yet, or not encoded."),
    "division_by_zero": ("{what}的计算中除数为零，请核对所填数据。", "{what}: a division by zero. Please check what was stated."),
    "not_in_force": ("{what}：当时当地没有施行中的规定。", "{what}: no rule in force then and there."),
    "no_value": ("{what}：此种情形下规则没有给出。", "{what}: the rules say nothing of such a case."),
}
_NOT_OFFICIAL = tuple(standing for standing in Standing if standing != Standing.OFFICIAL)


def render_missing(roots: tuple[int, ...], evaluation: Evaluation, walk: Walk, language: Language, scheme: str | None = None) -> list[Json]:
    """What keeps these roots unknown, each with how to supply it; known again where all are a scheme's. Its lines are not to be changed."""
    if scheme is None:
        return _blamed(Blaming(walk).of(roots), evaluation, language)
    outline = walk.outline(scheme)
    kept: list[Json] | None = outline.get(("missing", roots, language))
    if kept is None:
        blame = Blaming(walk).of(roots)
        kept = _blamed(blame, evaluation, language)
        if not blame.by_items:
            outline["missing", roots, language] = kept
    return kept


def _blamed(blame: Blame, evaluation: Evaluation, language: Language) -> list[Json]:
    program, dictionary = evaluation.program, evaluation.facts
    missing: list[Json] = []
    for name, fields in blame.facts.items():
        fact = dictionary.facts[name]
        line: Json = {"kind": "fact", "name": name, "title": fact.title.in_language(language)}
        if fact.question is not None:
            line["question"] = fact.question.in_language(language)
        if fields:
            titles = {field.name: field.title.in_language(language) for field in fact.fields}
            line["fields"] = [{"name": each, "title": titles[each]} for each in fields if each in titles]
        missing.append(line)
    for number, key in blame.figures:
        parameter = program.parameters[number]
        line = {"kind": "parameter", "name": str(parameter.name), "title": parameter.title.in_language(language)}
        if key is not None:
            line["key"] = render_value(key)
        if parameter.extend is not None:
            line["assumption"] = parameter.extend.assumption
        missing.append(line | {"sentence": _sentence(line, language)})
    for kind, numbers in (("division_by_zero", blame.zero), ("not_in_force", blame.absent), ("no_value", blame.silent)):
        for definition in (program.definitions[number] for number in numbers):
            line = {"kind": kind, "name": str(definition.name), "title": definition.title.in_language(language)}
            missing.append(line | {"sentence": _sentence(line, language)})
    return missing


def _sentence(line: Json, language: Language) -> str:
    zh, en = _SENTENCES[line["kind"]]
    if language == "en":
        return en.format(what=line["title"] + (f" ({line['key']})" if "key" in line else ""))
    return zh.format(what=line["title"] + (f"（{line['key']}）" if "key" in line else ""))


def leaning_on(scheme: str, roots: tuple[int, ...], walk: Walk, language: Language) -> dict[str, list[Any]]:
    """The figures a result leans on that are not official, by standing: wordings, roundings and rows, with their notes."""
    outline = walk.outline(scheme)
    kept: tuple[list[tuple[Standing, str, Any]], list[int]] | None = outline.get(("doubts", roots, language))
    if kept is None:
        kept = outline["doubts", roots, language] = _doubts(walk.reach(roots, scheme), walk, language)
    wordings, parameters = kept
    if not wordings and not parameters:
        return {standing.word: [] for standing in _NOT_OFFICIAL}
    found: dict[Standing, dict[str, Any]] = {standing: {} for standing in _NOT_OFFICIAL}
    for standing, name, line in wordings:
        found[standing][name] = line
    for parameter in parameters:
        _add_rows(parameter, walk, language, found)
    return {standing.word: list(names.values()) for standing, names in found.items()}


def _doubts(reached: set[int], walk: Walk, language: Language) -> tuple[list[tuple[Standing, str, Any]], list[int]]:
    """The wordings in doubt (standing, name, line) and the parameters with rows in doubt."""
    wordings: list[tuple[Standing, str, Any]] = []
    parameters: dict[int, None] = {}
    for number in sorted(reached & walk.standings.keys()):
        unit = walk.program.units[number]
        if unit is None:
            continue
        index = walk.version_index(number)
        own = unit.own_standings[index]
        if own:
            line = orjson.Fragment(orjson.dumps(_wording_in_doubt(unit, walk.version(number), language)))
            wordings.append((own, str(unit.definition.name), line))
        parameters.update((each, None) for each in unit.uses[index].parameters if walk.parameter_standing(each))
    return wordings, list(parameters)


def _wording_in_doubt(unit: Unit, version: DefinitionVersion, language: Language) -> Json:
    title = unit.definition.title.in_language(language)
    return {"name": str(unit.definition.name), "title": title, **_note(_doubtful_source(version))}


def _add_rows(parameter: int, walk: Walk, language: Language, found: dict[Standing, dict[str, Any]]) -> None:
    name = str(walk.program.parameters[parameter].name)
    for band in walk.doubtful_bands(parameter):
        found[band.standing].setdefault(name, {"name": name, "title": walk.program.parameters[parameter].title.in_language(language), **_note(band.source)})
    for key, reading in walk.readings(parameter):
        if reading.standing == Standing.OFFICIAL or reading.given:
            continue
        line = found[reading.standing].get(name)
        if line is None:
            title = walk.program.parameters[parameter].title.in_language(language)
            line = found[reading.standing][name] = {"name": name, "title": title, "keys": []}
            if reading.row is not None:
                line |= _note(reading.row.source)
        if key is not None:
            line["keys"].append(render_value(key))


def _doubtful_source(version: DefinitionVersion) -> Source:
    """The source of the wording, or of the rounding where only that is unverified."""
    if version.lowered.clause.standing == Standing.UNVERIFIED or version.rounding_source is None:
        return version.source
    return version.rounding_source


def _note(source: Source) -> Json:
    return {} if source.note is None else {"note": source.note}


