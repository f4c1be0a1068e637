"""Links between rules: the names that expressions use, whether they hold wherever they are used, circles, names without use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from . import ir
from .amendment import Definition, Parameter, Scheme
from .checks import check_holes
from .errors import Fault, Place, suggestion
from .scope import ELIGIBLE
from .symbols import LoweredFile, Symbols
from .types import NumberType


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
                yield from check_holes(parameter.clause, [row.key for row in parameter.rows if isinstance(row.key, Decimal)])


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
