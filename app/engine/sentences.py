"""Conditions in sentences: what is, what has to be, and what is missing, from the titles, units and comparisons of the rules.

A condition says itself what it comes to where it is not met, if its rules state `unmet`; else the sentence is made of
the comparisons that decide it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.language import DefinitionVersion, YearMonth, ir
from app.language.file_lowering import PLACEHOLDER
from app.language.types import BooleanType, DateType, MonthType

from .blame import Blame, Blaming
from .compiled import Unit
from .conditions import Atom, Choice, Formula, Junction, Leaf, Negation, deciding, read_formula
from .evaluate import Evaluation
from .numbers import show
from .request import Language
from .speech import Speech
from .values import unit_of
from .walk import Walk

_TOLD_NEEDS = 5
_OPPOSITE = {"=": "!=", "!=": "=", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}
# Of numbers, then of days and months.
_NUMBERS = {">=": ("不少于", "at least"), ">": ("多于", "more than"), "<=": ("不超过", "at most"), "<": ("少于", "less than")}
_TIMES = {">=": ("不早于", "no earlier than"), ">": ("晚于", "after"), "<=": ("不晚于", "no later than"), "<": ("早于", "before")}
_EQUALS = {"=": ("须为", ""), "!=": ("不得为", "other than")}


@dataclass(frozen=True, slots=True)
class _Clause:
    """One comparison that fails. `one_of` is the value it wants of `who`, where it wants just that; `is_plain` of a yes or no."""

    text: str
    who: str
    actual: str
    one_of: str | None = None
    is_plain: bool = False


@dataclass(frozen=True, slots=True)
class Compared:
    """One comparison behind a condition, in words; `required` None for a plain yes or no, `by` names what requires it."""

    who: str | None
    actual: str
    required: str | None = None
    by: str | None = None


class Sentences:
    """The sentences of one evaluation in one language."""

    def __init__(self, evaluation: Evaluation, walk: Walk, language: Language) -> None:
        self._evaluation = evaluation
        self._program = evaluation.program
        self._walk = walk
        self._language = language
        self._say = Speech.of(evaluation.facts, language)
        self._blaming = Blaming(walk)

    def unmet(self, unit: Unit) -> str:
        """What a condition that is not met comes to."""
        title = unit.definition.title.in_language(self._language)
        decided = self._walk.decided(unit.number)
        if unit.number in self._evaluation.case.given or decided is None or unit.conditional is None:
            return self._say.either(f"{title}：不满足（由请求给定）。", f"{title}: not met (as stated in the request).")
        index = self._walk.version_index(unit.number)
        own = self._own(self._walk.version(unit.number), (unit.number, index))
        if own is not None:
            return own
        (chosen, truths), sides = decided, self._evaluation.case.sides[unit.number]
        clauses = self._failing(unit.conditional.versions[chosen][1], unit.conditional.atoms, sides, truths, wanted=True) or []
        told = self._say.either("；", "; ").join(dict.fromkeys(each.text for each in clauses if not (each.is_plain and each.who == title)))
        told = told[:1].upper() + told[1:]
        if not told:
            return self._say.either(f"{title}：不满足。", f"{title}: not met.")
        return self._say.either(f"{title}：不满足。{told}。", f"{title}: not met. {told}.")

    def unknown(self, unit: Unit, *, matters: bool) -> str:
        """Why a condition is open, and what would settle it; or that nothing depends on it any more."""
        title = unit.definition.title.in_language(self._language)
        if not matters:
            return self._say.either(f"{title}：尚不清楚，但已不影响结果。", f"{title}: not known, but nothing depends on it any more.")
        outline = self._walk.outline(unit.definition.name.scheme)
        kept: str | None = outline.get(("unknown", unit.number, self._language))
        if kept is not None:
            return kept
        blame = self._blaming.of([unit.number])
        told = self._needing(title, blame)
        if not blame.by_items:
            outline["unknown", unit.number, self._language] = told
        return told

    def _needing(self, title: str, blame: Blame) -> str:
        needed = [self._evaluation.facts.facts[name].title.in_language(self._language) for name in blame.facts]
        needed += [self._program.parameters[number].title.in_language(self._language) for number, _ in blame.figures]
        needed += [self._program.definitions[number].title.in_language(self._language) for number in blame.absent]
        if not needed:
            return self._say.either(f"{title}：尚不清楚。", f"{title}: not known.")
        needed = list(dict.fromkeys(needed))
        told = self._say.either("、", ", ").join(needed[:_TOLD_NEEDS])
        if len(needed) > _TOLD_NEEDS:
            told += self._say.either(f"等{len(needed)}项", f" and {len(needed) - _TOLD_NEEDS} more")
        return self._say.either(f"{title}：尚不清楚，还需要：{told}。", f"{title}: not known yet; still needed: {told}.")

    def compared(self, unit: Unit) -> list[Compared]:
        """The comparisons that make a condition what it is; none where it was stated."""
        decided = self._walk.decided(unit.number)
        if unit.number in self._evaluation.case.given or decided is None or unit.conditional is None:
            return []
        (chosen, truths), sides = decided, self._evaluation.case.sides[unit.number]
        found = [(unit.conditional.atoms[each], sides[each] or (None, None)) for each in deciding(unit.conditional.versions[chosen][1], truths)]
        return [self._compared(atom, left, right) for atom, (left, right) in found]

    def _compared(self, atom: Atom, left: Any, right: Any) -> Compared:
        who, actual = self._title(atom.left), self._side(atom.left, left, atom)
        if atom.op is None or atom.right is None:
            return Compared(who, actual)
        words = _EQUALS if atom.op in _EQUALS else _TIMES if isinstance(atom.left.type, DateType | MonthType) else _NUMBERS
        required = self._say.either(f"{words[atom.op][0]}{{}}", f"{words[atom.op][1]} {{}}").strip().format(self._side(atom.right, right, atom))
        return Compared(who, actual, required, self._title(atom.right))

    # -- what the rules say themselves ------------------------------------------------------------

    def _own(self, version: DefinitionVersion, wording: tuple[int, int]) -> str | None:
        lowered = version.lowered
        if lowered.clause.unmet is None:
            return None
        values = dict(zip(lowered.unmet, self._evaluation.named.get(wording, ()), strict=True))
        text = lowered.clause.unmet.in_language(self._language)
        return PLACEHOLDER.sub(lambda match: self._say.value(values[match[1]], lowered.unmet[match[1]].type), text)

    # -- what the comparisons say -----------------------------------------------------------------

    def _failing(
        self, formula: Formula, atoms: tuple[Atom, ...], sides: tuple[Any, ...], truths: tuple[bool | None, ...], *, wanted: bool
    ) -> list[_Clause] | None:
        """The comparisons for which a formula is not as wanted; None where one of them has no words."""
        if isinstance(formula, Leaf):
            clause = self._clause(atoms[formula.atom], sides[formula.atom], wanted=wanted)
            return None if clause is None else [clause]
        if isinstance(formula, Negation):
            return self._failing(formula.part, atoms, sides, truths, wanted=not wanted)
        if isinstance(formula, Choice):
            branch = formula.then if read_formula(formula.test, truths) else formula.otherwise
            return self._failing(branch, atoms, sides, truths, wanted=wanted)
        failing = [part for part in _parts(formula) if read_formula(part, truths) is (not wanted)]
        told = [self._failing(part, atoms, sides, truths, wanted=wanted) for part in failing]
        if formula.every == wanted:  # all are needed: those that can be told are told
            return [clause for clauses in told for clause in clauses or []]
        known = [clauses for clauses in told if clauses]
        return None if len(known) < len(told) else [self._either_of(known)]

    def _either_of(self, alternatives: list[list[_Clause]]) -> _Clause:
        """One of several is needed."""
        flat = [clause for clauses in alternatives for clause in clauses]
        if len(alternatives) == 1 and len(flat) == 1:
            return flat[0]
        if len(flat) == len(alternatives) and len({(each.who, each.actual) for each in flat}) == 1 and None not in {each.one_of for each in flat}:
            first, values = flat[0], self._say.either("、", ", ").join(str(each.one_of) for each in flat)
            zh, en = f"{first.who}现为“{first.actual}”，须为{values}之一", f"{first.who}: {first.actual}; has to be one of {values}"
            return _Clause(self._say.either(zh, en), first.who, first.actual)
        told = [self._say.either("，且", ", and ").join(each.text for each in clauses) for clauses in alternatives]
        listed = self._say.either("；或者", "; or ").join(told)
        return _Clause(self._say.either(f"以下至少须有一项：{listed}", f"at least one of these is needed: {listed}"), "", "")

    def _clause(self, atom: Atom, sides: tuple[Any, Any] | None, *, wanted: bool) -> _Clause | None:
        if sides is None:
            return None
        who = self._title(atom.left)
        if atom.op is None or atom.right is None or isinstance(atom.left.type, BooleanType):
            return None if who is None else self._plain(who, bool(sides[0]))
        left, right = sides
        if left is None or right is None:
            return None
        op = atom.op if wanted else _OPPOSITE[atom.op]
        actual, required = (self._side(each, value, atom) for each, value in ((atom.left, left), (atom.right, right)))
        who = who or self._say.either("实际", "actual")
        if op in _EQUALS:
            zh, en = _EQUALS[op]
            text = self._say.either(f"{who}现为“{actual}”，{zh}“{required}”", f"{who}: {actual}; has to be {en + ' ' if en else ''}{required}")
            return _Clause(text, who, actual, required if op == "=" else None)
        zh, en = (_TIMES if isinstance(left, date | YearMonth) else _NUMBERS)[op]
        by = self._title(atom.right)
        named = "" if by is None or by == who else self._say.either(f"（{by}）", f" ({by})")
        gap = self._gap(left, right, atom, op)
        text = self._say.either(f"{who}为{actual}，须{zh}{required}{named}{gap}", f"{who}: {actual}; has to be {en} {required}{named}{gap}")
        return _Clause(text, who, actual)

    def _side(self, expr: ir.Expr, value: Any, atom: Atom) -> str:
        """A side's value in words; a literal is of the other side's kind."""
        other = atom.right if expr is atom.left else atom.left
        read = other if isinstance(expr, ir.Const) and other is not None else expr
        fact = self._evaluation.facts.facts.get(read.name) if isinstance(read, ir.FactRef) else None
        return self._say.value(value, read.type, fact)

    def _plain(self, who: str, stands: bool) -> _Clause:
        zh, en = ("是", "yes") if stands else ("否", "no")
        other_zh, other_en = ("否", "no") if stands else ("是", "yes")
        return _Clause(self._say.either(f"{who}：现为“{zh}”，须为“{other_zh}”", f"{who}: {en}; has to be {other_en}"), who, self._say.either(zh, en), is_plain=True)

    def _gap(self, left: Any, right: Any, atom: Atom, op: str) -> str:
        """By how much a comparison is missed, where it is by anything."""
        if isinstance(left, YearMonth):
            apart, unit = int(left) - int(right), "month"
        elif isinstance(left, date):
            apart, unit = (left - right).days, "day"
        else:
            difference = left - right
            if not difference:
                return ""
            told = self._say.number(show(abs(difference)), unit_of(atom.left.type))
            return self._say.either(f"，{'还差' if op in ('>', '>=') else '超出'}{told}", f"; {told} {'short' if op in ('>', '>=') else 'over'}")
        if not apart:
            return ""
        told = self._say.number(str(abs(apart)), unit)
        return self._say.either(f"，{'晚' if apart > 0 else '早'}了{told}", f"; {told} too {'late' if apart > 0 else 'early'}")

    def _title(self, expr: ir.Expr | None) -> str | None:
        """What a side of a comparison is called: the one fact, rule or figure it is read from."""
        kept = self._program.kept.presentation(("side titles", self._language))
        found = kept.get(id(expr))
        if found is None:  # kept with its expression, so that its id cannot come to mean another
            found = kept[id(expr)] = (expr, self._find_title(expr))
        return found[1]

    def _find_title(self, expr: ir.Expr | None) -> str | None:
        named = {each for each in ir.walk(expr) if isinstance(each, ir.FactRef | ir.DefinitionRef | ir.ParameterAt | ir.AsOf)} if expr is not None else set()
        if isinstance(expr, ir.ParameterAt):
            named = {expr}
        if len(named) != 1:
            return None
        (ref,) = named
        if isinstance(ref, ir.AsOf):
            return self._say.either("所询问的日期", "Day asked about")
        if isinstance(ref, ir.FactRef):
            return self._evaluation.facts.facts[ref.name].title.in_language(self._language)
        if isinstance(ref, ir.DefinitionRef):
            return self._program.definitions[self._program.number_of[ref.name]].title.in_language(self._language)
        return self._program.parameters[self._program.parameter_number[ref.name]].title.in_language(self._language)


def _parts(formula: Junction) -> Iterator[Formula]:
    """The parts of a junction, those of the same kind inside it among them."""
    for part in formula.parts:
        if isinstance(part, Junction) and part.every == formula.every:
            yield from _parts(part)
        else:
            yield part
