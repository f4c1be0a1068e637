"""Run cases and say, expectation by expectation, what differs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

import orjson

from app.engine import Engine, Evaluation, Incident, InputError, InputFault, explain, render_result
from app.engine.case import UNSET
from app.intake import RequestReader
from app.language import ir

from .coverage import Coverage
from .model import CaseResult, Difference, Expectation, RuleCase

Json = dict[str, Any]
_ABSENT: Any = object()


class CaseRunner:
    """Runs cases against one engine. With a coverage, the engine must have been made with `cover=True`."""

    def __init__(self, engine: Engine, coverage: Coverage | None = None) -> None:
        self._engine = engine
        self._reader = RequestReader(engine.rulebook)
        self._coverage = coverage

    def run(self, case: RuleCase) -> CaseResult:
        """Evaluate one case and compare. Never raises for a bad case: the result says what is wrong with it."""
        try:
            request, _ = self._reader.read(orjson.dumps(case.body))
            evaluation = self._engine.evaluate(request)
        except InputError as error:
            return CaseResult(case, errors=tuple(_refusal(case, fault) for fault in error.faults))
        except Incident as error:
            return CaseResult(case, errors=(f"{case.place}: nothing may be issued. {error}",))
        if self._coverage is not None:
            self._coverage.record(evaluation)
        answer = _Answer(evaluation, explain(evaluation, "zh", "none"))
        return CaseResult(case, tuple(difference for each in case.expectations if (difference := answer.compare(each)) is not None))


def _refusal(case: RuleCase, fault: InputFault) -> str:
    return f"{case.place_of(fault.pointer)}: {fault.pointer or 'the case'}: {fault.en}"


class _Answer:
    """An answer, asked for what a case expects of it."""

    def __init__(self, evaluation: Evaluation, answer: Json) -> None:
        self._evaluation = evaluation
        self._answer = answer

    def compare(self, expectation: Expectation) -> Difference | None:
        result: Json = self._answer["results"][expectation.scheme]
        if expectation.kind in ("status", "standing"):
            return _differs(expectation, expectation.kind, expectation.wanted, result[expectation.kind])
        if expectation.kind == "missing":
            return _compare_missing(expectation, result["missing"])
        if expectation.kind == "conclusions":
            drawn = sorted(each["id"] for each in self._answer["conclusions"] if each["scheme"] == expectation.scheme)
            wanted = sorted(_names(expectation))
            return None if drawn == wanted else _difference(expectation, "conclusions", ", ".join(wanted) or "none", ", ".join(drawn) or "none")
        if expectation.kind == "condition":
            return self._compare_condition(expectation, result["conditions"])
        return self._compare_value(expectation, result)

    @staticmethod
    def _compare_condition(expectation: Expectation, conditions: list[Json]) -> Difference | None:
        known = {line["id"]: line["met"] for line in conditions}
        what = f"condition {expectation.name}"
        if expectation.name not in known:
            return _difference(expectation, what, _truth(expectation.wanted), f"no such condition.{_nearest(expectation.name, known)}")
        actual = known[expectation.name]
        return None if actual is expectation.wanted else _difference(expectation, what, _truth(expectation.wanted), _truth(actual))

    def _compare_value(self, expectation: Expectation, result: Json) -> Difference | None:
        actual = self._value(expectation, result)
        if actual is not _ABSENT:
            return _differs(expectation, expectation.name, expectation.wanted, actual)
        name = ir.Name(expectation.scheme, expectation.name)
        definitions = self._evaluation.program.law.schemes[expectation.scheme].definitions
        if name in self._evaluation.program.number_of:
            why = f"not computed (the status is {result['status']})"
        else:
            why = f"no such value.{_nearest(expectation.name, definitions)}"
        return _difference(expectation, expectation.name, _shown(expectation.wanted), why)

    def _value(self, expectation: Expectation, result: Json) -> Any:
        """A benefit awarded, a value of the answer, or any other definition that was computed on the way."""
        if expectation.name in result["benefits"]:
            return result["benefits"][expectation.name]["value"]
        if expectation.name in result["values"]:
            return result["values"][expectation.name]
        number = self._evaluation.program.number_of.get(ir.Name(expectation.scheme, expectation.name))
        if number is None or self._evaluation.program.definitions[number].kind == "benefit":
            return _ABSENT
        value = self._evaluation.case.memo[number]
        return _ABSENT if value is UNSET else render_result(value, self._evaluation.program.definitions[number].type)


def _compare_missing(expectation: Expectation, missing: list[Json]) -> Difference | None:
    """The names expected must be among the missing, in full or without their scheme."""
    names = {line["name"] for line in missing}
    known = names | {name.rpartition(".")[2] for name in names}
    absent = [name for name in _names(expectation) if name not in known]
    if not absent and (expectation.wanted or not names):
        return None
    return _difference(expectation, "missing", ", ".join(_names(expectation)) or "nothing", ", ".join(sorted(names)) or "nothing")


def _names(expectation: Expectation) -> tuple[str, ...]:
    return tuple(str(name) for name in expectation.wanted) if isinstance(expectation.wanted, tuple) else ()


def _differs(expectation: Expectation, what: str, wanted: Any, actual: Any) -> Difference | None:
    """The first difference: of a table, the row (from 1) and the field. Only the fields of a row that are expected are looked at."""
    if isinstance(wanted, tuple) and isinstance(actual, list):
        if len(wanted) != len(actual):
            return _difference(expectation, what, _items(len(wanted)), _items(len(actual)))
        rows = (_differs(expectation, f"{what} {number}", *pair) for number, pair in enumerate(zip(wanted, actual, strict=True), 1))
        return next((each for each in rows if each is not None), None)
    if isinstance(wanted, Mapping) and isinstance(actual, Mapping):
        fields = (_field_differs(expectation, f"{what} {name}", name, each, actual) for name, each in wanted.items())
        return next((each for each in fields if each is not None), None)
    if wanted == _text(actual) or _equal_numbers(wanted, actual):
        return None
    return _difference(expectation, what, _shown(wanted), _shown(actual))


def _field_differs(expectation: Expectation, what: str, name: str, wanted: Any, row: Mapping[str, Any]) -> Difference | None:
    if name not in row:
        return _difference(expectation, what, _shown(wanted), f"no such field.{_nearest(name, row)}")
    return _differs(expectation, what, wanted, row[name])


def _items(count: int) -> str:
    return f"{count} item{'' if count == 1 else 's'}"


def _equal_numbers(wanted: Any, actual: Any) -> bool:
    """Whether two texts are one number: 1200 is 1200.00."""
    if not isinstance(wanted, str) or not isinstance(actual, str):
        return False
    try:
        return Decimal(wanted) == Decimal(actual)
    except ArithmeticError:
        return False


def _text(actual: Any) -> Any:
    return ("true" if actual else "false") if isinstance(actual, bool) else actual


def _shown(value: Any) -> str:
    if isinstance(value, list | tuple):
        return _items(len(value))
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_shown(each)}" for name, each in value.items())
    return "unknown" if value is None else str(_text(value))


def _truth(value: Any) -> str:
    return {True: "met", False: "not met"}.get(value, "unknown")


def _nearest(name: str, known: Iterable[str]) -> str:
    close = get_close_matches(name, list(known), n=1)
    return f" Did you mean '{close[0]}'?" if close else ""


def _difference(expectation: Expectation, what: str, expected: str, actual: str) -> Difference:
    return Difference(expectation.place, f"{expectation.scheme} {what}", expected, actual)
