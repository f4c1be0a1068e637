"""A condition with more wordings than one rule of the rules engine can hold, decided wording by wording.

The rule of a condition's oldest wording has to hold what tells all later ones not to apply, and the fact it is about all
that they read; rules and facts may only be so large. So each wording is asked about in its turn: a fact with what its guard compares concludes
whether it applies or is passed over, a fact that says so with what its body compares concludes whether the condition is met.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .conditions import Conditional, Formula
from .rule_tests import Test, atoms_of, every, formula_test
from .ruleset import InferenceError, Ruleset

# Each wording makes four rules; some five hundred beside each other send the engine into a loop.
MAX_WORDINGS = 90


class WordingChain:
    """The rules of one condition. Raises InferenceError where they are more than the engine can bear."""

    def __init__(self, key: str, conditional: Conditional, called: str) -> None:
        count = len(conditional.versions)
        if count > MAX_WORDINGS:
            raise InferenceError(f"{called} has {count} wordings for some persons each; at most {MAX_WORDINGS} can be decided. Let an amendment replace it for everyone.")
        self._key = key
        rules: dict[str, Test] = {}
        self._steps: list[tuple[str, frozenset[str]]] = []
        for number, (guard, body) in enumerate(conditional.versions):
            met, not_met, applies = f"{key}:met#{number}", f"{key}:not met#{number}", f"{key}:applies#{number}"
            before = [] if number == 0 else [{"after": f"{key}:passed#{number - 1}"}]
            if guard is not None:
                asked = {"step": self._step(guard)}
                rules[applies] = every([asked, *before, formula_test(key, conditional, guard, True)])
                rules[f"{key}:passed#{number}"] = every([asked, *before, formula_test(key, conditional, guard, False)])
                before = [{"after": applies}]
            asked = {"step": self._step(body)}
            rules[met] = every([asked, *before, formula_test(key, conditional, body, True)])
            rules[not_met] = every([asked, *before, formula_test(key, conditional, body, False)])
        self._ruleset = Ruleset(key, rules, {key: called})
        self._properties = frozenset().union(*(names for _, names in self._steps))

    def _step(self, formula: Formula) -> str:
        """A name for the asking of a formula."""
        names = (f"{self._key}_{atom}_" for atom in atoms_of(formula))
        self._steps.append((f"{len(self._steps)}", frozenset(f"{name}{part}" for name in names for part in ("known", "left", "right"))))
        return self._steps[-1][0]

    def close(self) -> None:
        """Give the memory of the rules back."""
        self._ruleset.close()

    def decide(self, fact: Mapping[str, Any]) -> tuple[dict[str, Any], set[str]]:
        """The fact without what this condition reads, and whether it is `<key>:met`, `<key>:not met` or neither. Raises InferenceError."""
        fired: set[str] = set()
        self._ruleset.decide(self._asked(fact, fired), fired)
        left = {name: value for name, value in fact.items() if name not in self._properties}
        return left, {name for name in (f"{self._key}:met", f"{self._key}:not met") if any(each.startswith(f"{name}#") for each in fired)}

    def _asked(self, fact: Mapping[str, Any], fired: set[str]) -> Iterator[dict[str, Any]]:
        """What is told step by step: what was read for it, after what was concluded last."""
        after: dict[str, str] = {}
        seen: set[str] = set()
        for step, names in self._steps:
            told = {name: fact[name] for name in names if name in fact}
            if not told:  # the body of a wording that is passed over
                continue
            yield {**after, "step": step, **told}
            concluded = fired - seen
            if not concluded:  # so nothing is known of what comes after
                return
            seen |= concluded
            after = {"after": min(concluded)}
