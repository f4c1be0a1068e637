"""One ruleset of durable_rules, driven as its sharp edges demand.

Loaded from JSON; no host and so no background threads; a catch-all rule; a session of its own per question, named here
and always deleted; actions that do nothing, what fires being collected outside by rule name.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterable, Mapping
from typing import Any

import durable_rules_engine
import orjson
from durable.engine import Ruleset as HostedRuleset

from .rule_tests import Test

_CATCH_ALL = "catch_all"


class InferenceError(Exception):
    """The rules engine failed or could not take the facts; nothing may be issued."""


class Ruleset(HostedRuleset):  # type: ignore[misc]
    """Rules by name, each a test on one fact.

    `called` says how the owner of a rule is called, by what stands before the colon in the rule's name. Raises
    InferenceError, naming the owners, where the engine does not take the rules.
    """

    def __init__(self, name: str, rules: Mapping[str, Test], called: Mapping[str, str]) -> None:
        self._lock = threading.Lock()
        self._counter = itertools.count(1)
        try:
            super().__init__(name, None, {_CATCH_ALL: _rule({"$ex": {"_req": 1}}), **{each: _rule(test) for each, test in rules.items()}})
        except Exception as error:
            refused = dict.fromkeys(called.get(each.partition(":")[0], each) for each, test in rules.items() if not _taken(test))
            message = f"the rules engine does not take the rules of {name}: {error}. It refuses {', '.join(refused) or 'all of them together'}."
            raise InferenceError(f"{message} Move some of the comparisons there to definitions of their own.") from error

    def decide(self, facts: Iterable[dict[str, Any]], fired: set[str]) -> None:
        """Assert facts one by one, adding to `fired` the names of the rules that fire; `facts` may look at it before each.

        One session at a time per ruleset: C holds the interpreter lock anyway, so waiting costs nothing and
        two people's facts can never meet. Raises InferenceError.
        """
        with self._lock:
            sid = f"s{next(self._counter)}"
            try:
                for number, fact in enumerate(facts):
                    found = self._fired_by({**fact, "sid": sid, "id": f"f{number}", "_req": 1})
                    if _CATCH_ALL not in found:
                        raise InferenceError(f"the rules engine lost the facts of {self._name}.")
                    found.discard(_CATCH_ALL)
                    fired |= found
            finally:
                self.delete_state(sid)

    def _fired_by(self, fact: dict[str, Any]) -> set[str]:
        try:
            state = self._handle_result(durable_rules_engine.assert_fact(self._handle, orjson.dumps(fact).decode()), fact)
            started = durable_rules_engine.start_action_for_state(self._handle, state)
        except Exception as error:
            raise InferenceError(f"the rules engine refused the facts of {self._name}.") from error
        fired: set[str] = set()
        message = started[1] if started else None
        while message:
            fired.add(message.split('"', 2)[1])  # {"name of the rule": {...}}; names hold no quotes
            message = durable_rules_engine.complete_and_start_action(self._handle, state)
        return fired

    def close(self) -> None:
        """Give the memory back."""
        durable_rules_engine.delete_ruleset(self._handle)


def _no_action(_: Any) -> None:
    pass


def _rule(test: Test) -> dict[str, Any]:
    return {"all": [{"m": test}], "run": _no_action}


def _taken(test: Test) -> bool:
    """Whether the engine takes a rule by itself."""
    try:
        made = HostedRuleset("one", None, {"one": _rule(test)})
    except Exception:
        return False
    durable_rules_engine.delete_ruleset(made._handle)
    return True
