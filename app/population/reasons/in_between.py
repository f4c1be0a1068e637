"""Every law between two questions, ready to answer batches: compiled as one law with switches where that can be.

In each place amendments are numbered by themselves, so a set of numbers stands for other amendments in other places;
where a place has fewer, the rest of a set has no effect there. The day asked about, where rules read it, comes first.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache
from pathlib import Path

import pyarrow as pa

from app import language
from app.engine import Engine
from app.engine.shares import Made
from app.language import NATION, Amendment, Definition, Law, Rulebook, RuleError, Standpoint, Transition, ir, lineage

from ..columns import GIVEN
from ..engine import PopulationEngine
from ..exact import ExactEvaluator
from ..question import Evaluator, Question
from ..results import ResultColumn, result_columns
from .switched import CannotSwitch, switch, switched_law

Places = tuple[str, ...]


class InBetween:
    """The laws between two questions about the same people. `given` are their columns of given figures; `exact` compiles nothing."""

    def __init__(self, rulebook: Rulebook, before: Question, after: Question, given: Sequence[str], *, exact: bool) -> None:
        self._rulebook, self._before, self._after, self._exact = rulebook, before, after, exact
        self._known = frozenset(rulebook.regions())
        self._transitions: dict[Places, tuple[Transition, tuple[int, ...]]] = {}
        for region in dict.fromkeys((before.region, *rulebook.regions())):
            self._transition(region)
        self.most_amendments = max(len(order) for _, order in self._transitions.values())
        self._day_is_read = any(each.kind == "day" for made, _ in self._transitions.values() for each in made.amendments)
        self._laws: dict[Places, Law] = {}
        self._faulty: set[tuple[Places, Made]] = set()
        self._evaluators: dict[Made | date, Evaluator] = {}
        self.switched = self._can_switch({name.removeprefix(GIVEN).rpartition(".")[2] for name in given})
        self.columns: tuple[ResultColumn, ...] = self._columns()

    def places(self, region: str) -> Places:
        """The places on the way to a region that have rules of their own: the regions of one law."""
        return tuple(code for code in lineage(region) if code in self._known)

    def amendments(self, places: Places) -> list[Amendment]:
        """The amendments between the laws of a place, by number."""
        transition, order = self._transitions[places]
        return [transition.amendments[number] for number in order]

    def holds_together(self, places: Places, made: Made) -> bool:
        """Whether the law with these amendments made can be computed at all."""
        return self.switched or (places, self._there(places, made)) not in self._faulty

    def shows(self, places: Places, scheme: str, local: str, made: Made) -> bool:
        """Whether a benefit is one under these amendments: one that an amendment brings is not before."""
        transition, _ = self._transitions[places]
        name = ir.Name(scheme, local)
        if not transition.steps(name):
            return True
        rule = transition.rule(name, self._chosen(places, made))
        return isinstance(rule, Definition) and rule.kind == "benefit"

    def evaluate(self, batch: pa.RecordBatch, made: Made) -> pa.RecordBatch:
        """The results of a canonical batch with these amendments made."""
        if not self.switched:
            return self._separate(made).evaluate(batch).results
        for number in range(self.most_amendments):
            column = pa.repeat(pa.scalar(number in made), batch.num_rows)
            batch = batch.append_column(f"{GIVEN}{switch(number)}", column)
        return self._joined(self._day(made)).evaluate(batch).results

    # -- amendments ---------------------------------------------------------------------------

    def _transition(self, region: str) -> tuple[Transition, tuple[int, ...]]:
        """The way between the laws of a place, and its amendments with the day asked about first."""
        where = self.places(region)
        if where not in self._transitions:
            place = where[-1] if where else NATION
            before, after = (Standpoint(self._rulebook, each.as_of, place, each.reforms) for each in (self._before, self._after))
            made = Transition(before, after, self._after.schemes)
            order = sorted(range(len(made.amendments)), key=lambda number: made.amendments[number].kind != "day")
            self._transitions[where] = made, tuple(order)
        return self._transitions[where]

    def _there(self, places: Places, made: Made) -> Made:
        return made & frozenset(range(len(self._transitions[places][1])))

    def _chosen(self, places: Places, made: Made) -> frozenset[int]:
        """The numbers in the transition of a set of amendments."""
        _, order = self._transitions[places]
        return frozenset(order[number] for number in self._there(places, made))

    def _day(self, made: Made) -> date:
        """The day to ask as of: that of before only where some rule reads it, and that amendment is not made."""
        return self._after.as_of if 0 in made or not self._day_is_read else self._before.as_of

    # -- evaluators ---------------------------------------------------------------------------

    def _can_switch(self, given: set[str]) -> bool:
        """Whether all laws in between fit into one in every place. A parameter given for some people has to keep its name."""
        try:
            for where, (transition, _) in self._transitions.items():
                if any(name.local in given and not isinstance(transition.rule(name, frozenset()), Definition) for name in transition.names() if transition.steps(name)):
                    return False
                self._law(where)
        except CannotSwitch:
            return False
        return True

    def _law(self, places: Places) -> Law:
        if places not in self._laws:
            self._laws[places] = switched_law(*self._transitions[places], self.most_amendments)
        return self._laws[places]

    def _joined(self, as_of: date) -> Evaluator:
        if as_of not in self._evaluators:
            rulebook = self._rulebook.variant(self._mark("switched"), lambda _, region, __: self._law(self.places(region)))
            self._evaluators[as_of] = self._evaluator(rulebook, as_of)
        return self._evaluators[as_of]

    def _separate(self, made: Made) -> Evaluator:
        if made not in self._evaluators:
            rulebook = self._rulebook.variant(self._mark(",".join(map(str, sorted(made)))), lambda _, region, __: self._between(region, made))
            self._evaluators[made] = self._evaluator(rulebook, self._day(made))
        return self._evaluators[made]

    def _between(self, region: str, made: Made) -> Law:
        """The law of a place with amendments made; one that does not hold together gives way to the law before, and is not used."""
        where = self.places(region)
        transition, _ = self._transitions[where]
        try:
            return transition.law(self._chosen(where, made))
        except RuleError:
            self._faulty.add((where, self._there(where, made)))
            return transition.law(())

    def _evaluator(self, rulebook: Rulebook, as_of: date) -> Evaluator:
        question = replace(self._after, as_of=as_of, reforms=(), outputs=False)
        if self._exact:
            return ExactEvaluator(rulebook, question, Engine(rulebook))
        return PopulationEngine(rulebook, question, uncompiled="exact", engine=Engine(rulebook))

    def _columns(self) -> tuple[ResultColumn, ...]:
        """Every result column of either question."""
        found = {each.name: each for question in (self._before, self._after) for each in result_columns(self._rulebook, replace(question, outputs=False))}
        return tuple(found.values())

    def _mark(self, which: str) -> str:
        """Names a variant for what is kept on disk: by both questions, the columns of given figures and the code that makes it."""
        asked = [(each.as_of.isoformat(), each.region, each.reforms, each.schemes) for each in (self._before, self._after)]
        return hashlib.sha256(repr((asked, self.most_amendments, which, _own_source())).encode()).hexdigest()[:16]


@lru_cache(maxsize=1)
def _own_source() -> str:
    folders = (Path(language.__file__).parent, Path(__file__).parent)
    names = ("transition.py", "rule_changes.py", "statements.py", "switched.py", "in_between.py")
    digest = hashlib.sha256()
    for path in (folder / name for folder in folders for name in names):
        if path.is_file():
            digest.update(path.read_bytes())
    return digest.hexdigest()
