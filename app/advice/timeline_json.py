"""A timeline as JSON."""

from __future__ import annotations

from typing import Any

from app.engine import Language, render_source, render_value, unit_of
from app.language import Definition

from .heads import law_head
from .timeline import Change, Moved, MovedFigure, Point, SchemeTimeline, Timeline

Json = dict[str, Any]


def render_timeline(found: Timeline, language: Language) -> Json:
    """The timeline with its points and changes, by scheme."""
    return {
        **law_head(found.request, found.probe.program.law.release),
        "over": found.over,
        "results": {each.scheme: _scheme(found, each, language) for each in found.schemes},
    }


def _scheme(found: Timeline, scheme: SchemeTimeline, language: Language) -> Json:
    law = found.probe.program.law.schemes[scheme.scheme]
    return {
        "title": law.title.in_language(language),
        "units": {each.name.local: unit for each in law.benefits() if (unit := unit_of(each.type)) is not None},
        "points": [_point(found, each) for each in scheme.points],
        "changes": [_change(found, each, language) for each in scheme.changes],
    }


def _point(found: Timeline, point: Point) -> Json:
    benefits = {_definition(found, number).name.local: render_value(value) for number, value in point.benefits.items()}
    return {"month": str(point.month), "status": point.status, "benefits": benefits}


def _change(found: Timeline, change: Change, language: Language) -> Json:
    line: Json = {"month": str(change.month)}
    if change.before != change.after:
        line["status"] = {"before": change.before, "after": change.after}
    line["conditions"] = [_moved(found, each, language) for each in change.conditions]
    line["benefits"] = [_moved(found, each, language) for each in change.benefits]
    line["because"] = [_moved(found, each, language) for each in change.because]
    line["figures"] = [_figure(found, each, language) for each in change.figures]
    return line


def _moved(found: Timeline, moved: Moved, language: Language) -> Json:
    definition = _definition(found, moved.number)
    line: Json = {"id": str(definition.name), "title": definition.title.in_language(language)}
    if (unit := unit_of(definition.type)) not in (None, "1"):
        line["unit"] = unit
    return {**line, "before": render_value(moved.before), "after": render_value(moved.after), "source": render_source(definition.versions[0].source)}


def _figure(found: Timeline, moved: MovedFigure, language: Language) -> Json:
    parameter = found.probe.program.parameters[moved.parameter]
    line: Json = {"id": str(parameter.name), "title": parameter.title.in_language(language)}
    if parameter.unit is not None:
        line["unit"] = str(parameter.unit)
    for side, (key, value) in (("before", moved.before), ("after", moved.after)):
        line[side] = {"key": render_value(key), "value": render_value(value)}
    row = next((row for row in parameter.rows if row.key == moved.after[0]), None)
    return {**line, "source": render_source(row.source if row is not None else parameter.clause.source)}


def _definition(found: Timeline, number: int) -> Definition:
    return found.probe.program.definitions[number]
