"""Checks that look at more than one clause: chains of amendment, rows of tables, links between rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

from . import ir
from .amendment import Definition, Parameter, Scheme
from .errors import Fault, Place, suggestion
from .facts import FactDictionary
from .household_checks import check_households
from .model import NATION, DefinitionClause, ParameterClause, RuleFile
from .scope import ELIGIBLE
from .symbols import LoweredFile, Symbols, file_order
from .types import DateType, MonthType, NumberType, join
from .units import ONE


def check_files(files: tuple[RuleFile, ...], dictionary: FactDictionary) -> Iterator[Fault]:
    """Chains of amendment, names, rows, assumptions."""
    if ELIGIBLE in dictionary.facts:
        yield Fault(dictionary.facts[ELIGIBLE].place, f"'{ELIGIBLE}' is what every scheme has of itself and cannot name a fact. Choose another name.")
    yield from _check_chains(files)
    yield from check_households(files, dictionary)
    for file in files:
        yield from _check_names(file, dictionary)
        yield from _check_timeline(file, dictionary)
        for parameter in file.parameters.values():
            yield from _check_parameter(parameter, dictionary)


def _check_timeline(file: RuleFile, dictionary: FactDictionary) -> Iterator[Fault]:
    if file.timeline is None:
        return
    known = [name for name, fact in dictionary.facts.items() if fact.kind in ("date", "month")]
    if file.timeline.text not in known:
        message = f"'timeline' names a fact that is a date or a month, and '{file.timeline.text}' is none.{suggestion(file.timeline.text, known)}"
        yield Fault(file.timeline.place, message)


def _check_chains(files: tuple[RuleFile, ...]) -> Iterator[Fault]:
    by_id: dict[str, RuleFile] = {}
    for file in files:
        other = by_id.setdefault(str(file.id), file)
        if other is not file:
            yield Fault(
                file.place, f"{file.id} stands in two files that overlap in time: here and in {other.path}. Keep one, or give one another date."
            )
    founded = {file.scheme for file in files if file.amends is None and file.region == NATION}
    for file in files:
        if file.amends is None:
            if file.scheme not in founded:
                yield Fault(file.place, f"nothing founds the scheme {file.scheme}: its first file has to be national.")
            elif any(other.scheme == file.scheme and other.amends is None and file_order(other) < file_order(file) for other in files):
                yield Fault(file.place, f"{file.scheme} is founded in two files. This one must say what it 'amends:'.")
            continue
        yield from _check_amends(file, by_id)


def _check_amends(file: RuleFile, by_id: dict[str, RuleFile]) -> Iterator[Fault]:
    assert file.amends is not None
    amended = by_id.get(file.amends.text)
    if amended is None or amended.scheme != file.scheme:
        known = [name for name, other in by_id.items() if other.scheme == file.scheme]
        yield Fault(file.amends.place, f"there is no version '{file.amends.text}' to amend.{suggestion(file.amends.text, known)}")
        return
    if file.region != NATION or file.proposal:
        return
    if amended.start >= file.start:
        yield Fault(file.amends.place, f"{file.id} amends {amended.id}, which is not older.")
    if amended.end is not None and amended.end + timedelta(days=1) < file.start:
        yield Fault(file.place, f"there is a gap: {amended.id} ends on {amended.end}, this file begins on {file.start}.")
    if amended.end is not None and amended.end >= file.start:
        yield Fault(file.place, f"there is an overlap: {amended.id} is in force until {amended.end}, this file begins on {file.start}.")


def _check_names(file: RuleFile, dictionary: FactDictionary) -> Iterator[Fault]:
    clauses: list[tuple[str, DefinitionClause | ParameterClause]] = [*file.parameters.items(), *file.definitions.items()]
    for name, clause in clauses:
        if name in dictionary.facts and not (isinstance(clause, DefinitionClause) and clause.kind == "benefit"):
            yield Fault(clause.place, f"'{name}' is already a fact in the dictionary. Only a benefit may have the name of the fact it states. Choose another name.")
        if name in file.parameters and isinstance(clause, DefinitionClause):
            yield Fault(clause.place, f"'{name}' is both a parameter and a definition. Rename one.")


def _check_parameter(clause: ParameterClause, dictionary: FactDictionary) -> Iterator[Fault]:
    seen: dict[ir.Scalar, int] = {}
    for row in clause.rows or ():
        if row.key in seen:
            yield Fault(
                row.place, f"the key {row.key} of '{clause.name}' stands here a second time (first on line {seen[row.key]}): the rows overlap."
            )
        seen[row.key] = row.place.line
    if clause.match == "exact" and isinstance(clause.key_type, NumberType) and len(seen) > 1:
        yield from _check_holes(clause, [key for key in seen if isinstance(key, Decimal)])
    extend = clause.extend
    if extend is None:
        return
    for name, kind in ((extend.assumption, "rate"), (extend.provisional, "boolean")):
        if name is None:
            continue
        assumption = dictionary.assumptions.get(name)
        if assumption is None or assumption.kind != kind:
            yield Fault(
                clause.place, f"'{name}' is not an assumption of type {kind} in the fact dictionary.{suggestion(name, dictionary.assumptions)}"
            )


def _check_holes(clause: ParameterClause, keys: list[Decimal]) -> Iterator[Fault]:
    """Whole-number keys must follow each other; a year nobody knows is written `unknown`."""
    ordered = sorted(keys)
    for before, after in pairwise(ordered):
        if after - before > 1 and not clause.gaps_are_known:
            missing = before + 1 if after - before == 2 else f"{before + 1} to {after - 1}"
            yield Fault(
                clause.place,
                f"the rows of '{clause.name}' have a gap: no value for {missing}. Add it, or say 'gaps: unknown' if it was never published.",
            )
            return


def check_types(files: Iterable[LoweredFile], symbols: Symbols) -> Iterator[Fault]:
    """An amendment keeps the type and the kind of what it amends."""
    for each in files:
        for name, definition in each.definitions.items():
            founding = symbols.founding(ir.Name(each.file.scheme, name))
            if founding is None or isinstance(founding[0], ParameterClause):
                yield Fault(
                    definition.clause.place, f"'{name}' is a parameter in {founding[1].path if founding else ''}; it cannot become a definition."
                )
                continue
            if founding[0].kind != definition.clause.kind:
                yield Fault(
                    definition.clause.place, f"'{name}' is a {founding[0].kind} in {founding[1].path}; it cannot become a {definition.clause.kind}."
                )
            kind = symbols.definition_type(ir.Name(each.file.scheme, name))
            if definition.clause.changes is not None and not isinstance(kind, NumberType | DateType | MonthType):
                yield Fault(definition.clause.place, f"'changes' is said of a number, a date or a month, and '{name}' is {kind}. Remove it here.")
            if definition.clause.unit is not None and founding[0].unit is not None and definition.clause.unit != founding[0].unit:
                yield Fault(
                    definition.clause.place,
                    f"'{name}' is in {founding[0].unit} in {founding[1].path}, here in {definition.clause.unit}. An amendment keeps the unit.",
                )
            elif definition.body is not None and join(kind, definition.body.type) is None:
                yield Fault(
                    definition.clause.place,
                    f"'{name}' is {kind} in {founding[1].path}, here {definition.body.type}. An amendment keeps type and unit.",
                )
        for name, parameter in each.parameters.items():
            founding = symbols.founding(ir.Name(each.file.scheme, name), each.file.region)
            if founding is None or not isinstance(founding[0], ParameterClause):
                yield Fault(
                    parameter.clause.place, f"'{name}' is a definition in {founding[1].path if founding else ''}; it cannot become a parameter."
                )
            elif parameter.clause.unit is not None and (founding[0].unit or ONE) != parameter.clause.unit:
                yield Fault(
                    parameter.clause.place,
                    f"'{name}' is in {founding[0].unit or 'pure numbers'} in {founding[1].path}, here in {parameter.clause.unit}. An amendment keeps the unit.",
                )
            else:
                yield from _check_parameter_shape(parameter.clause, founding[0], founding[1])


def _check_parameter_shape(clause: ParameterClause, founding: ParameterClause, file: RuleFile) -> Iterator[Fault]:
    """An amended parameter is looked up as the founding one is, and has values of its type."""
    name, place = clause.name, clause.place
    if (clause.bands is not None and founding.bands is None) or (clause.rows is not None and founding.bands is not None):
        yield Fault(
            place,
            f"'{name}' is {'a scale of bands' if founding.bands is not None else 'not a scale of bands'} in {file.path}. An amendment keeps that.",
        )
        return
    if clause.rows:
        keyed = clause.rows[0].key is not None
        if keyed and founding.key_type is None:
            yield Fault(place, f"'{name}' has one value in {file.path}. Write 'value:' here, not a table of values.")
        elif not keyed and founding.key_type is not None:
            yield Fault(place, f"'{name}' has a value for each {founding.key_type} in {file.path}. Write 'values:' here.")
        elif keyed and clause.key_type != founding.key_type and not (clause.key_type is None and isinstance(founding.key_type, NumberType)):
            yield Fault(place, f"'{name}' is looked up by {founding.key_type} in {file.path}. Repeat its line 'by:' here.")
        if clause.value_type != founding.value_type:
            yield Fault(place, f"the values of '{name}' are of type {founding.value_type or 'number'} in {file.path}. Repeat its line 'type:' here.")
    if clause.at is not None and (founding.at is None or clause.at.text != founding.at.text):
        yield Fault(
            clause.at.place,
            f"'at' of '{name}' cannot change: expressions that use it were written for the 'at' of {file.path}. Use at({name}, ...) in them instead.",
        )
    if clause.match == "from" and founding.match != "from":
        yield Fault(place, f"'match' of '{name}' is {founding.match} in {file.path}. Only the file that founds a parameter says how it is matched.")


@dataclass(frozen=True, slots=True)
class Use:
    """The names that a definition (or a conclusion: `definition` None) uses, and where it stands."""

    user: ir.Name
    place: Place
    names: frozenset[ir.Name]
    definition: Definition | None
    # Those of the names that some file of the user's own scheme has to state.
    own: frozenset[str]


class References:
    """The names that expressions use, looked for once an expression."""

    def __init__(self) -> None:
        # The expression is kept with its number, which may not come to mean another one.
        self._found: dict[int, tuple[ir.Expr, frozenset[ir.Name]]] = {}
        self._uses: dict[int, tuple[Definition, tuple[Use, ...]]] = {}

    def of(self, expressions: Iterable[ir.Expr | None]) -> set[ir.Name]:
        names: set[ir.Name] = set()
        for expression in expressions:
            if expression is not None:
                found = self._found.get(id(expression))
                if found is None:
                    found = self._found[id(expression)] = (expression, frozenset(_references([expression])))
                names |= found[1]
        return names

    def uses(self, definition: Definition) -> tuple[Use, ...]:
        """What each wording of a definition uses."""
        known = self._uses.get(id(definition))
        if known is None:
            known = self._uses[id(definition)] = (definition, tuple(self._uses_of(definition)))
        return known[1]

    def _uses_of(self, definition: Definition) -> Iterator[Use]:
        for version in definition.versions:
            place = version.lowered.clause.place
            yield _use(definition.name, place, self.of([version.guard, version.body, version.lowered.shortfall]), definition)
            if version.lowered.unmet:  # said when all is decided, so that no circle comes of it
                yield _use(definition.name, place, self.of(version.lowered.unmet.values()), None)


def _use(user: ir.Name, place: Place, names: set[ir.Name], definition: Definition | None) -> Use:
    own = frozenset(name.local for name in names if name.scheme == user.scheme and name.local != ELIGIBLE)
    return Use(user, place, frozenset(names), definition, own)


def uses_in(schemes: Iterable[Scheme], derived: Iterable[Definition | Parameter], references: References) -> list[Use]:
    """What every definition and conclusion of some schemes uses, and what the rules derived from them do."""
    found: list[Use] = []
    for definition in derived:
        found += references.uses(definition) if isinstance(definition, Definition) else ()
    for scheme in schemes:
        for definition in scheme.definitions.values():
            found += references.uses(definition)
        for conclusion in scheme.conclusions:
            names = references.of([conclusion.when, *conclusion.placeholders.values()])
            found.append(_use(ir.Name(scheme.id, conclusion.clause.name), conclusion.clause.place, names, None))
    return found


def check_links(schemes: Mapping[str, Scheme], uses: list[Use]) -> Iterator[Fault]:
    """A scheme's own names are in force wherever it uses them, no row is left out, and nothing is defined in terms of itself."""
    yield from check_names(schemes, uses)
    graph: dict[ir.Name, tuple[Definition, set[ir.Name]]] = {}
    for use in uses:
        if use.definition is not None:
            graph.setdefault(use.user, (use.definition, set()))[1].update(use.names)
    yield from _cycles(graph)


def check_names(schemes: Mapping[str, Scheme], uses: Iterable[Use]) -> Iterator[Fault]:
    """A scheme's own names are in force wherever it uses them, and no row is left out."""
    in_force = {each.id: each.definitions.keys() | each.parameters.keys() for each in schemes.values()}
    for use in uses:
        # A name of another scheme may be out of force; one of its own is a slip of whoever amended the scheme.
        if not use.own <= in_force.get(use.user.scheme, use.own):
            yield from (_not_in_force(use, name) for name in use.own - in_force[use.user.scheme])
    for scheme in schemes.values():
        for parameter in scheme.parameters.values():
            if (
                parameter.clause.adds_rows
                and not parameter.gaps_are_known
                and parameter.match == "exact"
                and isinstance(parameter.key_type, NumberType)
            ):
                yield from _check_holes(parameter.clause, [row.key for row in parameter.rows if isinstance(row.key, Decimal)])


def check_unused(files: tuple[LoweredFile, ...], symbols: Symbols, references: References) -> Iterator[Fault]:
    """A name that only an amendment knows and no rule uses is most likely a misspelt one, and would change nothing."""
    used = references.of(expression for file in files for expression in _expressions(file))
    for each in files:
        if each.file.amends is None:
            continue
        shown = {name for name, definition in each.definitions.items() if definition.clause.output or definition.clause.kind != "definition"}
        for name, clause in (*each.file.parameters.items(), *each.file.definitions.items()):
            founding = symbols.founding(ir.Name(each.file.scheme, name), each.file.region)
            if founding is not None and founding[0] is clause and name not in shown and ir.Name(each.file.scheme, name) not in used:
                others = [other for other in symbols.names(each.file.scheme) if other != name]
                yield Fault(
                    clause.place, f"'{name}' is new here, and no rule uses it.{suggestion(name, others)} Correct the name, use it, or remove it."
                )


def _expressions(file: LoweredFile) -> Iterator[ir.Expr | None]:
    yield file.guard
    for parameter in file.parameters.values():
        yield parameter.at
    for definition in file.definitions.values():
        yield from (definition.guard, definition.body, definition.shortfall, *definition.unmet.values())
    for conclusion in file.conclusions.values():
        yield from (conclusion.when, *conclusion.placeholders.values())


def _not_in_force(use: Use, name: str) -> Fault:
    user = use.user.local
    message = f"'{user}' uses '{ir.Name(use.user.scheme, name)}', which does not hold in every place and at every time that '{user}' does. Define it there too, or nationally from the same day."
    return Fault(use.place, message)


def _references(expressions: Iterable[ir.Expr | None]) -> Iterator[ir.Name]:
    for expr in expressions:
        for node in ir.walk(expr) if expr is not None else ():
            if isinstance(node, ir.DefinitionRef | ir.ParameterAt | ir.Progressive):
                yield node.name


def _cycles(graph: dict[ir.Name, tuple[Definition, set[ir.Name]]]) -> Iterator[Fault]:
    done: set[ir.Name] = set()
    path: list[ir.Name] = []

    def visit(name: ir.Name) -> Iterator[Fault]:
        if name in done or name not in graph:
            return
        if name in path:
            circle = [*path[path.index(name) :], name]
            place = graph[name][0].versions[0].lowered.clause.place
            yield Fault(place, "circular definition: " + " -> ".join(_shown(each, name) for each in circle) + ". Break the circle.")
            return
        path.append(name)
        for used in sorted(graph[name][1], key=str):
            yield from visit(used)
        path.pop()
        done.add(name)

    for name in graph:
        yield from visit(name)


def _shown(name: ir.Name, first: ir.Name) -> str:
    """A name of a circle: in full where it is another scheme's than the first one's."""
    return name.local if name.scheme == first.scheme else str(name)
