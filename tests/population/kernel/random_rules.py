"""Random rulebooks that load: every kind of fact, parameter and clause, and expressions over them, typed as they are written.

`RandomRules(seed)` writes the files of a folder; `write` puts them there. What the language refuses is taken out again
by line (`load`), so that a slip of the generator costs a definition and not the rulebook.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.language.ir import ROUNDING_MODES
from tests.population.kernel.random_expressions import COLLECTED, FIGURES, RandomExpressions
from tests.population.kernel.random_ground import (
    HEAD,
    OTHER_SCHEMES,
    PARAMETERS,
    REFORM,
    REGIONS,
    SCHEME,
    STEPS,
    quoted,
)


@dataclass
class RandomRules(RandomExpressions):
    """Writes one rulebook from a seed. `size` is how many definitions of each file there are, `depth` how deep they nest."""

    # -- files ----------------------------------------------------------------------------------

    def files(self) -> dict[str, str]:
        """Path -> text."""
        guard = self.boolean(1)  # before there is any definition, for a whole file's guard may not read what it changes
        national = [self._definition(f"d{number}") for number in range(self.size)]
        names = [name for names in self.made.values() for name in names]
        benefits = [self._clause(f"b{number}", self._body("number"), title=True) for number in range(2)]
        conditions = [f"  c{number}:\n    title: {{zh: a, en: a}}\n    holds: {quoted(self._condition())}\n" for number in range(2)]
        text = HEAD + PARAMETERS + "definitions:\n" + "".join(national) + "eligibility:\n" + "".join(conditions) + "benefits:\n" + "".join(benefits)
        files = {"nation.yaml": text, **OTHER_SCHEMES}
        for region in REGIONS:
            files[f"{region}.yaml"] = self._amendment(f'region: "{region}"\namends: {SCHEME}@2000-01-01\nin_force: {{from: 2001-01-01}}\n', names)
        files["later.yaml"] = self._amendment(f"amends: {SCHEME}@2000-01-01\nin_force: {{from: 2010-01-01}}\napplies_when: {quoted(guard)}\n", names, figures=False)
        files["bold.yaml"] = self._amendment(f"amends: {SCHEME}@2000-01-01\nproposal: {REFORM}\nin_force: {{from: 2020-01-01}}\n", names)
        return files

    def _condition(self) -> str:
        """Plain enough for the rules engine, which decides conditions a second time and takes only so many alternatives."""
        return self._compare(2) + self.random.choice(["", " or flag", " and not(open)"])

    def _amendment(self, head: str, names: list[str], *, figures: bool = True) -> str:
        """Some definitions worded anew, and some figures."""
        text = f"scheme: {SCHEME}\n{head}source: {{instrument: 地方办法}}\n"
        if figures:
            chosen = self.random.sample(FIGURES, 3)
            text += "parameters:\n" + "".join(f"  {each}\n" for each in chosen)
        text += "definitions:\n"
        for name in self.random.sample(names, min(len(names), 6)):
            kind = next(kind for kind, known in self.made.items() if name in known)
            before = {kind: list(known) for kind, known in self.made.items()}
            # What is worded anew may only read what stood before it, or a circle would close.
            order = int(name[1:])
            self.made = {kind: [each for each in known if int(each[1:]) < order] for kind, known in before.items()}
            text += self._clause(name, self._body(kind), guarded=self.random.random() < 0.5 and figures)
            self.made = before
        return text

    def _definition(self, name: str) -> str:
        kind = self.random.choice(["number"] * 6 + ["boolean", "boolean", "day", "month", "text", "numbers", "flags", "record"])
        text = self._clause(name, self._body(kind), output=True)
        self.made.setdefault(kind, []).append(name)
        return text

    def _clause(self, name: str, body: str, *, output: bool = False, guarded: bool = False, title: bool = False) -> str:
        lines = [f"  {name}:", body]
        if title:
            lines.append("    title: {zh: a, en: a}")
        if output:
            lines.append("    output: true")
        if guarded or (output and self.random.random() < 0.1):
            lines.append(f"    applies_when: {quoted(self.boolean(1))}")
        return "\n".join(lines) + "\n"

    def _body(self, kind: str) -> str:
        pick = self.random.random()
        if kind == "number" and pick < 0.15:
            return self._carry()
        if kind in ("number", "text", "boolean", "day") and pick < 0.3:
            return self._decide(kind)
        if kind == "numbers" and pick < 0.3:
            return self._carry(collect=True)
        if kind == "numbers" and pick < 0.6:
            return self._decide("number", listed=True)
        if kind == "record" and pick < 0.5:
            return self._carry_record()
        lines = f"    value: {quoted(getattr(self, kind)(self.depth))}"
        if kind == "number" and self.random.random() < 0.6:
            lines += f"\n    round: {self._rounding()}"
        return lines

    def _rounding(self) -> str:
        return f"{{to: {self.random.choice(STEPS)}, mode: {self.random.choice(ROUNDING_MODES)}}}"

    def _carry(self, *, collect: bool = False) -> str:
        source, start = self._source(sequence=True), self.number(1)
        with self.bound(source[1]) as item, self.bound("number", "previous"):
            following = self.number(self.depth - 1) if self.random.random() < 0.5 else f"previous * {self.number(1)} + {self.number(2)}"
        kept = "\n      collect: true" if collect else ""
        return f"    carry:\n      each: {item}\n      in: {quoted(source[0])}\n      start: {quoted(start)}\n      next: {quoted(following)}\n      round: {self._rounding()}{kept}"

    def _carry_record(self) -> str:
        source = self._source(sequence=True)
        plain = "{{n: {}, f: {}, d: {}}}"
        form = self.random.choice([plain, plain, "{{n: or_else({}, one), f: or_else({}, yes), d: or_else({}, key_day)}}", "{{n: ({}) + small, f: ({}) and flag, d: add_months({}, 1)}}"])
        number = "0" if form == plain and self.random.random() < 0.5 else self.number(1)
        start = form.format(number, self.boolean(1), self.day(1))
        with self.bound(source[1]) as item, self.bound("record", "previous"):
            day = "previous.d" if self.random.random() < 0.3 else self.day(1)
            following = form.format(f"round_half_up({self.number(2)}, 2)", self.boolean(1), day)
        return f"    carry:\n      each: {item}\n      in: {quoted(source[0])}\n      start: {quoted(start)}\n      next: {quoted(following)}"

    def _decide(self, kind: str, *, listed: bool = False) -> str:
        hit = self.random.choice(["unique", "any", "first", "priority"] if kind != "number" else ["unique", "any", "first", "priority", *COLLECTED])
        if listed:
            hit = self.random.choice(["rule order", "output order", "collect"])
        cells = ["< 2", "[2..60.25)", ">= 60.25"] if self.random.random() < 0.5 else ['"a"', '"bb", "Ca"', 'not("a", "bb", "Ca")']
        subject = self.number(1) if cells[0].startswith("<") else "kind"
        priorities = ""
        if hit in ("priority", "output order"):
            outputs = {"number": ["1", "2.50", "-3"], "text": ['"a"', '"bb"', '"x"'], "boolean": ["true", "false"], "day": ['date("2000-02-29")', 'date("2016-02-29")']}[kind]
            priorities = "\n      priorities: [" + ", ".join(quoted(each) for each in self.random.sample(outputs, len(outputs))) + "]"
        else:
            outputs = []
        same = getattr(self, kind)(0)

        def output() -> str:
            return self.random.choice(outputs) if outputs else same if hit == "any" else str(getattr(self, kind)(1))

        rows = [(cell, self.random.choice(["-", "true", "false"]) if hit not in ("unique",) else "-", output()) for cell in cells]
        if hit != "unique":
            rows.append(("-", "-", output()))
        text = "\n".join(f"        - [{', '.join(quoted(each) for each in row)}]" for row in rows)
        return f"    decide:\n      hit: {hit}\n      inputs: [{quoted(subject)}, {quoted(self.boolean(1))}]\n      rows:\n{text}{priorities}"
