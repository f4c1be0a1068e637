"""Answers typed on a terminal: each checked as the service checks a fact, and asked for again until it is in order."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import typer
from marshmallow import ValidationError

from app.engine import InputFault, Language
from app.intake import fact_reader, render_fact
from app.language import Fact
from app.terminal import render_reading, word

from .session import Session

_YES, _NO = frozenset({"yes", "y", "true", "是", "1"}), frozenset({"no", "n", "false", "否", "2", "0"})
Json = dict[str, Any]


class Answers:
    """Reads answers from a terminal. An empty line leaves a question out; the end of input raises typer.Abort."""

    def __init__(self, session: Session, language: Language) -> None:
        self._session = session
        self._language = language

    def read(self, fact: Fact, choices: list[Any]) -> Any:
        """The answer as a request has it, checked; None where it was left out. `choices` are those that were shown, by number."""
        if fact.kind == "list":
            return self._checked(fact, lambda: self._items(fact))
        if fact.kind == "record":
            return self._checked(fact, lambda: self._fields(fact, None))
        return self._checked(fact, lambda: self._typed(fact, word("your_answer", self._language), choices))

    def _checked(self, fact: Fact, ask: Callable[[], Any]) -> Any:
        """Ask until the answer is one that a request may have."""
        read = fact_reader(fact)
        while True:
            try:
                value = ask()
                if value is not None:
                    read(value)
                return value
            except ValidationError as error:
                self.refuse(error)

    def refuse(self, error: ValidationError) -> None:
        """Show what is wrong with an answer."""
        messages = error.messages
        faults = [each for each in messages if isinstance(each, InputFault)] if isinstance(messages, list) else []
        for fault in faults:
            where = f"{fault.pointer.lstrip('/')}: " if fault.pointer else ""
            self._session.err.print(where + fault.detail(self._language), style="bold red", soft_wrap=True, markup=False)

    def _typed(self, fact: Fact, prompt: str, choices: list[Any]) -> Any:
        text = str(typer.prompt(prompt, default="", show_default=False)).strip()
        if not text:
            return None
        if fact.kind == "boolean":
            return self._flag(text)
        return self._choice(fact, text, choices) if fact.kind == "enum" else text

    def _flag(self, text: str) -> bool:
        if text.lower() in _YES | _NO:
            return text.lower() in _YES
        raise self._not_a_choice()

    def _choice(self, fact: Fact, text: str, choices: list[Any]) -> Any:
        if text.isdecimal() and 1 <= int(text) <= len(choices):
            return choices[int(text) - 1]
        named = [code for code, title in fact.values if text.lower() in (code.lower(), title.zh, title.en.lower())]
        if named:
            return named[0]
        raise self._not_a_choice()

    def _not_a_choice(self) -> ValidationError:
        return ValidationError([InputFault("", "unknown_value", word("not_a_choice", "zh"), word("not_a_choice", "en"))])

    def _items(self, fact: Fact) -> list[Json] | None:
        """Items until one is left out; no item at all is an empty list."""
        items: list[Json] = []
        while len(items) < fact.max_items:
            item = self._fields(fact, word("another_item", self._language, number=len(items) + 1))
            if item is None:
                break
            items.append(item)
        return items

    def _fields(self, fact: Fact, heading: str | None) -> Json | None:
        """Field by field; None where the first needed one is left out."""
        if heading is not None:
            self._session.show(heading)
        found: Json = {}
        for field in sorted(fact.fields, key=lambda each: not each.required):
            prompt = render_reading(render_fact(field, self._language), self._language).plain
            choices = [code for code, _ in field.values]
            prompt += "".join(f"\n  {number}  {title.in_language(self._language)}" for number, (_, title) in enumerate(field.values, 1))
            value = self._checked(field, partial(self._typed, field, prompt, choices))
            if value is not None:
                found[field.name] = value
            elif not found:
                return None
        return found
