"""GET the rules of a release: schemes as they hold on a day in a place, the fact dictionary; and the releases."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from flask import Blueprint, Response, request

from app import __version__
from app.engine import InputError
from app.intake import founded_by_a_reform, read_query, read_reforms
from app.language import Law, Rulebook

from .answers import BAD_QUERY, NO_SCHEME, cached_answer, fault_problem, problem
from .render_facts import render_dictionary
from .render_releases import marks, render_releases
from .render_rules import render_scheme, render_summary
from .service import service

blueprint = Blueprint("rules", __name__)


class Asked(NamedTuple):
    """What a URL asks for, as answers repeat it, the law then and there, and the rulebook it is of."""

    as_of: date
    head: dict[str, Any]
    law: Law
    rulebook: Rulebook

    def query(self) -> tuple[str, ...]:
        """What tells two answers of one release apart."""
        return (self.head["as_of"], self.head["region"], *self.head["reforms"])


def _asked() -> Asked:
    """Read the URL's query. Raises InputError."""
    as_of, region, release, written = read_query(request.args.to_dict(flat=False))
    rulebook = _rulebook(release)
    reforms = read_reforms(written, rulebook)
    law = rulebook.at(as_of, region, reforms)
    return Asked(as_of, {"as_of": as_of.isoformat(), "region": region, "reforms": reforms, "release": law.release}, law, rulebook)


def _rulebook(release: str | None) -> Rulebook:
    """The rulebook of a release; the running one's where none is named. Raises InputError."""
    served = service()
    return served.rulebook if release is None else served.desks.at(release, "/release").rulebook


@blueprint.get("/v1/schemes")
def schemes() -> Response:
    try:
        asked = _asked()
    except InputError as error:
        return fault_problem(BAD_QUERY, error.faults)
    return cached_answer(
        asked.law.release,
        asked.query(),
        lambda language: {**asked.head, "schemes": [render_summary(scheme, language) for scheme in asked.law.schemes.values() if not scheme.library]},
    )


@blueprint.get("/v1/schemes/<name>")
def scheme(name: str) -> Response:
    try:
        asked = _asked()
    except InputError as error:
        return fault_problem(BAD_QUERY, error.faults)
    known = asked.rulebook.scheme_ids()
    if name not in known:
        return problem(NO_SCHEME, f"现有：{'、'.join(known)}。", f"There are: {', '.join(known)}.")
    found = asked.law.schemes.get(name)
    if found is None:
        zh = f"'{name}' 在 {asked.as_of} 尚未施行，或当时的规定未收录。"
        en = f"'{name}' was not in force on {asked.as_of}, or its rules of that day are not encoded."
        return problem(NO_SCHEME, *(_founded(name, asked.rulebook) or (zh, en)))
    return cached_answer(asked.law.release, asked.query(), lambda language: {**asked.head, **render_scheme(found, language)})


def _founded(name: str, rulebook: Rulebook) -> tuple[str, str] | None:
    """Of a scheme that only proposals know: which."""
    if not founded_by_a_reform(rulebook, name):
        return None
    reforms = ", ".join(sorted({file.proposal for file in rulebook.files if file.scheme == name and file.proposal}))
    return f"'{name}' 只见于改革方案：请加 reforms={reforms}。", f"'{name}' is no law but part of a proposal: ask with reforms={reforms}."


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
