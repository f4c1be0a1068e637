"""How faults are worded and collected: code, JSON pointer, and what to do, in Chinese and English."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from marshmallow import ValidationError

from app.engine import InputFault

MAX_FAULTS = 100
# Looking for a near name costs time that a hostile body could ask for thousands of times.
MAX_SUGGESTIONS = 20
_SHOWN = 40


def pointer_to(*steps: str | int) -> str:
    """A JSON pointer (RFC 6901) to a place in the body."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def refusal(code: str, zh: str, en: str) -> ValidationError:
    """A marshmallow error that carries one fault of the value refused; who knows where that stands adds its pointer."""
    return ValidationError([InputFault("", code, zh, en)])


def shown(text: str) -> str:
    """A client's own word, short enough to stand in a message."""
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


class FaultList:
    """Faults of one body, in the order found; stops growing at MAX_FAULTS and says so."""

    def __init__(self) -> None:
        self.faults: list[InputFault] = []
        self._suggestions = 0

    @property
    def full(self) -> bool:
        return len(self.faults) >= MAX_FAULTS

    def add(self, fault: InputFault) -> None:
        if not self.full:
            self.faults.append(fault)
        elif len(self.faults) == MAX_FAULTS:
            zh = f"错误过多，仅列出前 {MAX_FAULTS} 处。请先改正这些。"
            en = f"there are more faults; the first {MAX_FAULTS} are listed. Correct these first."
            self.faults.append(InputFault("", "too_many_faults", zh, en))

    def extend(self, error: ValidationError, pointer: str) -> None:
        """Add the faults of a refused value found at `pointer`."""
        messages = error.messages
        for fault in messages if isinstance(messages, list) else []:
            if isinstance(fault, InputFault):
                self.add(InputFault(pointer + fault.pointer, fault.code, fault.zh, fault.en))

    def unknown_field(self, name: str, known: Iterable[str], pointer: str) -> None:
        """Add a fault for a field nobody declared, with the nearest declared name."""
        close: list[str] = []
        if self._suggestions < MAX_SUGGESTIONS:
            self._suggestions += 1
            close = get_close_matches(shown(name), list(known), n=1, cutoff=0.6)
        zh = f"没有名为 '{shown(name)}' 的字段。" + (f"是否指 '{close[0]}'？" if close else "请删去，或核对字段名。")
        en = f"there is no field '{shown(name)}'. " + (f"Did you mean '{close[0]}'?" if close else "Remove it, or check its name.")
        self.add(InputFault(pointer, "unknown_field", zh, en))

    def refuse(self) -> None:
        """Raise a ValidationError with the faults, if there are any."""
        if self.faults:
            raise ValidationError(list(self.faults))


def missing_field(pointer: str) -> InputFault:
    return InputFault(pointer, "missing", "缺少此项，请填写。", "is required. Give a value.")


def null_value(pointer: str = "") -> InputFault:
    return InputFault(pointer, "null", "不能为 null。不知道的项请直接省去。", "must not be null. Leave the field out where its value is not known.")
