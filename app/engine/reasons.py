"""Why one case has another result under another law: the traces compared, and what share each amendment has in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from app.language import Amendment, RuleError, Standpoint, Transition, ir

from .comparison import Comparison, ResultPair, SchemePair, compare_evaluations, result_figure
from .evaluate import Engine, Evaluation
from .figures import amount
from .request import InputError, Request
from .shares import MOST_SHAPLEY, Made, Shares, coalitions, share_out

_FEN = Decimal("0.01")
_ENTITLED = {"eligible": Fraction(1), "not_eligible": Fraction(0)}
Watch = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class SharedChange:
    """What each amendment has in one result's change; `name` None for being entitled at all, counted as 1."""

    scheme: str
    name: ir.Name | None
    shares: Shares


@dataclass(frozen=True, slots=True)
class CaseReasons:
    """Why a case moved. `shared` has every result whose change is known and not nothing; its shares are in the order of `amendments`.

    `together`: so many amendments that those of a file were made together; the numbers of those, and shares in their order.
    `too_many`: there were more laws in between than might be computed all the same, so nothing is shared out.
    """

    comparison: Comparison
    amendments: tuple[Amendment, ...]
    shared: tuple[SharedChange, ...]
    too_many: bool = False
    together: tuple[Made, ...] = ()


def compare_case(
    before: tuple[Engine, Request], after: tuple[Engine, Request], *, most: int = MOST_SHAPLEY, most_laws: int | None = None, watch: Watch | None = None
) -> CaseReasons:
    """Evaluate one case under two laws, and every law in between that its reasons take, but no more than `most_laws`.

    Where the amendments take more, those of each file are made together. `watch` is told of (laws computed, laws to compute). Raises what `Engine.evaluate` raises for the two ends.
    """
    ends = [engine.evaluate(request) for engine, request in (before, after)]
    comparison = compare_evaluations(*ends)
    schemes = tuple(dict.fromkeys((*before[1].schemes, *after[1].schemes)))
    transition = Transition(_standpoint(*before), _standpoint(*after), schemes)
    measures = [(pair, result) for pair in comparison.schemes for result in (None, *pair.results) if _is_measured(pair, result)]
    amendments = transition.amendments
    if not amendments or not measures:
        return CaseReasons(comparison, amendments, ())
    players: tuple[Made, ...] = tuple(frozenset((number,)) for number in range(len(amendments)))
    if most_laws is not None and len(coalitions(len(players), most)) > most_laws:
        players = by_file(amendments)
        if len(coalitions(len(players), most)) > most_laws:
            return CaseReasons(comparison, amendments, (), too_many=True)
    count = len(players)
    sets = coalitions(count, most)
    found: dict[Made, Evaluation | None] = {sets[0]: ends[0], sets[-1]: ends[1]}
    # A law in between has the rules of both ends, so it is asked for what either is.
    asked = replace(
        after[1],
        schemes=schemes,
        facts={**before[1].facts, **after[1].facts},
        given={**before[1].given, **after[1].given},
        assumptions={**before[1].assumptions, **after[1].assumptions},
    )
    for done, made in enumerate(sets):
        if watch is not None:
            watch(done, len(sets))
        if made not in found:
            found[made] = _between(transition, frozenset().union(*(players[each] for each in made)), after[0], asked)
    shared = [_shared(pair, result, found, count, most) for pair, result in measures]
    together = players if count < len(amendments) else ()
    return CaseReasons(comparison, amendments, tuple(each for each in shared if each is not None), together=together)


def by_file(amendments: tuple[Amendment, ...]) -> tuple[Made, ...]:
    """The numbers of the amendments of each file, that of what holds newly or held last, in the order of their first; the day and the place alone."""
    found: dict[str, set[int]] = {}
    for number, each in enumerate(amendments):
        found.setdefault(file_of(each) or each.kind, set()).add(number)
    return tuple(frozenset(numbers) for numbers in found.values())


def file_of(amendment: Amendment) -> str | None:
    """The file that brings an amendment, or took along what holds no longer; None of the day and the place."""
    stated = amendment.after or amendment.before
    return stated[-1].file.path if stated else None


def _standpoint(engine: Engine, request: Request) -> Standpoint:
    return Standpoint(engine.rulebook, request.as_of, request.region, request.reforms)


def _is_measured(pair: SchemePair, result: ResultPair | None) -> bool:
    if result is None:
        return pair.before != pair.after
    return result.moved and bool(result.change)


def _between(transition: Transition, made: Made, engine: Engine, request: Request) -> Evaluation | None:
    """The case under a law in between; None where that does not hold together."""
    asked = transition.standpoint(made)
    rulebook = engine.rulebook.variant("between", lambda *_: transition.law(made), request.schemes)
    try:
        return Engine(rulebook).evaluate(replace(request, as_of=asked.as_of, region=asked.region, reforms=()))
    except (RuleError, InputError):
        return None


def _shared(pair: SchemePair, result: ResultPair | None, found: Mapping[Made, Evaluation | None], count: int, most: int) -> SharedChange | None:
    name = None if result is None else result.name
    values = {made: None if each is None else _value(pair.scheme, name, each) for made, each in found.items()}
    shares = share_out(values, count, _FEN if result is None else _unit(result), most)
    return None if shares is None else SharedChange(pair.scheme, name, shares)


def _value(scheme: str, name: ir.Name | None, evaluation: Evaluation) -> Fraction | None:
    outcome = next((each for each in evaluation.outcomes if each.scheme == scheme), None)
    if name is None:
        return None if outcome is None else _ENTITLED.get(outcome.status)
    number = amount(result_figure(name, outcome, evaluation))
    return None if number is None else Fraction(number)


def _unit(result: ResultPair) -> Decimal:
    """The fen, or the last decimal of a result that has more."""
    numbers = [amount(each) for each in (result.before, result.after)]
    return min(_FEN, *(Decimal(1).scaleb(int(each.as_tuple().exponent)) for each in numbers if each is not None))
