"""A case under two laws as JSON: both results, what differs and why, and what each amendment carries."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from app.engine import CaseReasons, Evaluation, Language, explain, render_reasons
from app.language import Amendment

from .compare_releases import BetweenReleases
from .heads import law_head

Json = dict[str, Any]
_SHOWN = ("title", "status", "standing", "benefits", "values", "missing", "provisional", "estimated", "unverified")


def render_compare(reasons: CaseReasons, language: Language) -> Json:
    """The comparison with its reasons; `causes` are the first rules that differ, each with its amendment and shares."""
    before, after = reasons.comparison.before, reasons.comparison.after
    found = render_reasons(reasons, language)
    found["before"]["results"] = _results(before, language)
    found["after"]["results"] = _results(after, language)
    for pair in reasons.comparison.schemes:
        scheme = found["schemes"][pair.scheme]
        names = {_label(each, pair.scheme): each.name for each in pair.causes()}
        lines = [line for line in scheme["differences"] if line["id"] in names and "amended" in line]
        scheme["causes"] = [_cause(line, _amendment_of(names[line["id"]], reasons.amendments), scheme["shares"]) for line in lines]
    head = law_head(before.request, before.program.law.release)
    return {**head, **found, **({"too_many_amendments": True} if reasons.too_many else {})}


def render_compare_releases(made: BetweenReleases, language: Language) -> Json:
    """The same of two releases: also the rule files that differ, and what of the case either release did not know.

    A cause says what became of its file, `file_change`: `changed`, where the file itself was edited without an amendment; `added`; `removed`.
    """
    found = render_compare(made.reasons, language)
    for side, left_out in zip(("before", "after"), made.left_out, strict=True):
        found[side]["left_out"] = list(left_out)
    for scheme in found["schemes"].values():
        for cause in scheme["causes"]:
            change = made.files.of(cause["file"].rpartition(":")[0])
            if change is not None:
                cause["file_change"] = change
    found["files"] = {"added": list(made.files.added), "removed": list(made.files.removed), "changed": list(made.files.changed)}
    return found


def _results(evaluation: Evaluation, language: Language) -> Json:
    answer = explain(evaluation, language, "none")["results"]
    return {scheme: {name: result[name] for name in _SHOWN} for scheme, result in answer.items()}


def _label(difference: Any, scheme: str) -> str:
    return str(difference.name.local) if difference.name.scheme == scheme else str(difference.name)


def _amendment_of(name: Any, amendments: tuple[Amendment, ...]) -> int | None:
    """The number of the amendment that changes a rule, or brings it in; None where it is none of those that matter."""
    return next((number for number, each in enumerate(amendments, 1) if name in (*each.names, *each.introduces)), None)


def _cause(line: Json, amendment: int | None, shares: list[Json]) -> Json:
    by = line["amended"][0]["amendment"]
    cause: Json = {"id": line["id"], "title": line["title"], "before": line["before"], "after": line["after"], "source": by["source"], "file": by["file"]}
    cause["said"] = [{name: each[name] for name in ("what", "key", "before", "after") if name in each} for each in line["amended"]]
    if amendment is None:
        return cause
    carried = [
        {"name": shared["name"], "share": part["share"], "percent": part["percent"]}
        for shared in shares
        for part in shared["shares"]
        if part.get("amendment") == amendment and Decimal(part["share"])
    ]
    return {**cause, "amendment": amendment, "shares": carried}
