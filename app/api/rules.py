"""GET the rules: schemes as they hold on a day in a place, the fact dictionary, the releases."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, Response, request

from app import __version__
from app.engine import InputError
from app.intake import read_query
from app.language import Law

from .answers import BAD_QUERY, NO_SCHEME, cached_answer, fault_problem, problem
from .render_facts import render_dictionary
from .render_rules import render_scheme, render_summary
from .service import service

blueprint = Blueprint("rules", __name__)


def _asked() -> tuple[date, str, Law]:
    """The day and place asked for, and the law then and there. Raises InputError."""
    as_of, region = read_query(request.args.to_dict(flat=False))
    return as_of, region, service().rulebook.at(as_of, region)


@blueprint.get("/v1/schemes")
def schemes() -> Response:
    try:
        as_of, region, law = _asked()
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
        as_of, region, law = _asked()
    except InputError as error:
        return fault_problem(BAD_QUERY, error.faults)
    known = service().rulebook.scheme_ids()
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
    served = service()
    return cached_answer(served.release, (), lambda language: {"release": served.release, **render_dictionary(served.rulebook.facts, language)})


@blueprint.get("/v1/releases")
def releases() -> Response:
    """The releases this server can answer from: the one it runs."""
    book = service().rulebook
    running = {
        "id": book.release,
        "tag": book.tag,
        "running": True,
        "schemes": book.scheme_ids(),
        "regions": book.regions(),
        "reforms": book.proposals(),
    }
    return cached_answer(book.release, (), lambda _: {"engine": __version__, "releases": [running]})
