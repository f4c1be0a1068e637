"""The half of a reading with open facts that deals with lists: items, tests of them, decision tables, carried values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from .open_values import Open, joined, later_of

if TYPE_CHECKING:
    from .open_reading import Read, View

_AT_FIRST_HIT = frozenset({"first", "unique", "any"})
_PAST_UNKNOWN = frozenset({"unique", "any"})
_OVER_ITEMS = frozenset({"sum", "mean", "min", "max"})
Gather = Callable[[Sequence[Any], list[Any]], Any]


class ListReading:
    """Operations over operands that may be open. `space` has the functions of the rule language, for known values."""

    def __init__(self, space: dict[str, Any]) -> None:
        self.space = space

    def lifted(self, operands: list[Read], build: Callable[..., Any]) -> Read:
        """Apply `build` to known operands; an unknown one settles it, else an open one keeps it open."""
        if len(operands) == 1:
            (only,) = operands

            def read_one(view: View) -> Any:
                value = only(view)
                return value if value is None or value.__class__ is Open else build(view, value)

            return read_one

        def read(view: View) -> Any:
            values = [operand(view) for operand in operands]
            if None in values:
                return None
            return joined(values) or build(view, *values)

        return read

    def junction(self, items: list[Read], *, settling: bool) -> Read:
        """`and` (settled by False) or `or` (settled by True), in three-valued logic."""

        def read(view: View) -> Any:
            values = []
            for item in items:
                value = item(view)
                if value is settling:
                    return settling
                values.append(value)
            return joined(values) or (None if None in values else not settling)

        return read

    def listed(self, name: str) -> Callable[..., Any]:
        """A function of the rule language, where a list that it is given may have open items."""
        function = self.space[f"f_{name}"]
        if name == "count":
            return lambda _, items: function(items)
        if name in ("any", "all"):
            settle = self.some if name == "any" else self.every
            return lambda _, items: settle(items, items)
        if name == "list_contains":
            return lambda _, items, value: self.some(items, [each if each is None or each.__class__ is Open else function([each], value) for each in items])

        def call(_: View, *arguments: Any) -> Any:
            first = arguments[0]
            if first.__class__ is list:
                if name in _OVER_ITEMS and None in first:
                    return None
                found = joined(first)
                if found is not None:
                    return found
            return function(*arguments)

        return call

    # -- per item -----------------------------------------------------------------------------

    def per_item(self, source: Read, variable: str, body: Read, named: int, gather: Gather) -> Read:
        """Read a body for every item and gather what came out; of a list still open, all the body names may be asked later."""

        def read(view: View) -> Any:
            items = source(view)
            if items is None:
                return None
            if items.__class__ is Open:
                return items.also(named & view.open)
            kept = view.locals
            values = []
            for item in items:
                view.locals = {**kept, variable: item}
                values.append(body(view))
            view.locals = kept
            return gather(items, values)

        return read

    @staticmethod
    def kept(items: Sequence[Any], held: list[Any]) -> Any:
        """The items whose test holds."""
        if None in held:
            return None
        return joined(held) or [item for item, holds in zip(items, held, strict=True) if holds]

    @staticmethod
    def some(_: Sequence[Any], held: list[Any]) -> Any:
        if any(each is True for each in held):
            return True
        return joined(held) or (None if None in held else False)

    @staticmethod
    def every(_: Sequence[Any], held: list[Any]) -> Any:
        if any(each is False for each in held):
            return False
        return joined(held) or (None if None in held else True)

    def carried(self, source: Read, start: Read, step: Read, names: tuple[str, str], *, collect: bool, named: int) -> Read:
        """A value carried through a list."""
        variable, previous = names

        def read(view: View) -> Any:
            items = source(view)
            if items is None:
                return None
            if items.__class__ is Open:
                return items.also(named & view.open | later_of(start(view)))
            state = start(view)
            kept, states = view.locals, []
            for item in items:
                view.locals = {**kept, variable: item, previous: state}
                state = step(view)
                states.append(state)
            view.locals = kept
            return states if collect else state

        return read

    # -- decision tables ----------------------------------------------------------------------

    def decided(self, inputs: list[tuple[str, Read]], rows: list[tuple[int, Read, Read]], hit: str, priorities: list[Any], owner: int) -> Read:
        """A decision table by its hit policy."""

        def read(view: View) -> Any:
            kept = view.locals
            view.locals = {**kept, **{name: each(view) for name, each in inputs}}
            try:
                return self._rows(view, rows, hit, priorities, owner)
            finally:
                view.locals = kept

        return read

    def _rows(self, view: View, rows: list[tuple[int, Read, Read]], hit: str, priorities: list[Any], owner: int) -> Any:
        hits: list[Any] = []
        undecided: list[Any] = []
        for index, (_, test, output) in enumerate(rows):
            held = test(view)
            if held is True:
                hits.append(output(view))
                if hit in _AT_FIRST_HIT:
                    return hits[0]
            elif held is None:
                if hit not in _PAST_UNKNOWN:
                    return None
            elif held.__class__ is Open:
                if hit == "first":
                    return held.also(self._outputs(view, rows[index:]))
                undecided.append(held)
        found = joined(undecided)
        if found is not None:
            return found.also(self._outputs(view, rows))
        return self._collected(view, hits, hit, priorities, owner)

    @staticmethod
    def _outputs(view: View, rows: list[tuple[int, Read, Read]]) -> int:
        later = 0
        for _, test, output in rows:
            later |= later_of(test(view)) | later_of(output(view))
        return later

    def _collected(self, view: View, values: list[Any], hit: str, priorities: list[Any], owner: int) -> Any:
        if hit in ("collect", "rule order"):
            return values
        if hit != "collect count":
            if None in values and hit.startswith("collect"):
                return None
            found = joined(values)
            if found is not None:
                return found
        return self.space["collected"](view.case, owner, hit, [(0, lambda value=value: value) for value in values], priorities)

