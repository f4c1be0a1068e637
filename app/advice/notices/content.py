"""What stands on a notice, in words of one language, for any page that shows it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from typing import Any

import orjson

from app import __version__
from app.engine import Evaluation, InputError, InputFault, Language, Outcome, render_value
from app.language import Notices, Source, Standing

from ..citizen import conclusions, missing, standing, why
from ..descent import descent, facts_below
from ..paragraphs import Paragraph
from ..told import Told, joined
from .question import NoticeQuestion

Json = dict[str, Any]
_LAWS = 12


def notice_content(evaluation: Evaluation, notices: Notices, question: NoticeQuestion, language: Language) -> Json:
    """The notice as texts, lists and tables. Raises InputError where a determination is asked for and nothing is determined."""
    if question.determination:
        _check_determined(evaluation)
    told = Told(evaluation, language)
    kind = "determination" if question.determination else "estimate"
    return {
        "language": language,
        "title": told.word(f"notice_{kind}"),
        "issued": question.issued.isoformat(),
        "head": _head(told, question),
        "status": told.word("determined", office=question.office) if question.determination else told.word("estimate"),
        "reform": told.word("reform", names=joined(list(evaluation.request.reforms), language)) if evaluation.request.reforms else None,
        "schemes": [_scheme(told, outcome) for outcome in evaluation.outcomes],
        "facts": {"heading": told.word("facts_found"), "rows": list(_facts(told))},
        "objections": _objections(told, notices, kind),
        "words": {key: told.word(key) for key in ("amounts", "benefit", "value", "legal_basis", "conditions", "condition", "actual_value", "required_value", "finding")},
        "foot": {"page_of": told.word("page_of", page="{page}", pages="{pages}"), "reference": _reference(evaluation, question)},
    }


def _check_determined(evaluation: Evaluation) -> None:
    open_schemes = [outcome.scheme for outcome in evaluation.outcomes if outcome.status == "undetermined"]
    if open_schemes:
        named = ", ".join(open_schemes)
        zh, en = f"{named} 尚不能确定，不能出具核定通知。请补充事实，或出具估算。", f"{named} is undetermined, so nothing can be notified as determined. Add facts, or leave 'determination' out."
        raise InputError([InputFault("/determination", "undetermined", zh, en)])


def _head(told: Told, question: NoticeQuestion) -> list[tuple[str, str]]:
    rows = [("reference", _reference(told.evaluation, question)), ("issued", told.say.day(question.issued))]
    if question.office is not None:
        rows.append(("office", question.office))
    rows.append(("law_of", told.word("law_of_day", day=told.day, place=told.place)))
    rows += [("rules_used", told.evaluation.program.law.release), ("engine_used", __version__)]
    return [(told.word(key), value) for key, value in rows]


def _reference(evaluation: Evaluation, question: NoticeQuestion) -> str:
    """The office's number, or one that the same case has under the same rules."""
    if question.reference is not None:
        return question.reference
    request = evaluation.request
    parts = (request.as_of, request.region, request.schemes, request.reforms, request.facts, request.given, request.assumptions)
    written = [evaluation.program.law.release, *(render_value(each) for each in parts)]
    digest = hashlib.sha256(orjson.dumps(written, option=orjson.OPT_SORT_KEYS)).hexdigest()
    return f"SB-{request.as_of:%Y%m%d}-{digest[:12].upper()}"


# -- one scheme -----------------------------------------------------------------------------------


def _scheme(told: Told, outcome: Outcome) -> Json:
    laws = told.laws(outcome)
    return {
        "title": told.scheme_title(outcome.scheme),
        "status": outcome.status,
        "result": told.word(outcome.status, title=told.scheme_title(outcome.scheme)),
        "amounts": list(_amounts(told, outcome)),
        "conditions": list(_conditions(told, outcome)),
        "sections": [
            *_section(told, "why_not", lambda: why(told, outcome)),
            *_section(told, "missing", lambda: missing(told, outcome)),
            *_section(told, "conclusion", lambda: conclusions(told, outcome)),
            {"heading": told.word("h_basis"), "paragraphs": [told.word("rests_on", laws=told.cited(laws, _LAWS))]},
            *_section(told, "standing", lambda: standing(told, outcome)),
        ],
    }


def _section(told: Told, kind: str, make: Callable[[], Iterator[Paragraph]]) -> Iterator[Json]:
    """The paragraphs of one kind under their heading, if there are any; conclusions are of two kinds."""
    kinds = ("next", "note") if kind == "conclusion" else (kind,)
    paragraphs = [each.text for each in make() if each.kind in kinds]
    if paragraphs:
        yield {"heading": told.word(f"h_{kind}"), "paragraphs": paragraphs}


def _amounts(told: Told, outcome: Outcome) -> Iterator[Json]:
    for amount in told.amounts(outcome):
        yield {"title": amount.title, "value": amount.value, "law": _cite(told, amount.number), "part": False}
        for part in amount.parts:
            yield {"title": part.title, "value": part.value, "law": _cite(told, part.number), "part": True}
    for number in told.days(outcome):
        yield {"title": told.title(number), "value": told.value(number), "law": _cite(told, number), "part": False}


def _conditions(told: Told, outcome: Outcome) -> Iterator[Json]:
    words = {True: "met", False: "unmet", None: "open"}
    for each, met in zip(outcome.plan.conditions, outcome.truths, strict=True):
        compared = told.sentences.compared(each.unit)
        single = len(compared) == 1
        yield {
            "title": told.title(each.unit.number),
            "actual": joined([one.actual if one.who is None or (single and one.required is not None) else f"{one.who} {one.actual}" for one in compared], told.language, "；", "; "),
            "required": joined([one.required for one in compared if one.required is not None], told.language, "；", "; "),
            "finding": told.word(words[met]),
            "met": met,
            "law": _cite(told, each.unit.number),
        }


def _cite(told: Told, number: int) -> str:
    return told.word("stated") if number in told.evaluation.case.given else _short(told.law_of(number))


def _short(law: Source) -> str:
    name = law.number or f"《{law.instrument}》"
    return f"{name} {law.article}" if law.article else name


# -- of the whole ---------------------------------------------------------------------------------


def _facts(told: Told) -> Iterator[tuple[str, str]]:
    """The facts that the results rest on, each once; conditions rest on facts too."""
    evaluation, walk = told.evaluation, told.walk
    names: dict[str, None] = {}
    for outcome in evaluation.outcomes:
        conditions = [each.unit.number for each in outcome.plan.conditions]
        names |= dict.fromkeys(facts_below(evaluation, walk, [*conditions, *descent(evaluation, walk, outcome)]))
    for name in names:
        fact = evaluation.facts.facts[name]
        yield fact.title.in_language(told.language), told.say.value(evaluation.request.facts[name], fact.type, fact)
    for name, stated in sorted(evaluation.request.given.items()):
        yield name, told.say.either(f"{stated}（请求给定）", f"{stated} (stated in the request)") if isinstance(stated, str) else told.word("stated")


def _objections(told: Told, notices: Notices, kind: str) -> Json:
    """The ways to object that the rulebook names for any of the schemes, each once."""
    found = {each.name: each for outcome in told.evaluation.outcomes for each in notices.of_scheme(outcome.scheme)}
    ordered = [each for each in notices.objections if each.name in found]
    return {
        "heading": told.word("objections"),
        "intro": told.word(f"against_{kind}"),
        "items": [
            {
                "text": each.text.in_language(told.language) + (told.word("reading_unverified") if each.standing == Standing.UNVERIFIED else ""),
                "law": f"《{each.source.instrument}》{each.source.article}",
            }
            for each in ordered
        ],
    }
