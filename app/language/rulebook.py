"""The rulebook: everything the rule files say, checked, immutable, and asked for by (as of, region, reforms)."""

from __future__ import annotations

import copy
import hashlib
import re
import threading
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any, TypeVar, cast

from . import checks, ir
from .amendment import Definition, Parameter, RuleFolds, Scheme, applicable, fold, fold_definition, fold_parameter
from .derived import Rule, derive, eligibility
from .errors import ExpressionError, Fault, Place, RuleError, suggestion
from .facts import FactCheck, FactDictionary
from .files import read_rules
from .located import located
from .lowering import Lowering
from .model import NATION, DefinitionClause, ParameterClause, RuleFile, Text, Title
from .notices import Notices
from .regions import lineage, region_name
from .sweep import may_be_circular, sweep
from .symbols import LoweredConclusion, LoweredDefinition, LoweredFile, LoweredParameter, SchemeScope, Symbols
from .types import BooleanType
from .units import Unit

# Folded laws that are kept: every place on a few dates, or a few places under many combinations of reforms.
MAX_LAWS = 512
MAX_FOLDS = 8_192
_Result = TypeVar("_Result")
PLACEHOLDER = re.compile(r"\{([^{}]+)\}")
# In the text of an unmet condition, by how much it is missed.
SHORTFALL = "shortfall"


@dataclass(frozen=True, slots=True)
class Law:
    """The rules that hold for one (as of, region, reforms)."""

    release: str
    epoch: date
    region: str
    reforms: tuple[str, ...]
    schemes: dict[str, Scheme]
    # What no file states: each scheme's `eligible`, and what stands in for names that are used and not in force.
    derived: dict[ir.Name, Definition | Parameter] = field(default_factory=dict, hash=False)

    def definition(self, name: ir.Name) -> Definition:
        scheme = self.schemes.get(name.scheme)
        found = None if scheme is None else scheme.definitions.get(name.local)
        return found or cast(Definition, self.derived[name])

    def parameter(self, name: ir.Name) -> Parameter:
        scheme = self.schemes.get(name.scheme)
        found = None if scheme is None else scheme.parameters.get(name.local)
        return found or cast(Parameter, self.derived[name])


@dataclass(frozen=True, slots=True)
class LoweredCheck:
    """A plausibility check between facts, with its meaning."""

    check: FactCheck
    holds: ir.Expr


# Gives the law of (as of, region, reforms).
Folder = Callable[[date, str, tuple[str, ...]], Law]


class Rulebook:
    """All rule files of one release. Immutable; `at` gives the law of a day, a place and a set of reforms."""

    def __init__(self, dictionary: FactDictionary, files: tuple[RuleFile, ...], contents: dict[str, bytes], release: str, tag: str, notices: Notices) -> None:
        faults = list(checks.check_files(files, dictionary))
        if faults:
            raise RuleError(faults)
        self.facts = dictionary
        self.notices = notices
        self.release = release
        self.tag = tag
        self.files = files
        # What `rulebook_of` makes the same rulebook from, in a process without the folder.
        self.contents: Mapping[str, bytes] = MappingProxyType(contents)
        self._symbols = Symbols(dictionary, files)
        self._lowered = tuple(_lower_files(files, self._symbols))
        self.fact_checks = tuple(_lower_check(check, self._symbols) for check in dictionary.checks)
        faults = list(checks.check_types(self._lowered, self._symbols))
        if faults:
            raise RuleError(faults)
        self._regions = frozenset(file.region for file in files)
        self._proposals = tuple(sorted({file.proposal for file in files if file.proposal}))
        self._epochs = _epochs(files)
        self._published = _published(files)
        self._begin()

    def _begin(self) -> None:
        """Nothing is folded yet."""
        self._folder: Folder = self._fold
        self._folding = threading.Lock()
        self._laws: dict[tuple[date, tuple[str, ...], tuple[str, ...]], Law] = {}
        self._folds: dict[tuple[str, tuple[int, ...], int], Scheme] = {}
        self._linked: dict[tuple[int, ...], tuple[tuple[Scheme, ...], dict[ir.Name, Rule]]] = {}
        self._rule_folds = RuleFolds()
        self.references = checks.References()

    def __getstate__(self) -> dict[str, Any]:
        """What was read, without what was folded, and without the files' bytes."""
        folded = {"_folder", "_folding", "_laws", "_folds", "_linked", "_rule_folds", "references", "contents"}
        return {name: value for name, value in self.__dict__.items() if name not in folded}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._begin()

    # -- questions ----------------------------------------------------------------------------

    def scheme_ids(self) -> list[str]:
        """Every scheme that can be evaluated, in alphabetical order."""
        libraries = {file.scheme for file in self.files if file.library}
        return [scheme for scheme in self._symbols.scheme_ids() if scheme not in libraries]

    def proposals(self) -> list[str]:
        return list(self._proposals)

    def regions(self) -> list[str]:
        """Every region that has a rule file of its own, the nation first."""
        return sorted(self._regions)

    def lowered(self) -> tuple[LoweredFile, ...]:
        """Every file with the meaning of its clauses, in the order of `files`."""
        return self._lowered

    def epochs(self) -> list[date]:
        """The days on which some rule begins, ends or is published."""
        return list(self._epochs)

    def epoch(self, as_of: date) -> date:
        """The day since when the rules have been as they are on `as_of`."""
        position = bisect_right(self._epochs, as_of)
        return self._epochs[position - 1] if position else date.min

    def at(self, as_of: date, region: str = NATION, reforms: tuple[str, ...] = ()) -> Law:
        """The law of a day and a place. Raises ValueError on an unknown region or reform, RuleError on a broken link."""
        if region_name(region) is None:
            raise ValueError(f"there is no region '{region}'")
        for reform in reforms:
            if reform not in self.proposals():
                raise ValueError(f"there is no reform '{reform}'.{suggestion(reform, self.proposals())}")
        places = tuple(code for code in lineage(region) if code in self._regions)
        key = (self.epoch(as_of), places, reforms)
        with self._folding:
            if key not in self._laws:
                while len(self._laws) >= MAX_LAWS:
                    self._laws.pop(next(iter(self._laws)))
                self._laws[key] = self._folder(as_of, region, reforms)
            return self._laws[key]

    def files_at(self, as_of: date, region: str = NATION, reforms: tuple[str, ...] = ()) -> dict[str, list[LoweredFile]]:
        """The files of each scheme that stands then and there, in the order they apply."""
        by_scheme: dict[str, list[LoweredFile]] = {}
        for file in applicable(self._lowered, as_of, region, reforms):
            by_scheme.setdefault(file.file.scheme, []).append(file)
        return {scheme: files for scheme, files in sorted(by_scheme.items()) if any(self._founds(each.file) for each in files)}

    def fold_rule(self, name: str, files: list[LoweredFile], as_of: date) -> Definition | Parameter:
        """What some files of one scheme, in the order they apply, add up to for one definition or parameter. Raises RuleError."""
        if any(name in each.parameters for each in files):
            return fold_parameter(name, files, as_of)
        return fold_definition(name, files, self._symbols)

    def of_files(self, contents: Mapping[str, bytes], tag: str) -> Rulebook:
        """This rulebook, remembered without them, together with the files it was read from and today's tag."""
        self.contents = MappingProxyType(dict(contents))
        self.tag = tag
        return self

    def variant(self, mark: str, fold: Folder) -> Rulebook:
        """These files under another way to add them up: `fold(as_of, region, reforms)`, asked once for each law.

        Nothing is read or lowered again. The variant has a release of its own, made from this one's and `mark`, so that
        nothing kept for one is taken for the other.
        """
        made = copy.copy(self)
        made.release = f"{self.release}~{mark}"
        made._folder = fold
        made._folding = threading.Lock()
        made._laws = {}
        return made

    def _fold(self, as_of: date, region: str, reforms: tuple[str, ...]) -> Law:
        files = self.files_at(as_of, region, reforms)
        schemes = {scheme: self._scheme(scheme, members, as_of) for scheme, members in files.items()}
        return Law(self.release, self.epoch(as_of), region, reforms, schemes, self._link(schemes))

    def _scheme(self, scheme: str, members: list[LoweredFile], as_of: date) -> Scheme:
        """The sum of some files; the same for every day and place that has the same files and published rows."""
        published = self._published.get(scheme, ())
        key = (scheme, tuple(map(id, members)), bisect_right(published, as_of))
        found = self._folds.get(key)
        if found is None:
            while len(self._folds) >= MAX_FOLDS:
                self._folds.pop(next(iter(self._folds)))
            folded = fold(scheme, members, as_of, self._symbols, self._rule_folds)
            found = self._folds[key] = replace(folded, eligible=eligibility(folded))
        return found

    def _link(self, schemes: dict[str, Scheme]) -> dict[ir.Name, Rule]:
        """The rules derived for a law of these schemes; RuleError where they do not fit together. Each combination is looked at once."""
        together = tuple(map(id, schemes.values()))
        if together not in self._linked:
            eligible = [each.eligible for each in schemes.values() if each.eligible is not None]
            uses = checks.uses_in(schemes.values(), eligible, self.references)
            faults = list(checks.check_links(schemes, uses))
            if faults:
                raise RuleError(faults)
            if len(self._linked) >= MAX_FOLDS:
                self._linked.clear()
            derived = derive(schemes, {name for use in uses for name in use.names}, self._symbols)
            # The schemes are kept with the numbers: one may not come to mean another scheme while it stands here.
            self._linked[together] = (tuple(schemes.values()), derived)
        return self._linked[together][1]

    def _founds(self, file: RuleFile) -> bool:
        """Whether a scheme stands on this file: it founds the scheme, or succeeds a version that has ended."""
        if file.amends is None:
            return True
        amended = next(each for each in self.files if str(each.id) == file.amends.text)
        return file.region == NATION and not file.proposal and amended.end is not None and amended.end < file.start

    def check_everywhere(self) -> list[Fault]:
        """What is wrong on any day, in any place, alone and under each proposal; unused names too."""
        faults = set(sweep(self._lowered, self._founds, lambda scheme, members: self._scheme(scheme, members, date.max)))
        if not faults and may_be_circular(self._lowered):
            faults = self._check_every_law()
        return sorted(faults or checks.check_unused(self._lowered, self._symbols))

    def _check_every_law(self) -> set[Fault]:
        faults: set[Fault] = set()
        for reforms in ((), *((proposal,) for proposal in self.proposals())):
            for epoch in self._epochs:
                for region in self.regions():
                    try:
                        self.at(epoch, region, reforms)
                    except RuleError as error:
                        faults.update(error.faults)
        return faults


def rulebook_of(contents: dict[str, bytes], tag: str) -> Rulebook:
    """The rulebook of files at hand as bytes: a folder's, or `Rulebook.contents` of another process. Raises RuleError."""
    dictionary, files, notices = read_rules(contents)
    return Rulebook(dictionary, files, contents, release_of(contents), tag, notices)


def release_of(contents: Mapping[str, bytes]) -> str:
    """What names a release: a digest of its files, however a system ends their lines."""
    digest = hashlib.sha256()
    for path, data in contents.items():
        digest.update(path.encode() + b"\0" + data.replace(b"\r\n", b"\n") + b"\0")
    return digest.hexdigest()[:16]


def _epochs(files: Iterable[RuleFile]) -> tuple[date, ...]:
    days = {file.start for file in files if not file.proposal}
    days |= {file.end + timedelta(days=1) for file in files if file.end is not None}
    days |= {row.published for file in files for parameter in file.parameters.values() for row in parameter.rows or () if row.published}
    return tuple(sorted(days))


def _published(files: Iterable[RuleFile]) -> dict[str, tuple[date, ...]]:
    """For each scheme the days on which rows of it were published."""
    days: dict[str, set[date]] = {}
    for file in files:
        rows = [row for parameter in file.parameters.values() for row in parameter.rows or ()]
        days.setdefault(file.scheme, set()).update(row.published for row in rows if row.published)
    return {scheme: tuple(sorted(each)) for scheme, each in days.items()}


def _lower_files(files: tuple[RuleFile, ...], symbols: Symbols) -> list[LoweredFile]:
    faults: list[Fault] = []
    lowered: list[LoweredFile] = []
    for file in files:
        reader = _FileLowering(file, symbols)
        lowered.append(reader.lower())
        faults.extend(reader.faults)
    if faults:
        raise RuleError(faults)
    return lowered


class _FileLowering:
    """Lowers the clauses of one file, collecting every fault."""

    def __init__(self, file: RuleFile, symbols: Symbols) -> None:
        self._file = file
        self._symbols = symbols
        self._scope = SchemeScope(symbols, file.scheme, file.region)
        self._guard: ir.Expr | None = None
        self.faults: list[Fault] = []

    def lower(self) -> LoweredFile:
        file = self._file
        guard = None if file.applies_when is None else self._boolean(file.applies_when, "'applies_when'")
        self._guard = guard
        self._check_guarded()
        return LoweredFile(
            file,
            guard,
            {name: self._parameter(clause) for name, clause in file.parameters.items()},
            {name: lowered for name, clause in file.definitions.items() if (lowered := self._definition(name)) is not None},
            {name: drawn for name in file.conclusions if (drawn := self._conclusion(name)) is not None},
        )

    def _check_guarded(self) -> None:
        for name, clause in self._file.parameters.items() if self._guard is not None else ():
            founding = self._symbols.founding(ir.Name(self._file.scheme, name), self._file.region)
            if founding is not None and founding[1] is not self._file and not clause.adds_rows:
                self.faults.append(
                    Fault(
                        clause.place, f"a file with 'applies_when' cannot replace the parameter '{name}' for everyone. Use add_values, or a new name."
                    )
                )
        for name, definition in self._file.definitions.items():
            if definition.body is None and (self._guard is not None or definition.applies_when is not None):
                self.faults.append(Fault(definition.place, f"under 'applies_when', '{name}' has to state its value too."))

    def _parameter(self, clause: ParameterClause) -> LoweredParameter:
        at = clause.at
        if at is None:
            return LoweredParameter(clause, self._file, None)
        return LoweredParameter(clause, self._file, self._try(lambda: located(at, lambda: Lowering(self._scope).lower(self._symbols.parse(at.text)))))

    def _definition(self, name: str) -> LoweredDefinition | None:
        clause = self._file.definitions[name]
        shortfall = clause.shortfall
        body = None
        if clause.body is not None:
            stated = clause.body
            body = self._try(lambda: self._symbols.lower_body(stated, self._file.scheme, self._file.region, self._unit(name)))
        if body is not None and clause.kind == "condition" and not isinstance(body.type, BooleanType):
            self.faults.append(Fault(clause.place, f"the condition '{name}' must be true or false, not {body.type}."))
        founding = self._symbols.founding(ir.Name(self._file.scheme, name), self._file.region)
        if founding is not None and founding[1] is self._file and founding[0] is clause:
            self._try(lambda: self._symbols.definition_type(ir.Name(self._file.scheme, name)))
        short = (
            None
            if shortfall is None
            else self._try(lambda: located(shortfall, lambda: Lowering(self._scope).lower(self._symbols.parse(shortfall.text))))
        )
        return LoweredDefinition(clause, self._file, self._definition_guard(clause), body, short, self._unmet(clause, short))

    def _unmet(self, clause: DefinitionClause, shortfall: ir.Expr | None) -> dict[str, ir.Expr]:
        if clause.unmet is None:
            return {}
        if clause.shortfall is None and any(f"{{{SHORTFALL}}}" in text for text in (clause.unmet.zh, clause.unmet.en)):
            self.faults.append(Fault(clause.place, f"'{clause.name}' has no 'shortfall' for {{{SHORTFALL}}} to stand for. Add 'shortfall:', or leave the word out."))
        known = {SHORTFALL: shortfall} if shortfall is not None else {}
        return self._placeholders(clause.unmet, clause.place, known)

    def _definition_guard(self, clause: DefinitionClause) -> ir.Expr | None:
        own = None if clause.applies_when is None else self._boolean(clause.applies_when, "'applies_when'")
        if own is None or self._guard is None:
            return own or self._guard
        return ir.And(own.type, own.nullable or self._guard.nullable, (self._guard, own))

    def _unit(self, name: str) -> Unit | None:
        founding = self._symbols.founding(ir.Name(self._file.scheme, name), self._file.region)
        return None if founding is None else founding[0].unit

    def _conclusion(self, name: str) -> LoweredConclusion | None:
        clause = self._file.conclusions[name]
        when = self._boolean(clause.when, "'when'")
        placeholders = self._placeholders(clause.text, clause.place, {})
        return None if when is None else LoweredConclusion(clause, self._file, when, placeholders)

    def _placeholders(self, texts: Title, place: Place, known: Mapping[str, ir.Expr]) -> dict[str, ir.Expr]:
        """What the words in braces of a text mean; `known` are words that are no expressions."""
        placeholders: dict[str, ir.Expr] = {}
        for text in (texts.zh, texts.en):
            for word in PLACEHOLDER.findall(text):
                found = known.get(word) or (None if word == SHORTFALL else self._try_value(word, place))
                if found is not None:
                    placeholders[word] = found
        return placeholders

    def _try_value(self, word: str, place: Place) -> ir.Expr | None:
        def lower() -> ir.Expr:
            try:
                return Lowering(self._scope).lower(self._symbols.parse(word))
            except ExpressionError as error:
                raise RuleError([Fault(place, f"in the text, {{{word}}}: {error.message}")]) from None

        return self._try(lower)

    def _boolean(self, text: Text, what: str) -> ir.Expr | None:
        expr = self._try(lambda: located(text, lambda: Lowering(self._scope).lower(self._symbols.parse(text.text))))
        if expr is not None and not isinstance(expr.type, BooleanType):
            self.faults.append(Fault(text.place, f"{what} must be a condition that is true or false, not {expr.type}."))
            return None
        return expr

    def _try(self, work: Callable[[], _Result]) -> _Result | None:
        try:
            return work()
        except RuleError as error:
            self.faults.extend(error.faults)
            return None


def _lower_check(check: FactCheck, symbols: Symbols) -> LoweredCheck:
    scope = SchemeScope(symbols, "facts")
    holds = located(check.holds, lambda: Lowering(scope).lower(symbols.parse(check.holds.text)))
    used = next((node.name for node in ir.walk(holds) if isinstance(node, ir.DefinitionRef | ir.ParameterAt | ir.Progressive)), None)
    if used is not None:
        raise RuleError([Fault(check.holds.place, f"a check compares facts only; '{used}' is a rule.")])
    return LoweredCheck(check, holds)
