"""What is asked of the engine, already typed, and the faults a question can have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from app.language import NATION, YearMonth

FactValue = Decimal | str | bool | date | YearMonth | tuple[Mapping[str, Any], ...] | Mapping[str, Any]
TraceLevel = Literal["full", "summary", "none"]
Language = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class InputFault:
    """One thing wrong with a request: where (a JSON pointer), which kind, and what to do, in both languages."""

    pointer: str
    code: str
    zh: str
    en: str

    def detail(self, language: Language) -> str:
        return self.en if language == "en" else self.zh


class InputError(Exception):
    """A request that may not be evaluated; carries every fault found."""

    def __init__(self, faults: list[InputFault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(f"{fault.pointer}: {fault.en}" for fault in faults))


class Incident(Exception):
    """The two decisions disagree, or the engine failed: nothing may be issued."""


@dataclass(frozen=True, slots=True)
class Request:
    """One case and what to evaluate. Facts are typed by the fact dictionary; `given` is still text by rule name."""

    as_of: date
    schemes: tuple[str, ...]
    facts: Mapping[str, FactValue]
    region: str = NATION
    reforms: tuple[str, ...] = ()
    given: Mapping[str, Any] = field(default_factory=dict)
    assumptions: Mapping[str, Decimal | bool] = field(default_factory=dict)
