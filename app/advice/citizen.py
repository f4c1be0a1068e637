"""What a citizen reads: what they get, from when, why or why not, what is missing, what to do, what it rests on and how firm."""

from __future__ import annotations

from collections.abc import Iterator

from app.engine import Outcome
from app.language import Source

from .paragraphs import Paragraph, Section
from .told import Amount, Told, joined

# A citizen is told so many laws and figures; the file has all.
_TOLD_LAWS = 4
_TOLD_FIGURES = 5


def for_citizen(told: Told) -> tuple[Section, ...]:
    """The whole text, scheme by scheme."""
    schemes = tuple(Section(told.scheme_title(each.scheme), tuple(_scheme(told, each))) for each in told.evaluation.outcomes)
    return (Section(None, tuple(asked(told))), *schemes, Section(None, (Paragraph("estimate", told.word("estimate")),)))


def asked(told: Told) -> Iterator[Paragraph]:
    """Which law answers: the day, the place, and what of it is proposed only."""
    yield Paragraph("asked", told.word("asked", day=told.day, place=told.place))
    if told.evaluation.request.reforms:
        yield Paragraph("asked", told.word("reform", names=joined(list(told.evaluation.request.reforms), told.language)))


def _scheme(told: Told, outcome: Outcome) -> Iterator[Paragraph]:
    yield Paragraph("result", told.word(outcome.status, title=told.scheme_title(outcome.scheme)), (), outcome.scheme)
    yield from amount_paragraphs(told, outcome)
    for number in told.days(outcome):
        yield Paragraph("when", told.word("amount", title=told.title(number), value=told.value(number)), (told.law_of(number),), outcome.scheme)
    yield from why(told, outcome)
    yield from missing(told, outcome)
    yield from conclusions(told, outcome)
    laws = told.laws(outcome)
    yield Paragraph("basis", told.word("rests_on", laws=told.cited(laws, _TOLD_LAWS)), laws, outcome.scheme)
    yield from standing(told, outcome)


def amount_paragraphs(told: Told, outcome: Outcome) -> Iterator[Paragraph]:
    """One paragraph for each benefit that is no part of another; one that nothing is due where nobody is entitled."""
    if outcome.status == "not_eligible":
        yield Paragraph("amount", told.word("nothing_paid"), (), outcome.scheme)
    for amount in told.amounts(outcome):
        sources = dict.fromkeys(told.law_of(each) for each in (amount.number, *(part.number for part in amount.parts)) if each not in told.evaluation.case.given)
        yield Paragraph("amount", _amount(told, amount), tuple(sources), outcome.scheme, told.definition(amount.number).name.local)


def _amount(told: Told, amount: Amount) -> str:
    if not amount.parts:
        return told.word("amount", title=amount.title, value=amount.value)
    parts = joined([told.word("part", title=each.title, value=each.value) for each in amount.parts], told.language)
    return told.word("amount_of_parts", title=amount.title, value=amount.value, parts=parts)


def why(told: Told, outcome: Outcome) -> Iterator[Paragraph]:
    """Why: the conditions that are all met; or why not: each that is not, in a sentence, unless another decides for good."""
    plan = outcome.plan.conditions
    if outcome.status == "eligible":
        titles = joined([told.title(each.unit.number) for each in plan], told.language, "；", "; ")
        sources = dict.fromkeys(told.law_of(each.unit.number) for each in plan if each.unit.number not in told.evaluation.case.given)
        yield Paragraph("why", told.word("why", titles=titles) if plan else told.word("no_conditions"), tuple(sources), outcome.scheme)
        return
    for each, line in zip(plan, told.answer["results"][outcome.scheme]["conditions"], strict=True):
        if line["met"] is not False or not line["matters"]:
            continue
        text = told.word("for_good", sentence=line["sentence"]) if line["decides"] else line["sentence"]
        sources_of: tuple[Source, ...] = () if line.get("given") else (told.law_of(each.unit.number),)
        yield Paragraph("why_not", text, sources_of, outcome.scheme, line["id"])


def missing(told: Told, outcome: Outcome) -> Iterator[Paragraph]:
    """What would settle an undetermined case."""
    lines = told.missing(outcome.scheme)
    for line in lines:
        yield Paragraph("missing", line, (), outcome.scheme)
    if lines:
        yield Paragraph("next", told.word("ask_again"), (), outcome.scheme)


def conclusions(told: Told, outcome: Outcome) -> Iterator[Paragraph]:
    """What the rules tell the reader: suggestions and ways of handling first, as what to do next."""
    own = [
        (each.lowered.clause, line["text"])
        for each, line in zip(outcome.conclusions, (line for line in told.answer["conclusions"] if line["scheme"] == outcome.scheme), strict=True)
    ]
    for kind, wanted in (("next", True), ("note", False)):
        for clause, text in own:
            if (clause.kind in ("suggestion", "route")) is wanted:
                yield Paragraph(kind, text, (clause.source,), outcome.scheme, clause.name)


def standing(told: Told, outcome: Outcome) -> Iterator[Paragraph]:
    """How firm the result is, with what it leans on that is not official."""
    doubts = told.doubts(outcome.scheme)
    if not doubts:
        yield Paragraph("standing", told.word("standing_official"), (), outcome.scheme)
    for kind, lines in doubts:
        titles = list(dict.fromkeys(line["title"] for line in lines))
        names = joined(titles[:_TOLD_FIGURES], told.language) + told.left_out(len(titles), _TOLD_FIGURES)
        yield Paragraph("standing", told.word(f"standing_{kind}", names=names), (), outcome.scheme)
