"""A line of a batch as a case: strict JSON as everywhere, `id` beside the case's own fields, the batch's defaults beneath."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, NamedTuple

from app.advice import Desk, Desks
from app.engine import Engine, InputError, InputFault, Request, TraceLevel
from app.intake import FaultList, JsonLimits, RequestReader, pointer_to, read_json, today_in_china
from app.language import Rulebook
from app.releases import RELEASE

ID, DEFAULTS = "id", "defaults"
MAX_ID = 100
# Fields of a case whose defaults are laid beneath name by name.
_MERGED = ("facts", "given", "assumptions")
Json = dict[str, Any]


class BatchCase(NamedTuple):
    """A case as it is asked; `engine` where it names a release, which is that of the release."""

    request: Request
    trace: TraceLevel
    engine: Engine | None = None


class BatchReader:
    """Reads the lines of one batch. `defaults` stand where a line says nothing; the day is that on which the batch began.

    With `desks` a line may name its release, and is read by that one's dictionary.
    """

    def __init__(
        self, cases: RequestReader, defaults: Mapping[str, Any] | None = None, today: Callable[[], date] = today_in_china, *, desks: Desks | None = None
    ) -> None:
        self.cases = cases
        self._desks = desks
        self._names = [*cases.schema.fields, ID]
        self._defaults: Json = {"as_of": today().isoformat(), **(defaults or {})}

    @property
    def limits(self) -> JsonLimits:
        return self.cases.limits

    @property
    def defaults(self) -> Mapping[str, Any]:
        return self._defaults

    def value(self, text: bytes) -> Any:
        """The JSON of a line. Raises JsonError."""
        return read_json(text, self.limits)

    def take_defaults(self, value: Any, rulebook: Rulebook) -> bool:
        """Whether this is a line of defaults, `{"defaults": {...}}`; they hold from now on. Raises InputError with their faults."""
        if value.__class__ is not dict or DEFAULTS not in value:
            return False
        faults = FaultList()
        for name in value:
            if name != DEFAULTS:
                zh, en = "defaults 应独占一行。请将案例写在下一行。", "a line of defaults has nothing else. Put the case on the next line."
                faults.add(InputFault(pointer_to(name), "beside_defaults", zh, en))
        stated = value[DEFAULTS]
        for fault in self.default_faults(stated, rulebook):
            faults.add(InputFault(pointer_to(DEFAULTS) + fault.pointer, fault.code, fault.zh, fault.en))
        if faults.faults:
            raise InputError(faults.faults)
        self._defaults = laid_over(self._defaults, stated)
        return True

    def default_faults(self, stated: Any, rulebook: Rulebook) -> tuple[InputFault, ...]:
        """What is wrong with defaults in themselves, as a case of which only they are said."""
        whole = stated
        if stated.__class__ is dict:
            # What a case has to have may still come with each line.
            whole = {"facts": {}, **stated}
        try:
            desk, whole = self._asked(whole)
            if whole.__class__ is dict:
                whole = {"schemes": (rulebook if desk is None else desk.rulebook).scheme_ids()[:1], **whole}
            (self.cases if desk is None else desk.cases).read_value(whole)
        except InputError as error:
            return error.faults
        return ()

    def _asked(self, value: Any) -> tuple[Desk | None, Any]:
        """The desk of the release that a case names, and the case without it; None where it names none."""
        if self._desks is None or value.__class__ is not dict or value.get(RELEASE) is None:
            return None, value
        return self._desks.asked(value)

    def read(self, value: Any) -> BatchCase:
        """A case of a line's JSON without its `id`. Raises InputError with every fault."""
        if value.__class__ is dict:
            if DEFAULTS in value:
                zh, en = "defaults 只能写在第一行。", "defaults stand in the first line only."
                raise InputError([InputFault(pointer_to(DEFAULTS), "late_defaults", zh, en)])
            value = laid_over(self._defaults, value)
        desk, value = self._asked(value)
        if desk is None:
            return BatchCase(*self.cases.read_value(value))
        return BatchCase(*desk.cases.read_value(value), desk.engine)


def laid_over(defaults: Mapping[str, Any], value: Mapping[str, Any]) -> Json:
    """The fields of a case over the defaults; facts, given figures and assumptions name by name."""
    found = {**defaults, **value}
    for name in _MERGED:
        under, over = defaults.get(name), value.get(name)
        if under.__class__ is dict and over.__class__ is dict:
            found[name] = {**under, **over}
    return found


def pop_id(value: Any) -> str | int | None:
    """The `id` of a case, taken out of it; None where there is none. Raises InputError where it is no short text or whole number."""
    if value.__class__ is not dict or ID not in value:
        return None
    found = value.pop(ID)
    if (found.__class__ is str and len(found) <= MAX_ID) or found.__class__ is int:
        return found
    zh, en = f"id 应为至多 {MAX_ID} 个字符的文字或整数。", f"an id is text of at most {MAX_ID} characters, or a whole number."
    raise InputError([InputFault(pointer_to(ID), "wrong_type", zh, en)])
