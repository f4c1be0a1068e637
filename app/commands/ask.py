"""`shebao ask`: question by question to the answer, asking no more than it takes."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from app.advice.questions import questions
from app.advice.questions_call import QUESTIONS
from app.advice.questions_json import render_questions as questions_json
from app.engine import Engine, Incident, InputError, InputFault, Language, Request, explain
from app.intake import fact_reader, read_json
from app.terminal import render_answer, render_input_faults, render_question, render_questions, word

from .advising import AsJson, CaseFile, advise, read_case
from .answering import Answers
from .options import Lang, Release
from .session import BAD_INPUT, INCIDENT, Session

Json = dict[str, Any]


def ask(
    context: typer.Context,
    case: CaseFile,
    listed: Annotated[bool, typer.Option("--list", help="Show all questions once instead of asking them.")] = False,
    save: Annotated[Path | None, typer.Option(metavar="CASE.json", help="Write the case with its answers here.")] = None,
    release: Release = None,
    as_json: AsJson = False,
    language: Lang = "zh",
) -> None:
    """Ask what is still needed, question by question, and show the answer."""
    session: Session = context.obj
    if listed or as_json:
        advise(session, QUESTIONS, case, {"release": release}, render_questions, language=language, as_json=as_json)
        return
    if str(case) == "-":
        session.stop("The answers are read from the terminal, so the case has to be a file.", BAD_INPUT)
    body = read_case(case, session)
    try:
        value = read_json(body)
        if not isinstance(value, dict):
            raise InputError([InputFault("", "wrong_type", "正文应为 JSON 对象。", "the body must be a JSON object.")])
        desk, stated = session.desks().asked({name: each for name, each in _with_release(value, release).items() if name not in QUESTIONS.without})
        asked = desk.reader_of(QUESTIONS).read_value(stated)
        dialogue = _Dialogue(session, desk.engine, language, asked.request, list(asked.own["left_out"]))
        request = dialogue.run()
        answer = explain(dialogue.engine.evaluate(request), language, "full")
    except InputError as error:
        session.stop(render_input_faults(error.faults, language), BAD_INPUT)
    except Incident as error:
        session.stop(f"Nothing may be issued: {error} Please report this with the case.", INCIDENT)
    if save is not None:
        _save(session, save, {**value, "facts": {**value.get("facts", {}), **dialogue.answers}}, language)
    session.show(render_answer(answer, language))


def _with_release(value: Json, release: str | None) -> Json:
    return value if release is None else {**value, "release": release}


def _save(session: Session, path: Path, body: Json, language: Language) -> None:
    try:
        path.write_text(json.dumps(body, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        session.stop(f"'{path}' cannot be written: {error.strerror}.", BAD_INPUT)
    session.say(word("case_saved", language, file=path))


class _Dialogue:
    """Asks the best question until none is left. `answers` are what was said, as a request has it."""

    def __init__(self, session: Session, engine: Engine, language: Language, request: Request, left_out: list[str]) -> None:
        self.engine = engine
        self.answers: Json = {}
        self._session = session
        self._language: Language = language
        self._request = request
        self._left_out = left_out
        self._read = Answers(session, language)

    def run(self) -> Request:
        """The case with its answers. Raises InputError where the case itself is at fault."""
        while True:
            found = questions(self.engine, self._request, self._left_out)
            if not found.questions:
                self._session.show(word("no_question", self._language))
                return self._request
            shown = questions_json(found, self._language)
            self._session.show(render_question(shown["questions"][0], shown["progress"], self._language))
            best = found.questions[0]
            value = self._read.read(best.fact, [code for code, _ in best.choices])
            if value is None:
                self._left_out.append(best.fact.name)
                continue
            self._take(best.fact.name, value, replace(self._request, facts={**self._request.facts, best.fact.name: fact_reader(best.fact)(value)}))

    def _take(self, name: str, value: Any, request: Request) -> None:
        """Take an answer that fits the others; of one that does not, say why, and it is asked again."""
        try:
            self.engine.evaluate(request)
        except InputError as error:
            self._session.err.print(render_input_faults(error.faults, self._language), soft_wrap=True)
            return
        self._request = request
        self.answers[name] = value
