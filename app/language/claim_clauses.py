"""How a scheme is claimed: where, with which documents and until when; what a person has to do next, stated as data."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from .clause_parts import FileContext, read_source_patch, read_standing
from .errors import Place
from .facts import read_title
from .marked_yaml import Mapping, Node
from .model import ClaimClause, Source, Standing, Title

CLAIM_KEYS = frozenset({"where", "documents", "deadline", "source", "standing"})


@dataclass(frozen=True, slots=True)
class Claim:
    """How a scheme is claimed on a day in a place; `standing` and `sources` are of the clauses that say so."""

    where: Title | None
    documents: tuple[Title, ...]
    deadline: Title | None
    sources: tuple[Source, ...]
    standing: Standing
    places: tuple[Place, ...]


def read_claim(entries: Mapping, context: FileContext) -> ClaimClause | None:
    """The clause of a file. Raises RuleError."""
    node = entries.get("claim")
    if node is None:
        return None
    fields = node.as_map("'claim'", CLAIM_KEYS)
    where, documents, deadline = fields.get("where"), fields.get("documents"), fields.get("deadline")
    if where is None and documents is None and deadline is None:
        node.fail("the claim says neither 'where', 'documents' nor 'deadline'. State at least one of them.")
    return ClaimClause(
        place=node.place,
        where=None if where is None else read_title(where, "'where'"),
        documents=None if documents is None else _documents(documents),
        deadline=None if deadline is None else read_title(deadline, "'deadline'"),
        source=context.source.merged(read_source_patch(fields)),
        standing=read_standing(fields, context.standing),
    )


def _documents(node: Node) -> tuple[Title, ...]:
    documents = tuple(read_title(item, "a document") for item in node.as_list("'documents'"))
    if not documents:
        node.fail("'documents' is empty. Name the documents, or leave the key out.")
    return documents


def add_up(clauses: Iterable[ClaimClause]) -> Claim | None:
    """What clauses, each after what it amends, say together: a part that a later one states replaces that of an earlier one."""
    stated = tuple(clauses)
    if not stated:
        return None
    where, documents, deadline = (_last(stated, part) for part in (lambda each: each.where, lambda each: each.documents, lambda each: each.deadline))
    used = tuple(dict.fromkeys(each for each in (where, documents, deadline) if each is not None))
    return Claim(
        where=None if where is None else where.where,
        documents=() if documents is None else documents.documents or (),
        deadline=None if deadline is None else deadline.deadline,
        sources=tuple(dict.fromkeys(each.source for each in used)),
        standing=max(each.standing for each in used),
        places=tuple(each.place for each in used),
    )


def _last(clauses: tuple[ClaimClause, ...], part: Callable[[ClaimClause], object]) -> ClaimClause | None:
    return next((each for each in reversed(clauses) if part(each) is not None), None)
