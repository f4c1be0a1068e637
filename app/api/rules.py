"""GET the rules of a release: schemes as they hold on a day in a place, the fact dictionary; and the releases."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, Response, request

from app import __version__
from app.engine import InputError
from app.intake import read_query
from app.language import Law, Rulebook

from .answers import BAD_QUERY, NO_SCHEME, cached_answer, fault_problem, problem
from .render_facts import render_dictionary
from .render_releases import marks, render_releases
from .render_rules import render_scheme, render_summary
from .service import service

blueprint = Blueprint("rules", __name__)


def _asked() -> tuple[date, str, Law, Rulebook]:
    """The day and place asked for, the law then and there, and the rulebook it is of. Raises InputError."""
    as_of, region, release = read_query(request.args.to_dict(flat=False))
    rulebook = _rulebook(release)
    return as_of, region, rulebook.at(as_of, region), rulebook


def _rulebook(release: str | None) -> Rulebook:
    """The rulebook of a release; the running one's where none is named. Raises InputError."""
    served = service()
    return served.rulebook if release is None else served.desks.at(release, "/release").rulebook


@blueprint.get("/v1/schemes")
def schemes() -> Response:
    try:
        as_of, region, law, _ = _asked()
    except InputError as error:
        return fault_problem(BAD_QUERY, error.faults)
    head = {"as_of": as_of.isoformat(), "region": region, "release": law.release}
    return cached_answer(
        law.release,
        (as_of.isoformat(), region),
        lambda language: {**head, "schemes": [render_summary(scheme, language) for scheme in law.schemes.values() if not scheme.library]},
    )


@blueprint.get("/v1/schemes/<name>")
def scheme(name: str) -> Response:
    try:
        as_of, region, law, rulebook = _asked()
    except InputError as error:
        return fault_problem(BAD_QUERY, error.faults)
    known = rulebook.scheme_ids()
    if name not in known:
        return problem(NO_SCHEME, f"现有：{'、'.join(known)}。", f"There are: {', '.join(known)}.")
    found = law.schemes.get(name)
    if found is None:
        zh = f"'{name}' 在 {as_of} 尚未施行，或当时的规定未收录。"
        return problem(NO_SCHEME, zh, f"'{name}' was not in force on {as_of}, or its rules of that day are not encoded.")
    head = {"as_of": as_of.isoformat(), "region": region, "release": law.release}
    return cached_answer(law.release, (as_of.isoformat(), region), lambda language: {**head, **render_scheme(found, language)})


@blueprint.get("/v1/facts")
def facts() -> Response:
    try:
        stated = {name: values for name, values in request.args.to_dict(flat=False).items() if name == "release"}
        rulebook = _rulebook(read_query(stated).release)
    except InputError as error:
        return fault_problem(BAD_QUERY, error.faults)
    return cached_answer(rulebook.release, (), lambda language: {"release": rulebook.release, **render_dictionary(rulebook.facts, language)})


@blueprint.get("/v1/releases")
def releases() -> Response:
    """The releases this server can answer from: the one it runs, then those that are kept."""
    served = service()
    return cached_answer(served.release, marks(served), lambda language: {"engine": __version__, **render_releases(served, language)})
