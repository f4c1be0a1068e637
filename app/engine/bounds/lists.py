"""Lists within bounds: items that are there for certain, and items that may be."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal

from .frame import Frame, round_to
from .values import (
    ANYTHING,
    INFINITY,
    ONE,
    UNKNOWN,
    WIDE,
    ZERO,
    Among,
    Bound,
    Entries,
    Items,
    Span,
    is_unknown,
    may_be_unknown,
    perhaps_unknown,
    point,
    the_point,
)

# Sequences that may be longer are any list: what bounds it would cost more than splitting.
MOST_ITEMS = 600
Truths = frozenset[bool | str | None]


def total(frame: Frame, items: Items) -> Bound:
    """The sum; unknown if an item is."""
    result, unknown = point(ZERO), False
    for item, certain in items.items:
        if certain and is_unknown(item):
            return UNKNOWN
        span = _span(item)
        unknown = unknown or span.unknown or is_unknown(item)
        result = frame.add(result, span if certain else frame.hull(point(ZERO), span))
    return perhaps_unknown(result, unknown)


def count(items: Items) -> Span:
    certain = sum(sure for _, sure in items.items)
    return Span(Decimal(certain), Decimal(len(items.items)))


def mean(frame: Frame, items: Items) -> Bound:
    """The average; unknown for an empty list."""
    if not items.items:
        return UNKNOWN
    if all(certain for _, certain in items.items):
        return frame.lift([total(frame, items)], lambda added: frame.divide(added, point(Decimal(len(items.items)))))
    spans = [_span(item) for item, _ in items.items]
    return _over(frame, spans)._replace(unknown=True)


def _over(frame: Frame, spans: Sequence[Span]) -> Span:
    ranges = [frame.range(span) for span in spans]
    return Span(min(low for low, _ in ranges), max(high for _, high in ranges))


def extreme(frame: Frame, items: Items, *, greatest: bool) -> Bound:
    """The least or greatest; unknown for an empty list, or if an item is."""
    unknown = not any(certain for _, certain in items.items)
    spans: list[tuple[Span, bool]] = []
    for item, certain in items.items:
        if is_unknown(item):
            if certain:
                return UNKNOWN
            unknown = True
            continue
        span = _span(item)
        unknown = unknown or span.unknown
        spans.append((span, certain))
    return perhaps_unknown(frame.extreme(spans, greatest=greatest), unknown) if spans else UNKNOWN


def _span(item: Bound) -> Span:
    return item if isinstance(item, Span) else WIDE._replace(unknown=True)


def any_of(tests: Iterable[tuple[Truths, bool]], settling: bool = True) -> Among:
    """Three-valued 'some' of truths that are there for certain or not; with `settling` False, 'every'."""
    found: set[bool | str | None] = set()
    may_settle, rest = False, True
    for truth, certain in tests:
        if truth == {settling} and certain:
            return Among(frozenset({settling}))
        may_settle = may_settle or settling in truth
        if None in truth:
            found.add(None)
        if certain and (not settling) not in truth:
            rest = False
    if may_settle:
        found.add(settling)
    if rest:
        found.add(not settling)
    return Among(frozenset(found))


def keep(items: Items, test: Callable[[Bound], Truths]) -> Bound:
    """The items that hold; unknown where the test of one is."""
    kept: list[tuple[Bound, bool]] = []
    unknown = items.unknown
    for item, certain in items.items:
        truth = test(item)
        if certain and truth == {None}:
            return UNKNOWN
        unknown = unknown or None in truth
        if True in truth:
            kept.append((item, certain and False not in truth))
    return Items(tuple(kept), unknown)


def sequence(frame: Frame, first: Span, last: Span) -> Bound:
    """The whole numbers from first to last; those that lie between for some values only may be there."""
    start, finish = frame.range(first), frame.range(last)
    if any(each.is_infinite() for each in (*start, *finish)):
        return ANYTHING
    low, high = int(round_to(start[0], ONE, "ceiling")), int(round_to(finish[1], ONE, "floor"))
    if high - low > MOST_ITEMS:
        return ANYTHING
    return Items(tuple((point(Decimal(each)), start[1] <= each <= finish[0]) for each in range(low, high + 1)))


def at(frame: Frame, items: Items, position: Span) -> Bound:
    """The k-th item, from 1; from the end if negative; unknown outside the list."""
    where = the_point(frame.flat(position))
    found = items.items
    if where is not None and all(certain for _, certain in found):
        index = int(where)
        if index != where or index == 0 or abs(index) > len(found):
            return UNKNOWN
        return found[index - 1 if index > 0 else index][0]
    result: Bound = UNKNOWN
    for item, _ in found:
        result = frame.either(result, item)
    return result


def distinct(items: Items) -> Items:
    """The items without repeats: the first is there for certain, any other may repeat one before it."""
    return Items(tuple((item, certain and index == 0) for index, (item, certain) in enumerate(items.items)), items.unknown)


def as_items(bound: Bound) -> Items | None:
    """A bound as a list; None where nothing is known of it."""
    return bound if isinstance(bound, Items) else None


def field(bound: Bound, name: str) -> Bound:
    """A field of a record; unknown where it was left out."""
    if is_unknown(bound):
        return UNKNOWN
    if not isinstance(bound, Entries):
        return ANYTHING
    return perhaps_unknown(bound.values.get(name, UNKNOWN), bound.unknown)


def counted(bound: Bound) -> Bound:
    """The length of a list of which perhaps nothing is known."""
    items = as_items(bound)
    return Span(ZERO, INFINITY, unknown=may_be_unknown(bound)) if items is None else perhaps_unknown(count(items), items.unknown)

