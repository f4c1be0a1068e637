"""A comparison with its reasons as JSON: what programs read, and what the terminal prints from."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from app.language import Amendment, Statement, ir
from app.language.model import DefinitionClause, ParameterClause

from .comparison import Comparison, Difference, Figure, ResultPair, SchemePair
from .evaluate import Evaluation
from .reasons import CaseReasons, SharedChange, file_of
from .request import Language
from .rule_differences import Amended
from .sides import Said
from .trace import expression_text
from .values import Json, render_source, render_value

__all__ = ["render_amendment", "render_comparison", "render_reasons"]


def render_reasons(reasons: CaseReasons, language: Language) -> Json:
    """The comparison, the amendments by number, and of each result's change the shares, largest first; shares of nothing are left out."""
    answer = render_comparison(reasons.comparison, language)
    answer["amendments"] = [{"number": number, **render_amendment(each, language)} for number, each in enumerate(reasons.amendments, 1)]
    for scheme, result in answer["schemes"].items():
        result["shares"] = [_shares(each, reasons) for each in reasons.shared if each.scheme == scheme]
    return answer


def render_comparison(comparison: Comparison, language: Language) -> Json:
    """Both laws, and scheme by scheme the results and the rules that differ."""
    return {
        "moved": comparison.moved,
        "before": _law(comparison.before),
        "after": _law(comparison.after),
        "schemes": {pair.scheme: _scheme(pair, language) for pair in comparison.schemes},
    }


def render_amendment(amendment: Amendment, language: Language) -> Json:
    """What an amendment changes, and its clauses with their files and laws."""
    line: Json = {
        "kind": amendment.kind,
        "title": amendment.title.in_language(language),
        "names": [str(name) for name in amendment.names],
        "before": [_statement(each) for each in amendment.before],
        "after": [_statement(each) for each in amendment.after],
    }
    if amendment.introduces:
        line["introduces"] = [str(name) for name in amendment.introduces]
    return line


def _statement(said: Statement) -> Json:
    return {"version": str(said.file.id), "text": statement_text(said), "source": render_source(said.source), "file": str(said.place)}


def statement_text(said: Statement) -> str:
    """A clause on one line: its expression, its value or rows, its rounding; nothing where it has none of these."""
    clause: DefinitionClause | ParameterClause | None = said.file.definitions.get(said.name.local) or said.file.parameters.get(said.name.local)
    if isinstance(clause, DefinitionClause):
        rounding = f"round to {clause.round.step}, {clause.round.mode}" if clause.round is not None else ""
        return "; ".join(part for part in (expression_text(clause.body), rounding) if part)
    if clause is None:
        return ""
    if clause.bands:
        return "; ".join(f"> {render_value(band.above)}: {render_value(band.rate)}" for band in clause.bands)
    rows = [str(render_value(row.value)) if row.key is None else f"{render_value(row.key)}: {render_value(row.value)}" for row in clause.rows or ()]
    return "; ".join(rows) if len(rows) <= _ROWS else f"{rows[0]}; … {rows[-1]} ({len(rows)})"


_ROWS = 4


def _law(evaluation: Evaluation) -> Json:
    request = evaluation.request
    return {
        "as_of": request.as_of.isoformat(),
        "region": request.region,
        "reforms": list(request.reforms),
        "release": evaluation.program.law.release,
    }


def _scheme(pair: SchemePair, language: Language) -> Json:
    return {
        "title": _title(pair.title, language),
        "moved": pair.moved,
        "status": {"before": pair.before, "after": pair.after},
        "results": [_result(each, language) for each in pair.results],
        "differences": [_difference(each, pair.scheme, language) for each in pair.differences],
    }


def _title(title: tuple[str, str], language: Language) -> str:
    return title[language == "en"]


def _result(pair: ResultPair, language: Language) -> Json:
    line: Json = {"name": pair.name.local, "kind": pair.kind, "title": _title(pair.title, language), "moved": pair.moved}
    if pair.unit is not None:
        line["unit"] = pair.unit
    line |= {"before": _value(pair.before), "after": _value(pair.after)}
    line |= _states(pair.before, pair.after)
    line["change"] = None if pair.change is None else format(pair.change, "f")
    return line


def _difference(made: Difference, scheme: str, language: Language) -> Json:
    line: Json = {"id": _label(made.name, scheme), "kind": made.kind, "title": _title(made.title, language)}
    if made.unit not in (None, "1"):
        line["unit"] = made.unit
    line |= {"before": _value(made.before), "after": _value(made.after)}
    line |= _states(made.before, made.after)
    if made.amended:
        line["amended"] = [_amended(each) for each in made.amended]
    if made.other_wording:
        line["other_wording"] = True
    line["because"] = [name.removeprefix(f"{scheme}.") for name in made.because]
    return line


def _label(name: ir.Name, scheme: str) -> str:
    return name.local if name.scheme == scheme else str(name)


def _value(figure: Figure) -> Any:
    """A value; of a list its length, as a list of records is long and its items hardly say what differs."""
    if isinstance(figure.value, list | tuple):
        return {"count": len(figure.value)}
    return render_value(figure.value)


def _states(before: Figure, after: Figure) -> Json:
    """Why a side has no value: unknown, not_due, not_computed, absent, several."""
    states = {"before": before.state, "after": after.state}
    missing = {side: state for side, state in states.items() if state != "known"}
    return {"without_value": missing} if missing else {}


def _amended(each: Amended) -> Json:
    line: Json = {"what": each.what}
    if each.key is not None:
        line["key"] = render_value(each.key)
    line |= {"before": None if each.before is None else _said(each.before), "after": None if each.after is None else _said(each.after)}
    line["amendment"] = {"source": render_source(each.by.source), "file": str(each.by.place)}
    return line


def _said(said: Said) -> Json:
    return {"text": said.text, "source": render_source(said.source), "file": str(said.place)}


def _shares(shared: SharedChange, reasons: CaseReasons) -> Json:
    shares = shared.shares
    ranked = sorted((number for number, part in enumerate(shares.parts) if part), key=lambda number: (-abs(shares.parts[number]), number))
    return {
        "name": "entitled" if shared.name is None else shared.name.local,
        "total": format(shares.total, "f"),
        "method": shares.method,
        "joint": shares.joint,
        "shares": [{**_player(number, reasons), "share": format(shares.parts[number], "f"), "percent": percent(shares.parts[number], shares.total)} for number in ranked],
    }


def _player(number: int, reasons: CaseReasons) -> Json:
    """What has a share: an amendment, or those of a file together."""
    if not reasons.together:
        return {"amendment": number + 1}
    members = sorted(reasons.together[number])
    return {"file": file_of(reasons.amendments[members[0]]), "amendments": [each + 1 for each in members]}


def percent(part: Decimal, total: Decimal) -> str | None:
    """A share of the total in percent, to a tenth; None of a total of nothing."""
    return None if not total else format((part / total * 100).quantize(Decimal("0.1")), "f")
