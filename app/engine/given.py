"""Figures a person or office already knows, replacing a definition or parameter by name for one case."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

from app.language import Type, YearMonth, ir
from app.language.scope import ELIGIBLE
from app.language.types import BooleanType, DateType, MonthType, NumberType, StringType

from .numbers import Arithmetic
from .program import Program
from .request import InputError, InputFault

_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,12})?\Z")


@dataclass(frozen=True, slots=True)
class Given:
    """Typed values by rule number; a parameter's by key (None for every key)."""

    definitions: Mapping[int, Any]
    parameters: Mapping[int, Mapping[Any, Any]]

    def in_arithmetic(self, arithmetic: Arithmetic) -> Given:
        def convert(value: Any) -> Any:
            return arithmetic.number(value) if isinstance(value, Decimal) else value

        return Given(
            {number: convert(value) for number, value in self.definitions.items()},
            {number: {key: convert(value) for key, value in rows.items()} for number, rows in self.parameters.items()},
        )


def read_given(raw: Mapping[str, Any], program: Program, schemes: tuple[str, ...]) -> Given:
    """Resolve names and types. Raises InputError naming every unknown name and wrong value."""
    definitions: dict[int, Any] = {}
    parameters: dict[int, Mapping[Any, Any]] = {}
    faults: list[InputFault] = []
    for text, value in raw.items():
        pointer = "/given/" + text.replace("~", "~0").replace("/", "~1")
        name = find_rule(text, program, schemes)
        if name is None:
            faults.append(_unknown(text, pointer, program, schemes))
            continue
        try:
            if name in program.number_of:
                number = program.number_of[name]
                definitions[number] = read_figure(value, program.definitions[number].type, pointer)
            else:
                number = program.parameter_number[name]
                parameters[number] = _read_parameter(value, program, number, pointer)
        except InputError as error:
            faults.extend(error.faults)
    if faults:
        raise InputError(faults)
    return Given(definitions, parameters)


def find_rule(text: str, program: Program, schemes: tuple[str, ...]) -> ir.Name | None:
    """The rule that a plain or full name under `given` means."""
    def known(name: ir.Name) -> bool:
        return name in program.number_of or name in program.parameter_number

    if "." in text:
        scheme, _, local = text.rpartition(".")
        name = ir.Name(scheme, local)
        return name if known(name) else None
    for scheme in schemes if text != ELIGIBLE else ():
        if known(ir.Name(scheme, text)):
            return ir.Name(scheme, text)
    elsewhere = [name for name in (*program.number_of, *program.parameter_number) if name.local == text]
    return elsewhere[0] if len(elsewhere) == 1 else None


def _unknown(text: str, pointer: str, program: Program, schemes: tuple[str, ...]) -> InputFault:
    names = [name.local for name in (*program.number_of, *program.parameter_number) if name.scheme in schemes]
    close = get_close_matches(text, names, n=1)
    zh = f"所问险种在此时此地没有名为 '{text}' 的规则。" + (f"是否指 '{close[0]}'？" if close else "")
    en = f"the schemes asked for have no rule named '{text}' here and now." + (f" Did you mean '{close[0]}'?" if close else "")
    return InputFault(pointer, "unknown_name", zh, en)


def _read_parameter(value: Any, program: Program, number: int, pointer: str) -> Mapping[Any, Any]:
    parameter = program.parameters[number]
    if parameter.bands:
        raise InputError([InputFault(pointer, "not_given", "分段费率表不能逐案给定。", "a scale of bands cannot be given for one case.")])
    if not isinstance(value, Mapping):
        return {None: read_figure(value, parameter.type, pointer)}
    if parameter.key_type is None:
        raise InputError([InputFault(pointer, "wrong_type", "该参数只有一个值，请直接给出该值。", "this parameter has one value; give the value itself.")])
    return {
        read_figure(key, parameter.key_type, f"{pointer}/{key}"): read_figure(each, parameter.type, f"{pointer}/{key}") for key, each in value.items()
    }


def read_figure(value: Any, kind: Type, pointer: str) -> Any:
    """A figure of a rule's type, as requests write it. Raises InputError."""
    if isinstance(kind, NumberType):
        text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
        if isinstance(text, str) and _NUMBER.match(text):
            return Decimal(text)
        raise _wrong(pointer, "数字（写成字符串，如 \"1.1629\"）", 'a decimal number as text, such as "1.1629"')
    if isinstance(kind, BooleanType):
        if isinstance(value, bool):
            return value
        raise _wrong(pointer, "true 或 false", "true or false")
    if isinstance(kind, DateType | MonthType) and isinstance(value, str):
        try:
            if isinstance(kind, MonthType):
                return YearMonth.parse(value)
            if len(value) == 10:
                return date.fromisoformat(value)
        except ValueError:
            pass
    if isinstance(kind, MonthType):
        raise _wrong(pointer, "YYYY-MM 形式的月份", "a month written YYYY-MM")
    if isinstance(kind, DateType):
        raise _wrong(pointer, "YYYY-MM-DD 形式的日期", "a date written YYYY-MM-DD")
    if isinstance(kind, StringType) and isinstance(value, str) and len(value) <= 100 and (kind.values is None or value in kind.values):
        return value
    raise _wrong(pointer, f"符合其类型的值（{kind}）", f"a value of its type ({kind}); lists cannot be given")


def _wrong(pointer: str, zh: str, en: str) -> InputError:
    return InputError([InputFault(pointer, "wrong_type", f"应为{zh}。", f"must be {en}.")])
