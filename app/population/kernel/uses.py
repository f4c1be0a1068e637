"""How often definitions are read to answer one person, which says whether they are kept once they are computed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from app.language import Definition, Law, ir

MANY = 2


class Uses:
    """What definitions read, looked for once however many laws have them."""

    def __init__(self) -> None:
        # A definition is kept with its number, which may not come to mean another one.
        self._reads: dict[int, tuple[Definition, Counter[ir.Name]]] = {}

    def count(self, law: Law, needed: Sequence[ir.Name]) -> Counter[ir.Name]:
        """How often each definition is read, at most, to answer one person; inside a loop counts as often."""
        counts: Counter[ir.Name] = Counter()
        waiting: list[ir.Name] = []
        for each in needed:
            if each not in counts:
                waiting.append(each)
            counts[each] += 1
        seen: set[ir.Name] = set()
        while waiting:
            name = waiting.pop()
            if name not in seen:
                seen.add(name)
                reads = self._of(law.definition(name))
                for other, times in reads.items():
                    counts[other] += times
                waiting += reads
        return counts

    def _of(self, definition: Definition) -> Counter[ir.Name]:
        known = self._reads.get(id(definition))
        if known is None:
            known = self._reads[id(definition)] = (definition, _of_wordings(definition))
        return known[1]


def _of_wordings(definition: Definition) -> Counter[ir.Name]:
    """Of several wordings, or of the branches of an `if`, only one is read."""
    reads = Counter[ir.Name]()
    for version in definition.versions:
        reads |= _reads(version.body, 1)
    for version in definition.versions:
        if version.guard is not None:
            reads.update(_reads(version.guard, 1))
    return reads


def _reads(node: ir.Expr, times: int) -> Counter[ir.Name]:
    if isinstance(node, ir.DefinitionRef):
        return Counter({node.name: times})
    if isinstance(node, ir.If):
        reads = _reads(node.condition, times)
        reads.update(_reads(node.then, times) | _reads(node.otherwise, times))
        return reads
    looped = isinstance(node, ir.For | ir.Filter | ir.Quantified | ir.Carry)
    reads = Counter[ir.Name]()
    for child in ir.children(node):
        reads.update(_reads(child, MANY if looped else times))
    return reads
